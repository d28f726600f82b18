"""The assurance table: every threat and ASVS row it names has a control and tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
THREATS = ("T1", "T2", "T4", "T5", "T6", "T7", "T12", "T18")
RELIABILITY = ("R1", "R10")
ROW = re.compile(
    r"^\| (?P<what>[TRA][0-9, A-]*) \| (?P<claim>[^|]+) \| (?P<control>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE
)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((ROOT / "docs/assurance.md").read_text(encoding="utf-8")))


def names_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def exists(reference: str) -> bool:
    """Whether ``file`` or ``file::name`` is there; ``name`` is a function, class or constant of the file."""
    file, _, name = reference.partition("::")
    path = ROOT / file
    if not path.exists():
        return False
    return (
        not name
        or re.search(rf"^(def|class) {name}\b|^{name}\b.*=", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )


def test_every_control_and_test_that_the_table_names_is_there() -> None:
    references = [name for row in rows() for cell in (row["control"], row["tests"]) for name in names_of(cell)]
    assert len(references) > 60
    assert [name for name in references if not exists(name)] == []


def test_every_row_names_a_control_and_a_test() -> None:
    assert [row["what"] for row in rows() if not names_of(row["control"]) or "::test_" not in row["tests"]] == []


def test_the_threats_of_the_main_job_stand_in_the_table() -> None:
    told = " ".join(row["what"] for row in rows())
    assert [threat for threat in (*THREATS, *RELIABILITY) if not re.search(rf"\b{threat}\b", told)] == []


def test_a_link_that_dangles_would_be_noticed() -> None:
    """The control."""
    assert not exists("registry/access.py::no_such_thing")
    assert not exists("registry/no_such_file.py")
    assert exists("registry/access.py::TABLE")
