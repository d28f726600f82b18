"""Microdot codes of 4 to 17 characters of any family: which of them a damaged text may be, and how likely.

A shelf holds the codes of one folded length. The likelihood of a text under a code sums over every way in which the
reader may have misread, lost, added or swapped characters; see docs/identification.md.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind, Mark
from registry.identification.blocks import BlockIndex
from registry.identification.evidence import Columns, frame_background
from registry.identification.glyphs import (
    GLYPHS,
    LOOKALIKES,
    UNREADABLE,
    DotText,
    decode_glyphs,
    encode_glyphs,
    fold,
)
from registry.identification.kernels import compiled
from registry.identification.lattice import Lattice, likelihoods, most_likely_path, quick_scores
from registry.identification.parts import Arrays, within
from registry.identification.reader_model import ReaderModel

__all__ = ["LONGEST_CODE", "SHORTEST_CODE", "CodeHit", "CodeIndex", "CodeSearch", "CodeShelf"]

SHORTEST_CODE, LONGEST_CODE = 4, 32
LENGTH_SLACK = 5
"""Characters a reading may be shorter or longer than a code that is still compared."""
CLOSELY = 32
"""Nearest codes of each shelf that are scored by full likelihood."""
FAR = 30.0
"""Log likelihood behind the nearest from which a code of the same length cannot matter."""
RARE = -3.0
"""Ln of the number of neighbours one character away below which a shelf counts as sparse."""
SMALL = 4096
"""Codes up to which a shelf is always compared as a whole."""
STRANGE_LENGTH = 0.02
"""Share of random marks that have another length than any in the register."""


class CodeShelf:
    """Codes of one folded length: ``glyphs`` (n, length) and ``kit_ids`` (n,), ascending by kit."""

    def __init__(
        self,
        glyphs: NDArray[np.uint8],
        kit_ids: NDArray[np.integer],
        blocks: BlockIndex | None = None,
        dead: set[int] | None = None,
    ) -> None:
        self.glyphs = glyphs
        self.kit_ids = kit_ids
        self.blocks = blocks
        self.dead = dead if dead is not None else set()

    @classmethod
    def of(cls, rows: Sequence[tuple[int, str]]) -> "CodeShelf":
        """A shelf from (kit, folded code) rows of one length in any order."""
        glyphs = encode_glyphs("".join(code for _, code in rows)).reshape(len(rows), -1)
        return cls.sorted(glyphs, np.array([kit for kit, _ in rows], dtype=np.int64))

    @classmethod
    def sorted(cls, glyphs: NDArray[np.uint8], kit_ids: NDArray[np.integer]) -> "CodeShelf":
        """A shelf from encoded codes in any order."""
        if len(kit_ids) > 1 and (kit_ids[1:] < kit_ids[:-1]).any():
            order = np.argsort(kit_ids, kind="stable")
            glyphs, kit_ids = glyphs[order], kit_ids[order]
        shelf = cls(glyphs, kit_ids)
        if len(shelf) > SMALL:
            shelf.blocks = BlockIndex.build(glyphs, shelf.entropy)
        return shelf

    def arrays(self) -> Arrays:
        """What the shelf is made of, for a file."""
        own = {"kits": self.kit_ids, "glyphs": self.glyphs, "background": self.background, "present": self.present}
        return own | {f"blocks/{name}": array for name, array in (self.blocks.arrays() if self.blocks else {}).items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "CodeShelf":
        """The shelf made of ``arrays`` as they were given by its like."""
        blocks = within(arrays, "blocks")
        shelf = cls(arrays["glyphs"], arrays["kits"], BlockIndex.from_arrays(blocks) if blocks else None)
        shelf.background = arrays["background"]
        shelf.present = arrays["present"]
        return shelf

    def __len__(self) -> int:
        return len(self.kit_ids)

    @property
    def length(self) -> int:
        """Characters of every code here."""
        return int(self.glyphs.shape[1])

    @cached_property
    def background(self) -> NDArray[np.float64]:
        """P(glyph) at each place of a code like these, shape (length, 36); constant parts weigh nothing.

        72 imagined codes of even spread keep a small shelf from believing its few; at most 50 000 are counted.
        """
        count = len(GLYPHS)
        sample = self.glyphs[:: max(1, len(self) // 50_000)]
        counts = np.stack([np.bincount(column, minlength=count + 1)[:count] for column in sample.T]).astype(np.float64)
        share: NDArray[np.float64] = (counts + 2.0) / (len(sample) + 2.0 * count)
        return share

    @cached_property
    def entropy(self) -> NDArray[np.float64]:
        """Information of each place in natural units, shape (length,)."""
        entropy: NDArray[np.float64] = -(self.background * np.log(self.background)).sum(axis=1)
        return entropy

    @property
    def sparse(self) -> bool:
        """Whether a code is unlikely to have another one a single character away."""
        neighbours = math.log(max(len(self), 1) * len(GLYPHS) * self.length) - float(self.entropy.sum())
        return neighbours < RARE

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which glyphs stand at each place of any code here, shape (length, 36)."""
        count = len(GLYPHS)
        return np.stack([np.bincount(column, minlength=count)[:count] > 0 for column in self.glyphs.T])

    @cached_property
    def possible(self) -> list[list[int]]:
        """The same as lists of glyphs."""
        return [np.flatnonzero(here).tolist() for here in self.present]

    def rows_of(self, kit_id: int) -> Iterator[int]:
        """Where a living kit stands; usually once or not at all."""
        if kit_id not in self.dead:
            first = int(np.searchsorted(self.kit_ids, kit_id, side="left"))
            last = int(np.searchsorted(self.kit_ids, kit_id, side="right"))
            yield from range(first, last)


@dataclass(frozen=True, eq=False)
class CodeHit:
    """A kit whose code was scored against a dot's text."""

    kit_id: int
    log_ratio: float
    glyphs: NDArray[np.uint8]
    background: NDArray[np.float64]
    lattice: Lattice

    @cached_property
    def code(self) -> str:
        """The folded code."""
        return decode_glyphs(self.glyphs)

    @cached_property
    def path(self) -> list[tuple[int, int]]:
        """The most likely way from code to text, as steps (place read, place in the code)."""
        return most_likely_path(self.lattice, self.glyphs)

    @cached_property
    def distance(self) -> float:
        """Characters that differ, were lost or added; unreadable ones do not count."""
        kinds = (ColumnKind.MATCH, ColumnKind.UNREADABLE)
        return float(sum(column.kind not in kinds for column in self.alignment().columns))

    def alignment(self) -> Alignment:
        """The text laid along the code."""
        text = self.lattice.dot.text
        columns = []
        for in_read, in_mark in self.path:
            seen = text[in_read] if in_read >= 0 else ""
            meant = self.code[in_mark] if in_mark >= 0 else ""
            columns.append(AlignedColumn(seen, meant, _kind_of_glyphs(seen, meant)))
        return Alignment(tuple(columns))

    def columns(self) -> Columns:
        """Likelihoods of what was read at each place and in each gap of the code, over the 36 glyphs and none."""
        length, count = len(self.code), len(GLYPHS)
        lattice = self.lattice
        table = np.ones((2 * length + 1, count + 1))
        table[0::2, :count] = lattice.model.lost
        place = -1
        for in_read, in_mark in self.path:
            place = in_mark if in_mark >= 0 else place
            row = 2 * place + 1 if in_mark >= 0 else 2 * place + 2
            if in_read < 0:
                table[row, :count] = lattice.model.lost
            else:
                table[row, :count] = lattice.emissions[in_read]
                table[row, count] = lattice.model.extra * lattice.extra[in_read]
        marks = np.full(2 * length + 1, count, dtype=np.intp)
        marks[1::2] = self.glyphs
        return Columns(table, frame_background(self.background), marks)


@dataclass(frozen=True, eq=False)
class CodeSearch:
    """What a search for one text found, best first, and whether every comparable code was compared."""

    shelves: list[CodeShelf]
    lattice: Lattice
    chance: float
    """Ln P(text | a random code)."""
    hits: list[CodeHit]
    complete: bool

    def compare(self, kit_id: int) -> CodeHit | None:
        """One kit against the text; None when the kit has no code here."""
        hits = [
            hit
            for shelf in self.shelves
            for hit in _score(shelf, np.fromiter(shelf.rows_of(kit_id), dtype=np.intp), self.lattice, self.chance)
        ]
        return max(hits, key=lambda hit: hit.log_ratio, default=None)


class CodeIndex:
    """Every code of a register, searched by a dot's text."""

    def __init__(self, shelves: Iterable[CodeShelf], model: ReaderModel | None = None) -> None:
        self.shelves = list(shelves)
        self.model = model or ReaderModel.plain()
        self.fast = len(self) > SMALL
        """Whether compiled loops are worth loading."""

    @classmethod
    def build(cls, marks: Iterable[Mark], model: ReaderModel | None = None) -> "CodeIndex":
        """An index over the marks' codes; what is too short or has characters no dot carries is left out."""
        by_length: dict[int, list[tuple[int, str]]] = {}
        for mark in marks:
            code = fold(mark.code)
            if SHORTEST_CODE <= len(code) <= LONGEST_CODE and "?" not in code:
                by_length.setdefault(len(code), []).append((mark.kit_id, code))
        return cls((CodeShelf.of(rows) for _, rows in sorted(by_length.items())), model)

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self.shelves)

    def search(self, dot: DotText, *, model: ReaderModel | None = None, exhaustive: bool = False) -> CodeSearch:
        """The codes nearest to a text, scored by likelihood, best first; ``exhaustive`` compares every one.

        ``model`` is that of the reader, by default the index's own.
        """
        lattice = Lattice.of(dot, model or self.model, fast=self.fast)
        chance = self.log_chance(lattice)
        hits: list[CodeHit] = []
        complete = True
        for shelf in self._comparable(dot):
            complete = complete and (exhaustive or shelf.blocks is None)
            rows = None if exhaustive or shelf.blocks is None else _sharing(shelf, shelf.blocks, lattice)
            hits += _score_near(shelf, rows, lattice, chance)
        return CodeSearch(self.shelves, lattice, chance, sorted(hits, key=lambda hit: -hit.log_ratio), complete)

    def log_chance(self, lattice: Lattice) -> float:
        """Ln P(text | a random code), over the register's lengths and a small share of strange ones."""
        total = len(self)
        even = np.full((max(len(lattice.dot), 1), len(GLYPHS)), 1.0 / len(GLYPHS))
        parts = [STRANGE_LENGTH * float(likelihoods(lattice, lattice.emitted_by_profile(even))[0])]
        for shelf in self._comparable(lattice.dot):
            share = (1 - STRANGE_LENGTH) * len(shelf) / total
            parts.append(share * float(likelihoods(lattice, lattice.emitted_by_profile(shelf.background))[0]))
        return math.log(max(math.fsum(parts), 1e-300))

    def expected_log_ratio(self, dot: DotText) -> float:
        """The log ratio a text like this is expected to reach with its own code."""
        nearest = min(self.shelves, key=lambda shelf: abs(shelf.length - len(dot)), default=None)
        total = 0.0
        for place, (glyph, wrong) in enumerate(zip(dot.glyphs.tolist(), self.model.errors(dot).tolist(), strict=True)):
            if glyph == UNREADABLE:
                continue
            if nearest is None or place >= nearest.length:
                surprise = math.log(len(GLYPHS))
            else:
                surprise = float(nearest.entropy[place])
            total += (1 - wrong) * (surprise + math.log(1 - wrong)) + wrong * math.log(wrong)
        return total

    def _comparable(self, dot: DotText) -> list[CodeShelf]:
        return [shelf for shelf in self.shelves if abs(shelf.length - len(dot)) <= LENGTH_SLACK]


def _sharing(shelf: CodeShelf, blocks: BlockIndex, lattice: Lattice) -> NDArray[np.uint32]:
    """Rows that share a block with a text; in a sparse shelf a code that agrees with all that was read ends the search.

    Whatever else could agree as well is then on the same list, and rows that differ are too rare to matter.
    """
    dot = lattice.dot
    read = np.flatnonzero(dot.glyphs != UNREADABLE)
    agreeing = float(np.log(lattice.emissions[read, dot.glyphs[read]]).sum()) - 1e-6
    portions = []
    for rows in blocks.gather(dot, shelf.possible):
        portions.append(rows)
        if shelf.sparse and len(dot) == shelf.length and _quick(shelf, rows, lattice).max() >= agreeing:
            break
    return np.unique(np.concatenate(portions)) if portions else np.empty(0, dtype=np.uint32)


def _quick(shelf: CodeShelf, rows: NDArray[np.uint32] | None, lattice: Lattice) -> NDArray[Any]:
    """A ranking score of some rows of a shelf, or of all, shape (rows,)."""
    kernel = compiled() if lattice.fast else None
    if kernel is None:
        return quick_scores(lattice, shelf.glyphs if rows is None else shelf.glyphs[rows])
    wanted = np.arange(len(shelf), dtype=np.uint32) if rows is None else rows
    scores = np.empty(len(wanted))
    logs = np.log(np.maximum(lattice.emissions, 1e-30))
    added = np.log(lattice.model.extra * lattice.extra)
    kernel.score_codes(shelf.glyphs, wanted, logs, added, math.log(lattice.model.lost), scores)
    return scores


def _score_near(shelf: CodeShelf, rows: NDArray[np.uint32] | None, lattice: Lattice, chance: float) -> list[CodeHit]:
    """The nearest of some rows of a shelf, or of all, scored by full likelihood."""
    scores = _quick(shelf, rows, lattice)
    if not len(scores):
        return []
    count = min(CLOSELY, len(scores))
    places = np.argpartition(-scores, count - 1)[:count]
    places = places[scores[places] >= scores[places].max() - FAR]
    return _score(shelf, places if rows is None else rows[places].astype(np.intp), lattice, chance)


def _score(shelf: CodeShelf, rows: NDArray[np.intp], lattice: Lattice, chance: float) -> list[CodeHit]:
    if not len(rows):
        return []
    glyphs = shelf.glyphs[rows]
    logs = np.log(np.maximum(likelihoods(lattice, lattice.emitted_by_codes(glyphs)), 1e-300)) - chance
    return [
        CodeHit(int(shelf.kit_ids[row]), float(log), one, shelf.background, lattice)
        for row, log, one in zip(rows.tolist(), logs.tolist(), glyphs, strict=True)
        if not shelf.dead or int(shelf.kit_ids[row]) not in shelf.dead
    ]


def _kind_of_glyphs(seen: str, meant: str) -> ColumnKind:
    if not seen:
        return ColumnKind.MISSING
    if not meant:
        return ColumnKind.EXTRA
    if seen == "?":
        return ColumnKind.UNREADABLE
    if seen == meant:
        return ColumnKind.MATCH
    return ColumnKind.LOOKALIKE if seen in LOOKALIKES.get(meant, "") else ColumnKind.MISMATCH
