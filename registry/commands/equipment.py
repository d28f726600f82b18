"""``markdna equipment``: a municipality's own inventory."""

from pathlib import Path

import click

from labels.language import reader_language
from registry.commands.context import opened_database, say
from registry.commands.imports import FILE, opened_source, refusals_listed, tell_remarks
from registry.commands.progress import shown_progress
from registry.errors import AskedForOthers
from registry.language import words
from registry.models.accounts import OrganisationKind
from registry.services import accounts
from registry.services.actor import OPERATOR
from registry.services.equipment_import import ImportWishes
from registry.services.equipment_import import import_file as take_file
from registry.services.import_reports import write_report
from registry.services.tables.encoding import Encoding
from registry.services.tables.results import ImportResult
from registry.services.tables.source import Progress, Source


@click.group()
def equipment() -> None:
    """Import a municipality's inventory."""


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
