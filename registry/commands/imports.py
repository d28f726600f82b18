"""What the import commands have in common: opening the file, listing refused rows, telling the result."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.table import Table

from labels.language import reader_language
from registry.commands.context import say
from registry.errors import RefusedFile
from registry.language import words
from registry.services.tables.reading import refuse_unreadable
from registry.services.tables.remarks import SHOWN, Remark
from registry.services.tables.results import ImportResult
from registry.services.tables.source import Source

__all__ = ["FILE", "opened_source", "print_remarks", "refusals_listed", "tell_remarks", "tell_result", "tell_warnings"]

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_WIDE = 200


def opened_source(path: Path) -> Source:
    """The file to import; raises RefusedFile when it cannot be read."""
    try:
        return Source.of_file(path)
    except OSError as fault:
        raise refuse_unreadable(str(path), fault.strerror or str(fault)) from None


@contextmanager
def refusals_listed() -> Iterator[None]:
    """List the bad rows of a refused file on standard error before the refusal itself is told."""
    try:
        yield
    except RefusedFile as refusal:
        rows = cast("Sequence[Remark]", refusal.values["rows"])
        count = refusal.values["count"]
        print_remarks(rows, stderr=True)
        if isinstance(count, int) and count > len(rows):
            translate = words(reader_language()).gettext
            click.echo(translate("… and {more} more").format(more=count - len(rows)), err=True)
        raise


def print_remarks(remarks: Sequence[Remark], *, stderr: bool = False, mended: bool = False) -> None:
    """A table of remarks: line, column, value, what was taken instead (when mended) and the reason."""
    translate = words(reader_language()).gettext
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    headings = ["Line", "Column", "Value", *(["Taken"] if mended else []), "Reason"]
    for heading in headings:
        table.add_column(translate(heading), justify="right" if heading == "Line" else "left", overflow="fold")
    for remark in remarks[:SHOWN]:
        cells = [str(remark.line), remark.column, remark.shown_value]
        if mended:
            cells.append(_one_line(remark.taken))
        table.add_row(*(_plain(cell) for cell in (*cells, remark.explain(translate))))
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


def tell_result(result: ImportResult, done: Callable[[], None]) -> None:
    """One line for what came out, or that this file was imported before."""
    if result.imported_before is not None:
        say(
            "{file} was imported on {day} already; nothing was changed.",
            file=result.file,
            day=f"{result.imported_before:%Y-%m-%d %H:%M}Z",
        )
        return
    done()


def tell_warnings(result: ImportResult) -> None:
    """What was taken but is worth knowing, a line each."""
    translate = words(reader_language()).gettext
    if result.warnings:
        click.echo(translate("Worth knowing:"))
        for warning in result.warnings:
            click.echo(f"  {_one_line(warning.explain(translate))}.")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _plain(text: str) -> str:
    """Square brackets would be read as colours by the table."""
    return text.replace("[", r"\[")


def tell_remarks(result: ImportResult) -> None:
    """What was mended, counted by column and reason, and the first rows that were refused."""
    translate = words(reader_language()).gettext
    if result.mendings:
        click.echo(translate("Mended:"))
        counts = Counter((remark.column, remark.reason) for remark in result.mendings)
        for (column, reason), times in counts.most_common():
            example = next(remark for remark in result.mendings if (remark.column, remark.reason) == (column, reason))
            click.echo(f"  {times:>5}  {column}: {example.explain(translate)}{_example(example)}")
    if result.refusals:
        click.echo(translate("Refused:"))
        print_remarks(result.refusals)
        if len(result.refusals) > SHOWN:
            click.echo(translate("… and {more} more").format(more=len(result.refusals) - SHOWN))
    say(
        "{rows} rows: {taken} taken, {changed} changed, {already} there already, {refused} refused; "
        "{mended} cells mended.",
        **result.summary(),
    )


def _example(remark: Remark) -> str:
    if remark.taken == remark.value:
        return f"  ({remark.line}: {_one_line(remark.shown_value)})"
    return f"  ({remark.line}: “{remark.shown_value}” → “{_one_line(remark.taken)}”)"
