"""``markdna thefts``: lists of stolen goods from police authorities."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from labels.language import reader_language
from registry.commands.context import opened_database, say
from registry.commands.imports import FILE, opened_source, refusals_listed, tell_remarks
from registry.commands.progress import shown_progress
from registry.errors import InvalidInput
from registry.language import words
from registry.models.accounts import OrganisationKind
from registry.services import accounts, stolen_list, theft_lists
from registry.services.actor import OPERATOR
from registry.services.import_reports import write_report
from registry.services.theft_mapping import FIELDS, TheftMapping, read_mapping

_PORTION = 200
_HELP_FIELDS = "\n".join(f"    {name:<14} {meaning}" for name, meaning in FIELDS.items())


@click.group()
def thefts() -> None:
    """Import lists of stolen goods."""


@thefts.command(
    "import",
    help=f"""Take the list of stolen goods in FILE, with a mapping of its columns.

    Rows that are right are taken, others are refused and listed; a second run changes nothing, a newer file of the same
    list adds what is new. The mapping is given with --map and --set, or in a TOML file (see docs/examples), or both.

    \b
    Fields:
{_HELP_FIELDS}
    """,
)
@FILE
@click.option("--organisation", required=True, help="Name of the police authority; created when it is new.")
@click.option("--mapping", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with the mapping.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Column that holds a field; repeatable.")
@click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", help="The same value for every row.")
@click.option("--date-format", "date_formats", multiple=True, help="strptime codes of dates, such as %Y.%m.%d.")
@click.option("--strict", is_flag=True, help="Refuse the whole file when any row is refused.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write all that was mended and refused to this file: JSON when it ends in .json, else CSV.",
)
def import_file(
    file: Path,
    organisation: str,
    mapping: Path | None,
    columns: tuple[str, ...],
    constants: tuple[str, ...],
    date_formats: tuple[str, ...],
    *,
    strict: bool,
    report: Path | None,
) -> None:
    """Take a list of stolen goods."""
    source = opened_source(file)
    wished = (read_mapping(mapping) if mapping else TheftMapping()).with_wishes(
        _pairs("--map", columns), _pairs("--set", constants), date_formats
    )
    with refusals_listed(), shown_progress(source.name) as progress, opened_database().transaction() as session:
        authority = accounts.organisation_named(session, OPERATOR, organisation, OrganisationKind.POLICE)
        result = theft_lists.import_file(session, OPERATOR, source, authority, wished, strict=strict, progress=progress)
    tell_remarks(result)
    if report is not None:
        write_report(report, result, words(reader_language()).gettext)
        say("The report is in {file}.", file=report)


@thefts.command("prepare-list")
def prepare_list() -> None:
    """Hash all marks of stolen things now, for the lists that stations keep (some 25 ms each, once).

    Needed once, where many things are reported stolen before the first station asks: a few new ones are hashed when a
    station asks. May be interrupted and called again.
    """
    database = opened_database()
    with database.transaction(reads_only=True) as session:
        marks, salt = stolen_list.hashed(session), stolen_list.list_salt(session)
    missing = list(marks.missing.items())
    with shown_progress("argon2id") as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        # Hashed with no transaction open, and kept portion by portion: nobody waits, and nothing is done twice.
        for start in range(0, len(missing), _PORTION):
            portion = missing[start : start + _PORTION]
            found = pool.map(lambda one: stolen_list.slow_hash(one[1], salt), portion)
            hashes = {one[0]: value for one, value in zip(portion, found, strict=True)}
            with database.transaction() as session:
                stolen_list.keep(session, marks, hashes)
            progress(start + len(portion), len(missing))
    say("{count} marks of stolen things are hashed.", count=len(marks.slow))


def _pairs(option: str, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for text in given:
        name, found, value = text.partition("=")
        if not found:
            raise InvalidInput(field=option, value=text, allowed=f"FIELD=… ({', '.join(FIELDS)})")
        pairs.append((name.strip(), value.strip()))
    return pairs
