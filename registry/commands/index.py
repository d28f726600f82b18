"""``markdna index``: the search index of this machine, derived from the database."""

import sys

import click
from rich.filesize import decimal

from labels.language import reader_language
from registry.commands.context import current_settings, opened_database, say
from registry.errors import Conflict
from registry.identification.index import IndexFileError
from registry.language import words
from registry.services import index_file, marks
from registry.services.search_snapshot import MOST_HELD


@click.group()
def index() -> None:
    """See, build and verify the index of marks that look-ups use on this machine."""


@index.command()
def status() -> None:
    """Say which kits the index holds and what came since; quick at any size."""
    file = current_settings().index_file
    with opened_database().transaction(reads_only=True) as session:
        say("The register holds {kits} kits that are not revoked.", kits=marks.recorded(session).count)
        if not file.exists() and marks.greatest_kit(session) <= MOST_HELD:
            say("A register of this size needs no index.")
            return
        try:
            found = index_file.opened(session, file)
        except IndexFileError as problem:
            click.echo(problem.explain(words(reader_language()).gettext))
            return
        ranges = index_file.changes_since(session, found)
        say("{file} holds {kits} kits in {size}.", file=file, kits=found.fingerprint.count, size=decimal(found.nbytes))
        if ranges:
            touched = sum(last - first + 1 for first, last in ranges)
            say("Up to {kits} kits came or were revoked since; look-ups know them.", kits=touched)
        else:
            say("It is up to date.")


@index.command()
@click.option("--anew", is_flag=True, help="Read every mark of the database, though the present index is whole.")
def build(*, anew: bool) -> None:
    """Build the index, from the present one and what came since or from all marks; look-ups go on meanwhile."""
    settings = current_settings()
    file = settings.index_file
    built = index_file.build(opened_database(), file, from_scratch=anew)
    if built is None:
        raise Conflict(what=str(file), reason="another process is building it now")
    say("{file} holds {kits} kits in {size}.", file=file, kits=built.kits, size=decimal(built.nbytes))


@index.command()
def verify() -> None:
    """Read every byte of the index and every mark of the database and compare them; exit code 1 if they differ."""
    file = current_settings().index_file
    with opened_database().transaction(reads_only=True) as session:
        checked = index_file.check(session, file)
    if checked.marks_as_recorded:
        say("{kits} kits in the database, as recorded when they came.", kits=checked.counted.count)
    else:
        say(
            "The marks in the database are not those that were recorded: {counted} kits, recorded {recorded}. "
            "Somebody changed them behind the register's back.",
            counted=checked.counted.count,
            recorded=checked.recorded.count,
        )
    if checked.fault is not None:
        click.echo(checked.fault.explain(words(reader_language()).gettext))
    elif checked.file_as_marks:
        say("{file} holds them as they are.", file=file)
    else:
        say("{file} holds other marks than the database: markdna index build --anew", file=file)
    if checked.fault is not None or not (checked.marks_as_recorded and checked.file_as_marks):
        sys.exit(1)
