"""Labels for printers that speak ZPL II: the printer draws, we say what and where, about 250 bytes a label.

Commands by the ZPL II programming guide (Zebra P1099958): ^XA ^XZ label, ^PW width, ^LL length, ^CI28 UTF-8, ^FO
place, ^BQ QR code, ^A0 scalable font, ^FB text block, ^FH hexadecimal escapes in ^FD.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from labels.errors import ContentError
from labels.pdf import LabelContent, Words
from labels.qr import QUIET_ZONE, encode, kind_for_dots, whole_dots
from labels.stock import Stock
from labels.typeface import ELLIPSIS, plain

__all__ = ["zpl_labels"]

SMALLEST_FONT: Final = 15
"""Dots; lower letters of font 0 cannot be told apart at 203 dpi."""

WIDTH_OF_FONT: Final = 0.56
"""Of a character of font 0, in parts of its height: what mixed text takes at the most."""

LARGEST_MODULE: Final = 10
"""Dots; the magnification of ^BQ goes from 1 to 10."""


def zpl_labels(labels: Iterable[LabelContent], *, stock: Stock, dpi: int, say: Words, copies: int = 1) -> Iterator[str]:
    """Each of ``labels`` as one ZPL II format for a printer of ``dpi`` dots per inch and the roll ``stock``.

    Raises CodeError if a code would have modules under 0.5 mm, ContentError for a number too long to stand there whole.
    """
    for label in labels:
        yield _format(label, stock, dpi, say, copies)


def _format(label: LabelContent, stock: Stock, dpi: int, say: Words, copies: int) -> str:
    width, height = (round(length * dpi / 25.4) for length in stock.label)
    square = min(height, width // 2)
    code = encode(label.url, kind_for_dots(label.url, square, dpi))
    module = min(whole_dots(code, square, dpi, stock.code), LARGEST_MODULE)
    quiet, inner = QUIET_ZONE * module, code.size * module
    top = (height - inner) // 2
    left = quiet + inner + quiet
    room = width - left - quiet // 2
    number = _halves(plain(label.number))
    if any(len(half) > _characters(SMALLEST_FONT, room) for half in number):
        raise ContentError(
            where=repr(label.number[:40]),
            reason="the number is too long for this label, and a number is never cut short. Choose a larger label.",
        )
    lines = [line for line in (plain(label.owner) or say("DNA-marked"), *number, plain(label.name)) if line]
    step = min(height // (len(lines) + 1), round(5.5 * dpi / 25.4))
    start = (height - step * len(lines)) // 2
    texts = []
    for place, line in enumerate(lines):
        field = f"^FO{left},{start + step * place}^A0N,{_size(line, room, step)}^FB{room},1,0,L"
        texts.append(f"{field}^FH^FD{escaped(_cut(line, room))}^FS")
    # ^BQ sets its own ten dots above the code; mode A lets the printer choose the encoding of the data.
    qr = f"^FO{quiet},{max(top - 10, 0)}^BQN,2,{module}^FH^FD{code.level}A,{escaped(label.url)}^FS"
    return f"^XA^CI28^PW{width}^LL{height}^LH0,0{qr}{''.join(texts)}^PQ{copies}^XZ\n"


def _halves(number: str) -> tuple[str, ...]:
    groups = number.split("-")
    if len(groups) < 4:
        return (number,)
    return "-".join(groups[:2]), "-".join(groups[2:])


def _size(line: str, room: int, step: int) -> str:
    """Height and width of font 0 so that the line fits."""
    height = max(min(round(step * 0.8), round(room / max(len(line), 1) / WIDTH_OF_FONT)), SMALLEST_FONT)
    return f"{height},{height}"


def _characters(height: int, room: int) -> int:
    return int(room / height / WIDTH_OF_FONT)


def _cut(line: str, room: int) -> str:
    """The line as far as it fits in the smallest size: ^FB would print what is over on top of the line itself."""
    most = _characters(SMALLEST_FONT, room)
    return line if len(line) <= most else line[: most - 1].rstrip() + ELLIPSIS


def escaped(text: str) -> str:
    """Text for ^FD after ^FH: what could be taken for a command is written in hexadecimal."""
    return "".join(f"_{ord(sign):02X}" if sign in "^~_\\" else sign for sign in plain(text))
