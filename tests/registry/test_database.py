"""What a connection promises: durable commits, foreign keys, writers in turn, readers that cannot write."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from registry import clock
from registry.database import Database, is_out_of_reach
from registry.models.accounts import DataKey

INSERT = text("INSERT INTO data_key (created_at) VALUES (CURRENT_TIMESTAMP)")
COUNT = text("SELECT count(*) FROM data_key")


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)]
)
def test_every_connection_is_set_to_be_safe(database: Database, pragma: str, value: object) -> None:
    with database.open() as one, database.open(reads_only=True) as other:
        for session in (one, other):
            assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_row_cannot_refer_to_nothing(either_database: Database) -> None:
    lost = text("INSERT INTO department (organisation_id, name) VALUES (999, 'Skola')")
    with pytest.raises(IntegrityError), either_database.transaction() as session:
        session.execute(lost)


def stop_after(_done: object) -> None:
    raise ZeroDivisionError


def test_what_a_block_did_is_kept_only_if_it_ends_well(either_database: Database) -> None:
    with either_database.transaction() as session:
        session.add(DataKey(created_at=clock.now()))
    with pytest.raises(ZeroDivisionError), either_database.transaction() as session:
        stop_after(session.execute(INSERT))
    with either_database.transaction(reads_only=True) as session:
        assert session.execute(COUNT).scalar_one() == 1


def test_a_reader_cannot_write(either_database: Database) -> None:
    with pytest.raises(DBAPIError) as refused, either_database.transaction(reads_only=True) as session:
        session.execute(INSERT)
    assert "read" in str(refused.value.orig)


def test_a_connection_that_read_only_can_write_again_for_the_next(either_database: Database) -> None:
    for _ in range(3):
        with either_database.transaction(reads_only=True) as session:
            session.execute(COUNT)
        with either_database.transaction() as session:
            session.execute(INSERT)
    with either_database.transaction(reads_only=True) as session:
        assert session.execute(COUNT).scalar_one() == 3


def test_a_reader_sees_one_state_from_first_to_last(either_database: Database) -> None:
    with either_database.transaction(reads_only=True) as reader:
        before = reader.execute(COUNT).scalar_one()
        with either_database.transaction() as writer:
            writer.execute(INSERT)
        assert reader.execute(COUNT).scalar_one() == before


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as writer:
        writer.execute(INSERT)
        started = time.monotonic()
        with database.transaction(reads_only=True) as reader:
            assert reader.execute(COUNT).scalar_one() == 0
        assert time.monotonic() - started < 2


def test_a_session_holds_no_lock_before_its_first_query(database: Database) -> None:
    with database.open(), database.transaction() as writer:
        writer.execute(INSERT)
        assert writer.execute(COUNT).scalar_one() == 1


def read_then_write(database: Database, faults: list[Exception]) -> None:
    try:
        with database.transaction() as session:
            session.execute(COUNT)
            time.sleep(0.05)
            session.execute(INSERT)
    except OperationalError as fault:
        faults.append(fault)


def test_two_writers_that_read_first_take_turns(database: Database) -> None:
    faults: list[Exception] = []
    writers = [threading.Thread(target=read_then_write, args=(database, faults)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.transaction(reads_only=True) as session:
        assert (faults, session.execute(COUNT).scalar_one()) == ([], 4)


def test_with_a_deferred_transaction_the_second_writer_would_be_refused(database: Database) -> None:
    """The control: the same with plain BEGIN, as SQLite's driver does it, fails at once however patient it is."""
    path = database.url.removeprefix("sqlite:///")
    one, other = (sqlite3.connect(path, timeout=15, isolation_level=None) for _ in range(2))
    for connection in (one, other):
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM data_key").fetchone()
    one.execute(str(INSERT))
    one.execute("COMMIT")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute(str(INSERT))
    one.close()
    other.close()


def test_the_file_is_for_its_user_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/register.db")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "var").iterdir()}
    database.close()
    assert set(modes.values()) == {"0o600"}, modes


def test_a_fault_does_not_quote_the_values_of_the_statement(either_database: Database) -> None:
    canary = text("INSERT INTO department (organisation_id, name) VALUES (999, :name)")
    with pytest.raises(IntegrityError) as refused, either_database.transaction() as session:
        session.execute(canary, {"name": "Storgatan 7"})
    assert "Storgatan" not in str(refused.value)


def test_a_database_that_does_not_answer_is_told_from_a_mistake_of_ours(tmp_path: Path) -> None:
    nowhere = Database(f"sqlite:///{tmp_path}/register.db")
    (tmp_path / "register.db").unlink()
    (tmp_path / "register.db").mkdir()
    with pytest.raises(OperationalError) as gone, nowhere.transaction() as session:
        session.execute(COUNT)
    nowhere.close()
    assert is_out_of_reach(gone.value)
    assert not is_out_of_reach(ZeroDivisionError())
