"""``markdna config``: what the configuration says and whether it is allowed."""

import tomllib
from importlib.metadata import entry_points

import click

from labels.config_file import SECTIONS, Section, config_path, read_section
from registry.commands.context import say


def _sections() -> dict[str, type[Section]]:
    return {point.name: point.load() for point in entry_points(group="markdna.settings")}


@click.group()
def config() -> None:
    """Check and show the configuration."""


@config.command()
def check() -> None:
    """Read the configuration file; exits 1 naming file, key and what is allowed when something is wrong."""
    path = config_path(click.get_current_context().find_root().obj)
    sections = _sections()
    for name in SECTIONS:
        read_section(path, name, sections[name])
    say("The configuration is in order: {file}", file=path or "defaults")


@config.command()
def show() -> None:
    """Print every key with its value and, where it is set in the file, a mark."""
    path = config_path(click.get_current_context().find_root().obj)
    written = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    for name, model in _sections().items():
        settings = read_section(path, name, model)
        click.echo(f"[{name}]")
        for key, value in settings.model_dump(mode="json").items():
            mark = "  # set" if key in written.get(name, {}) else ""
            click.echo(f"{key} = {value!r}{mark}")
        click.echo()
