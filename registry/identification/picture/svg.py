"""A frame as a drawing: SVG 1.1 without script or inline style, so that it stands under a strict content policy.

One reading is drawn as in the laboratory, read above mark with a sign between; several are stacked, dots where they
agree, with a line for what they say together and bars for how many agree at each place. Colour never speaks alone: each
kind has its ground and its sign. Colours come from the caller by the names of the design tokens.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.identification.answer import ColumnKind
from registry.identification.picture.frame import Cell, Frame
from registry.identification.picture.words import Speech, described, kind_word, titled

__all__ = ["SIGNS", "Paint", "Size", "by_token", "draw", "report"]

SIGNS: Mapping[ColumnKind, str] = {
    ColumnKind.MATCH: "·",
    ColumnKind.LOOKALIKE: "≈",
    ColumnKind.MISMATCH: "×",
    ColumnKind.UNREADABLE: "?",
    ColumnKind.EXTRA: "+",
    ColumnKind.MISSING: "\N{MINUS SIGN}",
}
"""The design language's signs, in the order of its legend."""

Paint = Callable[[str], str]
"""From a design token, such as ``success-tint``, to the colour of an SVG attribute."""

_GROUND = {
    ColumnKind.MATCH: "success-tint",
    ColumnKind.LOOKALIKE: "warning-tint",
    ColumnKind.MISMATCH: "danger-tint",
    ColumnKind.UNREADABLE: "sunken",
    ColumnKind.EXTRA: "petrol-tint",
    ColumnKind.MISSING: "petrol-tint",
}
_INK = {
    ColumnKind.MATCH: "success",
    ColumnKind.LOOKALIKE: "warning",
    ColumnKind.MISMATCH: "danger",
    ColumnKind.UNREADABLE: "ink-soft",
    ColumnKind.EXTRA: "petrol-strong",
    ColumnKind.MISSING: "petrol-strong",
}
_XML_TEXT_FAMILY = "'Atkinson Hyperlegible Next', 'Liberation Sans', Arial, sans-serif"
_CODE_FAMILY = "'Atkinson Hyperlegible Mono', 'Liberation Mono', 'DejaVu Sans Mono', monospace"
_RULER_STEP = 10


def by_token(token: str) -> str:
    """A colour that the page's own tokens decide, in light and dark."""
    return f"var(--{token})"


@dataclass(frozen=True, slots=True)
class Size:
    """Measures of a drawing in pixels; ``columns`` is how many stand in a row at most, ``names`` the room beside."""

    columns: int = 36
    cell: float = 15
    names: float = 84
    letter: float = 15.0
    small: float = 12.0

    def balanced(self, columns: int) -> int:
        """Columns to a row so that no row is left with a few."""
        rows = -(-columns // self.columns)
        return -(-columns // max(rows, 1))


WIDE = Size()
NARROW = Size(columns=16, cell=11.5, names=54, letter=13.0, small=11.0)
"""For a column of some 240 pixels, as on the narrowest telephones."""


def draw(frame: Frame, speech: Speech, size: Size = WIDE, paint: Paint = by_token, css_class: str = "agreement") -> str:
    """The picture as an ``<svg>`` element for a page, with a title and a description in words."""
    width, height, body = _Drawing(frame, speech, size, paint).drawn()
    return (
        f'<svg class="{css_class}" role="img" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">'
        f"<title>{_text(titled(frame, speech))}</title><desc>{_text(described(frame, speech))}</desc>{body}</svg>"
    )


def report(frames: Sequence[Frame], speech: Speech, paint: Paint, heading: str = "", size: Size = WIDE) -> str:
    """A whole SVG file with colours of its own on white, heading, sentences and legend, for a report."""
    margin, line = 16, 20
    parts: list[str] = []
    top, widest = float(margin), 560.0
    title = "; ".join(titled(frame, speech) for frame in frames)
    if heading:
        top += line
        parts.append(_label(margin, top, heading, paint("ink"), 17, bold=True))
    for frame in frames:
        top += line + 6
        parts.append(_label(margin, top, titled(frame, speech), paint("ink"), 14, bold=True))
        for said in _wrapped(described(frame, speech), 80):
            top += line - 2
            parts.append(_label(margin, top, said, paint("ink-soft"), 13))
        width, height, body = _Drawing(frame, speech, size, paint).drawn()
        parts.append(f'<g transform="translate({margin} {top + 12:g})">{body}</g>')
        top += height + 12
        widest = max(widest, width)
    for said, kind in _legend(frames, speech):
        top += line
        if kind is not None:
            parts.append(_ground(margin, top - 14, 18, 18, paint(_GROUND[kind])))
            parts.append(_glyphs([(margin + 9, SIGNS[kind])], top, paint(_INK[kind]), 15, bold=True))
        parts.append(_label(margin + (26 if kind is not None else 0), top, said, paint("ink"), 13))
    width, height = widest + 2 * margin, top + margin
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}"><title>{_text(title)}</title>'
        f"<desc>{_text(' '.join(described(frame, speech) for frame in frames))}</desc>"
        f'<rect width="{width:g}" height="{height:g}" fill="{paint("surface")}"/>{"".join(parts)}</svg>\n'
    )


def _legend(frames: Sequence[Frame], speech: Speech) -> Iterator[tuple[str, ColumnKind | None]]:
    present = {kind for frame in frames for line in frame.lines for kind in line.kinds}
    yield from ((kind_word(kind, speech), kind) for kind in SIGNS if kind in present)
    if any(cell is not None and cell.unsure for frame in frames for line in frame.lines for cell in line.cells):
        yield speech.gettext("Faint letters: the reader was unsure"), None


@dataclass
class _Drawing:
    """One frame being drawn, row by row."""

    frame: Frame
    speech: Speech
    size: Size
    paint: Paint
    parts: list[str] = field(default_factory=list)
    top: float = 0

    def drawn(self) -> tuple[float, float, str]:
        """Width, height and the elements."""
        columns = len(self.frame.marks)
        step = self.size.balanced(columns)
        for start in range(0, columns, step):
            if start:
                self.top += self.size.cell
            self._row(start, min(start + step, columns))
        # A number above the last column is wider than the column.
        width = self.size.names + step * self.size.cell + self.size.small / 2
        return width, self.top + 2, "".join(self.parts)

    def _row(self, start: int, stop: int) -> None:
        self._ruler(start, stop)
        gettext = self.speech.gettext
        if self.frame.readings == 1:
            cells = self.frame.lines[0].cells[start:stop]
            top, height = self.top, self._height
            self._grounds(cells, top, 3 * height - 4)
            self._letters(cells, gettext("Read"))
            self._signs(cells)
            self._mark(start, stop, cells)
            return
        for line in self.frame.lines:
            cells = line.cells[start:stop]
            self._grounds(cells, self.top, self._height - 2, plain=True)
            self._letters(cells, line.name, dots=True)
        self.top += 4
        cells = self.frame.together[start:stop]
        self._grounds(cells, self.top, 3 * self._height - 4)
        self._letters(cells, gettext("Together"))
        self._signs(cells)
        self._mark(start, stop, cells)
        self._bars(start, stop)

    @property
    def _height(self) -> int:
        return round(self.size.letter * 1.35)

    def _x(self, column: int) -> float:
        return self.size.names + (column + 0.5) * self.size.cell

    def _ruler(self, start: int, stop: int) -> None:
        """The number of the row's first place and of every tenth."""
        shown: list[tuple[int, int]] = []
        for column, place in enumerate(self.frame.places[start:stop]):
            if place and (not shown or place % _RULER_STEP == 0):
                if shown and column - shown[-1][0] < 3:
                    continue
                shown.append((column, place))
        baseline = self.top + self.size.small
        ink = self.paint("ink-soft")
        for column, place in shown:
            self.parts.append(_label(self._x(column), baseline, str(place), ink, self.size.small, middle=True))
        self.top += round(self.size.small) + 4

    def _grounds(self, cells: Sequence[Cell | None], top: float, height: float, *, plain: bool = False) -> None:
        """The ground of each run of columns of one kind; in a stack what agrees has none."""
        for column, width, kind in _runs(cells):
            if kind is None or (plain and kind is ColumnKind.MATCH):
                continue
            left = self.size.names + column * self.size.cell
            self.parts.append(_ground(left + 0.5, top, width * self.size.cell - 1, height, self.paint(_GROUND[kind])))

    def _name(self, name: str, *, soft: bool = True) -> None:
        room = int(self.size.names / (self.size.small * 0.52))
        # A number tells readings apart where there is no room for the word before it.
        short = name if len(name) <= room else name.rsplit(" ", 1)[-1][:room]
        ink = self.paint("ink-soft" if soft else "ink")
        self.parts.append(_label(0, self.top + self.size.letter, short, ink, self.size.small))

    def _letters(self, cells: Sequence[Cell | None], name: str, *, dots: bool = False) -> None:
        self._name(name)
        groups: dict[tuple[str, bool], list[tuple[float, str]]] = {}
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            match = cell.kind is ColumnKind.MATCH
            shown = SIGNS[cell.kind] if (dots and match) or not cell.read else cell.read
            ink = _INK[cell.kind]
            if match and not dots:
                ink = "ink-soft" if cell.unsure else "ink"
            groups.setdefault((ink, not match and not cell.unsure), []).append((self._x(column), shown))
        for (ink, bold), glyphs in groups.items():
            baseline = self.top + self.size.letter
            self.parts.append(_glyphs(glyphs, baseline, self.paint(ink), self.size.letter, bold=bold))
        self.top += self._height

    def _signs(self, cells: Sequence[Cell | None]) -> None:
        groups: dict[ColumnKind, list[tuple[float, str]]] = {}
        for column, cell in enumerate(cells):
            if cell is not None:
                groups.setdefault(cell.kind, []).append((self._x(column), SIGNS[cell.kind]))
        for kind, glyphs in groups.items():
            baseline = self.top + self.size.letter - 2
            self.parts.append(_glyphs(glyphs, baseline, self.paint(_INK[kind]), self.size.letter, bold=True))
        self.top += self._height - 2

    def _mark(self, start: int, stop: int, cells: Sequence[Cell | None]) -> None:
        self._name(self.speech.gettext("Mark"), soft=False)
        glyphs = [
            (self._x(column), letter or SIGNS[ColumnKind.MISSING])
            for column, letter in enumerate(self.frame.marks[start:stop])
            if letter or cells[column] is not None
        ]
        self.parts.append(_glyphs(glyphs, self.top + self.size.letter, self.paint("ink"), self.size.letter))
        self.top += self._height

    def _bars(self, start: int, stop: int) -> None:
        """A bar under each place, as high as the share of readings that agree there."""
        tallest = self._height
        self._name(self.speech.gettext("Agreeing"))
        strokes = []
        for column, share in enumerate(self.frame.shares[start:stop]):
            if self.frame.places[start + column]:
                left = self.size.names + column * self.size.cell + 2
                height = max(share * tallest, 1)
                strokes.append(
                    f"M{left} {self.top + tallest - height:.1f}h{self.size.cell - 4}v{height:.1f}h{4 - self.size.cell}z"
                )
        self.parts.append(f'<path d="{"".join(strokes)}" fill="{self.paint("success")}"/>')
        self.top += tallest


def _runs(cells: Sequence[Cell | None]) -> Iterator[tuple[int, int, ColumnKind | None]]:
    """First column, width and kind of each run of cells of one kind."""
    start = 0
    for column in range(1, len(cells) + 1):
        kind = _kind(cells[start])
        if column == len(cells) or _kind(cells[column]) is not kind:
            yield start, column - start, kind
            start = column


def _kind(cell: Cell | None) -> ColumnKind | None:
    return cell.kind if cell is not None else None


def _ground(left: float, top: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="3" fill="{colour}"/>'


def _glyphs(
    glyphs: Sequence[tuple[float, str]], baseline: float, colour: str, size: float, *, bold: bool = False
) -> str:
    """Characters of the code face, each at its own place."""
    places = " ".join(f"{x:g}" for x, _ in glyphs)
    letters = "".join(_text(letter[:1]) for _, letter in glyphs)
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{places}" y="{baseline:g}" text-anchor="middle" font-family="{_CODE_FAMILY}" '
        f'font-size="{size:g}" fill="{colour}"{weight}>{letters}</text>'
    )


def _label(x: float, y: float, text: str, colour: str, size: float, *, bold: bool = False, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{_XML_TEXT_FAMILY}" font-size="{size:g}" '
        f'fill="{colour}"{anchor}{weight}>{_text(text)}</text>'
    )


def _text(text: str) -> str:
    """Text that is inert in XML and HTML: what is no printable character of the basic plane is shown as U+FFFD."""
    return html.escape("".join(one if one.isprintable() and one <= "\uffff" else "\ufffd" for one in text))


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        yield line
