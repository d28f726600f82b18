import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registry.database import Database
from registry.services import audit
from registry.services.actor import OPERATOR


def write_events(database: Database, count: int) -> None:
    with database.transaction() as session:
        for number in range(count):
            audit.record(session, OPERATOR, audit.Action.LOG_READ, f"item:{number}", details={"ä": number})


def test_a_log_that_nobody_touched_is_whole(either_database: Database) -> None:
    write_events(either_database, 5)
    with either_database.transaction() as session:
        found = audit.verify(session)
    assert (found.events, found.broken_at) == (5, None)


@pytest.mark.parametrize("act", ["UPDATE audit_event SET reason = 'x' WHERE sequence = 2", "DELETE FROM audit_event"])
def test_the_database_itself_refuses_to_change_the_log(either_database: Database, act: str) -> None:
    write_events(either_database, 3)
    with pytest.raises(DBAPIError, match="append-only"), either_database.transaction() as session:
        session.execute(text(act))


@pytest.mark.parametrize(
    ("act", "broken_at"),
    [
        ("UPDATE audit_event SET reason = 'x' WHERE sequence = 2", 2),
        ("UPDATE audit_event SET details = '{}' WHERE sequence = 3", 3),
        ("DELETE FROM audit_event WHERE sequence = 2", 2),
        ("DELETE FROM audit_event WHERE sequence = 4", 4),
    ],
)
def test_a_change_behind_the_guard_breaks_the_chain(database: Database, act: str, broken_at: int) -> None:
    write_events(database, 4)
    with database.transaction() as session:
        session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("DROP TRIGGER audit_event_no_delete"))
        session.execute(text(act))
    with database.transaction() as session:
        assert audit.verify(session).broken_at == broken_at
