"""A frame as lines for a terminal: the same signs as on a page, so that it reads the same without colour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.identification.answer import ColumnKind
from registry.identification.picture.frame import Cell, Frame
from registry.identification.picture.svg import SIGNS
from registry.identification.picture.words import Speech

__all__ = ["Piece", "lines_of"]

_FEWEST_COLUMNS = 10
_RULER_STEP = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look: of a kind of column, or a name or number beside (None)."""

    text: str
    kind: ColumnKind | None = None
    unsure: bool = False


def lines_of(
    frame: Frame, speech: Speech, width: int = 80, signs: Mapping[ColumnKind, str] = SIGNS
) -> Iterator[list[Piece]]:
    """The picture as lines of pieces, at most ``width`` characters wide (if that is no less than about 30)."""
    names = [speech.gettext("Read"), speech.gettext("Mark")]
    if frame.readings > 1:
        names = [speech.gettext("Together"), speech.gettext("Mark"), *(line.name for line in frame.lines)]
    gutter = min(max(map(len, names)), max(width // 3, 6)) + 1
    room = max(width - gutter, _FEWEST_COLUMNS)
    columns = len(frame.marks)
    rows = -(-columns // room)
    step = -(-columns // max(rows, 1))
    for start in range(0, columns, step):
        if start:
            yield []
        yield from _row(frame, speech, gutter, signs, slice(start, min(start + step, columns)))


def _row(
    frame: Frame, speech: Speech, gutter: int, signs: Mapping[ColumnKind, str], part: slice
) -> Iterator[list[Piece]]:
    yield [Piece(" " * gutter + _ruler(frame.places[part]))]
    if frame.readings == 1:
        cells, name = frame.lines[0].cells[part], speech.gettext("Read")
    else:
        for line in frame.lines:
            yield [_named(line.name, gutter), *_cells(line.cells[part], signs, dots=True)]
        cells, name = frame.together[part], speech.gettext("Together")
    yield [_named(name, gutter), *_cells(cells, signs)]
    yield [_named("", gutter), *_signs(cells, signs)]
    mark = "".join(
        letter or (signs[ColumnKind.MISSING] if cell is not None else " ")
        for letter, cell in zip(frame.marks[part], cells, strict=True)
    )
    yield [_named(speech.gettext("Mark"), gutter), Piece(mark)]


def _named(name: str, gutter: int) -> Piece:
    clean = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    short = clean if len(clean) < gutter else clean[: gutter - 2] + "…"
    return Piece(short.ljust(gutter))


def _ruler(places: Sequence[int]) -> str:
    """Numbers of the first place and of each tenth, the last digit above its place's column."""
    line = [" "] * len(places)
    first = next((column for column, place in enumerate(places) if place), 0)
    for column, place in enumerate(places):
        number = str(place)
        if place and column != first and place % _RULER_STEP == 0 and column - len(number) + 1 > first + 3:
            line[column - len(number) + 1 : column + 1] = number
    if places:
        number = str(places[first])
        line[first : first + len(number)] = number
    return "".join(line).rstrip()


def _cells(cells: Sequence[Cell | None], signs: Mapping[ColumnKind, str], *, dots: bool = False) -> list[Piece]:
    pieces: list[Piece] = []
    for cell in cells:
        if cell is None:
            _add(pieces, " ", None, unsure=False)
            continue
        by_sign = not cell.read or (dots and cell.kind is ColumnKind.MATCH)
        shown = signs[cell.kind] if by_sign else cell.read[:1]
        _add(pieces, shown if shown.isprintable() else "\ufffd", cell.kind, unsure=cell.unsure)
    return pieces


def _signs(cells: Sequence[Cell | None], signs: Mapping[ColumnKind, str]) -> list[Piece]:
    pieces: list[Piece] = []
    for cell in cells:
        _add(pieces, signs[cell.kind] if cell else " ", cell.kind if cell else None, unsure=False)
    return pieces


def _add(pieces: list[Piece], text: str, kind: ColumnKind | None, *, unsure: bool) -> None:
    """Put a character to the last piece if it looks the same."""
    if pieces and (pieces[-1].kind, pieces[-1].unsure) == (kind, unsure):
        pieces[-1] = Piece(pieces[-1].text + text, kind, unsure)
    else:
        pieces.append(Piece(text, kind, unsure))
