"""Lists of labels from a CSV file: one label a row, columns named like the fields of LabelContent."""

import csv
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labels import markcode
from labels.errors import ContentError, MarkCodeError
from labels.pdf import LabelContent

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

__all__ = ["COLUMNS", "labels_in", "sticker"]

COLUMNS: Final = tuple(field.name for field in fields(LabelContent))


def sticker(number: str, base_url: str) -> LabelContent:
    """The content of a sticker with our ``number``; raises MarkCodeError if it is not one of ours."""
    parsed = markcode.parse(number)
    return LabelContent(url=markcode.url(base_url, parsed), number=markcode.grouped(parsed))


def labels_in(file: Path, base_url: str) -> Iterator[LabelContent]:
    """The labels of ``file`` (UTF-8, comma or semicolon, a header row), read row by row.

    A row without ``url`` whose ``number`` is one of our sticker numbers gets the address of its public page.

    Raises ContentError naming the line and column for a file or row that cannot be taken.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            header = source.readline()
            delimiter = ";" if header.count(";") > header.count(",") else ","
            source.seek(0)
            for label in _rows(file, csv.reader(source, delimiter=delimiter)):
                yield _with_address(label, base_url)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise ContentError(
            where=str(file), reason="the file cannot be read as CSV in UTF-8 ({fault}).", fault=fault
        ) from None


def _rows(file: Path, rows: "CsvReader") -> Iterator[LabelContent]:
    header = [name.strip().lower() for name in next(rows, [])]
    for name in header:
        if name not in COLUMNS:
            raise ContentError(
                where=f"{file}:1",
                reason="there is no column {column}. Allowed: {columns}.",
                column=repr(name),
                columns=", ".join(COLUMNS),
            )
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise ContentError(
                where=f"{file}:{rows.line_num}",
                reason="the row has {cells} cells, the header {columns}.",
                cells=len(row),
                columns=len(header),
            )
        yield LabelContent(**dict(zip(header, row, strict=False)))


def _with_address(label: LabelContent, base_url: str) -> LabelContent:
    if label.url or not label.number:
        return label
    try:
        made = sticker(label.number, base_url)
    except MarkCodeError:
        return label
    return replace(label, url=made.url, number=made.number)
