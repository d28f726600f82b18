"""``markdna labels``: print sheets from a list, and see which designs and stocks there are."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click

from labels import markcode
from labels.content_file import labels_in, sticker
from labels.designs import DESIGNS, design_named
from labels.errors import LabelError
from labels.language import Language, reader_language
from labels.pdf import HouseStyle, LabelContent, words_in, write_sheets
from labels.settings import LabelSettings, label_settings
from labels.stock import STOCKS, Stock, stock_named

__all__ = ["labels"]


def explained(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what the label part refuses into a message in the reader's language and exit code 1."""

    @wraps(command)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except LabelError as refused:
            raise click.ClickException(refused.explain(words_in(reader_language()))) from None

    return wrapper


class Positions(click.ParamType[frozenset[int]]):
    """Positions on a sheet: ``1,2,5-7``."""

    name = "positions"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[int]:
        """The set of positions that ``value`` spells."""
        if isinstance(value, frozenset):
            return value
        found: set[int] = set()
        for part in str(value).split(","):
            first, _, last = part.strip().partition("-")
            if not first.isdecimal() or (last and not last.isdecimal()):
                self.fail(
                    f"{part.strip()!r} is not a position. Allowed: numbers and ranges such as 1,2,5-7.", param, ctx
                )
            if int(last or first) > 10_000:
                self.fail(f"{part.strip()!r} is more than a sheet has.", param, ctx)
            found.update(range(int(first), int(last or first) + 1))
        return frozenset(found)


@click.group()
def labels() -> None:
    """Stickers, asset labels and signs as PDF sheets that print straight."""


@labels.command()
@click.argument("numbers", nargs=-1)
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Labels from a CSV file, one a row.")
@click.option("--new", "fresh", type=click.IntRange(1, 100_000), help="Issue this many new sticker numbers.")
@click.option("--design", "design_name", default="warning-sticker", show_default=True, help="See: labels designs.")
@click.option("--stock", "stock_name", help="See: labels stocks. Default: default_stock of config.toml.")
@click.option("--start", type=int, default=1, show_default=True, help="First free position of a part-used sheet.")
@click.option("--skip", type=Positions(), default=frozenset(), help="Used positions of the first sheet, e.g. 3,5-7.")
@click.option("--copies", type=int, default=1, show_default=True, help="Copies of each label.")
@click.option("--borders", is_flag=True, help="Draw the labels' edges, for a test print on plain paper.")
@click.option("--language", type=click.Choice([language.value for language in Language]), help="sv or en.")
@click.option("--config", type=click.Path(path_type=Path), help="Another config.toml.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF to write.")
@explained
def sheet(
    *,
    numbers: tuple[str, ...],
    file: Path | None,
    fresh: int | None,
    design_name: str,
    stock_name: str | None,
    start: int,
    skip: frozenset[int],
    copies: int,
    borders: bool,
    language: str | None,
    config: Path | None,
    out: Path,
) -> None:
    """Write a PDF of labels: for sticker NUMBERS, for the rows of a CSV file, or with new numbers."""
    settings = label_settings(config)
    say = words_in(reader_language())
    if sum(map(bool, (numbers, file, fresh))) != 1:
        raise click.UsageError(say("Give sticker numbers, or --csv FILE, or --new COUNT: one of the three."))
    contents = _contents(settings, numbers, file, fresh)
    with replaced_when_done(out) as stream:
        report = write_sheets(
            stream,
            contents,
            stock=_stock(settings, stock_name),
            design=design_named(design_name),
            language=Language(language) if language else reader_language(),
            start_position=start,
            skip=skip,
            copies=copies,
            borders=borders,
            style=HouseStyle.of(settings),
            calibration=settings.printers.get(settings.default_printer),
        )
    summary = say("{labels} labels on {pages} sheets in {file}; the last sheet goes on at position {next}.")
    click.echo(summary.format(labels=report.labels, pages=report.pages, file=out, next=report.next_position))
    if report.replaced_characters:
        click.echo(say("Some characters are not in the typeface and were printed as a question mark."), err=True)


def _contents(
    settings: LabelSettings, numbers: Iterable[str], file: Path | None, fresh: int | None
) -> Iterable[LabelContent]:
    if file is not None:
        return labels_in(file, settings.sticker_base_url)
    if fresh is not None:
        numbers = (markcode.issue() for _ in range(fresh))
    return (sticker(number, settings.sticker_base_url) for number in numbers)


def _stock(settings: LabelSettings, name: str | None) -> Stock:
    return stock_named(name or settings.default_stock, settings.own_stocks())


@contextmanager
def replaced_when_done(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of ``path`` only if all went well, so that no half sheet is left behind."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}.") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@labels.command()
@click.option("--config", type=click.Path(path_type=Path), help="Another config.toml.")
@explained
def stocks(config: Path | None) -> None:
    """List the label stocks: code, size, labels a sheet, where the numbers come from."""
    own = label_settings(config).own_stocks()
    for stock in {**STOCKS, **own}.values():
        size = "{:g} x {:g} mm".format(*stock.label)
        also = f"  ({', '.join(stock.also)})" if stock.also else ""
        click.echo(f"{stock.code:<12}{size:>18}{stock.positions:>5}  {stock.use}, {stock.source}{also}")


@labels.command()
@explained
def designs() -> None:
    """List the designs: name, smallest label, columns that a CSV file needs, what it is for."""
    say = words_in(reader_language())
    for design in DESIGNS.values():
        size = "{:g} x {:g} mm".format(*design.smallest)
        click.echo(f"{design.name:<20}{size:>14}  {say(design.title)} ({', '.join(design.needs)})")
        click.echo(f"{'':<36}{say(design.purpose)}")
