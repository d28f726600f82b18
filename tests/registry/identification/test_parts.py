"""Named arrays of parts, and arrays for reading alone."""

import numpy as np
import pytest

from registry.identification.parts import read_only, within


def test_what_is_for_reading_alone_shows_the_array_and_does_not_change_it():
    array = np.arange(3)
    view = read_only(array)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 5
    array[0] = 7
    assert view.tolist() == [7, 1, 2]


def test_the_arrays_of_a_part_have_the_names_it_gave_them():
    rows, kits = np.arange(2), np.arange(3)
    assert within({"seeds/rows": rows, "kits": kits, "seedsman/rows": kits}, "seeds") == {"rows": rows}
    assert within({"kits": kits}, "seeds") == {}
