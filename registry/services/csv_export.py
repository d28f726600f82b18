"""Tables that leave the register as CSV, so that no spreadsheet calculates a cell and our own import reads them back.

A cell that a spreadsheet would take for a formula gets an apostrophe before it. So does a cell that begins with an
apostrophe before such a character, which is why the way back is exact. The file is what Excel in Sweden opens
correctly: UTF-8 with a byte order mark, semicolons, CRLF, every cell in quotation marks.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

__all__ = ["Cell", "csv_bytes", "csv_lines", "escaped", "unescaped"]

Cell = str | int | date | None

# What makes a cell a formula, or hides one, in common spreadsheets (OWASP, "CSV Injection"), and the full-width forms.
_DANGEROUS = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
# Invisible characters before a formula do not disarm it.
_INVISIBLE = " \u00a0\u200b\u200c\u200d\u2060\ufeff\u3000"
_APOSTROPHE = "'"


def escaped(text: str) -> str:
    """``text`` as a cell that stays text in a spreadsheet."""
    rest = text[1:] if text.startswith(_APOSTROPHE) else text
    nested = text.startswith(_APOSTROPHE) and rest.startswith(_APOSTROPHE)
    return _APOSTROPHE + text if nested or _is_dangerous(rest) else text


def unescaped(text: str) -> str:
    """What ``escaped`` made the cell from; a cell that was never escaped stays as it is."""
    if not text.startswith(_APOSTROPHE):
        return text
    rest = text[1:]
    return rest if rest.startswith(_APOSTROPHE) or _is_dangerous(rest) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The lines of the file, one after another, the first with the byte order mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_written(cell) for cell in header])
    yield "\ufeff" + _drained(buffer)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
        yield _drained(buffer)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The whole file."""
    return "".join(csv_lines(header, rows)).encode()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return escaped(cell) if isinstance(cell, str) else str(cell)


def _is_dangerous(text: str) -> bool:
    visible = text.lstrip(_INVISIBLE)
    return visible != "" and visible[0] in _DANGEROUS


def _drained(buffer: io.StringIO) -> str:
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line
