"""The record of changes: its sum is the count and the hash of the living marks, whoever came first."""

import pytest
from sqlalchemy import func, select, update

from registry import clock, migrations
from registry.identification.index import Fingerprint
from registry.models.kits import Kit
from registry.models.mark_changes import MarkChange
from registry.models.suppliers import Batch
from registry.services import marks
from registry.services.marks import KitRange


def as_they_are(session):
    return Fingerprint.of_rows(marks.living(session, [KitRange(1, marks.greatest_kit(session))]))


def kits_of(number, count=30):
    return [(f"K{number}X{place:05d}", "") for place in range(count)]


def test_the_record_is_the_sum_of_what_came_and_went(either_database, deliver):
    with either_database.transaction() as session:
        delivered = deliver(session, kits_of(1))
        deliver(session, kits_of(2))
    with either_database.transaction() as session:
        gone = update(Kit).where(Kit.id.in_(list(delivered.values())[:7])).values(revoked_at=clock.now())
        rows = session.execute(gone.returning(Kit.id, Kit.code, Kit.signature))
        marks.record_revoked(session, [tuple(row) for row in rows])
    with either_database.transaction(reads_only=True) as session:
        assert marks.recorded(session) == as_they_are(session)
        assert marks.recorded(session).count == 53
        assert marks.change_runs(session) == [(1, 3)]


def test_an_import_that_is_rolled_back_leaves_no_record(either_database, deliver):
    with either_database.open() as session:
        deliver(session, kits_of(1))
        session.rollback()
    with either_database.transaction(reads_only=True) as session:
        assert marks.recorded(session) == as_they_are(session) == Fingerprint()


@pytest.mark.postgresql
def test_imports_at_the_same_time_record_their_own_kits(postgresql, deliver, new_kit):
    """Their numbers interleave; each records what it brought, and the sum is right whoever commits first."""
    with postgresql.transaction() as session:
        deliver(session, kits_of(0, 1))
    with postgresql.open() as slow:
        batch_id = slow.scalars(select(Batch.id).with_for_update()).one()
        with marks.arriving(slow, [batch_id]):
            first = new_kit(slow, "QRST24683")
            with postgresql.transaction() as session:
                between = deliver(session, kits_of(1, 5)).values()
            last = new_kit(slow, "UVWX13579")
        assert first < min(between) < last
        slow.commit()
    with postgresql.transaction(reads_only=True) as session:
        assert marks.recorded(session) == as_they_are(session)
        assert session.scalars(select(MarkChange.kits).order_by(MarkChange.kits)).all() == [1, 2, 5]


def test_a_change_that_was_not_seen_names_its_kits(either_database, deliver):
    with either_database.transaction() as session:
        first = deliver(session, kits_of(1)).values()
        second = deliver(session, kits_of(2)).values()
    with either_database.transaction(reads_only=True) as session:
        assert marks.changed_ranges(session, [(1, 1)], max(first)) == [KitRange(min(second), max(second))]
        assert marks.changed_ranges(session, [(2, 2)], max(second)) == [KitRange(min(first), max(first))]
        assert marks.changed_ranges(session, [(1, 2)], max(second)) == []
        assert marks.changed_ranges(session, [], 0) == [KitRange(min(first), max(second))]


def test_a_kit_without_a_record_is_looked_at_too(either_database, deliver, new_kit):
    with either_database.transaction() as session:
        first = deliver(session, kits_of(1)).values()
        unrecorded = new_kit(session, "QRST24683")
    with either_database.transaction(reads_only=True) as session:
        assert marks.changed_ranges(session, [(1, 1)], max(first)) == [KitRange(unrecorded, unrecorded)]


def test_an_older_register_gets_its_record_when_it_is_upgraded(either_database, deliver):
    with either_database.transaction() as session:
        delivered = deliver(session, [*kits_of(1), ("QRST24683", "ACGT" * 16)])
        gone = update(Kit).where(Kit.id == min(delivered.values())).values(revoked_at=clock.now())
        session.execute(gone)
    migrations.downgrade(either_database.engine, "0001")
    migrations.upgrade(either_database.engine)
    with either_database.transaction(reads_only=True) as session:
        assert marks.recorded(session) == as_they_are(session)
        assert marks.recorded(session).count == 30
        assert session.scalar(select(func.count(Batch.id))) == 1
