"""The documents name every command and every setting, and the tree keeps its own rules."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from registry.cli import markdna
from registry.commands.config import meanings

ROOT = Path(__file__).parents[2]


def commands(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, click.Command]]:
    if not isinstance(group, click.Group):
        return [(" ".join(path), group)]
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        found += commands(group.get_command(context, name), (*path, name))
    return found


def test_every_command_stands_in_the_operating_guide() -> None:
    guide = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    assert [name for name, _ in commands(markdna) if f"markdna {name}" not in guide] == []


def test_every_command_and_option_has_help() -> None:
    silent = [name for name, command in commands(markdna) if not (command.help or "").strip()]
    for name, command in commands(markdna):
        silent += [
            f"{name} {option.name}"
            for option in command.params
            if isinstance(option, click.Option) and not option.help and not option.hidden
        ]
    assert silent == []


def test_the_configuration_guide_ends_in_the_table_that_the_command_prints() -> None:
    guide = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    printed = CliRunner().invoke(markdna, ["config", "reference"]).output
    assert printed.strip()
    assert guide.endswith(printed.strip() + "\n"), "run: markdna config reference, and put it at the guide's end"


@pytest.mark.parametrize("part", ["registry", "scanner", "labels"])
def test_every_setting_is_described(part: str) -> None:
    model = entry_points(group="markdna.settings")[part].load()
    said = meanings(model)
    assert [key for key in model.model_fields if not said.get(key)] == []


def test_the_shipped_configuration_is_allowed() -> None:
    answer = CliRunner().invoke(markdna, ["--config", str(ROOT / "config.toml"), "config", "check"])
    assert answer.exit_code == 0, answer.output


def python_files() -> list[Path]:
    return [
        file
        for part in ("registry", "scanner", "labels", "benchmarks", "tests")
        for file in (ROOT / part).rglob("*.py")
    ]


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in python_files()
        if "versions" not in file.parts and (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [file for file in python_files() if file.stem in {"utils", "helpers", "misc", "common"}] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [
        (file, target)
        for file in documents
        for target in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:")
    ]
    assert [f"{file.relative_to(ROOT)}: {to}" for file, to in links if not (file.parent / to).exists()] == []
