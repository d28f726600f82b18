"""``markdna db``: make the database and take it from one revision to another."""

import click

from labels.language import reader_language
from registry.commands.context import current_settings, known_database, say
from registry.keyring import create_key_file
from registry.language import words
from registry.migrations import current_revision, downgrade, head_revision, known_revisions, upgrade
from registry.services.context import open_database


class _Revision(click.ParamType[str]):
    """A revision that the program knows; they are looked up when one is given, since that reads the whole history."""

    name = "revision"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The revision; another is refused with those there are."""
        known = known_revisions()
        if value not in known:
            refusal = words(reader_language()).gettext("There is no revision {given}. Allowed: {allowed}.")
            self.fail(refusal.format(given=value, allowed=", ".join(known)), param, ctx)
        return value


@click.group()
def db() -> None:
    """Create, upgrade and inspect the database."""


@db.command()
def create() -> None:
    """Make the key file, if there is none, and an empty database."""
    settings = current_settings()
    if not settings.key_file.exists():
        create_key_file(settings.key_file)
        say(
            "New key in {file}. Keep a copy apart from the database: without it nobody can be reached again.",
            file=settings.key_file,
        )
    database = known_database(settings)
    upgrade(database.engine)
    say("The database is at revision {revision}.", revision=current_revision(database.engine))


@db.command("upgrade")
@click.option("--to", "revision", type=_Revision(), help="Revision to go to; default: the newest.")
def upgrade_command(revision: str | None) -> None:
    """Bring the database to the newest revision."""
    database = known_database(current_settings())
    upgrade(database.engine, revision or "head")
    say("The database is at revision {revision}.", revision=current_revision(database.engine))


@db.command("downgrade")
@click.argument("revision", type=_Revision())
@click.confirmation_option(prompt="A step back can lose what only the newer tables hold. Go on?")
def downgrade_command(revision: str) -> None:
    """Take the database back to REVISION."""
    database = known_database(current_settings())
    downgrade(database.engine, revision)
    say("The database is at revision {revision}.", revision=current_revision(database.engine))


@db.command()
def status() -> None:
    """Say at which revision the database is and which the program needs."""
    database = open_database(current_settings())
    say(
        "Database: revision {found}. Program: revision {needed}.",
        found=current_revision(database.engine),
        needed=head_revision(),
    )
