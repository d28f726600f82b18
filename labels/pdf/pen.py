"""Drawing in millimetres from the top left corner, the way a designer measures.

A pen writes PDF operators; text is set as text, never interpreted, so nothing that people type can become active.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final

from labels.barcode import NARROWEST_BAR, code128, data_matrix
from labels.coat_of_arms import CoatOfArms
from labels.errors import CodeError, ContentError
from labels.pdf.document import Document
from labels.qr import (
    DOT,
    QUIET_ZONE,
    SMALLEST_MODULE,
    Kind,
    QrSeries,
    kind_for_width,
    measure,
    module_width,
    path,
    smallest_kind,
)
from labels.typeface import CODE, MILLIMETRES_PER_POINT, MISSING, REGULAR, Typeface, plain

__all__ = ["BLACK", "WHITE", "Inks", "Pen"]

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"

SMALLEST_TEXT: Final = 5.0
"""Points; below this a sentence on a label cannot be read at arm's length."""

WIDEST_BAR: Final = 0.375
"""Millimetres; wider bars only make the code harder to sweep."""

BAR_REDUCTION: Final = 0.05
"""Millimetres that each bar is drawn narrower, since ink and one-bit renderers widen it on both sides.

Without it a third of the bars at 203 dpi were not read after ``pdftoppm -mono`` (tests/labels/test_pdf.py).
"""

MOST_REMEMBERED: Final = 1000
"""Lines of text that are kept written; more would only hold memory."""

CURVE: Final = 0.5523
"""Distance of the control points of a quarter circle, 4/3 (sqrt 2 - 1)."""


@lru_cache(maxsize=1000)
def number(value: float) -> str:
    """A length to a thousandth of a millimetre, without needless digits; label after label asks for the same few."""
    return f"{round(value, 3) + 0.0:g}"  # No zero has a sign: 0 and -0 are one to the cache.


class _Characters(dict[int, str]):
    """How each character of a face is written in this document's text strings; grows as characters appear."""

    OUTSIDE: Final = "\uffff"
    """Marks a character that reportlab put in a further subset of the face."""

    def __init__(self, face: Typeface, objects: Any) -> None:
        super().__init__()
        self._face, self._objects = face, objects
        face.font.splitString("A", objects)
        self.font_name: str = face.font.getSubsetInternalName(0, objects)

    def __missing__(self, code: int) -> str:
        character = self._face.drawable(chr(code))
        ((subset, written),) = self._face.font.splitString(character, self._objects)
        self[code] = self.OUTSIDE if subset else escaped(written)
        return self[code]


def escaped(written: bytes) -> str:
    """Bytes of a text string as PDF literal text (ISO 32000-1, 7.3.4.2)."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b"()\\" else f"\\{byte:03o}" for byte in written)


class Inks:
    """What all pens of a document share: how faces, colours and codes are written in it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.codes = QrSeries()
        self.replaced = False
        self.texts: dict[tuple[object, ...], tuple[float, str]] = {}
        self.squares: dict[tuple[float, ...], tuple[Kind, float, str]] = {}
        self._characters: dict[str, _Characters] = {}
        self._colours: dict[str, str] = {}

    def cleaned(self, words: str) -> str:
        """``words`` as one drawable line; notes when a letter had to become a question mark."""
        words = plain(words)
        if MISSING in words:
            self.replaced = True
            words = words.replace(MISSING, "?")
        return words

    def remember(self, key: tuple[object, ...], made: tuple[float, str]) -> tuple[float, str]:
        """Keep a line that may come again on the next label, such as an owner's name, without growing for ever."""
        if len(self.texts) >= MOST_REMEMBERED:
            self.texts.clear()
        self.texts[key] = made
        return made

    def characters(self, face: Typeface) -> _Characters:
        """The written form of the characters of ``face``."""
        known = self._characters.get(face.name)
        if known is None:
            known = self._characters[face.name] = _Characters(face, self.document.objects)
        return known

    def colour(self, colour: str) -> str:
        """``#rrggbb`` as three operands."""
        known = self._colours.get(colour)
        if known is None:
            parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
            known = self._colours[colour] = " ".join(number(part) for part in parts)
        return known


class Pen:
    """Draws into a field of ``width`` x ``height`` millimetres; y grows downwards, text sizes are points."""

    def __init__(self, inks: Inks, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._inks = inks
        self._fill = ""
        self.operators: list[str] = []
        self.arms: list[tuple[CoatOfArms, float, float, float, float]] = []
        self.codes: list[tuple[int, str]] = []
        """Where in ``operators`` a code stands, and what it holds."""
        self.elements: list[tuple[str, int, int]] = []
        """What kind of text ``operators`` are from one place to another; what lies between is ornament."""

    @contextmanager
    def element(self, kind: str) -> Iterator[None]:
        """What is drawn inside is one element of the page's structure, e.g. ``H1`` or ``P``; none lies in another."""
        start = len(self.operators)
        yield
        self.elements.append((kind, start, len(self.operators)))

    def _filled(self, colour: str) -> None:
        if colour != self._fill:
            self._fill = colour
            self.operators.append(f"{self._inks.colour(colour)} rg")

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        """A filled rectangle, with round corners if ``radius`` is given."""
        self._filled(colour)
        self.operators.append(self._outline(x, y, width, height, radius) + " f")

    def frame(
        self, x: float, y: float, width: float, height: float, colour: str, *, line: float = 0.2, radius: float = 0
    ) -> None:
        """The outline of a rectangle."""
        outline = self._outline(x, y, width, height, radius)
        self.operators.append(f"{self._inks.colour(colour)} RG {number(line)} w {outline} S")

    def _outline(self, x: float, y: float, width: float, height: float, radius: float) -> str:
        bottom = self.height - y - height
        if not radius:
            return f"{number(x)} {number(bottom)} {number(width)} {number(height)} re"
        left, right, top, r, k = x, x + width, bottom + height, radius, radius * (1 - CURVE)
        points = (
            (left + r, bottom), (right - r, bottom), (right - k, bottom, right, bottom + k, right, bottom + r),
            (right, top - r), (right, top - k, right - k, top, right - r, top),
            (left + r, top), (left + k, top, left, top - k, left, top - r),
            (left, bottom + r), (left, bottom + k, left + k, bottom, left + r, bottom),
        )  # fmt: skip
        steps = []
        for index, point in enumerate(points):
            operator = "m" if index == 0 else "l" if len(point) == 2 else "c"
            steps.append(" ".join(map(number, point)) + " " + operator)
        return " ".join(steps) + " h"

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, *, line: float = 0.2, dash: float = 0) -> None:
        """A line through ``points`` with round ends; ``dash`` is the length of its dashes."""
        steps = [
            f"{number(x)} {number(self.height - y)} {'l' if index else 'm'}" for index, (x, y) in enumerate(points)
        ]
        dashes = f"[{number(dash)}] 0 d" if dash else "[] 0 d"
        self.operators.append(f"{self._inks.colour(colour)} RG {number(line)} w 1 J 1 j {dashes} {' '.join(steps)} S")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        face: Typeface = REGULAR,
        colour: str = BLACK,
        *,
        width: float = 0,
        smallest: float = SMALLEST_TEXT,
        align: float = 0,
    ) -> float:
        """One line with its baseline at ``y``; returns the size it got.

        With ``width`` a text that is too long is set smaller, down to ``smallest``, and then cut with an ellipsis.
        ``align`` is 0 to begin at ``x``, 0.5 to centre on it, 1 to end there.
        """
        key = (x, y, words, size, face, colour, width, smallest, align, self.height)
        known = self._inks.texts.get(key)
        if known is None:
            known = self._inks.remember(key, self._set(x, y, words, size, face, width, smallest, align))
        size, operator = known
        self._filled(colour)
        if operator:
            self.operators.append(operator)
        return size

    def _set(
        self, x: float, y: float, words: str, size: float, face: Typeface, width: float, smallest: float, align: float
    ) -> tuple[float, str]:
        """The size that a line gets and the operator that sets it."""
        words = self._inks.cleaned(words)
        if width and face.width(words, size) > width:
            size = face.size_for(words, width, size, min(smallest, size))
            words = face.cut(words, width, size)
        if align:
            x -= face.width(words, size) * align
        characters = self._inks.characters(face)
        written = words.translate(characters)
        if characters.OUTSIDE in written:
            return size, self._in_subsets(x, self.height - y, words, size, face)
        if not written:
            return size, ""
        return size, (
            f"BT {characters.font_name} {number(size * MILLIMETRES_PER_POINT)} Tf "
            f"{number(x)} {number(self.height - y)} Td ({written}) Tj ET"
        )

    def _in_subsets(self, x: float, y: float, words: str, size: float, face: Typeface) -> str:
        objects, height = self._inks.document.objects, number(size * MILLIMETRES_PER_POINT)
        shown = [f"BT {number(x)} {number(y)} Td"]
        for subset, written in face.font.splitString(face.drawable(words), objects):
            name = face.font.getSubsetInternalName(subset, objects)
            shown.append(f"{name} {height} Tf ({escaped(written)}) Tj")
        return " ".join([*shown, "ET"])

    def paragraph(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        width: float,
        *,
        face: Typeface = REGULAR,
        colour: str = BLACK,
        most: int = 3,
        leading: float = 1.25,
        align: float = 0,
    ) -> float:
        """Lines from the baseline ``y`` downwards, at most ``most``; returns the baseline after the last one."""
        for line in face.lines(self._inks.cleaned(words), width, size, most):
            self.text(x, y, line, size, face, colour, width=width, smallest=size, align=align)
            y += size * leading * MILLIMETRES_PER_POINT
        return y

    def qr(self, x: float, y: float, side: float, text: str, *, colour: str = BLACK, sturdy: bool = True) -> float:
        """A QR code of ``text`` centred in a white square of ``side`` millimetres; returns its module's width.

        It is made to bear wear where there is room for it (``labels.qr.sturdiest_kind``), or the smallest there is
        without ``sturdy``. Raises CodeError if it would not scan.
        """
        key = (x, y, side, *measure(text), sturdy, self.height)
        known = self._inks.squares.get(key)
        kind = known[0] if known else kind_for_width(text, side) if sturdy else smallest_kind(text)
        code = self._inks.codes.code(text, kind)
        if known is None:
            module = module_width(code, side, repr(text[:60]))
            inset = (side - code.side * module) / 2 + QUIET_ZONE * module
            place = f"{number(x + inset)} {number(self.height - y - side + inset)}"
            known = self._inks.squares[key] = (kind, module, f"q {number(module)} 0 0 {number(module)} {place} cm\n")
        self._filled(colour)
        self.codes.append((len(self.operators), text))
        self.operators.append(f"{known[2]}{path(code)}f Q")
        return known[1]

    def bars(self, x: float, y: float, width: float, height: float, text: str) -> bool:
        """Code 128 bars of ``text`` with their quiet zone from ``x``, in printer dots; False if there is no room.

        Raises CodeError for a text that Code 128 cannot carry.
        """
        code = code128(plain(text))
        unit = min(int(width / code.width / DOT + 1e-6) * DOT, WIDEST_BAR)
        if unit < NARROWEST_BAR:
            return False
        less = BAR_REDUCTION / unit
        runs = "".join(f"{number(start + less / 2)} 0 {number(run - less)} 1 re\n" for start, run in code.bars)
        self._filled(BLACK)
        self.codes.append((len(self.operators), text))
        self.operators.append(
            f"q {number(unit)} 0 0 {number(height)} {number(x)} {number(self.height - y - height)} cm\n{runs}f Q"
        )
        return True

    def data_matrix(self, x: float, y: float, side: float, text: str) -> float:
        """A Data Matrix of ``text`` centred in a square of ``side`` millimetres; returns its module's width.

        Raises CodeError if it would not scan, or if the library for it is not installed.
        """
        rows = data_matrix(plain(text))
        size = len(rows)
        module = int(side / (size + 2) / DOT + 1e-6) * DOT  # One module stays white around it (ISO/IEC 16022, 7.2).
        if module < SMALLEST_MODULE:
            raise CodeError(
                where=repr(text[:40]),
                reason="a Data Matrix of {modules} modules needs {needed} mm, there are {there} mm. "
                "Choose a larger label or a shorter number.",
                modules=size,
                needed=(size + 2) * SMALLEST_MODULE,
                there=round(side, 1),
            )
        inset = (side - size * module) / 2
        squares = "".join(
            f"{column} {size - 1 - row} 1 1 re\n" for row in range(size) for column in range(size) if rows[row][column]
        )
        place = f"{number(x + inset)} {number(self.height - y - side + inset)}"
        self._filled(BLACK)
        self.codes.append((len(self.operators), text))
        self.operators.append(f"q {number(module)} 0 0 {number(module)} {place} cm\n{squares}f Q")
        return module

    def bars_if_possible(self, x: float, y: float, width: float, height: float, text: str) -> bool:
        """As ``bars``, but a text that Code 128 cannot carry is left out, for labels where the bars are an extra."""
        with suppress(CodeError):
            return self.bars(x, y, width, height, text)
        return False

    def coat_of_arms(
        self,
        x: float,
        y: float,
        height: float,
        widest: float,
        arms: CoatOfArms | None,
        *,
        plate: float = 0,
        align: float = 0,
    ) -> float:
        """A coat of arms, for artwork that all labels share; returns the width it took, 0 without one.

        It is ``height`` high, or lower and centred in it where it would be wider than ``widest``; ``align`` is as for
        ``text``. On a dark ground a white ``plate`` of so many millimetres around it, within those measures, keeps its
        colours true.
        """
        if arms is None:
            return 0
        inner = min(height - 2 * plate, (widest - 2 * plate) / arms.aspect)
        width, top = inner * arms.aspect, y + (height - inner) / 2
        x -= (width + 2 * plate) * align
        if plate:
            self.box(x, top - plate, width + 2 * plate, inner + 2 * plate, WHITE, radius=plate)
        self.arms.append((arms, x + plate, self.height - top - inner, width, inner))
        return width + 2 * plate

    def number(
        self, x: float, y: float, words: str, size: float, width: float, *, smallest: float = SMALLEST_TEXT
    ) -> float:
        """A number that must be read whole: smaller or in two lines, never cut; returns the baseline after it.

        Raises ContentError when it does not fit even so.
        """
        words = self._inks.cleaned(words)
        if CODE.width(words, smallest) <= width:
            lines = [words]
        else:
            breaks = [place for place in range(1, len(words)) if words[place - 1] in "-/. "]
            half = (len(words) + 1) // 2
            split = min(breaks, key=lambda place: abs(place - half), default=half)
            lines = [words[:split].rstrip(), words[split:]]
        size = min(CODE.size_for(line, width, size, smallest) for line in lines)
        for line in lines:
            if CODE.width(line, size) > width:
                raise ContentError(
                    where=repr(words[:40]),
                    reason="the number is too long for this label, and a number is never cut short. "
                    "Choose a larger label.",
                )
            self.text(x, y, line, size, CODE)
            y += size * 1.1 * MILLIMETRES_PER_POINT
        return y
