"""What a command says that finds no database, or one of another revision."""

import sqlite3

import pytest

from registry.errors import DatabaseMissing, DatabaseNewer, DatabaseOutdated
from registry.language import Language, words
from registry.migrations import head_revision


def test_a_missing_database_is_told_with_the_command_that_makes_one(with_own_files, tmp_path):
    with pytest.raises(DatabaseMissing) as refusal:
        with_own_files("audit", "verify")
    assert refusal.value.explain(words(Language.ENGLISH).gettext) == (
        f"There is no database at {tmp_path}/register.db. Make one first: markdna db create"
    )
    assert refusal.value.explain(words(Language.SWEDISH).gettext) == (
        f"Det finns ingen databas i {tmp_path}/register.db. Skapa den först: markdna db create"
    )
    assert not (tmp_path / "register.db").exists()


@pytest.fixture
def newer_database(with_own_files, tmp_path):
    """A database that a later program has brought to a revision of its own."""
    assert with_own_files("db", "create").exit_code == 0
    with sqlite3.connect(tmp_path / "register.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    return tmp_path / "register.db"


@pytest.mark.parametrize(
    "arguments", [("audit", "verify"), ("db", "upgrade"), ("db", "create"), ("db", "downgrade", "0001", "--yes")]
)
def test_a_database_of_a_later_program_is_left_as_it_is_and_told(with_own_files, newer_database, arguments):
    before, needed = newer_database.read_bytes(), head_revision()
    with pytest.raises(DatabaseNewer) as refusal:
        with_own_files(*arguments)
    assert refusal.value.explain(words(Language.ENGLISH).gettext) == (
        f"The database is at revision 9999, which this program does not know; it needs {needed}. "
        "Use the program that brought the database there, or a newer one."
    )
    assert refusal.value.explain(words(Language.SWEDISH).gettext).startswith("Databasen har version 9999, som program")
    assert newer_database.read_bytes() == before


@pytest.mark.parametrize("arguments", [("upgrade", "--to", "0099"), ("downgrade", "0099", "--yes")])
def test_a_revision_that_does_not_exist_is_refused_with_those_there_are(with_own_files, arguments):
    assert with_own_files("db", "create").exit_code == 0
    answer = with_own_files("db", *arguments)
    assert answer.exit_code == 2
    assert "There is no revision 0099. Allowed: base, 0001, 0002, " in answer.stderr
    assert f"{head_revision()}." in answer.stderr


def test_a_database_goes_to_the_revision_that_is_named(with_own_files):
    assert with_own_files("db", "create").exit_code == 0
    assert "at revision 0004." in with_own_files("db", "downgrade", "0004", "--yes").stdout
    assert "at revision 0005." in with_own_files("db", "upgrade", "--to", "0005").stdout
    assert f"at revision {head_revision()}." in with_own_files("db", "upgrade").stdout


def test_a_database_of_an_older_revision_is_told_with_the_command_that_mends_it(with_own_files, tmp_path):
    assert with_own_files("db", "create").exit_code == 0
    with sqlite3.connect(tmp_path / "register.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(DatabaseOutdated) as refusal:
        with_own_files("audit", "verify")
    needed = head_revision()
    assert refusal.value.explain(words(Language.ENGLISH).gettext) == (
        f"The database is at revision 0001, and this program needs {needed}. Run: markdna db upgrade"
    )
    assert refusal.value.explain(words(Language.SWEDISH).gettext) == (
        f"Databasen har version 0001 och programmet behöver {needed}. Kör: markdna db upgrade"
    )
