"""Which codes of a shelf stand nearest to a damaged text: through the lists of its blocks, or by comparing every one.

Lists are opened the shortest first. What is on no list opened so far differs from the text in every block that was
opened; as soon as such a code would be too unlikely beside the best one found, the search is over. Characters that
the reader easily takes for others are doubted only when the others leave it open. Neighbours swapped across two blocks
spoil both: when that and another damage could still explain the text, the lists of the blocks as they were before the
swap are read too.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.blocks import BlockIndex
from registry.identification.glyphs import UNREADABLE
from registry.identification.kernels import compiled
from registry.identification.lattice import Lattice, quick_scores

__all__ = ["LIMITS", "Limits", "nearest_codes"]

CLOSELY = 256
"""Nearest codes of each shelf that are kept; a code of 7 digits has 63 others a single digit away."""

ROOM = 4096
"""Rows that are gathered before the nearest are picked out."""


class Limits(NamedTuple):
    """How far a search goes. Rows are looked at, log likelihoods are those of the best path."""

    most_ways: float = 1500.0
    """Ways to fill the unreadable and doubtful characters of a block that are tried."""
    cheap: float = 10_000.0
    """Rows that are looked at whatever was found: they cost less than being wrong about them."""
    crowded: float = 100_000.0
    """Rows that are looked at because codes crowd round the best one, unless the first list has more. Compiled, lists
    that the share of their ways tells to be longer are not even counted where the search can end without them."""
    most_rows: float = 400_000.0
    """Rows at which a search ends, unless the first list has more."""
    margin: float = 5.0
    """Log likelihood behind the best from which a code that was not seen does not matter."""
    far: float = 14.0
    """Log likelihood behind the best from which a code that was seen does not."""
    crowd: float = 0.005
    """Weight beside the best of the codes seen behind it from which others that are unseen may weigh something too."""
    doubt: float = 5.0
    """Log likelihood behind what was read within which another glyph may be meant."""


LIMITS = Limits()
_NEVER = -1e9


def nearest_codes(
    glyphs: NDArray[np.uint8], blocks: BlockIndex | None, present: NDArray[np.bool_], lattice: Lattice
) -> NDArray[np.intp]:
    """Rows of the codes ``glyphs`` (n, length) nearest to a text, at most ``CLOSELY``; without ``blocks`` of all.

    ``present`` (length, 36) tells which glyphs stand at each place of any code.
    """
    kernel = compiled() if lattice.fast else None
    if kernel is None:
        rows, scores = _plain_search(glyphs, blocks, present, lattice) if blocks else _every_one(glyphs, lattice)
    elif blocks is None:
        scores = np.empty(len(glyphs))
        kernel.score_codes(glyphs, lattice.logs, lattice.log_added, lattice.log_lost, scores)
        rows = np.arange(len(glyphs), dtype=np.uint32)
    else:
        rows, scores = np.empty(ROOM, dtype=np.uint32), np.empty(ROOM)
        index = (blocks.bounds, blocks.offsets, blocks.rows, blocks.places, blocks.rest)
        text = (lattice.dot.glyphs, lattice.logs, lattice.log_added, lattice.log_lost, lattice.log_swapped)
        count = kernel.near_codes(*index, glyphs, present, *text, tuple(LIMITS), rows, scores, CLOSELY)
        rows, scores = rows[:count], scores[:count]
    if len(scores) > CLOSELY:
        places = np.argpartition(-scores, CLOSELY - 1)[:CLOSELY]
        rows, scores = rows[places], scores[places]
    if not len(scores):
        return np.empty(0, dtype=np.intp)
    near: NDArray[np.intp] = rows[scores >= scores.max() - LIMITS.far].astype(np.intp)
    return near


def _every_one(glyphs: NDArray[np.uint8], lattice: Lattice) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    return np.arange(len(glyphs), dtype=np.uint32), quick_scores(lattice, glyphs).astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Piece:
    """What may stand in a block: ``ways`` (k, size) of glyphs, None for too many; ``cost`` of the cheapest left out."""

    block: int
    shift: int
    ways: NDArray[np.uint8] | None
    cost: float


@dataclass(eq=False)
class _Opened:
    """The lists that were opened, and what a code that is on none of them falls short of at least."""

    blocks: int
    shifts: Sequence[int]
    costs: dict[tuple[int, int], float] = field(default_factory=dict)

    def note(self, piece: _Piece) -> None:
        self.costs[piece.block, piece.shift] = piece.cost

    def unseen(self) -> float:
        """It differs in each block that was opened in every shift, but in those with characters lost or added."""
        costs = sorted(
            max(self.costs.get((block, shift), 0.0) for shift in self.shifts) for block in range(self.blocks)
        )
        return sum(costs[len(self.shifts) - 1 :])


class _Read:
    """The rows that were read off lists so far and are not far behind the best of them, with their scores."""

    def __init__(self, glyphs: NDArray[np.uint8], blocks: BlockIndex, lattice: Lattice) -> None:
        self.glyphs, self.blocks, self.lattice = glyphs, blocks, lattice
        self.scores: dict[int, float] = {}
        self.best, self.total = _NEVER, 0

    def size_of(self, piece: _Piece) -> int:
        """Rows on the lists of a piece; none when there would be too many lists."""
        return self.blocks.size_of(piece.block, piece.ways) if piece.ways is not None else 0

    def lists(self, piece: _Piece) -> bool:
        """Read the lists of a piece; false when they are too many, or too long beside what was read already."""
        size = self.size_of(piece)
        if piece.ways is None or (self.total and self.total + size > LIMITS.most_rows):
            return False
        self.total += size
        rows = self.blocks.rows_of(piece.block, piece.ways)
        scores = quick_scores(self.lattice, self.glyphs[rows])
        self.best = max(self.best, float(scores.max(initial=_NEVER)))
        keep = scores >= self.best - LIMITS.far
        self.scores.update(zip(rows[keep].tolist(), scores[keep].tolist(), strict=True))
        return True

    def crowd(self) -> float:
        """What the codes behind the best weigh together, beside its 1."""
        return sum(math.exp(score - self.best) for score in self.scores.values() if score < self.best - 1.5)

    def listed(self) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        count = len(self.scores)
        return np.fromiter(self.scores, np.uint32, count), np.fromiter(self.scores.values(), float, count)


def _plain_search(
    glyphs: NDArray[np.uint8], blocks: BlockIndex, present: NDArray[np.bool_], lattice: Lattice
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """As the compiled ``near_codes``; rows and scores, each row once."""
    difference = len(lattice.dot) - glyphs.shape[1]
    shifts = range(min(0, difference), max(0, difference) + 1)
    opened = _Opened(len(blocks.bounds) - 1, shifts)
    agreeing = float(lattice.logs.max(axis=1).sum()) + abs(difference) * _edit(lattice, difference)
    read = _Read(glyphs, blocks, lattice)
    tiers = [list(_pieces(blocks, present, lattice, shifts, doubt)) for doubt in (0.0, LIMITS.doubt)]
    for number, pieces in enumerate(tiers):
        if _read_tier(read, pieces, opened, agreeing, doubted=number > 0):
            break
    spoilt = lattice.log_swapped + (max(piece.cost for piece in tiers[0]) if difference == 0 else 0.0)
    if agreeing + spoilt > read.best - LIMITS.margin:
        for piece in _swapped_pieces(blocks, present, lattice, shifts):
            read.lists(piece)
    return read.listed()


def _read_tier(read: _Read, pieces: Sequence[_Piece], opened: _Opened, agreeing: float, *, doubted: bool) -> bool:
    """Read the lists of some pieces, the shortest first; whether what is on none of them cannot matter any more."""
    sizes = [read.size_of(piece) for piece in pieces]
    for size, place in sorted((size, place) for place, size in enumerate(sizes)):
        piece, total = pieces[place], read.total + size
        if piece.ways is None:
            continue
        if size and (doubted or total > LIMITS.cheap):
            alone = doubted or read.crowd() <= LIMITS.crowd or total > LIMITS.crowded
            if agreeing + opened.unseen() <= read.best - LIMITS.margin and alone:
                return True
        if read.lists(piece):
            opened.note(piece)
    return False


def _edit(lattice: Lattice, difference: int) -> float:
    """The least that a character lost, or added, costs."""
    if difference <= 0:
        return lattice.log_lost
    return float((lattice.log_added - lattice.logs.max(axis=1)).max())


def _pieces(
    blocks: BlockIndex, present: NDArray[np.bool_], lattice: Lattice, shifts: Sequence[int], doubt: float
) -> Iterator[_Piece]:
    """What stands in the text where each block belongs, for every shift that the difference of lengths allows."""
    for block, (first, last) in enumerate(pairwise(blocks.bounds.tolist())):
        for shift in shifts:
            if first + shift < 0 or last + shift > len(lattice.dot):
                yield _Piece(block, shift, np.empty((0, last - first), dtype=np.uint8), _NEVER)
            else:
                places = range(first + shift, last + shift)
                yield _piece(block, shift, present[first:last], lattice, places, doubt)


def _swapped_pieces(
    blocks: BlockIndex, present: NDArray[np.bool_], lattice: Lattice, shifts: Sequence[int]
) -> Iterator[_Piece]:
    """What belonged into each block if two neighbours were swapped across its end: they spoil the blocks of both."""
    text, length = lattice.dot.glyphs, len(present)
    for block, (first, last) in enumerate(pairwise(blocks.bounds.tolist())):
        for shift in shifts:
            places = list(range(first + shift, last + shift))
            for end, outside in ((0, first - 1), (-1, last)):
                read_at = outside + shift
                inside = min(places[0], read_at) >= 0 and max(places[-1], read_at) < len(text)
                if inside and 0 <= outside < length and text[places[end]] != text[read_at]:
                    over = places.copy()
                    over[end] = read_at
                    yield _piece(block, shift, present[first:last], lattice, over, 0.0)


def _piece(
    block: int, shift: int, present: NDArray[np.bool_], lattice: Lattice, places: Sequence[int], doubt: float
) -> _Piece:
    """What ``places`` of the text may mean in a block in whose places the glyphs ``present`` (size, 36) occur."""
    choices, cheapest = [], _NEVER
    for place, occurring in zip(places, present, strict=True):
        cost, seen = lattice.logs[place] - lattice.logs[place].max(), lattice.dot.glyphs[place]
        taken = occurring & ((seen == UNREADABLE) | (np.arange(len(cost)) == seen) | (cost >= -doubt) & (doubt > 0))
        cheapest = max(cheapest, float(cost[occurring & ~taken].max(initial=_NEVER)))
        choices.append(np.flatnonzero(taken).tolist())
    if np.prod([len(one) for one in choices], dtype=np.float64) > LIMITS.most_ways:
        return _Piece(block, shift, None, cheapest)
    return _Piece(block, shift, np.array(list(product(*choices)), dtype=np.uint8).reshape(-1, len(places)), cheapest)
