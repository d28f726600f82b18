"""``markdna serve``: the registry's server."""

import click
from granian import Granian
from granian.constants import Interfaces

from registry.commands.context import current_settings, opened_database, say
from registry.services.house_style import configured_style


@click.command()
@click.option("--host", help="Address to listen on; default from the configuration.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default from the configuration.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; default from the configuration.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Run the registry's server until it is told to stop (Ctrl-C or SIGTERM)."""
    settings = current_settings()
    opened_database().close()
    configured_style(settings.authority)  # A wrong coat of arms is better learnt now than by the first who prints.
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
