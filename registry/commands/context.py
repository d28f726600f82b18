"""What every command of the registry starts with: settings and database."""

from pathlib import Path

import click

from labels.config_file import config_path
from labels.language import reader_language
from registry.database import Database
from registry.errors import DatabaseMissing, DatabaseNewer, DatabaseOutdated
from registry.language import words
from registry.migrations import current_revision, head_revision, known_revisions
from registry.services.context import open_database
from registry.settings import RegistrySettings, read_settings

__all__ = ["current_settings", "known_database", "opened_database", "say"]


def current_settings() -> RegistrySettings:
    """The settings that the command line or the environment names."""
    given: Path | None = click.get_current_context().find_root().obj
    return read_settings(config_path(given))


def opened_database() -> Database:
    """The database, at the revision this program needs.

    Raises DatabaseMissing, DatabaseNewer or DatabaseOutdated, which say what brings it there.
    """
    settings = current_settings()
    file = settings.database.removeprefix("sqlite:///")
    if file != settings.database and not Path(file).exists():
        raise DatabaseMissing(file=file)
    database = open_database(settings)
    found, needed = current_revision(database.engine), head_revision()
    if found != needed:
        _refuse_unknown(found)
        raise DatabaseOutdated(found=found, needed=needed)
    return database


def known_database(settings: RegistrySettings) -> Database:
    """The database, at any revision that this program knows, also none yet. Raises DatabaseNewer."""
    database = open_database(settings)
    _refuse_unknown(current_revision(database.engine))
    return database


def _refuse_unknown(revision: str) -> None:
    if revision not in known_revisions():
        raise DatabaseNewer(found=revision, needed=head_revision())


def say(text: str, /, **values: object) -> None:
    """Print one line in the reader's language; ``{name}`` places are filled with ``values``."""
    click.echo(words(reader_language()).gettext(text).format(**values))
