"""DNA signatures of 20 to 128 bases: which of them a read may come from.

A shelf holds the signatures of one length, packed, sorted by kit, and a seed index once it is large. A search goes
from fast to exhaustive and stops when a kit stands out; the exhaustive tier proves that a kit is not registered.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import Mark, PrimerPair
from registry.identification.bases import (
    LONGEST_SIGNATURE,
    SHORTEST_SIGNATURE,
    Read,
    encode_many,
    is_signature,
    pack,
    unpack_codes,
    unpack_row,
)
from registry.identification.distance import Ends, distances
from registry.identification.kernels import compiled
from registry.identification.kit_rows import rows_of
from registry.identification.likelihood import SignatureHit, rough_log_ratio, score
from registry.identification.parts import Arrays, read_only, within
from registry.identification.primers import Region, regions
from registry.identification.sampling import drawn
from registry.identification.seeds import BARE, MOST_LISTED, MOST_LISTED_LOOSE, SHORT_SEED, SeedIndex, Windows
from registry.identification.signature_background import SignatureBackground, even_profile

__all__ = ["SMALL", "Effort", "RegionSearch", "SignatureIndex", "SignatureShelf"]

SMALL = 4096
"""Signatures up to which a shelf is always compared as a whole."""
CLOSELY = 24
"""Nearest signatures that are scored by likelihood."""
NEAR = 6
"""Edits beyond the nearest from which a signature cannot matter."""
HOPELESS, HOPELESS_SCORED = 0.0, 2
"""Rough log ratio of the nearest below which only so many are scored."""
LENGTHS_APART = 0.4
"""Share of its length by which a signature may differ from a read that has both its ends."""
COUNTED = 20_000
"""Signatures at the most that are looked at to tell what those of a shelf look like."""
CORES = 2
"""Threads that share an exhaustive search."""


class Effort(IntEnum):
    """The tiers of a search, each finding what the one before may miss."""

    SEEDS_IN_PLACE = 1
    """One shared piece of up to 10 bases hardly out of its place, in every second slot, and agreement around it."""
    LONG_SEEDS = 2
    """The same as far out of place as insertions and deletions shift."""
    SHORT_SEEDS = 3
    """The same with pieces of 5 bases that go on with one edit at the most, the likeliest first."""
    EVERYTHING = 4
    """Every signature compared: the proof of absence."""


SLACK_IN_PLACE, SLACK = 1.0, 6.0
"""Bases by which insertions and deletions may shift a seed, and foreign bases left at an end: of 1 500 reads with up to
eight of them at each end and 3 % error 98.7, 99.5 and 99.9 % are found within 3, 4 and 6."""
EVERY = 2
"""The first tier looks each so manieth slot up: of 1 500 reads of 64 bases with 6 % error it settles 1 487, with all
slots 1 492; with 15 % error 1 234 and 1 323. Most reads are settled in a tenth less time."""
WHOLE = 2_000_000
"""Signatures times bases of the read up to which the last tier compares the whole shelf: a millisecond's work."""
_BARE = Ends()
"""How a read of about a signature's own length is compared."""


class RegionSearch(NamedTuple):
    """The signatures nearest to a region, best first, and whether every one that could fit it was compared."""

    hits: list[SignatureHit]
    complete: bool


class SignatureShelf:
    """Signatures of one length: ``planes`` (n, 2 * words) and ``kit_ids`` (n,), ascending by kit.

    ``dead`` holds kits of this shelf that were revoked or replaced.
    """

    def __init__(
        self,
        length: int,
        planes: NDArray[np.uint64],
        kit_ids: NDArray[np.integer],
        seeds: SeedIndex | None = None,
        dead: set[int] | None = None,
    ) -> None:
        self.length = length
        self.planes = read_only(planes)
        self.kit_ids = kit_ids
        self.seeds = seeds
        self.dead = dead if dead is not None else set()

    @classmethod
    def of(cls, length: int, rows: Sequence[tuple[int, str]]) -> "SignatureShelf":
        """A shelf from (kit, signature) rows in any order."""
        codes = encode_many([signature for _, signature in rows], length)
        return cls.packed(length, pack(codes), np.array([kit for kit, _ in rows], dtype=np.int64))

    @classmethod
    def packed(cls, length: int, planes: NDArray[np.uint64], kit_ids: NDArray[np.integer]) -> "SignatureShelf":
        """A shelf from packed signatures in any order; seeds are indexed when there are many."""
        if len(kit_ids) > 1 and (kit_ids[1:] < kit_ids[:-1]).any():
            order = np.argsort(kit_ids, kind="stable")
            planes, kit_ids = planes[order], kit_ids[order]
        shelf = cls(length, planes, kit_ids)
        if len(shelf) > SMALL:
            shelf.seeds = SeedIndex.build(shelf.planes, length)
        return shelf

    def arrays(self) -> Arrays:
        """What the shelf is made of, for a file."""
        own = {
            "kits": self.kit_ids,
            "planes": self.planes,
            "families": self.background.families,
            "shares": self.background.shares,
        }
        return own | {f"seeds/{name}": array for name, array in (self.seeds.arrays() if self.seeds else {}).items()}

    @classmethod
    def from_arrays(cls, length: int, arrays: Arrays) -> "SignatureShelf":
        """The shelf made of ``arrays`` as they were given by its like."""
        seeds = within(arrays, "seeds")
        shelf = cls(length, arrays["planes"], arrays["kits"], SeedIndex.from_arrays(seeds) if seeds else None)
        shelf.background = SignatureBackground(arrays["families"], arrays["shares"])
        return shelf

    def __len__(self) -> int:
        return len(self.kit_ids)

    @cached_property
    def background(self) -> SignatureBackground:
        """What signatures like these look like; constant parts of one maker thereby weigh nothing as evidence."""
        return SignatureBackground.of(unpack_codes(self.planes[drawn(len(self), COUNTED)], self.length))

    def rows_of(self, kit_id: int) -> Iterator[int]:
        """Where a living kit stands; usually once or not at all."""
        if kit_id not in self.dead:
            yield from rows_of(self.kit_ids, kit_id)

    def score(self, row: int, region: Region, profile: NDArray[np.float64], *, fast: bool) -> SignatureHit:
        """One signature against one region; ``profile`` (length, 4) is P(base) at each place of a random one."""
        kernel = compiled() if fast else None
        if kernel:
            bases = np.empty(self.length, dtype=np.uint8)
            kernel.unpack(self.planes, row, bases)
        else:
            bases = unpack_row(self.planes[row], self.length)
        return score(int(self.kit_ids[row]), bases, profile, region, fast=fast)


class SignatureIndex:
    """Every signature of a register, searched by read."""

    def __init__(self, shelves: Iterable[SignatureShelf], primers: Sequence[PrimerPair]) -> None:
        self.shelves = list(shelves)
        self.primers = tuple(primers)
        self.fast = len(self) > SMALL
        """Whether compiled loops are worth loading."""
        lengths = [shelf.length for shelf in self.shelves] or [SHORTEST_SIGNATURE, LONGEST_SIGNATURE]
        self.lengths = range(min(lengths), max(lengths))
        """From the shortest to the longest signature; the allowed lengths when there are none."""
        self.has_families = any(shelf.background.several for shelf in self.shelves)
        """Whether some makers' signatures have a part in common."""

    @classmethod
    def build(cls, marks: Iterable[Mark], primers: Sequence[PrimerPair] = ()) -> "SignatureIndex":
        """An index over the marks that have a signature of 20 to 128 bases; others are left out."""
        by_length: dict[int, list[tuple[int, str]]] = {}
        for mark in marks:
            if is_signature(mark.signature):
                by_length.setdefault(len(mark.signature), []).append((mark.kit_id, mark.signature))
        return cls((SignatureShelf.of(length, rows) for length, rows in sorted(by_length.items())), primers)

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self.shelves)

    def regions(self, read: Read) -> Iterator[Region]:
        """Where the signature may lie in a read; the whole read, both ways, comes last."""
        return regions(read, self.primers, self.lengths)

    def search(self, region: Region, effort: Effort) -> RegionSearch:
        """The signatures nearest to one region of a read, scored, best first."""
        near: list[tuple[float, SignatureShelf, int]] = []
        complete = True
        size = len(region.read.codes)
        for shelf in self._fitting(region):
            ends = Ends.between(shelf.length, size, left=region.left, right=region.right)
            rows = self._candidates(shelf, region, effort)
            complete = complete and rows is None
            if rows is not None and abs(shelf.length - size) <= BARE * shelf.length:
                ends = _BARE  # Of about its own length: which end hangs over is for the scoring to say.
            near += [
                (rough_log_ratio(shelf.length, size, edits), shelf, row)
                for row, edits in self._nearest(shelf, rows, region, ends)
            ]
        near.sort(key=lambda item: -item[0])
        if not near:
            return RegionSearch([], complete)
        bar = near[0][0] + rough_log_ratio(0, 0, NEAR)
        hopeless = near[0][0] <= HOPELESS
        if hopeless and effort < Effort.SHORT_SEEDS and not complete:
            return RegionSearch([], complete)  # The next tier finds these again, if they are the nearest.
        count = HOPELESS_SCORED if hopeless else CLOSELY
        kept = [item for item in near[:count] if item[0] >= bar]
        hits = [self._score(shelf, row, region) for _, shelf, row in kept if not self._is_dead(shelf, row)]
        return RegionSearch(sorted(hits, key=lambda hit: -hit.log_ratio), complete)

    def score_kit(self, kit_id: int, region: Region) -> SignatureHit | None:
        """One kit against one region; None when the kit has no signature here."""
        hits = [self._score(shelf, row, region) for shelf in self.shelves for row in shelf.rows_of(kit_id)]
        return max(hits, key=lambda hit: hit.log_ratio, default=None)

    def commonness(self, hit: SignatureHit) -> float:
        """Ln of how much likelier a read is of a random mark of the register than of one of even bases, at least 0.

        It is told by the read's best ``hit``, whose family has what the read has; every hit of the read is to be less
        by it, since they are all compared with the same random mark.
        """
        background = next(shelf.background for shelf in self.shelves if shelf.length == len(hit.bases))
        family = background.family_of(hit.bases)
        within = score(hit.kit_id, hit.bases, background.families[family], hit.region, fast=self.fast)
        return max(0.0, hit.log_ratio - within.log_ratio + background.commonness(hit.bases, family, *hit.stretch))

    def _score(self, shelf: SignatureShelf, row: int, region: Region) -> SignatureHit:
        """Against a random signature of the shelf, or of even bases where ``commonness`` tells the rest."""
        profile = even_profile(shelf.length) if self.has_families else shelf.background.families[0]
        return shelf.score(row, region, profile, fast=self.fast)

    @staticmethod
    def _is_dead(shelf: SignatureShelf, row: int) -> bool:
        return bool(shelf.dead) and int(shelf.kit_ids[row]) in shelf.dead

    def _fitting(self, region: Region) -> Iterator[SignatureShelf]:
        """Shelves whose length a read with both its ends can have; all when an end is open."""
        size = len(region.read)
        for shelf in self.shelves:
            if not (region.left and region.right) or abs(shelf.length - size) <= LENGTHS_APART * shelf.length:
                yield shelf

    def _candidates(self, shelf: SignatureShelf, region: Region, effort: Effort) -> NDArray[np.uint32] | None:
        """Rows worth comparing; None for all of them."""
        seeds = shelf.seeds
        if seeds is None or effort is Effort.EVERYTHING:
            return None
        short = effort is Effort.SHORT_SEEDS
        if short and len(shelf) * len(region.read) <= WHOLE:
            return None
        loose = abs(shelf.length - len(region.read)) > BARE * shelf.length
        size, most = (SHORT_SEED, MOST_LISTED_LOOSE if loose else MOST_LISTED) if short else (seeds.size, None)
        slack, every = (SLACK_IN_PLACE, EVERY) if effort is Effort.SEEDS_IN_PLACE else (SLACK, 1)
        windows = _windows(seeds, size, shelf.length, len(region.read), (region.left, region.right), slack, every)
        found = seeds.screen(shelf.planes, shelf.length, region.read, size, windows, most=most)
        if short and not found.complete:
            return None  # Shared parts hide the seeds of this shelf: only the whole of it is honest.
        return found.rows

    def _nearest(
        self, shelf: SignatureShelf, rows: NDArray[np.uint32] | None, region: Region, ends: Ends
    ) -> list[tuple[int, int]]:
        """The nearest of some rows of a shelf, or of all, with their edits, nearest first."""
        codes = region.read.codes
        kernel = compiled() if self.fast else None
        if kernel is None:
            planes = shelf.planes if rows is None else shelf.planes[rows]
            return _nearest(distances(planes, shelf.length, codes, ends), rows)
        if rows is not None:
            return _kept(kernel.nearest_of_rows, shelf.planes, rows, shelf.length, codes, ends.flags)

        def compare(first: int, last: int) -> list[tuple[int, int]]:
            return _kept(kernel.nearest_of_all, shelf.planes, first, last, shelf.length, codes, ends.flags)

        if len(shelf) < 200_000:
            return compare(0, len(shelf))
        bounds = pairwise(np.linspace(0, len(shelf), CORES + 1).astype(int).tolist())
        with ThreadPoolExecutor(CORES) as pool:
            found = [near for part in pool.map(lambda bound: compare(*bound), bounds) for near in part]
        found.sort(key=lambda near: near[1])
        return [near for near in found[:CLOSELY] if near[1] <= found[0][1] + NEAR]


def _kept(kernel: Callable[..., int], *arguments: Any) -> list[tuple[int, int]]:
    """What a compiled loop finds to be nearest: rows with their edits."""
    nearest = np.empty((CLOSELY, 2), dtype=np.int64)
    count = kernel(*arguments, NEAR, nearest)
    return [(row, edits) for row, edits in nearest[:count].tolist()]


def _nearest(edits: NDArray[np.integer], rows: NDArray[np.uint32] | None) -> list[tuple[int, int]]:
    """The rows of the smallest distances, at most ``CLOSELY``, with their edits, nearest first."""
    if not len(edits):
        return []
    at_most = np.cumsum(np.bincount(edits))
    limit = min(int(np.searchsorted(at_most, CLOSELY)), int(edits.min()) + NEAR)
    places = np.flatnonzero(edits <= limit)
    places = places[np.argsort(edits[places], kind="stable")][:CLOSELY]
    found = places if rows is None else rows[places]
    return list(zip(found.tolist(), edits[places].tolist(), strict=True))


@lru_cache(maxsize=1024)
def _windows(
    seeds: SeedIndex, size: int, length: int, codes: int, ends: tuple[bool, bool], slack: float, every: int
) -> Windows:
    left, right = ends
    return seeds.windows(size, length, codes, left=left, right=right, slack=slack, every=every)
