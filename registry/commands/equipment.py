"""``markdna equipment``: a municipality's own inventory, and stickers that are numbered before there is a thing."""

from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.orm import Session

from labels import markcode
from labels.addresses import local_address
from labels.command import Positions, replaced_when_done
from labels.language import Language, reader_language
from registry.commands.context import current_settings, opened_database, say
from registry.commands.imports import FILE, opened_source, refusals_listed, tell_remarks
from registry.commands.progress import shown_progress
from registry.errors import AskedForOthers
from registry.language import words
from registry.models.accounts import OrganisationKind
from registry.services import accounts, blank_stickers, owners, sheet_packages
from registry.services.actor import OPERATOR, Actor
from registry.services.blank_stickers import BlankWish
from registry.services.equipment_import import ImportWishes
from registry.services.equipment_import import import_file as take_file
from registry.services.import_reports import write_report
from registry.services.tables.encoding import Encoding
from registry.services.tables.results import ImportResult
from registry.services.tables.source import Progress, Source

_STOCK = "L7160"


@click.group()
def equipment() -> None:
    """Import a municipality's inventory, and order blank stickers for it."""


@equipment.command("import")
@FILE
@click.option("--organisation", required=True, help="Name of the municipality; created when it is new.")
@click.option(
    "--encoding",
    type=click.Choice([encoding.value for encoding in Encoding]),
    default=Encoding.AUTO.value,
    help="Encoding of FILE; found out by default.",
)
@click.option("--strict", is_flag=True, help="Refuse the whole file when any row is refused.")
@click.option("--update", is_flag=True, help="Let FILE change equipment that is in the register with other content.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write all that was mended and refused to this file: JSON when it ends in .json, else CSV.",
)
def import_file(
    file: Path, organisation: str, encoding: str, *, strict: bool, update: bool, report: Path | None
) -> None:
    """Take the inventory in FILE as the economy system exports it.

    Windows-1252 or UTF-8, columns separated by `;`, `,` or TAB. Rows that are right are taken, others are refused and
    listed with line, column, value and reason; a file that cannot be trusted as a whole is refused. A second run
    changes nothing. Ends with code 0 also when rows were refused, with 1 when the file was.
    """
    source = opened_source(file)
    wishes = ImportWishes(Encoding(encoding), strict=strict, update=update)
    with refusals_listed(), shown_progress(source.name) as progress:
        result = _taken(source, organisation, wishes, progress)
    tell_remarks(result)
    if report is not None:
        write_report(report, result, words(reader_language()).gettext)
        say("The report is in {file}.", file=report)


def _taken(source: Source, organisation: str, wishes: ImportWishes, progress: Progress) -> ImportResult:
    """What came of the file; a refusal whose trace is kept is raised when that is stored."""
    with opened_database().transaction() as session:
        municipality = accounts.organisation_named(session, OPERATOR, organisation, OrganisationKind.MUNICIPALITY)
        try:
            return take_file(session, OPERATOR, source, municipality, wishes, progress)
        except AskedForOthers as kept:
            refusal = kept
    raise refusal


@equipment.command("blank-stickers")
@click.option("--organisation", required=True, help="Name of the municipality that the numbers are for.")
@click.option("--count", type=int, help="How many new numbers, 1 to 500.")
@click.option("--again", metavar="ORDER", help="Print this order's numbers that wait once more, instead of new ones.")
@click.option("--stock", default="", help=f"See: labels stocks. Default: the package's, else {_STOCK}.")
@click.option("--start", type=int, default=1, show_default=True, help="First free position of the sheet.")
@click.option("--skip", type=Positions(), default=frozenset(), help="Used positions, e.g. 3,5-7.")
@click.option("--package", default="", help="A package of the municipality's whose used positions are remembered.")
@click.option("--language", type=click.Choice([language.value for language in Language]), help="sv or en.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF to write.")
def print_blank_stickers(
    *,
    organisation: str,
    count: int | None,
    again: str | None,
    stock: str,
    start: int,
    skip: frozenset[int],
    package: str,
    language: str | None,
    out: Path,
) -> None:
    """Print stickers with new numbers that are on no thing yet, and list the numbers.

    The numbers belong to the municipality: an asset manager of it who scans one says which thing it is on. A run that
    fails gives out no number and leaves the old file as it was.
    """
    if (count is None) is (again is None):
        raise click.UsageError(words(reader_language()).gettext("Give --count or --again: one of the two."))
    database, given_out = opened_database(), ""
    try:
        with replaced_when_done(out) as stream:
            # First the numbers, then the file: a sheet whose numbers the register does not know must never lie there.
            with database.transaction() as session:
                municipality = accounts.organisation_there(session, organisation, OrganisationKind.MUNICIPALITY)
                owner = replace(OPERATOR, owner_id=owners.of_organisation(session, OPERATOR, municipality))
                stock, used = _sheet_in_use(session, owner, package, stock)
                spoken = Language(language) if language else reader_language()
                numbers = blank_stickers.numbers_of(session, owner, [again] if again else ())
                wish = BlankWish(count or 0, stock, start, skip | used, spoken, package, numbers)
                order, sheet = blank_stickers.print_labels(session, owner, wish)
                stream.write(sheet.pdf)
                stream.flush()
            given_out = order.key
    except click.ClickException:
        if given_out:
            say("The numbers are given out. Print them once more: --again {order}", order=given_out)
        raise
    say(
        "Order {order}: {count} numbers, sheets: {pages}, file: {file}; next free position on the last sheet: {next}.",
        order=order.key,
        count=len(order.numbers),
        pages=sheet.pages,
        file=out,
        next=sheet.next_start,
    )
    for number in order.numbers:
        click.echo(markcode.grouped(number))
    if address := local_address(current_settings().public_url):
        text = words(reader_language()).gettext(
            "The codes lead to {address}, which only this machine reaches. Set public_url under [registry] in "
            "config.toml before you print for others."
        )
        click.echo(text.format(address=address), err=True)


def _sheet_in_use(session: Session, owner: Actor, name: str, stock: str) -> tuple[str, frozenset[int]]:
    """The stock by code, and the places of its sheet begun last that are used."""
    begun = sheet_packages.named(session, owner.own_owner("see packages"), name)
    if begun is None or stock not in {"", begun.stock}:
        return stock or _STOCK, frozenset()
    return begun.stock, begun.skip | frozenset(range(1, begun.start))
