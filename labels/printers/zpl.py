"""Labels for printers that speak ZPL II: the printer draws, we say what and where, about 250 bytes a label.

Commands by the ZPL II programming guide (Zebra P1099958): ^XA ^XZ label, ^PW width, ^LL length, ^CI28 UTF-8, ^FO
place, ^BQ QR code, ^A0 scalable font, ^FB text block, ^FH hexadecimal escapes in ^FD.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from labels.pdf import LabelContent, Words
from labels.qr import QUIET_ZONE, encode, kind_for_dots, whole_dots
from labels.stock import Stock
from labels.typeface import plain

__all__ = ["zpl_labels"]

LARGEST_MODULE: Final = 10
"""Dots; the magnification of ^BQ goes from 1 to 10."""


def zpl_labels(labels: Iterable[LabelContent], *, stock: Stock, dpi: int, say: Words, copies: int = 1) -> Iterator[str]:
    """Each of ``labels`` as one ZPL II format for a printer of ``dpi`` dots per inch and the roll ``stock``.

    Raises CodeError if a code would have modules under 0.5 mm.
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
    lines = [line for line in (label.owner or say("DNA-marked"), *_halves(label.number), label.name) if line]
    step = min(height // (len(lines) + 1), round(5.5 * dpi / 25.4))
    start = (height - step * len(lines)) // 2
    texts = [
        f"^FO{left},{start + step * place}^A0N,{_size(line, room, step)}^FB{room},1,0,L^FH^FD{escaped(line)}^FS"
        for place, line in enumerate(lines)
    ]
    # ^BQ sets its own ten dots above the code; mode A lets the printer choose the encoding of the data.
    qr = f"^FO{quiet},{max(top - 10, 0)}^BQN,2,{module}^FH^FD{code.level}A,{escaped(label.url)}^FS"
    return f"^XA^CI28^PW{width}^LL{height}^LH0,0{qr}{''.join(texts)}^PQ{copies}^XZ\n"


def _halves(number: str) -> tuple[str, ...]:
    groups = number.split("-")
    if len(groups) < 4:
        return (number,)
    return "-".join(groups[:2]), "-".join(groups[2:])


def _size(line: str, room: int, step: int) -> str:
    """Height and width of font 0, whose characters are about 0.6 of their height wide, so that the line fits."""
    height = min(round(step * 0.8), round(room / max(len(line), 1) / 0.56))
    return f"{max(height, 15)},{max(height, 15)}"


def escaped(text: str) -> str:
    """Text for ^FD after ^FH: what could be taken for a command is written in hexadecimal."""
    return "".join(f"_{ord(sign):02X}" if sign in "^~_\\" else sign for sign in plain(text))
