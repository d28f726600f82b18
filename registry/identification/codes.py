"""Microdot codes of 4 to 17 characters of any family: which of them a damaged text may be, and how likely.

A shelf holds the codes of one folded length. The likelihood of a text under a code sums over every way in which the
reader may have misread, lost, added or swapped characters; see docs/identification.md.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind, Mark
from registry.identification.blocks import BlockIndex
from registry.identification.code_background import CodeBackground
from registry.identification.evidence import SHOWN, Columns, frame_background
from registry.identification.glyphs import (
    GLYPHS,
    LOOKALIKES,
    UNREADABLE,
    DotText,
    decode_glyphs,
    encode_glyphs,
    fold,
)
from registry.identification.kit_rows import rows_of
from registry.identification.lattice import Lattice, code_likelihoods, most_likely_path, profile_likelihoods
from registry.identification.nearest import nearest_codes
from registry.identification.parts import Arrays, read_only, within
from registry.identification.reader_model import ReaderModel

__all__ = ["LONGEST_CODE", "SHORTEST_CODE", "CodeHit", "CodeIndex", "CodeSearch", "CodeShelf"]

SHORTEST_CODE, LONGEST_CODE = 4, 32
LENGTH_SLACK = 5
"""Characters a reading may be shorter or longer than a code that is still compared."""
NEGLIGIBLE = 1e-3
"""Share of all that may explain a text that is left out, from the codes that explain it worst."""
LEAST_UNKNOWN = 1e-3
"""Share of what explains a text that an unknown mark keeps, however many numbers are used up."""
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
        self.glyphs = read_only(glyphs)
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
            shelf.blocks = BlockIndex.build(glyphs, shelf.background.entropy)
        return shelf

    def arrays(self) -> Arrays:
        """What the shelf is made of, for a file."""
        own = {
            "kits": self.kit_ids,
            "glyphs": self.glyphs,
            "families": self.background.families,
            "shares": self.background.shares,
            "present": self.present,
        }
        return own | {f"blocks/{name}": array for name, array in (self.blocks.arrays() if self.blocks else {}).items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "CodeShelf":
        """The shelf made of ``arrays`` as they were given by its like."""
        blocks = within(arrays, "blocks")
        shelf = cls(arrays["glyphs"], arrays["kits"], BlockIndex.from_arrays(blocks) if blocks else None)
        shelf.background = CodeBackground(arrays["families"], arrays["shares"])
        shelf.present = arrays["present"]
        return shelf

    def __len__(self) -> int:
        return len(self.kit_ids)

    @property
    def length(self) -> int:
        """Characters of every code here."""
        return int(self.glyphs.shape[1])

    @cached_property
    def background(self) -> CodeBackground:
        """What codes like these look like; constant parts weigh nothing."""
        return CodeBackground.of(self.glyphs)

    @cached_property
    def taken(self) -> float:
        """The chance that a code made at random like these is one of them."""
        return self.background.taken(self.glyphs)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which glyphs stand at each place of any code here, shape (length, 36)."""
        count = len(GLYPHS)
        return read_only(np.stack([np.bincount(column, minlength=count)[:count] > 0 for column in self.glyphs.T]))

    def rows_of(self, kit_id: int) -> Iterator[int]:
        """Where a living kit stands; usually once or not at all."""
        if kit_id not in self.dead:
            yield from rows_of(self.kit_ids, kit_id)


@dataclass(frozen=True, eq=False)
class CodeHit:
    """A kit whose code was scored against a dot's text."""

    kit_id: int
    log_ratio: float
    glyphs: NDArray[np.uint8]
    background: CodeBackground
    lattice: Lattice

    @property
    def code(self) -> str:
        """The folded code."""
        return decode_glyphs(self.glyphs)

    @property
    def path(self) -> list[tuple[int, int]]:
        """The most likely way from code to text, as steps (place read, place in the code)."""
        return most_likely_path(self.lattice, self.glyphs)

    @property
    def distance(self) -> float:
        """Characters that differ, were lost or added; unreadable ones do not count."""
        return float(self.alignment().edits)

    def alignment(self) -> Alignment:
        """The text laid along the code."""
        # What stands at place -1 is nothing.
        text, code = [*self.lattice.dot.glyphs.tolist(), _NOTHING], [*self.glyphs.tolist(), _NOTHING]
        return Alignment(tuple([_COLUMNS[text[in_read]][code[in_mark]] for in_read, in_mark in self.path]))

    def columns(self) -> Columns:
        """Likelihoods of what was read at each place and in each gap of the code, over the 36 glyphs and none."""
        length, count = len(self.glyphs), len(GLYPHS)
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
                table[row, count] = lattice.added[in_read]
        marks = np.full(2 * length + 1, count, dtype=np.intp)
        marks[1::2] = self.glyphs
        return Columns(table, frame_background(self.background.marginal), marks)


@dataclass(frozen=True, eq=False)
class CodeSearch:
    """What a search for one text found, best first, and whether every comparable code was compared."""

    shelves: list[CodeShelf]
    lattice: Lattice
    chance: float
    """Ln P(text | a mark that is not in the register)."""
    hits: list[CodeHit]
    complete: bool

    def compare(self, kit_id: int) -> CodeHit | None:
        """One kit against the text; None when the kit has no code here."""
        hits = [
            hit
            for shelf in self.shelves
            for near in [_Near.of(shelf, np.fromiter(shelf.rows_of(kit_id), dtype=np.intp), self.lattice)]
            for hit in [near.hit(row, self.chance) for row in range(len(near.kit_ids))]
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
        near: list[_Near] = []
        complete = True
        for shelf in self._comparable(dot):
            complete = complete and (exhaustive or shelf.blocks is None)
            rows = nearest_codes(shelf.glyphs, None if exhaustive else shelf.blocks, shelf.present, lattice)
            near.append(_Near.of(shelf, rows, lattice))
        chance = self.log_chance(lattice, near)
        found = [(one, row) for one in near for row in range(len(one.kit_ids))]
        logs = np.concatenate([one.logs for one in near]) if near else np.empty(0)
        ranked = np.argsort(logs, kind="stable")[::-1]
        # An unknown mark weighs as much as the register has kits.
        counting = _counting(logs[ranked], chance + math.log(max(len(self), 1)))
        hits = [found[place][0].hit(found[place][1], chance) for place in ranked[:counting].tolist()]
        return CodeSearch(self.shelves, lattice, chance, hits, complete)

    def log_chance(self, lattice: Lattice, near: Sequence["_Near"] = ()) -> float:
        """Ln P(text | a mark that is not in the register), of its lengths or, rarely, a strange one.

        A mark made at random like those of the register may be one of them. That is taken out again: ``near`` holds the
        codes that could explain the text. It matters where numbers are used up one after the other.
        """
        total = len(self)
        strange = STRANGE_LENGTH * float(profile_likelihoods(lattice, _even(max(len(lattice.dot), 1)))[0])
        anything, registered, taken = strange, 0.0, 0.0
        for shelf in self._comparable(lattice.dot):
            share = (1 - STRANGE_LENGTH) * len(shelf) / total
            of_family = profile_likelihoods(lattice, shelf.background.families)
            anything += share * float(shelf.background.shares @ of_family)
        for one in near:
            share = (1 - STRANGE_LENGTH) * len(one.shelf) / total
            registered += share * float(one.shelf.background.probabilities(one.glyphs) @ one.likelihoods)
            taken += share * one.shelf.taken
        unknown = max(anything - registered, strange, LEAST_UNKNOWN * anything) / max(1 - taken, STRANGE_LENGTH)
        return math.log(max(unknown, 1e-300))

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
                surprise = float(nearest.background.entropy[place])
            total += (1 - wrong) * (surprise + math.log(1 - wrong)) + wrong * math.log(wrong)
        return total

    def _comparable(self, dot: DotText) -> list[CodeShelf]:
        return [shelf for shelf in self.shelves if abs(shelf.length - len(dot)) <= LENGTH_SLACK]


@dataclass(frozen=True, eq=False)
class _Near:
    """The living codes of a shelf that stand nearest to a text, and P(text | code) of each."""

    shelf: CodeShelf
    kit_ids: NDArray[np.integer]
    glyphs: NDArray[np.uint8]
    likelihoods: NDArray[np.float64]
    lattice: Lattice

    @classmethod
    def of(cls, shelf: CodeShelf, rows: NDArray[np.intp], lattice: Lattice) -> "_Near":
        if shelf.dead:
            rows = rows[~np.isin(shelf.kit_ids[rows], np.fromiter(shelf.dead, dtype=np.int64))]
        glyphs = shelf.glyphs[rows]
        return cls(shelf, shelf.kit_ids[rows], glyphs, code_likelihoods(lattice, glyphs), lattice)

    @property
    def logs(self) -> NDArray[np.float64]:
        """Ln P(text | code) of each."""
        logs: NDArray[np.float64] = np.log(np.maximum(self.likelihoods, 1e-300))
        return logs

    def hit(self, row: int, chance: float) -> CodeHit:
        log_ratio = math.log(max(float(self.likelihoods[row]), 1e-300)) - chance
        return CodeHit(int(self.kit_ids[row]), log_ratio, self.glyphs[row], self.shelf.background, self.lattice)


def _counting(ranked: NDArray[np.float64], unknown: float) -> int:
    """How many of some log likelihoods, best first, tell something beside all of them and that of an unknown mark."""
    if not len(ranked):
        return 0
    top = max(float(ranked[0]), unknown)
    behind = np.exp(ranked[::-1] - top).cumsum()
    bar = NEGLIGIBLE * (float(behind[-1]) + math.exp(unknown - top))
    return max(len(behind) - int(np.searchsorted(behind, bar, side="right")), SHOWN)


@lru_cache(maxsize=64)
def _even(length: int) -> NDArray[np.float64]:
    """P(glyph) at each place of a code of which nothing is known, shape (1, length, 36)."""
    return read_only(np.full((1, length, len(GLYPHS)), 1.0 / len(GLYPHS)))


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


_NOTHING = UNREADABLE + 1
"""The number of what stands opposite an extra or a missing character."""
_SIGNS = [*GLYPHS, "?", ""]
_COLUMNS = [[AlignedColumn(seen, meant, _kind_of_glyphs(seen, meant)) for meant in _SIGNS] for seen in _SIGNS]
"""How each number read stands against each of a code."""
