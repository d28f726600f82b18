"""Readings of one mark laid into one frame: a column for each place of the mark, and for what was read between places.

What is drawn, written to a terminal and said in words is all taken from here, so that the three always agree.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind

__all__ = ["Cell", "Frame", "Line", "Reading", "frames_of", "is_dna"]

MOST_LINES = 12
"""Readings drawn one by one; more are counted in the line that puts all together."""
_SHORTEST_DNA = 12
"""Fewer letters than this may be a code that happens to hold no others."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading laid along the mark, the name it is shown under, and the columns in which the reader was unsure."""

    alignment: Alignment
    name: str = ""
    unsure: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cell:
    """What one reading has in one column of the frame."""

    read: str
    kind: ColumnKind
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One reading in the frame: a cell for each column, None where it does not reach or has nothing extra."""

    name: str
    cells: tuple[Cell | None, ...]
    reverse_strand: bool

    @property
    def kinds(self) -> Counter[ColumnKind]:
        """How many columns of each kind."""
        return Counter(cell.kind for cell in self.cells if cell is not None)

    @property
    def places(self) -> int:
        """Places of the mark that this reading was compared with."""
        return self.kinds.total() - self.kinds[ColumnKind.EXTRA]


@dataclass(frozen=True)
class Frame:
    """A mark and the readings along it.

    ``marks`` holds its characters, empty in a column of extra characters; ``places`` numbers them from 1, 0 in such a
    column. ``lines`` are those that are drawn, at most MOST_LINES, of all ``readings``.
    """

    marks: tuple[str, ...]
    places: tuple[int, ...]
    lines: tuple[Line, ...]
    readings: int
    together: tuple[Cell | None, ...]
    """What most of all readings say in each column; unreadable where as many say one thing as another."""
    shares: tuple[float, ...]
    """Share of all readings that agree with the mark in each column, among those that reach it (0 to 1)."""

    @cached_property
    def dna(self) -> bool:
        """Whether bases are compared, not characters of a code."""
        return is_dna("".join(self.marks))

    @property
    def kinds(self) -> Counter[ColumnKind]:
        """How many columns of each kind, over all readings together."""
        return Counter(cell.kind for cell in self.together if cell is not None)


def is_dna(mark: str) -> bool:
    """Whether a mark's text is a signature: nothing but bases, and too many of them for a code."""
    return len(mark) >= _SHORTEST_DNA and set(mark) <= set("ACGT")


def frames_of(readings: Sequence[Reading]) -> list[Frame]:
    """The readings of one kit, those of one mark (its dot, its signature) together, in the order they are given.

    A reading that lost an end covers a part of the mark. It is laid where that part stands in the longest one; if it
    stands nowhere (two reads that lost opposite ends), it gets a frame of its own.
    """
    waiting = [one for one in readings if one.alignment.columns]
    frames = []
    while waiting:
        whole = max(
            (_mark_of(one) for one in waiting if is_dna(_mark_of(one)) == is_dna(_mark_of(waiting[0]))), key=len
        )
        inside = [one for one in waiting if _belongs(_mark_of(one), whole)]
        frames.append(_frame(whole, inside))
        waiting = [one for one in waiting if not _belongs(_mark_of(one), whole)]
    return frames


def _belongs(part: str, whole: str) -> bool:
    return part in whole and is_dna(part) == is_dna(whole)


def _mark_of(reading: Reading) -> str:
    return "".join(column.mark for column in reading.alignment.columns)


def _frame(mark: str, readings: Sequence[Reading]) -> Frame:
    drawn = readings[:MOST_LINES]
    gaps = _widest_gaps(mark, drawn)
    marks, places = _columns(mark, gaps)
    lines = [_line(mark, gaps, one) for one in readings]
    together, shares = zip(
        *(_most(marks[at], [line.cells[at] for line in lines]) for at in range(len(marks))), strict=True
    )
    return Frame(marks, places, tuple(lines[: len(drawn)]), len(readings), together, shares)


def _columns(mark: str, gaps: Sequence[int]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    marks, places = [""] * gaps[0], [0] * gaps[0]
    for place, (letter, gap) in enumerate(zip(mark, gaps[1:], strict=True), start=1):
        marks += [letter, *[""] * gap]
        places += [place, *[0] * gap]
    return tuple(marks), tuple(places)


def _widest_gaps(mark: str, readings: Sequence[Reading]) -> list[int]:
    """How many extra characters stand before place 1, behind place 1, and so on, in the reading that has most."""
    widest = [0] * (len(mark) + 1)
    for reading in readings:
        for gap, cells in _extras(mark, reading).items():
            widest[gap] = max(widest[gap], len(cells))
    return widest


def _extras(mark: str, reading: Reading) -> dict[int, list[Cell]]:
    place = mark.index(_mark_of(reading))
    found: dict[int, list[Cell]] = {}
    for at, column in enumerate(reading.alignment.columns):
        if column.kind is ColumnKind.EXTRA:
            found.setdefault(place, []).append(_cell(column, unsure=at in reading.unsure))
        else:
            place += 1
    return found


def _line(mark: str, gaps: Sequence[int], reading: Reading) -> Line:
    extras = _extras(mark, reading)
    start = mark.index(_mark_of(reading))
    own = [
        _cell(column, unsure=at in reading.unsure)
        for at, column in enumerate(reading.alignment.columns)
        if column.kind is not ColumnKind.EXTRA
    ]
    placed: list[Cell | None] = [*[None] * start, *own, *[None] * (len(mark) - start - len(own))]
    cells: list[Cell | None] = []
    for gap, width in enumerate(gaps):
        # A reading that is not drawn may have more extra characters than the frame has room for.
        here = extras.get(gap, [])[:width]
        cells += [*here, *[None] * (width - len(here))]
        if gap < len(mark):
            cells.append(placed[gap])
    return Line(reading.name, tuple(cells), reading.alignment.reverse_strand)


def _cell(column: AlignedColumn, *, unsure: bool) -> Cell:
    return Cell(column.read, column.kind, unsure)


def _most(mark: str, cells: Sequence[Cell | None]) -> tuple[Cell | None, float]:
    reaching = [cell for cell in cells if cell is not None]
    if not mark:
        # One reading's extra character is nothing that the readings say together.
        return (reaching[0], 0.0) if 2 * len(reaching) > len(cells) else (None, 0.0)
    if not reaching:
        return None, 0.0
    votes = Counter(cell.read for cell in reaching if cell.kind is not ColumnKind.UNREADABLE).most_common(2)
    share = sum(cell.kind is ColumnKind.MATCH for cell in reaching) / len(reaching)
    if not votes or (len(votes) > 1 and votes[0][1] == votes[1][1]):
        return Cell("?", ColumnKind.UNREADABLE), share
    return next(cell for cell in reaching if cell.read == votes[0][0]), share
