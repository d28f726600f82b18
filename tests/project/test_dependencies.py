import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"^[a-z0-9-]+")


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    return {NAME.match(line)[0] for line in wanted} - {"markdna"}


def explained() -> dict[str, str]:
    rows = re.findall(
        r"^\| ([a-z0-9-]+) \| (.+) \|$", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return dict(rows)


def test_every_dependency_has_its_line_of_reason() -> None:
    assert set(explained()) == declared()


def test_every_reason_is_a_sentence() -> None:
    assert [name for name, reason in explained().items() if not reason.endswith(".") or len(reason) < 15] == []


def test_every_dependency_is_pinned() -> None:
    pinned = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()}
    assert {name.lower() for name in declared()} <= pinned
