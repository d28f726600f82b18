"""Where a kit stands among ascending kit numbers."""

import numpy as np
import pytest

from registry.identification.kit_rows import rows_of


@pytest.mark.parametrize("dtype", [np.uint32, np.int64])
def test_a_kit_stands_in_all_the_rows_that_carry_its_number(dtype):
    kit_ids = np.array([2, 5, 5, 5, 9], dtype=dtype)
    assert [rows_of(kit_ids, kit) for kit in (2, 5, 9)] == [range(1), range(1, 4), range(4, 5)]


@pytest.mark.parametrize("kit_id", [-1, 0, 3, 10, 2**32, 2**40])
def test_a_number_that_is_not_there_has_no_rows_however_large(kit_id):
    assert not rows_of(np.array([2, 5, 9], dtype=np.uint32), kit_id)


def test_looking_for_a_kit_reads_a_few_numbers_and_never_the_column():
    read = []

    class Column:
        def __len__(self):
            return 10_000_000

        def __getitem__(self, row):
            read.append(row)
            return 2 * row

    assert rows_of(Column(), 8_000_000) == range(4_000_000, 4_000_001)
    assert len(read) < 60
