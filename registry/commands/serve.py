"""``markdna serve``: the registry's server."""

import click
from granian import Granian
from granian.constants import Interfaces

from registry.commands.context import current_settings, opened_database, say
from registry.database import Database
from registry.services.house_style import house_style


@click.command()
@click.option("--host", help="Address to listen on; default from the configuration.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default from the configuration.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; default from the configuration.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Run the registry's server until it is told to stop (Ctrl-C or SIGTERM)."""
    settings = current_settings()
    database = opened_database()
    try:
        refuse_a_wrong_coat_of_arms(database, settings.authority)
    finally:
        database.close()
    say("The registry listens on http://{host}:{port}", host=host or settings.host, port=port or settings.port)
    Granian(
        "registry.app:served_app",
        factory=True,
        address=host or settings.host,
        port=port or settings.port,
        interface=Interfaces.WSGI,
        workers=workers or settings.workers,
        blocking_threads=4,
        respawn_failed_workers=True,
        log_access=False,
        websockets=False,
    ).serve()


def refuse_a_wrong_coat_of_arms(database: Database, authority: str) -> None:
    """Read the coat of arms that is in force: that it cannot be drawn is better learnt now than by who prints first.

    Raises ArtworkError, or ConfigFileError where the style is that of config.toml.
    """
    with database.transaction(reads_only=True) as session:
        arms = house_style(session, authority).coat_of_arms
    if arms is not None:
        arms.checked()
