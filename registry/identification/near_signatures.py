"""Which of many new signatures stand too near to another one, new or registered: all against all at once.

Two signatures within d edits share pieces: with 8 edits in 64 bases always one of 7. A piece that both have is found
by sorting the pieces of the new signatures and looking up those of all others, on both strands, at every place at
which an alignment of at most d edits can put it; pairs that share one are measured. The pieces are as short as the
work allows: the more signatures, the longer (see docs/identification.md for what is found at which distance).
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import unpack_codes
from registry.identification.kernels import compiled

__all__ = ["NEAREST_SHARE", "NONE", "Nearest", "Signatures", "nearest"]

NEAREST_SHARE = 0.25
"""Share of its length by which a signature must differ from every other."""
NONE = np.iinfo(np.int16).max
"""The distance of a signature that has no other within ``NEAREST_SHARE``."""
EVERY_PAIR = 1_000_000
"""Comparisons up to which every pair is measured."""
MOST_PAIRS, MOST_PAIRS_PLAINLY = 150_000_000, 3_000_000
"""Comparisons of random signatures that seeds may lead to, compiled and in numpy; they set the length of a seed."""
SHORTEST_SEED, LONGEST_SEED = 6, 12
FEW, SAMPLE = 16, 6
"""A list ``FEW`` times longer than the mean comes from a part that signatures share: only ``SAMPLE`` of it is
compared for each signature. Where all are alike that suffices to find one that is too near."""
BLOCK = 131_072
CORES = 2


@dataclass(frozen=True, eq=False)
class Signatures:
    """Signatures of one length, packed as in ``bases.pack``.

    ``numbers`` (n,) are the lines of new ones in their file, ascending; those of the register have 0.
    """

    length: int
    planes: NDArray[np.uint64]
    numbers: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.planes)

    @property
    def limit(self) -> int:
        """Edits up to which another signature is too near."""
        return int(NEAREST_SHARE * self.length)

    def blocks(self) -> Iterator["Signatures"]:
        """The same in portions."""
        for start in range(0, len(self), BLOCK):
            part = slice(start, start + BLOCK)
            yield Signatures(self.length, self.planes[part], self.numbers[part])


@dataclass(frozen=True, eq=False)
class Nearest:
    """For each of the new signatures of one length the nearest that is too near.

    ``edits`` (n,) is ``NONE`` where there is none, ``others`` (n,) the line of an earlier one of the same file or 0
    for the register.
    """

    new: Signatures
    edits: NDArray[np.int16]
    others: NDArray[np.int32]


def nearest(new: Sequence[Signatures], registered: Sequence[Signatures]) -> list[Nearest]:
    """What stands too near to the new signatures, on either strand: registered ones, and earlier ones of the file."""
    pairs = sum(
        2 * len(one) * len(other) for one in new for other in (*registered, *new) if _comparable(one.limit, one, other)
    )
    found = [
        Nearest(block, np.full(len(block), NONE, dtype=np.int16), np.zeros(len(block), dtype=np.int32))
        for one in new
        for block in one.blocks()
    ]
    for result in found:
        others = [other for other in (*registered, *new) if _comparable(result.new.limit, result.new, other)]
        if pairs <= EVERY_PAIR:
            for other in others:
                _every_pair(result, other)
        else:
            index = _Seeds.of(result.new, _seed_size(pairs, result.new))
            for other in others:
                for block in other.blocks():
                    index.compare(result, block)
    return found


def _comparable(limit: int, one: Signatures, other: Signatures) -> bool:
    """Whether the lengths alone do not already set them apart."""
    return abs(one.length - other.length) <= limit


def _strands(one: Signatures) -> Iterator[NDArray[np.uint8]]:
    codes = unpack_codes(one.planes, one.length)
    yield codes
    yield np.ascontiguousarray(3 - codes[:, ::-1])


def _keep(result: Nearest, rows: NDArray[np.integer], edits: NDArray[np.int16], others: NDArray[np.int32]) -> None:
    """Take what is nearer than what is known; of several for one row the nearest."""
    order = np.lexsort((others, edits))[::-1]  # The last assignment to a row counts.
    rows, edits, others = rows[order], edits[order], others[order]
    better = (edits <= result.new.limit) & (edits < result.edits[rows])
    result.edits[rows[better]] = edits[better]
    result.others[rows[better]] = others[better]


def _every_pair(result: Nearest, other: Signatures) -> None:
    new = result.new
    for codes in _strands(other):
        for start in range(0, len(other), max(1, EVERY_PAIR // max(len(new), 1) // 8)):
            part = slice(start, start + max(1, EVERY_PAIR // max(len(new), 1) // 8))
            count = len(codes[part])
            rows = np.tile(np.arange(len(new)), count)
            others = np.repeat(other.numbers[part], len(new))
            wanted = (others == 0) | (new.numbers[rows] > others)
            rows, reads = rows[wanted], np.repeat(np.arange(count), len(new))[wanted]
            edits = _pair_distances(new.planes, new.length, rows, codes[part], reads)
            _keep(result, rows, edits, others[wanted])


def _seed_size(pairs: int, new: Signatures) -> int:
    """The shortest seed that keeps the comparisons within bounds."""
    chances = pairs * new.length * (new.limit + 1)
    most = MOST_PAIRS if compiled() else MOST_PAIRS_PLAINLY
    return int(np.clip(math.ceil(math.log(max(chances / most, 1), 4)), SHORTEST_SEED, LONGEST_SEED))


@dataclass(frozen=True, eq=False)
class _Seeds:
    """The seeds of new signatures: those of seed s, by place, are ``places`` and ``rows`` from ``offsets[s]`` on."""

    size: int
    offsets: NDArray[np.uint32]
    places: NDArray[np.uint8]
    rows: NDArray[np.uint32]

    @classmethod
    def of(cls, new: Signatures, size: int) -> "_Seeds":
        codes = unpack_codes(new.planes, new.length)
        count = new.length - size + 1
        seeds = np.zeros((count, len(new)), dtype=np.uint32)
        for step in range(size):
            seeds = (seeds << np.uint32(2)) | codes[:, step : step + count].T
        order = np.argsort(seeds.ravel(), kind="stable")
        offsets = np.zeros(4**size + 1, dtype=np.uint32)
        offsets[1:] = np.cumsum(np.bincount(seeds.ravel(), minlength=4**size))
        return cls(size, offsets, (order // len(new)).astype(np.uint8), (order % len(new)).astype(np.uint32))

    @property
    def longest(self) -> int:
        """Signatures up to which a list is compared as a whole."""
        return FEW * (1 + len(self.rows) // (len(self.offsets) - 1))

    def compare(self, result: Nearest, other: Signatures) -> None:
        """Measure new signatures against the others that share a seed."""
        kernel = compiled()
        for codes in _strands(other):
            if kernel is None:
                for start in range(0, len(codes), 1024):
                    part = slice(start, start + 1024)
                    self._compare_plainly(result, codes[part], other.numbers[part])
                continue
            bounds = np.linspace(0, len(codes), CORES + 1).astype(int).tolist()

            def search(part: slice, codes: NDArray[np.uint8] = codes) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
                edits, others = np.full_like(result.edits, NONE), np.zeros_like(result.others)
                kernel.nearest_rows(
                    result.new.planes,
                    result.new.length,
                    result.new.numbers,
                    self.offsets,
                    self.places,
                    self.rows,
                    self.size,
                    codes[part],
                    other.numbers[part],
                    result.new.limit,
                    self.longest,
                    SAMPLE,
                    edits,
                    others,
                )
                return edits, others

            with ThreadPoolExecutor(CORES) as pool:
                for edits, others in pool.map(search, [slice(first, last) for first, last in pairwise(bounds)]):
                    _keep(result, np.arange(len(edits)), edits, others)

    def _compare_plainly(self, result: Nearest, codes: NDArray[np.uint8], numbers: NDArray[np.int32]) -> None:
        new = result.new
        surplus = codes.shape[1] - new.length
        spare = (new.limit - abs(surplus)) // 2
        pairs = []
        for place in range(codes.shape[1] - self.size + 1):
            seeds = np.zeros(len(codes), dtype=np.intp)
            for step in range(self.size):
                seeds = 4 * seeds + codes[:, place + step]
            start = self.offsets[seeds].astype(np.intp)
            amount = self.offsets[seeds + 1].astype(np.intp) - start
            amount[amount > self.longest] = SAMPLE
            reads = np.repeat(np.arange(len(codes)), amount)
            at = np.arange(len(reads)) - np.repeat(np.cumsum(amount) - amount, amount) + np.repeat(start, amount)
            shift = place - self.places[at].astype(np.intp)
            rows = self.rows[at].astype(np.intp)
            fits = (shift >= min(0, surplus) - spare) & (shift <= max(0, surplus) + spare)
            fits &= (numbers[reads] == 0) | (new.numbers[rows] > numbers[reads])
            pairs.append(reads[fits] * len(new) + rows[fits])
        reads, rows = np.divmod(np.unique(np.concatenate(pairs)), len(new))
        edits = _pair_distances(new.planes, new.length, rows, codes, reads)
        _keep(result, rows, edits, numbers[reads])


def _pair_distances(
    planes: NDArray[np.uint64],
    length: int,
    rows: NDArray[np.intp],
    codes: NDArray[np.uint8],
    reads: NDArray[np.intp],
) -> NDArray[np.int16]:
    """Edits between ``planes[rows]`` and ``codes[reads]``, pair by pair (Myers 1999, as in ``distance``)."""
    result = np.empty(len(rows), dtype=np.int16)
    for start in range(0, len(rows), 8192):
        part = slice(start, start + 8192)
        result[part] = _lanes(planes[rows[part]], length, codes[reads[part]])
    return result


def _lanes(planes: NDArray[np.uint64], length: int, codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    one, full = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
    words, count = planes.shape[1] // 2, len(planes)
    high = [np.ascontiguousarray(planes[:, 2 * word]) for word in range(words)]
    low = [np.ascontiguousarray(planes[:, 2 * word + 1]) for word in range(words)]
    turn_high = np.where((codes & 2) > 0, np.uint64(0), full).T
    turn_low = np.where((codes & 1) > 0, np.uint64(0), full).T
    plus = [np.full(count, full) for _ in range(words)]
    minus = [np.zeros(count, dtype=np.uint64) for _ in range(words)]
    score = np.full(count, length, dtype=np.int16)
    last_bit = np.uint64((length - 1) % 64)
    for place in range(codes.shape[1]):
        rise, fall = np.full(count, one), np.zeros(count, dtype=np.uint64)
        for word in range(words):
            equal = (high[word] ^ turn_high[place]) & (low[word] ^ turn_low[place])
            grow, shrink = plus[word], minus[word]
            vertical = equal | shrink
            equal |= fall
            horizontal = (((equal & grow) + grow) ^ grow) | equal
            up = shrink | ~(horizontal | grow)
            down = grow & horizontal
            if word == words - 1:
                score += ((up >> last_bit) & one).astype(np.int16)
                score -= ((down >> last_bit) & one).astype(np.int16)
            next_rise, next_fall = up >> np.uint64(63), down >> np.uint64(63)
            up = (up << one) | rise
            down = (down << one) | fall
            plus[word] = down | ~(vertical | up)
            minus[word] = up & vertical
            rise, fall = next_rise, next_fall
    return score
