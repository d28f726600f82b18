"""How a read agrees with signatures around a shared seed, in numpy; ``compiled/seeds.py`` does the same in loops.

Edit distance is dear and a shared seed is cheap, so what lies between is counted: bases that begin a run of three which
agrees with the read on the seed's diagonal or a few to either side. An edit spoils three such bases at the most (the
q-gram lemma: Ukkonen 1992, Theoretical Computer Science 92:191), while of random bases one in 64 begins a run.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import UNKNOWN, pack, unpack_codes

__all__ = ["SEED_KNOWN", "SIDES", "WIDTH", "Laid", "agreeing", "agreeing_nearby", "lay", "nearby"]

SEED_KNOWN = 6
"""First bases of a seed that its list tells by itself; its neighbourhood is the 16 bases around them."""
SIDES = 3
"""Diagonals to either side of a seed's that count: what insertions and deletions shift the rest of the read by."""
SIDES_NEARBY = 1
"""The same within a neighbourhood, which is too short to be shifted far."""
WIDTH = SEED_KNOWN + 16
_ONE, _TWO = np.uint32(1), np.uint32(2)


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
        second, third = equal >> np.uint64(1), equal >> np.uint64(2)
        second[:, :-1] |= equal[:, 1:] << np.uint64(63)
        third[:, :-1] |= equal[:, 1:] << np.uint64(62)
        agree |= equal & second & third
    counts: NDArray[np.int64] = np.bitwise_count(agree).sum(axis=1, dtype=np.int64)
    return counts


def window(place: int, length: int) -> int:
    """Where the neighbourhood of a seed at ``place`` begins: eight bases before it where the signature has them."""
    return min(max(place - 8, 0), max(length - WIDTH, 0))


def nearby(planes: NDArray[np.uint64], length: int, place: int) -> NDArray[np.uint32]:
    """The neighbourhood of a seed at ``place`` of each signature: 16 high bits above 16 low bits, shape (n,)."""
    first = window(place, length)
    around = np.delete(
        unpack_codes(planes, length)[:, first : first + WIDTH], range(place - first, place - first + 6), 1
    )
    weights = np.uint32(1) << np.arange(around.shape[1], dtype=np.uint32)
    high = ((around >> 1) * weights).sum(axis=1, dtype=np.uint32)
    low = ((around & 1) * weights).sum(axis=1, dtype=np.uint32)
    near: NDArray[np.uint32] = (high << np.uint32(16)) | low
    return near


def agreeing_nearby(
    near: NDArray[np.uint32],
    which: NDArray[np.intp],
    places: NDArray[np.int64],
    diagonals: NDArray[np.int64],
    codes: NDArray[np.uint8],
    length: int,
    laid: Laid,
    lowest: int,
) -> NDArray[np.uint8]:
    """As ``agreeing`` for the neighbourhoods ``near`` (k,) of rows on several lists, shape (k,).

    Row i is on list ``which[i]``; list j is that of the seed at ``places[j]`` of the signature, on ``diagonals[j]`` of
    the read ``codes``, which ``laid`` holds from the diagonal ``lowest`` on.
    """
    first = np.array([window(place, length) for place in places.tolist()])
    seed = (places - first).astype(np.uint32)
    known = [
        np.array([_bits(codes[place : place + SEED_KNOWN] >> shift & 1) for place in (places - diagonals).tolist()])
        for shift in (1, 0)
    ]
    before = ((1 << seed.astype(np.uint64)) - 1).astype(np.uint32)[which]
    behind, gap = seed[which], (seed + np.uint32(SEED_KNOWN))[which]
    whole = [
        (bits & before) | (seeds.astype(np.uint32) << seed)[which] | ((bits >> behind) << gap)
        for bits, seeds in zip((near >> np.uint32(16), near & np.uint32(0xFFFF)), known, strict=True)
    ]
    agree = np.zeros(len(near), dtype=np.uint32)
    for side in range(-SIDES_NEARBY, SIDES_NEARBY + 1):
        turns = [_part(plane[diagonals - lowest + side], first)[which] for plane in laid]
        equal = ~((whole[0] ^ turns[0]) | (whole[1] ^ turns[1])) & turns[2]
        agree |= equal & (equal >> _ONE) & (equal >> _TWO)
    counts: NDArray[np.uint8] = np.bitwise_count(agree)
    return counts


def _bits(bases: NDArray[np.integer]) -> int:
    return sum(bit << place for place, bit in enumerate(bases.tolist()))


def _part(planes: NDArray[np.uint64], first: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The ``WIDTH`` bits from ``first[j]`` of each of the planes (lists, words), shape (lists,)."""
    lists = np.arange(len(planes))
    word, bit = first // 64, (first % 64).astype(np.uint64)
    bits = planes[lists, word] >> bit
    following = planes[lists, np.minimum(word + 1, planes.shape[1] - 1)]
    # A shift by 64 has no meaning; a window that begins with its word has all of its bits there.
    bits = np.where(bit > 0, bits | (following << ((np.uint64(64) - bit) & np.uint64(63))), bits)
    return (bits & np.uint64((1 << WIDTH) - 1)).astype(np.uint32)
