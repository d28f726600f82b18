"""``markdna index`` as an operator meets it."""

import sqlite3
from pathlib import Path

import pytest

from registry.errors import Conflict
from registry.services.index_file import building

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def run(with_own_files):
    """Runs the command with a register of its own that has kits."""
    with_own_files("db", "create")
    with_own_files("suppliers", "import", DATA / "suppliers.csv")
    with_own_files("kits", "import", DATA / "kits.csv")
    return with_own_files


def test_the_index_is_built_and_told_of(run, tmp_path):
    before = run("index", "status").output
    assert "12 kits" in before
    assert "needs no index" in before
    assert "holds 12 kits" in run("index", "build").output
    assert "up to date" in run("index", "status").output
    run("kits", "revoke-batch", "Nordmark Forensik", "NF26-001", "--yes")
    assert "came or were revoked since" in run("index", "status").output
    run("index", "build")
    assert "up to date" in run("index", "status").output
    assert run("index", "verify").exit_code == 0


def test_a_second_builder_is_refused(run, tmp_path):
    with building(tmp_path / "marks.index") as mine:
        assert mine
        with pytest.raises(Conflict, match="building it now"):
            run("index", "build")


def test_a_mark_changed_behind_the_register_ends_with_one_and_is_told(run, tmp_path):
    run("index", "build")
    with sqlite3.connect(tmp_path / "register.db") as database:
        database.execute("DROP TRIGGER kit_mark_no_update")
        database.execute("UPDATE kit SET code = 'ENXB09495' WHERE code = 'ENXB09494'")
    database.close()
    verified = run("index", "verify")
    assert verified.exit_code == 1
    assert "behind the register's back" in verified.output
    assert "index build --anew" in verified.output
    run("index", "build", "--anew")
    again = run("index", "verify")
    assert again.exit_code == 1, "the index is right now, the marks are still not those that were recorded"
    assert "holds them as they are" in again.output


def test_damage_is_named(run, tmp_path):
    run("index", "build")
    file = tmp_path / "marks.index"
    whole = bytearray(file.read_bytes())
    whole[-80] ^= 1
    file.write_bytes(whole)
    verified = run("index", "verify")
    assert verified.exit_code == 1
    assert "is damaged" in verified.output
