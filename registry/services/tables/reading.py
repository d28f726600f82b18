"""Rows of a delimited file, one after another, each with the line it starts in."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from registry.errors import RefusedFile
from registry.services.tables.encoding import Encoding, decoded_lines, find_encoding
from registry.services.tables.remarks import Reason, Remarks
from registry.services.tables.source import Progress, Source, no_progress

__all__ = ["Row", "exact_columns", "read_rows"]

_DELIMITERS = ";,\t"
# A cell of this many bytes is a quotation mark that was never closed.
csv.field_size_limit(131_072)


class _Records(Protocol):
    """What csv.reader returns, which has no public type."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


HeaderCheck = Callable[[Sequence[str], Remarks], Sequence[str]]
"""Takes the header as it stands and gives the name under which each column's cells are wanted ("" for: not at all)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it starts in, and its cells by column."""

    line: int
    cells: dict[str, str]


def exact_columns(columns: Sequence[str], optional: Sequence[str] = ()) -> HeaderCheck:
    """A check for formats of ours: these columns, each once, in any order, and none but the optional ones besides."""
    known = (*columns, *optional)

    def check(header: Sequence[str], remarks: Remarks) -> Sequence[str]:
        names = [name.strip() for name in header]
        for name in columns:
            if name not in names:
                remarks.add(1, name, "", Reason.MISSING_COLUMN, fatal=True)
        for position, name in enumerate(names):
            if name not in known:
                remarks.add(1, name, name, Reason.UNKNOWN_COLUMN, fatal=True, allowed=", ".join(known))
            elif name in names[:position]:
                remarks.add(1, name, name, Reason.REPEATED_COLUMN, fatal=True)
        return names

    return check


def read_rows(
    source: Source,
    check_header: HeaderCheck,
    remarks: Remarks,
    *,
    encoding: Encoding = Encoding.UTF8,
    delimiter: str = "",
    progress: Progress = no_progress,
) -> Iterator[Row]:
    """The rows of ``source``; rows that cannot be read as rows are noted in ``remarks`` and left out.

    ``delimiter`` is found in the header when it is empty. Raises RefusedFile at once for a file without a usable
    header; the caller looks at ``remarks.fatal`` after the last row before it takes anything.
    """
    if encoding is Encoding.AUTO:
        encoding = find_encoding(source, remarks)
    with source.open() as file:
        lines = decoded_lines(file, encoding, source.size, remarks, progress)
        header_line = next(lines, "")
        if not header_line.strip():
            if not remarks.fatal:
                remarks.add(1, "", "", Reason.EMPTY_FILE, fatal=True)
            remarks.raise_if_any(source.name)
        found = delimiter or max(_DELIMITERS, key=header_line.count)
        if not delimiter and found not in header_line:
            remarks.add(1, "", header_line.strip(), Reason.NO_DELIMITER, fatal=True)
        records = csv.reader(_again(header_line, lines), delimiter=found, strict=True)
        names = _header(records, check_header, remarks, source.name)
        yield from _rows(records, names, remarks)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _header(records: _Records, check_header: HeaderCheck, remarks: Remarks, file: str) -> Sequence[str]:
    try:
        names = check_header(next(records), remarks)
    except csv.Error:
        remarks.add(1, "", "", Reason.QUOTATION, fatal=True)
        names = ()
    if remarks.fatal:
        remarks.raise_if_any(file)
    return names


def _rows(records: _Records, names: Sequence[str], remarks: Remarks) -> Iterator[Row]:
    wanted = [(position, name) for position, name in enumerate(names) if name]
    width, any_row = len(names), False
    while True:
        line = records.line_num + 1
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error:
            remarks.add(line, "", "", Reason.QUOTATION, fatal=True)
            continue
        if not cells:
            continue
        any_row = True
        if len(cells) != width:
            remarks.add(line, "", cells[0], Reason.CELL_COUNT, found=len(cells), expected=width)
            continue
        yield Row(line, {name: cells[position] for position, name in wanted})
    if not any_row and not len(remarks):
        remarks.add(1, "", "", Reason.NO_ROWS, fatal=True)


def refuse_unreadable(name: str, problem: str) -> RefusedFile:
    """The refusal of a file that cannot be opened."""
    remarks = Remarks()
    remarks.add(0, "", "", Reason.UNREADABLE, problem=problem)
    return RefusedFile(file=name, count=1, rows=tuple(remarks.kept))
