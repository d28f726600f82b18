"""The page that shows what a printer shifts and stretches, and the correction that follows from measuring it."""

from typing import IO, Final

from labels.errors import PrinterError
from labels.language import Language
from labels.pdf import HouseStyle, Pen, Words, words_in, write_pages
from labels.settings import Calibration
from labels.typeface import BOLD, CODE

__all__ = ["ACROSS", "DOWN", "EDGE", "correction", "write_calibration_page"]

EDGE: Final = 20.0
"""Millimetres from the left and the top edge of the paper to the first lines."""

ACROSS: Final = 170.0
DOWN: Final = 250.0
"""Millimetres between the two lines across and down."""

MOST_SHIFT: Final = 10.0
MOST_STRETCH: Final = 0.05


def write_calibration_page(
    stream: IO[bytes], language: Language = Language.SWEDISH, style: HouseStyle | None = None
) -> None:
    """Write the page as a PDF to ``stream``; it must be printed without any correction."""
    say, ink = words_in(language), (style or HouseStyle()).ink

    def draw(pen: Pen) -> None:
        _lines(pen)
        _explanation(pen, say, ink)

    write_pages(stream, [draw], title=say("Calibration page"), language=language)


def _lines(pen: Pen) -> None:
    right, bottom = EDGE + ACROSS, EDGE + DOWN
    for x in (EDGE, right):
        pen.stroke([(x, EDGE - 8), (x, bottom + 8)], "#000000", line=0.1)
    for y in (EDGE, bottom):
        pen.stroke([(EDGE - 8, y), (right + 8, y)], "#000000", line=0.1)
    for place in range(0, int(ACROSS) + 1, 5):
        pen.stroke([(EDGE + place, EDGE), (EDGE + place, EDGE + (3 if place % 10 else 5))], "#000000", line=0.1)
    for place in range(0, int(DOWN) + 1, 5):
        pen.stroke([(EDGE, EDGE + place), (EDGE + (3 if place % 10 else 5), EDGE + place)], "#000000", line=0.1)
    for letter, x, y in (
        ("A", EDGE / 2, 150.0),
        ("B", 105.0, EDGE / 2),
        ("C", 105.0, bottom - 3),
        ("D", right - 6, 150.0),
    ):
        pen.text(x, y, letter, 20, BOLD, align=0.5)


def _explanation(pen: Pen, say: Words, ink: str) -> None:
    x, column = 40.0, 135.0
    pen.text(x, 48, say("Calibration page"), 22, BOLD, ink)
    first = say(
        "Print this page at 100 % on plain paper, from the tray that the labels will lie in. Measure with a ruler:"
    )
    y = pen.paragraph(x, 58, first, 11, column, most=3) + 3
    for letter, words, length in (
        ("A", say("left edge of the paper to the left line"), EDGE),
        ("B", say("upper edge of the paper to the upper line"), EDGE),
        ("C", say("left line to the right line"), ACROSS),
        ("D", say("upper line to the lower line"), DOWN),
    ):
        pen.text(x, y, letter, 11, BOLD, ink)
        pen.text(x + 7, y, words, 11)
        pen.text(x + column, y, say("exact: {length} mm").format(length=f"{length:g}"), 11, align=1)
        y += 7
    words = say("Then save what you measured, and every sheet for this printer is corrected:")
    y = pen.paragraph(x, y + 3, words, 11, column, most=2) + 2
    pen.text(x, y, "markdna labels calibrate --printer NAME --measured A B C D", 10, CODE, width=column)
    pen.paragraph(
        x, y + 9, say("A is often 1 to 3 mm off; C and D by up to 0.5 mm. Print the page again to check."), 11, column
    )


def correction(a: float, b: float, c: float, d: float) -> Calibration:
    """What undoes a printer on whose page these four lengths were measured in millimetres.

    A printer puts a point x at stretch * x + shift. From ``a`` = stretch * 20 + shift and ``c`` = stretch * 170 follow
    both, and the point is asked for at (x - shift) / stretch; likewise downwards from ``b`` and ``d``.

    Raises PrinterError for lengths that no working printer gives, which are measured wrongly.
    """
    for letter, measured, exact in (("C", c, ACROSS), ("D", d, DOWN)):
        if abs(measured / exact - 1) > MOST_STRETCH:
            _refuse(letter, measured, exact * (1 - MOST_STRETCH), exact * (1 + MOST_STRETCH))
    for letter, measured in (("A", a), ("B", b)):
        if abs(measured - EDGE) > MOST_SHIFT - 1:
            _refuse(letter, measured, EDGE - MOST_SHIFT + 1, EDGE + MOST_SHIFT - 1)
    across, down = c / ACROSS, d / DOWN
    return Calibration(
        offset_x=round(EDGE - a / across, 3),
        offset_y=round(EDGE - b / down, 3),
        scale_x=round(1 / across, 5),
        scale_y=round(1 / down, 5),
    )


def _refuse(letter: str, measured: float, least: float, most: float) -> None:
    raise PrinterError(
        where=letter,
        reason="{measured} mm cannot be right. Allowed: {least} to {most} mm; is the page printed at 100 %?",
        measured=measured,
        least=round(least, 1),
        most=round(most, 1),
    )
