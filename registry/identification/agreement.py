"""How a read agrees with signatures along a shared seed, in numpy; ``compiled/seeds.py`` does the same in loops.

Edit distance is dear and a shared seed is cheap, so what lies between is counted: bases that begin a run of four which
agrees with the read on the seed's diagonal or a few to either side. An edit spoils four such bases at the most (the
q-gram lemma: Ukkonen 1992, Theoretical Computer Science 92:191), while of random bases one in 256 begins a run.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import UNKNOWN, pack

__all__ = ["RUN", "SIDES", "Laid", "agreeing", "lay"]

RUN = 4
"""Bases one after another that agree."""
SIDES = 3
"""Diagonals to either side of a seed's that count: what insertions and deletions shift the rest of the read by."""


class Laid(NamedTuple):
    """A read laid along a signature on several diagonals: high bits, low bits, where a base is; (diagonals, words)."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    there: NDArray[np.uint64]


def lay(codes: NDArray[np.uint8], length: int, diagonals: range) -> Laid:
    """A read (n,) along a signature of ``length``; on diagonal d its base i stands at i + d of the signature."""
    places = np.arange(length)[None, :] - np.array(diagonals)[:, None]
    inside = (places >= 0) & (places < len(codes))
    seen = np.where(inside, codes[np.clip(places, 0, len(codes) - 1)], UNKNOWN).astype(np.uint8)
    packed = pack(np.where(seen == UNKNOWN, 0, seen).astype(np.uint8))
    there = pack((seen != UNKNOWN).astype(np.uint8))
    return Laid(packed[:, 0::2], packed[:, 1::2], there[:, 1::2])


def agreeing(planes: NDArray[np.uint64], diagonals: NDArray[np.int64], laid: Laid) -> NDArray[np.int64]:
    """Bases of each signature (k, 2 * words) that begin an agreeing run around its diagonal of ``laid``, shape (k,)."""
    agree = np.zeros((len(planes), planes.shape[1] // 2), dtype=np.uint64)
    high, low = planes[:, 0::2], planes[:, 1::2]
    for side in range(-SIDES, SIDES + 1):
        turn_high, turn_low, there = (plane[diagonals + side] for plane in laid)
        equal = ~((high ^ turn_high) | (low ^ turn_low)) & there
        begun = equal.copy()
        for further in range(1, RUN):
            behind = equal >> np.uint64(further)
            behind[:, :-1] |= equal[:, 1:] << np.uint64(64 - further)
            begun &= behind
        agree |= begun
    counts: NDArray[np.int64] = np.bitwise_count(agree).sum(axis=1, dtype=np.int64)
    return counts
