"""``markdna db``: make the database and take it from one revision to another."""

import click

from registry.commands.context import current_settings, say
from registry.keyring import create_key_file
from registry.migrations import current_revision, downgrade, head_revision, upgrade
from registry.services.context import open_database


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
    database = open_database(settings)
    upgrade(database.engine)
    say("The database is at revision {revision}.", revision=current_revision(database.engine))


@db.command("upgrade")
@click.option("--to", "revision", default="head", help="Revision to go to; default: the newest.")
def upgrade_command(revision: str) -> None:
    """Bring the database to the newest revision."""
    database = open_database(current_settings())
    upgrade(database.engine, revision)
    say("The database is at revision {revision}.", revision=current_revision(database.engine))


@db.command("downgrade")
@click.argument("revision")
@click.confirmation_option(prompt="A step back can lose what only the newer tables hold. Go on?")
def downgrade_command(revision: str) -> None:
    """Take the database back to REVISION."""
    database = open_database(current_settings())
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
