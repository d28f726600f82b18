"""``markdna labels``: print labels from a list, correct printers, and see which designs and stocks there are."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import IO, Any

import click

from labels import markcode
from labels.addresses import local_address
from labels.command import Positions, replaced_when_done
from labels.content_file import labels_in, sticker
from labels.designs import DESIGNS, design_named
from labels.errors import LabelError, PrinterError
from labels.language import Language, reader_language
from labels.pdf import HouseStyle, LabelContent, SheetReport, words_in, write_sheets
from labels.remembered import Remembered
from labels.settings import LabelSettings, PrinterSettings, label_settings
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


class SpokenHelp(click.Command):
    """A command whose help is in the reader's language, as all that it answers is."""

    def get_help(self, ctx: click.Context) -> str:
        """The help that ``--help`` shows."""
        return super(SpokenHelp, self._in_the_readers_language()).get_help(ctx)

    def _in_the_readers_language(self) -> "SpokenHelp":
        say, said = words_in(reader_language()), copy(self)
        said.help = say(self.help) if self.help else None
        said.params = [copy(param) for param in self.params]
        for param in said.params:
            if isinstance(param, click.Option) and param.help:
                param.help = say(param.help)
        return said


class SpokenCommand(SpokenHelp):
    """One of the commands, with its line in the list of all."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line in the help of ``markdna labels``."""
        said = self._in_the_readers_language()
        # What the line has no room for stands in the command's own help: better half a sentence than a cut one.
        said.help = re.split("[:,]", said.help or "")[0]
        return super(SpokenHelp, said).get_short_help_str(limit)


class SpokenGroup(SpokenHelp, click.Group):
    """The commands together."""

    command_class = SpokenCommand


@click.group(cls=SpokenGroup)
def labels() -> None:
    """Stickers, asset labels and signs as PDF sheets that print straight."""


def label_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What ``sheet`` and ``print`` have in common: which labels, in which design, on which stock, from which place."""
    for option in reversed(
        (
            click.argument("numbers", nargs=-1),
            click.option("--csv", "file", type=click.Path(path_type=Path), help="Labels from a CSV file, one a row."),
            click.option("--new", "fresh", type=click.IntRange(1, 100_000), help="Issue so many new sticker numbers."),
            click.option("--design", default="warning-sticker", show_default=True, help="See: labels designs."),
            click.option("--stock", help="See: labels stocks. Default: default_stock of config.toml."),
            click.option("--start", type=int, default=1, show_default=True, help="First free position of the sheet."),
            click.option("--skip", type=Positions(), default=frozenset(), help="Used positions, e.g. 3,5-7."),
            click.option("--package", help="A package of sheets whose used positions are remembered."),
            click.option("--copies", type=int, default=1, show_default=True, help="Copies of each label."),
            click.option("--language", type=click.Choice([language.value for language in Language]), help="sv or en."),
            click.option("--config", type=click.Path(path_type=Path), help="Another config.toml."),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Order:
    """The common options as they were given."""

    numbers: tuple[str, ...]
    file: Path | None
    fresh: int | None
    design: str
    stock: str | None
    start: int
    skip: frozenset[int]
    package: str | None
    copies: int
    language: str | None
    config: Path | None
    local_addresses: set[str] = field(default_factory=set)
    """Addresses on the labels taken so far that only this machine reaches."""

    @cached_property
    def settings(self) -> LabelSettings:
        """``[labels]`` of the config.toml that applies."""
        return label_settings(self.config)

    @cached_property
    def remembered(self) -> Remembered:
        """What earlier runs left."""
        return Remembered(self.settings.state_file)

    @property
    def spoken(self) -> Language:
        """The language of the labels."""
        return Language(self.language) if self.language else reader_language()

    def contents(self) -> Iterable[LabelContent]:
        """The labels, from the one of three sources that was named."""
        if sum(map(bool, (self.numbers, self.file, self.fresh))) != 1:
            say = words_in(reader_language())
            raise click.UsageError(say("Give sticker numbers, or --csv FILE, or --new COUNT: one of the three."))
        base = self.settings.sticker_base_url
        if self.file is not None:
            return self._noted(labels_in(self.file, base))
        numbers = self.numbers or (markcode.issue() for _ in range(self.fresh or 0))
        return self._noted(sticker(number, base) for number in numbers)

    def _noted(self, labels: Iterable[LabelContent]) -> Iterator[LabelContent]:
        for label in labels:
            if label.url and (address := local_address(label.url)):
                self.local_addresses.add(address)
            yield label

    def label_stock(self) -> Stock:
        """The stock named, else the package's, else the default."""
        package = self.remembered.package(self.package) if self.package else None
        name = self.stock or (package.stock if package else self.settings.default_stock)
        return stock_named(name, self.settings.own_stocks())

    def write(self, stream: IO[bytes], printer: str, **options: Any) -> SheetReport:
        """Write the sheets."""
        stock = self.label_stock()
        package = self.remembered.package(self.package) if self.package else None
        used = frozenset(package.used) if package and package.stock == stock.code else frozenset[int]()
        return write_sheets(
            stream,
            self.contents(),
            stock=stock,
            design=design_named(self.design),
            language=self.spoken,
            start_position=self.start,
            skip=self.skip | used,
            copies=self.copies,
            style=HouseStyle.of(self.settings),
            calibration=self.remembered.calibration(printer) or self.settings.printers.get(printer),
            **options,
        )

    def remember(self, report: SheetReport) -> None:
        """Keep which positions of the package's last sheet are used now."""
        if self.package:
            stock = self.label_stock()
            self.remembered.use(self.package, stock.code, report.used_positions, stock.positions)

    def printer(self, name: str) -> PrinterSettings:
        """The printer called ``name`` in config.toml; raises PrinterError if there is none."""
        known = self.settings.printers
        if not name:
            raise click.UsageError(
                words_in(reader_language())(
                    "Give --queue NAME for a queue of the print server, or --printer NAME for a printer that "
                    "[labels.printers] in config.toml describes."
                )
            )
        if name not in known:
            names = ", ".join(known) or "-"
            raise PrinterError(where=name, reason="the printer is unknown. Allowed: {names}.", names=names)
        return known[name]

    def warn(self, report: SheetReport | None) -> None:
        """Tell what the written labels should be looked at for; ``report`` is there if they are sheets."""
        say = words_in(reader_language())
        # Rolls carry the address always, sheets where their design has a code for it.
        if self.local_addresses and (report is None or design_named(self.design).carries_address):
            click.echo(
                say(
                    "The codes lead to {address}, which only this machine reaches. Set sticker_base_url under [labels] "
                    "in config.toml before you print for others."
                ).format(address=", ".join(sorted(self.local_addresses))),
                err=True,
            )
        if report and report.replaced_characters:
            click.echo(say("Some characters are not in the typeface and were printed as a question mark."), err=True)

    def write_job(self, job: Path, name: str, target: PrinterSettings) -> SheetReport | None:
        """Write what the printer understands; gives a report if it is sheets."""
        # What only a printer needs would delay the first sheet of everybody else.
        from labels.printers.brother_ql import brother_job  # noqa: PLC0415
        from labels.printers.zpl import zpl_labels  # noqa: PLC0415

        say = words_in(self.spoken)
        if target.kind == "sheet":
            with job.open("wb") as stream:
                return self.write(stream, name)
        if target.kind == "zpl":
            formats = zpl_labels(self.contents(), stock=self.label_stock(), dpi=target.dpi, say=say, copies=self.copies)
            job.write_text("".join(formats), encoding="utf-8")
        else:
            job.write_bytes(brother_job(self.contents(), target.model, self.label_stock().code, say, self.copies))
        return None

    def send(self, job: Path, target: PrinterSettings) -> str:
        """Send the job to the printer's address or queue; gives the job's name in a queue."""
        from labels.printers.delivery import send_to_address  # noqa: PLC0415 - as above
        from labels.printers.queues import send_to_queue  # noqa: PLC0415

        if target.address:
            send_to_address(target.address, job.read_bytes())
            return ""
        page = self.label_stock().page if target.kind == "sheet" else None
        return send_to_queue(target.queue, job, page=page, title=f"markdna {self.design}")


@labels.command()
@label_options
@click.option("--borders", is_flag=True, help="Draw the labels' edges, for a test print on plain paper.")
@click.option("--crop-marks", is_flag=True, help="Bleed and crop marks for a print shop (signs and cards).")
@click.option("--archive", is_flag=True, help="PDF/A-2b, for papers that are to be kept.")
@click.option("--tagged", is_flag=True, help="With a structure for screen readers.")
@click.option("--printer", help="Printer whose saved correction applies. Default: default_printer.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF to write.")
@explained
def sheet(
    *, borders: bool, crop_marks: bool, archive: bool, tagged: bool, printer: str | None, out: Path, **common: Any
) -> None:
    """Write a PDF of labels: for sticker NUMBERS, for the rows of a CSV file, or with new numbers."""
    order = Order(**common)
    say = words_in(reader_language())
    with replaced_when_done(out) as stream:
        report = order.write(
            stream,
            printer or order.settings.default_printer,
            borders=borders,
            crop_marks=crop_marks,
            archive=archive,
            tagged=tagged,
        )
    order.remember(report)
    summary = say("Labels: {labels}, sheets: {pages}, file: {file}; next free position on the last sheet: {next}.")
    click.echo(summary.format(labels=report.labels, pages=report.pages, file=out, next=report.next_position))
    order.warn(report)


@labels.command("print")
@label_options
@click.option("--queue", help="Queue of the print server (CUPS) that takes sheets; needs no config.toml.")
@click.option("--printer", help="Name in [labels.printers]. Default: default_printer.")
@explained
def print_command(*, queue: str | None, printer: str | None, **common: Any) -> None:
    """Print labels at once: sheets through a queue, rolls on a ZPL or Brother QL printer."""
    order, say = Order(**common), words_in(reader_language())
    if queue and printer:
        raise click.UsageError(say("Give --queue or --printer, not both."))
    name = queue or printer or order.settings.default_printer
    target = PrinterSettings(queue=queue) if queue else order.printer(name)
    if not (target.address or target.queue):
        raise PrinterError(where=name, reason="config.toml gives it neither a queue nor an address.")
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "labels"
        report = order.write_job(job, name, target)
        order.warn(report)
        taken_as = order.send(job, target)
    # What did not reach the printer has used no place of a sheet.
    if report:
        order.remember(report)
    click.echo(say("Sent to {printer}.").format(printer=taken_as or name))


@labels.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the calibration page here.")
@click.option("--printer", help="Name of the printer whose correction is saved.")
@click.option("--measured", type=float, nargs=4, help="Lengths A B C D on its page, in millimetres.")
@click.option("--config", type=click.Path(path_type=Path), help="Another config.toml.")
@explained
def calibrate(
    out: Path | None, printer: str | None, measured: tuple[float, float, float, float] | None, config: Path | None
) -> None:
    """Write the calibration page, or save what was measured on it for a printer."""
    from labels.printers.calibration import correction, write_calibration_page  # noqa: PLC0415 - as above

    settings, language = label_settings(config), reader_language()
    say = words_in(language)
    if bool(out) == bool(printer and measured):
        raise click.UsageError(say("Give --out FILE, or --printer NAME and --measured A B C D."))
    if out:
        with replaced_when_done(out) as stream:
            write_calibration_page(stream, language, HouseStyle.of(settings))
        click.echo(say("Print {file} at 100 % and measure as it says.").format(file=out))
    elif printer and measured:
        saved = correction(*measured)
        Remembered(settings.state_file).calibrate(printer, saved)
        words = say("Saved for {printer}: {x} mm to the right, {y} mm down, width x {width}, height x {height}.")
        click.echo(
            words.format(printer=printer, x=saved.offset_x, y=saved.offset_y, width=saved.scale_x, height=saved.scale_y)
        )


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
