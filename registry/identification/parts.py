"""Named arrays of things made of arrays, so that a file can hold any of them without knowing what they are.

A shelf names its own arrays (``arrays``) and is made of them again (``from_arrays``); names of parts of parts are
paths.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays", "read_only", "within"]

_Scalar = TypeVar("_Scalar", bound=np.generic)

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
"""Arrays by name, e.g. ``seeds/offsets``."""


def read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """The same array for reading alone, as if it lay in a mapped file.

    Loops are compiled for arrays that can be written to and again for those that cannot: so they are compiled once,
    whether an index was built or mapped.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def within(arrays: Arrays, part: str) -> dict[str, NDArray[Any]]:
    """The arrays of one part, by the names that the part itself gives them; empty when there is no such part."""
    prefix = f"{part}/"
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
