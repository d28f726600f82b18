"""A positional seed index over signatures of one length: which of millions share short pieces with a read.

Key = (slot, k bases from the slot's place); for each slot the rows lie in the order of their k bases, with a table of
where each begins. Because the order is that of the bases, a shorter seed is a range of the same list: one index serves
every seed length. Beside each row lies its neighbourhood, the 16 bases around the seed, so that most of the rows on a
list are dismissed without fetching their signatures from all over memory. Memory for n signatures: 8 bytes a slot and
signature, and 4**(k + 1) bytes a slot. A compact index, as one is from 30 million signatures on, does without
neighbourhoods: 4 bytes a slot and signature, and k is a base shorter.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.bases import UNKNOWN, Read
from registry.identification.kernels import compiled
from registry.identification.neighbourhoods import SEED_KNOWN, SIDES, WIDTH, agreeing, agreeing_nearby, lay, nearby
from registry.identification.parts import Arrays, read_only

__all__ = ["BARE", "Found", "SeedIndex", "Windows"]

LONGEST_SEED = 10
STRIDE, COMPACT_STRIDE = 4.0, 4.5
"""Signature bases from slot to slot, at least: 14 slots of 64 bases, and 13 where memory is short."""
SHORT, SHORT_STRIDE = 40, 2.0
"""Signatures of fewer bases have their slots nearer together: they hold few seeds as it is."""
COMPACT_FROM = 30_000_000
"""Signatures from which neighbourhoods are left out: memory halves, and the shortest seeds grow by a base."""
LIST_CAP = 50
"""A list this many times longer than the mean is skipped: it comes from a part that signatures share."""
AGREEING, AGREEING_NEARBY = 0.45, 0.65
"""How many bases must begin a run of three that agrees with the read near the seed's diagonal, in the whole signature
and in the neighbourhood of the seed: this share of what is expected of a read with its errors. Around a seed of 6 pass
0.8 % of random neighbourhoods for a read that promises 10 % error, 6.5 % for one of 15 %. Of 30 000 reads from ten
million kits 3, 9 and 14 are lost by it at 10, 12 and 15 % error that two diagonals more and 0.67 would have kept, and
an unregistered read takes a sixth less time; 0.60 would lose 2, 4 and 8 of them and save a third of that."""
ERRORS = (0.1, 0.15)
"""Error rates that are believed of a read for that: qualities promise too much now and then, and with more errors most
of what is random would pass."""
TABLE_BITS = 18
"""Size of the table that remembers rows found, and of the room for them."""
NO_LIMIT = 1 << 62
GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio, modulo 1, are spread evenly however many there are."""
BARE = 0.07
"""Share of its length within which a read is taken for the bare signature; one that misses more has lost an end, and
its seeds lie either straight or shifted by what is missing (of 64 bases, from 5 on)."""
_NO_ROWS = np.empty(0, dtype=np.uint32)
_NO_NEIGHBOURHOODS = np.empty((0, 0), dtype=np.uint32)


@dataclass(frozen=True, eq=False)
class Windows:
    """Slots to look up for each place of a read: from ``first`` to ``last`` (exclusive), both of shape (places,)."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The places of the read from left to right."""
        return np.arange(len(self.first))


class Found(NamedTuple):
    """Rows that share a seed with a read; ``complete`` is false when shared parts or sheer numbers hid some.

    The rows may lie in working memory: they hold until the thread looks something up again.
    """

    rows: NDArray[np.uint32]
    complete: bool


@dataclass(frozen=True, slots=True)
class _List:
    """The rows ``start`` to ``stop`` of a slot, opened by the seed at ``place`` of a read."""

    place: int
    slot: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


class _Scratch(threading.local):
    """Working memory of one thread, so that a look-up allocates nothing large."""

    def __init__(self) -> None:
        self.table = np.zeros(1 << TABLE_BITS, dtype=np.uint64)
        self.found = np.empty(1 << TABLE_BITS, dtype=np.uint32)
        self.epoch = 0

    def next_epoch(self) -> int:
        """A mark that no entry of the table carries yet."""
        self.epoch += 1
        if self.epoch >= 1 << 31:
            self.table[:] = 0
            self.epoch = 1
        return self.epoch


_scratch = _Scratch()


class SeedIndex:
    """The lists of each slot: ``offsets`` (slots, 4**size + 1) and ``rows`` (slots, n), both uint32.

    ``places`` (slots,) are the slots' first bases in the signature; ``near`` (slots, n) holds the neighbourhood of each
    row's seed, high bits above low bits, or is of shape (0, 0) in a compact index, which does without.
    """

    def __init__(
        self,
        offsets: NDArray[np.uint32],
        rows: NDArray[np.uint32],
        places: NDArray[np.int64],
        near: NDArray[np.uint32] | None = None,
    ) -> None:
        self.offsets = read_only(offsets)
        self.rows = read_only(rows)
        self.places = read_only(places)
        self.near = read_only(near if near is not None else _NO_NEIGHBOURHOODS)
        self.size = int(offsets.shape[1] - 1).bit_length() // 2
        self.longest_list = LIST_CAP * (1 + rows.shape[1] // 4**self.size)
        shortest = SEED_KNOWN if len(self.near) else SEED_KNOWN + 1
        self.sizes = self.size, max(self.size - 2, shortest), min(self.size, shortest)
        """Bases of long, short and shortest seeds; without neighbourhoods the lists of the shortest cost too much."""

    @staticmethod
    def slot_places(length: int, size: int, stride: float = STRIDE) -> NDArray[np.int64]:
        """The first base of each slot: evenly spread over the signature, at least ``stride`` apart."""
        last = length - size
        return np.unique(np.linspace(0, last, max(2, 1 + int(last / stride))).round().astype(np.int64))

    @staticmethod
    def seed_size(count: int, *, compact: bool = False) -> int:
        """Bases a seed for ``count`` signatures, so that a list holds a handful of rows, or some tens if compact."""
        fitting = int(np.log(max(count, 1)) / np.log(4)) - (2 if compact else 0)
        return int(np.clip(fitting, SEED_KNOWN, LONGEST_SEED))

    @classmethod
    def build(cls, planes: NDArray[np.uint64], length: int, *, compact: bool = False) -> "SeedIndex":
        """Index signatures of one length, packed as (n, 2 * words); many are indexed compactly in any case."""
        compact = compact or len(planes) >= COMPACT_FROM
        size = cls.seed_size(len(planes), compact=compact)
        stride = SHORT_STRIDE if length < SHORT else COMPACT_STRIDE if compact else STRIDE
        places = cls.slot_places(length, size, stride)
        offsets = np.zeros((len(places), 4**size + 1), dtype=np.uint32)
        rows = np.empty((len(places), len(planes)), dtype=np.uint32)
        near = _NO_NEIGHBOURHOODS if compact else np.empty_like(rows)
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
            if fast and len(near):
                fast.note_nearby(planes, length, place, rows[slot], near[slot])
            elif len(near):
                near[slot] = nearby(planes, length, place)[rows[slot]]
        return cls(offsets, rows, places, near)

    def arrays(self) -> Arrays:
        """The arrays it is made of, by name, for a file."""
        return {"offsets": self.offsets, "rows": self.rows, "places": self.places, "near": self.near}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "SeedIndex":
        """The index made of ``arrays`` as they were given by its like."""
        return cls(arrays["offsets"], arrays["rows"], arrays["places"], arrays["near"])

    @property
    def nbytes(self) -> int:
        """Bytes of the index without the signatures."""
        return self.offsets.nbytes + self.rows.nbytes + self.near.nbytes

    @property
    def most_listed(self) -> int:
        """Rows on lists that are screened for one strand; without neighbourhoods each row costs ten times as much."""
        return 400_000 if len(self.near) else 60_000

    def windows(
        self, size: int, length: int, codes: int, *, left: bool, right: bool, slack: float, every: int = 1
    ) -> Windows:
        """Where seeds of ``size`` bases of a read of ``codes`` bases may lie in a signature of ``length``.

        With both ends fixed a place p of the read belongs near p * length / codes; with a free end it may lie as far
        off as the lengths differ. ``slack`` allows for insertions and deletions, in bases. Only places whose first
        slot is one of ``every`` so many are looked up.
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
        last = np.where(first % every, first, last)
        return Windows(first.astype(np.int64), last.astype(np.int64))

    def screen(
        self,
        planes: NDArray[np.uint64],
        length: int,
        read: Read,
        size: int,
        windows: Windows,
        *,
        most: int | None = None,
    ) -> Found:
        """Rows that share a seed of ``size`` bases with a read inside the windows and agree with it around the seed.

        ``planes`` are the packed signatures of ``length`` bases that the index was built of. When ``most`` is given,
        seeds are looked up in the order of how likely the read has them right, until so many rows were listed.
        """
        codes = read.codes
        order = windows.order if most is None else _likeliest_first(read, size)
        longest = self.longest_list * 4 ** (self.size - size)
        runs = (1 - min(max(read.mean_error, ERRORS[0]), ERRORS[1])) ** 3
        needed_nearby = int(AGREEING_NEARBY * runs * min(WIDTH, length, len(codes)))
        needed = int(AGREEING * runs * min(length, len(codes)))
        at_most = most or NO_LIMIT
        fast, scratch = compiled(), _scratch
        if fast is None:
            opened, complete = self._opened(codes, size, order, windows, longest, at_most)
            if not opened:
                return Found(_NO_ROWS, complete)
            return Found(self._passing(planes, length, codes, size, opened, needed_nearby, needed), complete)
        count, skipped, looked = fast.screen_seeds(
            planes,
            length,
            self.places,
            self.offsets,
            self.rows,
            self.near if size >= SEED_KNOWN else _NO_NEIGHBOURHOODS,
            self.size,
            codes,
            size,
            order,
            windows.first,
            windows.last,
            SIDES,
            needed,
            needed_nearby,
            longest,
            at_most,
            scratch.table,
            scratch.next_epoch(),
            scratch.found,
        )
        if count < 0:
            return Found(_NO_ROWS, complete=False)
        return Found(scratch.found[:count], 2 * skipped <= looked)

    def _opened(
        self, codes: NDArray[np.uint8], size: int, order: NDArray[np.int64], windows: Windows, longest: int, most: int
    ) -> tuple[list[_List], bool]:
        """The lists that a read opens, in numpy, and whether most of them were short enough."""
        looked = skipped = listed = 0
        opened = []
        for one in self._lists(codes, size, order, windows):
            looked += 1
            if len(one) > longest:
                skipped += 1
            elif len(one) and listed < most:
                listed += len(one)
                opened.append(one)
        return opened, 2 * skipped <= looked

    def _passing(
        self,
        planes: NDArray[np.uint64],
        length: int,
        codes: NDArray[np.uint8],
        size: int,
        opened: Sequence[_List],
        needed_nearby: int,
        needed: int,
    ) -> NDArray[np.uint32]:
        """The rows on some lists that agree with the read around their seeds, in numpy, each once."""
        rows = np.concatenate([self.rows[one.slot, one.start : one.stop] for one in opened])
        which = np.repeat(np.arange(len(opened)), [len(one) for one in opened])
        places = self.places[[one.slot for one in opened]]
        diagonals = places - np.array([one.place for one in opened])
        lowest = int(diagonals.min()) - SIDES
        laid = lay(codes, length, range(lowest, int(diagonals.max()) + SIDES + 1))
        if len(self.near) and size >= SEED_KNOWN:
            near = np.concatenate([self.near[one.slot, one.start : one.stop] for one in opened])
            kept = agreeing_nearby(near, which, places, diagonals, codes, length, laid, lowest) >= needed_nearby
            rows, which = rows[kept], which[kept]
        return np.unique(rows[agreeing(planes[rows], diagonals[which] - lowest, laid) >= needed])

    def _lists(
        self, codes: NDArray[np.uint8], size: int, order: NDArray[np.int64], windows: Windows
    ) -> Iterator[_List]:
        """Every list that a read names."""
        shift = 2 * (self.size - size)
        for place in order.tolist():
            piece = codes[place : place + size]
            if (piece == UNKNOWN).any():
                continue
            seed = 0
            for base in piece.tolist():
                seed = 4 * seed + base
            for slot in range(int(windows.first[place]), int(windows.last[place])):
                start, stop = self.offsets[slot, [seed << shift, (seed + 1) << shift]].tolist()
                yield _List(place, slot, start, stop)


def _likeliest_first(read: Read, size: int) -> NDArray[np.int64]:
    """The places of seeds, those first that the read most likely has right; equals are spread over the read."""
    logs = read.log_right
    right = logs[size:] - logs[:-size]
    return np.argsort(_spread_evenly(len(right)) - right, kind="stable")


@lru_cache(maxsize=256)
def _spread_evenly(count: int) -> NDArray[np.float64]:
    return 1e-6 * (np.arange(count, dtype=np.float64) * GOLDEN % 1.0)


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
