"""Edit distances of one read to many signatures at once, bit-parallel.

The method is Myers 1999, "A fast bit-vector algorithm for approximate string matching", J. ACM 46:395, in the block
form of Hyyrö 2003 for patterns of more than 64 places: the column of the alignment table is kept as bits of its
vertical differences. Here every lane of a numpy vector is another signature.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import UNKNOWN

__all__ = ["Ends", "distances"]

_LANES = 8192
_ONE = np.uint64(1)
_FLAGS = np.array([[number >> bit & 1 for bit in range(4)] for number in range(16)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Ends:
    """What may hang over at the ends of an alignment without cost.

    A read that shows more than the signature hangs over (``read_*``); a read that broke off leaves a part of the
    signature unread (``mark_*``). All false is the global alignment.
    """

    read_start: bool = False
    read_end: bool = False
    mark_start: bool = False
    mark_end: bool = False

    @property
    def flags(self) -> NDArray[np.uint8]:
        """The four as numbers, for compiled loops."""
        flags: NDArray[np.uint8] = _FLAGS[self.read_start + 2 * self.read_end + 4 * self.mark_start + 8 * self.mark_end]
        return flags

    @classmethod
    def between(cls, length: int, region: int, *, left: bool, right: bool) -> "Ends":
        """The ends for a signature of ``length`` and a read of ``region`` bases; ``left``, ``right``: primer found."""
        return _between(left=left, right=right, longer=region >= length)


@cache
def _between(*, left: bool, right: bool, longer: bool) -> Ends:
    return Ends(
        read_start=not left and longer,
        read_end=not right and longer,
        mark_start=not left and not longer,
        mark_end=not right and not longer,
    )


def distances(planes: NDArray[np.uint64], length: int, codes: NDArray[np.uint8], ends: Ends) -> NDArray[np.int32]:
    """Edits between the read ``codes`` (n,) and each signature of ``planes`` (k, 2 * words), shape (k,)."""
    result = np.empty(len(planes), dtype=np.int32)
    for start in range(0, len(planes), _LANES):
        lanes = planes[start : start + _LANES]
        result[start : start + _LANES] = _distances_of_lanes(lanes, length, codes, ends)
    return result


def _distances_of_lanes(
    planes: NDArray[np.uint64], length: int, codes: NDArray[np.uint8], ends: Ends
) -> NDArray[np.int32]:
    words = planes.shape[1] // 2
    count = len(planes)
    high = [np.ascontiguousarray(planes[:, 2 * word]) for word in range(words)]
    low = [np.ascontiguousarray(planes[:, 2 * word + 1]) for word in range(words)]
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    plus = [np.full(count, 0 if ends.mark_start else full, dtype=np.uint64) for _ in range(words)]
    minus = [np.zeros(count, dtype=np.uint64) for _ in range(words)]
    last_bit = np.uint64((length - 1) % 64)
    score = np.full(count, 0 if ends.mark_start else length, dtype=np.int32)
    best = score.copy()
    # With a free read start the top row of the table is all zeros, otherwise it grows by one a base.
    top = np.full(count, 0 if ends.read_start else 1, dtype=np.uint64)
    for code in codes.tolist():
        rise, fall = top, np.zeros(count, dtype=np.uint64)
        for word in range(words):
            equal = _matches(high[word], low[word], code)
            grow, shrink = plus[word], minus[word]
            vertical = equal | shrink
            equal |= fall
            horizontal = (((equal & grow) + grow) ^ grow) | equal
            up = shrink | ~(horizontal | grow)
            down = grow & horizontal
            if word == words - 1:
                score += ((up >> last_bit) & _ONE).astype(np.int32)
                score -= ((down >> last_bit) & _ONE).astype(np.int32)
            next_rise, next_fall = up >> np.uint64(63), down >> np.uint64(63)
            up = (up << _ONE) | rise
            down = (down << _ONE) | fall
            plus[word] = down | ~(vertical | up)
            minus[word] = up & vertical
            rise, fall = next_rise, next_fall
        if ends.read_end:
            np.minimum(best, score, out=best)
    if ends.mark_end:
        return _best_of_last_column(score, plus, minus, length)
    return best if ends.read_end else score


def _matches(high: NDArray[np.uint64], low: NDArray[np.uint64], code: int) -> NDArray[np.uint64]:
    if code == UNKNOWN:
        return np.full(len(high), 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)
    return (high if code & 2 else ~high) & (low if code & 1 else ~low)


def _best_of_last_column(
    score: NDArray[np.int32], plus: list[NDArray[np.uint64]], minus: list[NDArray[np.uint64]], length: int
) -> NDArray[np.int32]:
    """The smallest value of the last column, walked from its foot by the vertical differences."""
    here = score.copy()
    best = score.copy()
    for place in range(length - 1, -1, -1):
        word, bit = divmod(place, 64)
        shift = np.uint64(bit)
        here -= ((plus[word] >> shift) & _ONE).astype(np.int32)
        here += ((minus[word] >> shift) & _ONE).astype(np.int32)
        np.minimum(best, here, out=best)
    return best
