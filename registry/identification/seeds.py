"""A positional seed index over signatures of one length: which of millions share short pieces with a read.

Key = (slot, k bases from the slot's place); for each slot the rows lie in the order of their k bases, with a table of
where each begins. Because the order is that of the bases, a shorter seed is a range of the same list: one index serves
every seed length, and what follows a short seed divides its list. Memory for n signatures: 4 bytes a slot and
signature, and 4**(k + 1) bytes a slot.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.agreement import RUN, SIDES, agreeing, lay
from registry.identification.bases import UNKNOWN, Read
from registry.identification.continuations import runs
from registry.identification.kernels import compiled
from registry.identification.parts import Arrays, read_only

__all__ = ["BARE", "MOST_LISTED", "MOST_LISTED_LOOSE", "SHORT_SEED", "Found", "SeedIndex", "Windows"]

SHORT_SEED = 5
"""Bases of a short seed. Its lists are opened where they go on like the read, up to the length of a long one. Of 16 000
reads of 64 bases with 15 % error from ten million kits 99.91 % are found with 5, 99.78 with 6 in 7 % less time."""
LONG_SEED, LONGEST_SEED = 9, 10
"""Bases of a long seed as soon as there are signatures enough, and at the most."""
STRIDE = 4.5
"""Signature bases from slot to slot, at least: 13 slots of 64 bases. With 12 slots 0.02 % fewer of those reads are
found."""
SHORT, SHORT_STRIDE = 40, 2.0
"""Signatures of fewer bases have their slots nearer together: they hold few seeds as it is."""
LIKELY_SLACK = 3.0
"""Bases out of its place within which a seed is looked up sooner than further out."""
MOST_LISTED, MOST_LISTED_LOOSE = 120_000, 160_000
"""Rows on lists of short seeds that are compared for one strand: most of what ten million signatures list for a read of
about their own length, and a third more for one that lost an end or has foreign bases."""
LIST_CAP = 50
"""A list this many times longer than the mean is skipped: it comes from a part that signatures share."""
AGREEING = 0.4
"""How many bases must begin a run of four that agrees with the read near the seed's diagonal: this share of what is
expected of a read with its errors. Of 16 000 whole reads with 15 % error 99.89, 99.88 and 99.80 % are found with 0.35,
0.40 and 0.45 where seeds may be three bases out of place. Of the rows that a strand of no kit lists some 40 pass. With
runs of three it was some 700, and reads that lost 24 bases took 17 ms at the 99th percentile instead of 9."""
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


@dataclass(frozen=True, eq=False)
class Windows:
    """Slots to look up for each place of a read: from ``first`` to ``last`` (exclusive), all of shape (places,).

    Those from ``inner_first`` to ``inner_last`` are looked up before the others, or after them as ``inner_sooner``
    tells.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    inner_first: NDArray[np.int64]
    inner_last: NDArray[np.int64]
    inner_sooner: bool

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The places of the read from left to right."""
        return np.arange(len(self.first))

    def slots(self, place: int, *, sooner: bool) -> Iterator[int]:
        """The slots to look up for a place of the read sooner, or later."""
        for slot in range(int(self.first[place]), int(self.last[place])):
            inner = self.inner_first[place] <= slot < self.inner_last[place]
            if sooner == (inner == self.inner_sooner):
                yield slot


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

    ``places`` (slots,) are the slots' first bases in the signature; ``size`` is that of its long seeds.
    """

    def __init__(self, offsets: NDArray[np.uint32], rows: NDArray[np.uint32], places: NDArray[np.int64]) -> None:
        self.offsets = read_only(offsets)
        self.rows = read_only(rows)
        self.places = read_only(places)
        self.size = int(offsets.shape[1] - 1).bit_length() // 2
        self.longest_list = LIST_CAP * (1 + rows.shape[1] // 4**self.size)

    @staticmethod
    def slot_places(length: int, size: int) -> NDArray[np.int64]:
        """The first base of each slot: evenly spread over the signature, at least a stride apart."""
        last, stride = length - size, SHORT_STRIDE if length < SHORT else STRIDE
        return np.unique(np.linspace(0, last, max(2, 1 + int(last / stride))).round().astype(np.int64))

    @staticmethod
    def seed_size(count: int) -> int:
        """Bases of a long seed for ``count`` signatures, so that a list holds a few rows, or some tens of many."""
        most = int(np.log(max(count, 1)) / np.log(4))
        return min(max(most - 2, min(most, LONG_SEED), SHORT_SEED), LONGEST_SEED)

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
        """The arrays it is made of, by name, for a file."""
        return {"offsets": self.offsets, "rows": self.rows, "places": self.places}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "SeedIndex":
        """The index made of ``arrays`` as they were given by its like."""
        return cls(arrays["offsets"], arrays["rows"], arrays["places"])

    @property
    def nbytes(self) -> int:
        """Bytes of the index without the signatures."""
        return self.offsets.nbytes + self.rows.nbytes

    def windows(
        self, size: int, length: int, codes: int, *, left: bool, right: bool, slack: float, every: int = 1
    ) -> Windows:
        """Where seeds of ``size`` bases of a read of ``codes`` bases may lie in a signature of ``length``.

        With both ends fixed a place p of the read belongs near p * length / codes; with a free end it may lie as far
        off as the lengths differ. ``slack`` allows for insertions and deletions, in bases. Only places whose first slot
        is one of ``every`` so many are looked up. What is likelier comes sooner: a seed hardly out of its place, and of
        a read that misses bases that only one end was lost.
        """
        at = np.arange(max(codes - size + 1, 0), dtype=np.float64)
        surplus = codes - length
        bare = (left and right) or abs(surplus) <= BARE * length
        anchored = left or right
        if bare:
            low = high = at * (length / max(codes, 1))
        elif anchored:
            low = high = at - surplus if right else at
        else:
            low, high = at - max(0, surplus), at - min(0, surplus)
            slack = min(slack, LIKELY_SLACK)
        first = np.searchsorted(self.places, low - slack, side="left")
        last = np.searchsorted(self.places, high + slack, side="right")
        last = np.where(first % every, first, last)
        inner_first, inner_last = first, last
        if bare or anchored:
            inner_first = np.clip(np.searchsorted(self.places, low - LIKELY_SLACK, side="left"), first, last)
            inner_last = np.clip(np.searchsorted(self.places, high + LIKELY_SLACK, side="right"), inner_first, last)
        elif surplus < 0:
            inner_first = np.clip(np.searchsorted(self.places, low + slack, side="right"), first, last)
            inner_last = np.clip(np.searchsorted(self.places, high - slack, side="left"), inner_first, last)
        return Windows(first, last, inner_first, inner_last, inner_sooner=bare or anchored or surplus > 0)

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
        """Rows that share a seed of ``size`` bases with a read inside the windows and agree with it along the seed.

        ``planes`` are the packed signatures of ``length`` bases that the index was built of. A seed shorter than the
        index's must go on as the read does, but for one edit. When ``most`` is given, seeds are looked up in the order
        of how likely the read has them right, until so many rows were listed.
        """
        codes = read.codes
        order = windows.order if most is None else _likeliest_first(read, size)
        longest = self.longest_list * 4 ** (self.size - size)
        begun = (1 - min(max(read.mean_error, ERRORS[0]), ERRORS[1])) ** RUN
        needed = int(AGREEING * begun * min(length, len(codes)))
        at_most = most or NO_LIMIT
        fast, scratch = compiled(), _scratch
        if fast is None:
            opened, complete = self._opened(codes, size, order, windows, longest, at_most)
            return Found(self._passing(planes, length, codes, opened, needed) if opened else _NO_ROWS, complete)
        count, skipped, looked = fast.screen_seeds(
            planes,
            length,
            self.places,
            self.offsets,
            self.rows,
            self.size,
            codes,
            size,
            runs(self.size - size),
            order,
            windows.first,
            windows.last,
            windows.inner_first,
            windows.inner_last,
            windows.inner_sooner,
            needed,
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
        opened: list[_List] = []
        for seed_rows, parts in self._lists(codes, size, order, windows):
            looked += 1
            if seed_rows > longest:
                skipped += 1
            elif listed < most:
                listed += sum(map(len, parts))
                opened += parts
        return opened, 2 * skipped <= looked

    def _passing(
        self, planes: NDArray[np.uint64], length: int, codes: NDArray[np.uint8], opened: Sequence[_List], needed: int
    ) -> NDArray[np.uint32]:
        """The rows on some lists that agree with the read along their seeds, in numpy, each once."""
        rows = np.concatenate([self.rows[one.slot, one.start : one.stop] for one in opened])
        which = np.repeat(np.arange(len(opened)), [len(one) for one in opened])
        diagonals = self.places[[one.slot for one in opened]] - np.array([one.place for one in opened])
        lowest = int(diagonals.min()) - SIDES
        laid = lay(codes, length, range(lowest, int(diagonals.max()) + SIDES + 1))
        return np.unique(rows[agreeing(planes[rows], diagonals[which] - lowest, laid) >= needed])

    def _lists(
        self, codes: NDArray[np.uint8], size: int, order: NDArray[np.int64], windows: Windows
    ) -> Iterator[tuple[int, list[_List]]]:
        """For every seed of a read and slot how many rows share it, and the parts of their list that are open."""
        more = self.size - size
        for sooner in (True, False):
            for place in order.tolist():
                seed = _following(codes, place, size) << 2 * more
                if seed >> 2 * self.size:
                    continue
                bounds = seed + runs(more)[_following(codes, place + size, more + 1)]
                for slot in windows.slots(place, sooner=sooner):
                    offsets = self.offsets[slot]
                    parts = [_List(place, slot, *part) for part in offsets[bounds].tolist() if part[0] < part[1]]
                    yield int(offsets[seed + 4**more]) - int(offsets[seed]), parts


def _following(codes: NDArray[np.uint8], place: int, count: int) -> int:
    """The ``count`` bases from ``place`` of a read as a number; 4**count where one is unknown or beyond its end."""
    bases = codes[place : place + count].tolist()
    if len(bases) < count or UNKNOWN in bases:
        return 1 << 2 * count
    number = 0
    for base in bases:
        number = 4 * number + base
    return number


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
