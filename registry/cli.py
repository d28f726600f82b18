"""The command ``markdna``: the one place that joins the three parts.

All commands are entry points of the distribution (pyproject.toml, ``markdna.commands``), loaded by name when they are
asked for: the registry never imports a serial line, and a station never a web server.
"""

import os
import sys
from importlib.metadata import EntryPoints, distribution
from pathlib import Path

import click

from labels.errors import ExplainedError
from labels.language import reader_language
from registry.language import words

__all__ = ["main", "markdna"]


def _commands() -> EntryPoints:
    # Of our own distribution alone: to ask all that are installed means to read a file of each of them.
    return distribution("markdna").entry_points.select(group="markdna.commands")


class JoinedGroup(click.Group):
    """A group whose commands are the entry points of the three parts."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """All names, in alphabetical order."""
        return sorted(_commands().names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of that name, imported only now; None when there is none."""
        for point in _commands().select(name=cmd_name):
            loaded: click.Command = point.load()
            return loaded
        return None


@click.group(cls=JoinedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="MARKDNA_CONFIG",
    help="Configuration file. Default: config.toml in this folder, if it is there.",
)
@click.version_option(package_name="markdna")
@click.pass_context
def markdna(ctx: click.Context, config: Path | None) -> None:
    """The open register of DNA-marked property."""
    ctx.obj = config
    if config is not None:
        # The other parts and the server's worker processes read the same file.
        os.environ["MARKDNA_CONFIG"] = str(config.resolve())


def main() -> None:
    """Run the command; a refusal is explained on standard error in the reader's language and ends with code 1."""
    try:
        markdna.main(standalone_mode=True)
    except ExplainedError as refusal:
        from rich.console import Console  # noqa: PLC0415 - a quarter of the start, and most runs need none

        console = Console(stderr=True, highlight=False)
        console.print(refusal.explain(words(reader_language()).gettext), style="bold red", markup=False)
        sys.exit(1)
