"""``markdna config``: what the configuration says and whether it is allowed."""

import ast
import inspect
import tomllib
from importlib.metadata import entry_points
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from labels.config_file import SECTIONS, Section, config_path, read_section
from registry.commands.context import say


def _sections() -> dict[str, type[Section]]:
    points = entry_points(group="markdna.settings")
    return {name: points[name].load() for name in SECTIONS}


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


@config.command()
def reference() -> None:
    """Print the table of all keys as Markdown, as it stands in docs/configuration.md."""
    for name, model in _sections().items():
        said = meanings(model)
        click.echo(f"## [{name}]\n\n{(model.__doc__ or '').strip()}\n")
        click.echo("| Key | Default | Meaning |\n|---|---|---|")
        for key, field in model.model_fields.items():
            meaning = " ".join(said[key].split())
            click.echo(
                f"| `{key}` | {_shown(field.get_default(call_default_factory=True))} | {meaning}{_limits(field)} |"
            )
        click.echo()


def meanings(model: type[Section]) -> dict[str, str]:
    """What each key of ``model`` means: the text that stands below it in the source."""
    (section,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(section, ast.ClassDef)  # noqa: S101 - a section is a class at the top of its module
    said = {}
    for key, below in pairwise(section.body):
        match key, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                said[name] = text
    return said


def _shown(default: Any) -> str:
    if default is None or default in ("", {}, ()):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _limits(field: FieldInfo) -> str:
    """What the field allows, in words, from its own constraints."""
    words = []
    for rule in field.metadata:
        for name, said in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below")):
            limit = getattr(rule, name, None)
            if limit is not None:
                words.append(f"{said} {limit}")
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices:
        words.append("one of " + ", ".join(f"`{choice}`" for choice in choices))
    return f" Allowed: {', '.join(words)}." if words else ""
