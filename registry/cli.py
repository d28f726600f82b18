"""The command ``markdna``: the one place that joins the three parts.

Commands of the registry stand in registry.commands; those of scanner and labels are named as entry points of the
distribution (pyproject.toml, ``markdna.commands``) and loaded by name, so that registry never imports a serial line.
"""

import os
import sys
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path

import click
from rich.console import Console

from labels.errors import ExplainedError
from labels.language import reader_language
from registry.commands import COMMANDS
from registry.language import words

__all__ = ["main", "markdna"]


class JoinedGroup(click.Group):
    """A group whose commands come from the registry and from the entry points of the other parts."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, the registry's and the other parts'."""
        return sorted({*super().list_commands(ctx), *(point.name for point in _points())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; another part is imported only when its command is asked for."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for point in _points():
            if point.name == cmd_name:
                loaded: click.Command = point.load()
                return loaded
        return None


def _points() -> EntryPoints:
    return entry_points(group="markdna.commands")


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


for command in COMMANDS:
    markdna.add_command(command)


def main() -> None:
    """Run the command; a refusal is explained on standard error in the reader's language and ends with code 1."""
    try:
        markdna.main(standalone_mode=True)
    except ExplainedError as refusal:
        console = Console(stderr=True, highlight=False)
        console.print(refusal.explain(words(reader_language()).gettext), style="bold red", markup=False)
        sys.exit(1)
