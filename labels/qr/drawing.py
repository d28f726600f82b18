"""How a QR code is drawn in a PDF: as one path."""

import re
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from labels.qr.codes import QrCode

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["path"]


@cache
def _runs_of(size: int) -> "NDArray[Any]":
    """The text of every run that a code of ``size`` modules can have, at 64 times its first bit plus its width."""
    import numpy as np  # noqa: PLC0415 - half of a cold start, and a single label does without

    texts = np.full(size * (size + 1) * 64, "", dtype=object)
    for row, column in product(range(size), repeat=2):
        first, widths = (row * (size + 1) + column) * 64, range(1, size - column + 1)
        texts[first + 1 : first + 1 + len(widths)] = [f"{column} {size - 1 - row} {width} 1 re\n" for width in widths]
    return texts


def path(code: QrCode) -> str:
    """The dark modules as PDF path operators, rectangles of horizontal runs in module units, y upwards from 0.

    It is to be filled once, as a whole: separate fills leave white seams between modules on screens and printers.
    """
    if not code.common:
        return _rectangles_of(code.size, code.bits)
    return _common_rectangles(code.size, code.common) + _runs(code.size, code.bits & ~code.common)


def _rectangles_of(size: int, bits: int) -> str:
    """Runs, with equal ones below each other made into one rectangle: short, for what is drawn once."""
    text, open_runs = "", dict[tuple[int, int], int]()
    rows = (*QrCode(size, bits, "").rows, 0)
    for y, row in zip(range(size - 1, -2, -1), rows, strict=True):
        runs = {match.span() for match in re.finditer("1+", f"{row:0{size}b}")}
        for start, end in sorted(set(open_runs) - runs):
            top = open_runs.pop((start, end))
            text += f"{start} {y + 1} {end - start} {top - y} re\n"
        for run in runs:
            open_runs.setdefault(run, y)
    return text


_common_rectangles = lru_cache(maxsize=16)(_rectangles_of)


def _runs(size: int, bits: int) -> str:
    """Runs row by row, ten times as fast, for the codes of a series."""
    import numpy as np  # noqa: PLC0415 - as above

    count = size * (size + 1)
    length = (count + 7) // 8
    # A one stands where a module differs from the one before it: runs begin and end there by turns.
    changes = (bits ^ bits >> 1) << length * 8 - count
    (places,) = np.unpackbits(np.frombuffer(changes.to_bytes(length), dtype=np.uint8)).nonzero()
    runs = places[0::2] * 63 + places[1::2]
    return "".join(_runs_of(size)[runs].tolist())
