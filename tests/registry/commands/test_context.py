"""What a command says that finds no database, or one of another revision."""

import sqlite3

import pytest

from registry.errors import DatabaseMissing, DatabaseOutdated
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


def test_a_database_of_another_revision_is_told_with_the_command_that_mends_it(with_own_files, tmp_path):
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
