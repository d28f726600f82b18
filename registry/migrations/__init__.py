"""The schema's history, run by Alembic from within the program: no alembic.ini is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

__all__ = ["current_revision", "downgrade", "head_revision", "known_revisions", "upgrade"]


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if engine is not None:
        config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to ``revision``; all or nothing, a second run changes nothing."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to ``revision`` (``base`` for an empty database)."""
    command.downgrade(_config(engine), revision)


def head_revision() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or "base"


def known_revisions() -> list[str]:
    """Every revision that this program can bring a database to, the oldest (``base``, an empty database) first."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return ["base", *reversed([step.revision for step in steps])]


def current_revision(engine: Engine) -> str:
    """The revision the database is at; ``base`` when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or "base"
