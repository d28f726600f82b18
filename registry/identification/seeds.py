"""A positional seed index over signatures of one length: which of millions share short pieces with a read.

Key = (slot, k bases from the slot's place); for each slot the rows lie in the order of their k bases, with a table of
where each begins. Because the order is that of the bases, a shorter seed is a range of the same list: one index serves
every seed length. Memory for n signatures: 4 bytes a slot and signature, and 4**(k + 1) bytes a slot.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import UNKNOWN
from registry.identification.kernels import compiled
from registry.identification.parts import Arrays

__all__ = ["BARE", "Found", "SeedIndex", "Windows"]

LONGEST_SEED = 10
STRIDE = 2
"""Signature bases from slot to slot; at 2 every error-free run of 11 bases of a read holds a whole seed."""
LIST_CAP = 50
"""A list this many times longer than the mean is skipped: it comes from a part that signatures share."""
TABLE_BITS = 18
"""Size of the table that counts votes; half of it may be used."""
BARE = 0.15
"""Share of its length within which a read is taken for the bare signature."""
_NO_ROWS = np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, eq=False)
class Windows:
    """Slots to look up for each place of a read: from ``first`` to ``last`` (exclusive), both of shape (places,)."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """Rows that share seeds with a read; ``complete`` is false when shared parts or sheer numbers hid some."""

    rows: NDArray[np.uint32]
    complete: bool


class _Scratch(threading.local):
    """Working memory of one thread, so that a look-up allocates nothing large."""

    def __init__(self) -> None:
        self.table = np.zeros(1 << TABLE_BITS, dtype=np.uint64)
        self.found = np.empty(1 << TABLE_BITS, dtype=np.uint32)
        self.epoch = 0

    def next_epoch(self) -> int:
        """A mark that no entry of the table carries yet."""
        self.epoch += 1
        if self.epoch >= 1 << 23:
            self.table[:] = 0
            self.epoch = 1
        return self.epoch


_scratch = _Scratch()


class SeedIndex:
    """``offsets`` (slots, 4**size + 1) and ``rows`` (slots, n), both uint32; ``places`` (slots,) in the signature."""

    def __init__(self, offsets: NDArray[np.uint32], rows: NDArray[np.uint32], places: NDArray[np.int64]) -> None:
        self.offsets = offsets
        self.rows = rows
        self.places = places
        self.size = int(offsets.shape[1] - 1).bit_length() // 2
        self.longest_list = LIST_CAP * (1 + rows.shape[1] // 4**self.size)

    @staticmethod
    def slot_places(length: int, size: int) -> NDArray[np.int64]:
        """The first base of each slot: evenly spread over the signature, about ``STRIDE`` apart."""
        last = length - size
        return np.unique(np.linspace(0, last, max(2, last // STRIDE)).round().astype(np.int64))

    @staticmethod
    def seed_size(count: int) -> int:
        """Bases a seed for ``count`` signatures, so that a list holds a handful of rows."""
        return int(np.clip(int(np.log(max(count, 1)) / np.log(4)), 6, LONGEST_SEED))

    @classmethod
    def build(cls, planes: NDArray[np.uint64], length: int) -> "SeedIndex":
        """Index signatures of one length, packed as (n, 2 * words)."""
        size = cls.seed_size(len(planes))
        places = cls.slot_places(length, size)
        offsets = np.zeros((len(places), 4**size + 1), dtype=np.uint32)
        rows = np.empty((len(places), len(planes)), dtype=np.uint32)
        spread = _spread_table(size)
        fast = compiled()
        for slot, place in enumerate(places.tolist()):
            if fast:
                fast.count_seeds(planes, place, size, spread, offsets[slot])
                fast.place_seeds(planes, place, size, spread, offsets[slot, :-1].copy(), rows[slot])
            else:
                seeds = _seeds(planes, place, size, spread)
                rows[slot] = np.argsort(seeds, kind="stable")
                offsets[slot, 1:] = np.cumsum(np.bincount(seeds, minlength=4**size))
        return cls(offsets, rows, places)

    def arrays(self) -> Arrays:
        """What the index is made of, for a file."""
        return {"offsets": self.offsets, "rows": self.rows, "places": self.places}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "SeedIndex":
        """The index made of ``arrays`` as they were given by its like."""
        return cls(arrays["offsets"], arrays["rows"], arrays["places"])

    @property
    def nbytes(self) -> int:
        """Bytes of the index without the signatures."""
        return self.offsets.nbytes + self.rows.nbytes

    def windows(self, size: int, length: int, codes: int, *, left: bool, right: bool, slack: float) -> Windows:
        """Where seeds of ``size`` bases of a read of ``codes`` bases may lie in a signature of ``length``.

        With both ends fixed a place p of the read belongs near p * length / codes; with a free end it may lie as far
        off as the lengths differ. ``slack`` allows for insertions and deletions, in bases.
        """
        at = np.arange(max(codes - size + 1, 0), dtype=np.float64)
        surplus = codes - length
        if (left and right) or abs(surplus) <= BARE * length:
            low = high = at * (length / max(codes, 1))
        else:
            to_left, to_right = min(0, surplus), max(0, surplus)
            low = at - (0 if left else to_right) + (to_left if right else 0)
            high = at - (0 if left else to_left) + (-to_left if right else 0)
            if right:
                low, high = at - surplus, at - surplus
            elif left:
                low, high = at, at
        first = np.searchsorted(self.places, low - slack, side="left")
        last = np.searchsorted(self.places, high + slack, side="right")
        return Windows(first.astype(np.int64), last.astype(np.int64))

    def gather(self, codes: NDArray[np.uint8], size: int, windows: Windows, votes: int) -> Found:
        """Rows that share at least ``votes`` seeds of ``size`` bases with a read inside the windows."""
        fast = compiled()
        if fast is None:
            return self._gather_plainly(codes, size, windows, votes)
        count, skipped, looked = fast.gather_seeds(
            self.offsets,
            self.rows,
            self.size,
            codes,
            size,
            windows.first,
            windows.last,
            self.longest_list * 4 ** (self.size - size),
            votes,
            _scratch.table,
            _scratch.next_epoch(),
            _scratch.found,
        )
        if count < 0:
            return Found(_NO_ROWS, complete=False)
        return Found(_scratch.found[:count].copy(), complete=2 * skipped <= looked)

    def _gather_plainly(self, codes: NDArray[np.uint8], size: int, windows: Windows, votes: int) -> Found:
        """The same in numpy."""
        lists = list(self._lists(codes, size, windows))
        longest = self.longest_list * 4 ** (self.size - size)
        kept = [self.rows[slot, start:stop] for slot, start, stop in lists if stop - start <= longest]
        complete = 2 * (len(lists) - len(kept)) <= len(lists)
        if not kept:
            return Found(_NO_ROWS, complete)
        rows, counts = np.unique(np.concatenate(kept), return_counts=True)
        return Found(rows[counts >= votes], complete)

    def _lists(self, codes: NDArray[np.uint8], size: int, windows: Windows) -> Iterator[tuple[int, int, int]]:
        shift = 2 * (self.size - size)
        for place in range(len(windows.first)):
            piece = codes[place : place + size]
            if (piece == UNKNOWN).any():
                continue
            seed = 0
            for base in piece.tolist():
                seed = 4 * seed + base
            for slot in range(int(windows.first[place]), int(windows.last[place])):
                start = int(self.offsets[slot, seed << shift])
                yield slot, start, int(self.offsets[slot, (seed + 1) << shift])


def _spread_table(size: int) -> NDArray[np.int64]:
    """For each number of ``size`` bits its bits two apart, turned round so that the first base counts most."""
    numbers = np.arange(1 << size, dtype=np.int64)
    spread = np.zeros_like(numbers)
    for bit in range(size):
        spread |= ((numbers >> bit) & 1) << (2 * (size - 1 - bit))
    return spread


def _seeds(planes: NDArray[np.uint64], place: int, size: int, spread: NDArray[np.int64]) -> NDArray[np.int64]:
    """The seed of each signature at one place, shape (n,)."""
    word, bit = divmod(place, 64)
    parts = []
    for plane in (0, 1):
        bits = planes[:, 2 * word + plane] >> np.uint64(bit)
        if bit + size > 64:
            bits = bits | (planes[:, 2 * word + 2 + plane] << np.uint64(64 - bit))
        parts.append(spread[(bits & np.uint64((1 << size) - 1)).astype(np.int64)])
    seeds: NDArray[np.int64] = 2 * parts[0] + parts[1]
    return seeds
