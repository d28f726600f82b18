"""The register's marks searched: up to date at every look-up, in every thread, on both databases."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from registry import clock
from registry.database import Database
from registry.identification.answer import MarkKind, Observation, Verdict
from registry.models.kits import Kit
from registry.models.suppliers import Primer, Supplier
from registry.services import index_file, marks, search_snapshot
from registry.services.search_engine import search_engine_of


def seen(code):
    return [Observation(MarkKind.DOT, code)]


def best(engine, database, code):
    with database.transaction(reads_only=True) as session:
        answer = engine.identify(session, seen(code))
    return answer.candidates[0].kit_id if answer.verdict is Verdict.IDENTIFIED else None


def test_a_kit_imported_a_second_ago_is_found(either_database, either_town, new_kit, search_engine):
    assert best(search_engine, either_database, "QRST24680") is None
    with either_database.transaction() as session:
        kit_id = new_kit(session, "QRST24680")
    assert best(search_engine, either_database, "QRST24680") == kit_id


def test_a_revoked_kit_is_found_no_more(either_database, either_town, search_engine):
    kit_id = either_town.kit_ids["CJSZ87051"]
    assert best(search_engine, either_database, "CJSZ87051") == kit_id
    with either_database.transaction() as session:
        session.execute(update(Kit).where(Kit.id == kit_id).values(revoked_at=clock.now()))
    assert best(search_engine, either_database, "CJSZ87051") is None
    with either_database.transaction() as session:
        session.execute(update(Kit).where(Kit.id == kit_id).values(revoked_at=None))
    assert best(search_engine, either_database, "CJSZ87051") == kit_id


@pytest.mark.postgresql
def test_kits_committed_out_of_order_are_found(postgresql, fill_register, deliver, settings, search_engine):
    """Two imports at once: the one that took its numbers first commits last."""
    with postgresql.transaction() as session:
        fill_register(session)
    index_file.build(postgresql, settings.index_file)
    with postgresql.open() as slow:
        late = deliver(slow, [("QRST24683", "")])["QRST24683"]
        with postgresql.transaction() as session:
            early = deliver(session, [("UVWX13579", "")])["UVWX13579"]
        assert early > late
        assert best(search_engine, postgresql, "UVWX13579") == early
        index_file.build(postgresql, settings.index_file)
        assert best(search_engine, postgresql, "UVWX13579") == early
        slow.commit()
    assert best(search_engine, postgresql, "QRST24683") == late
    with postgresql.transaction(reads_only=True) as session:
        assert index_file.changes_since(session, index_file.opened(session, settings.index_file))


def test_nothing_is_read_again_while_nothing_changed(database, town, monkeypatch, search_engine):
    best(search_engine, database, "ENXB09494")

    def refuse(*_args, **_values):
        raise AssertionError("the marks were read again")

    monkeypatch.setattr(marks, "living", refuse)
    assert best(search_engine, database, "ENXB09494") == town.kit_ids["ENXB09494"]


def test_new_primers_are_used(database, town, search_engine):
    best(search_engine, database, "ENXB09494")
    first = search_engine._held
    with database.transaction() as session:
        supplier = session.query(Supplier).first()
        session.add(Primer(supplier_id=supplier.id, forward="ACGGTTCATCGATGCAAGTC", reverse="TTGCAGGACTTACGATCCTG"))
    best(search_engine, database, "ENXB09494")
    assert len(search_engine._held.primers) == len(first.primers) + 1


def test_many_threads_share_one_engine_while_kits_come_in(either_database, either_town, new_kit):
    start = Barrier(5)
    found = []

    def look_up():
        start.wait()
        for _ in range(5):
            with either_database.transaction(reads_only=True) as session:
                answer = search_engine_of(session).identify(session, seen("ENXB09494"))
                found.append(answer.candidates[0].kit_id)

    threads = [Thread(target=look_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    for number in range(5):
        with either_database.transaction() as session:
            new_kit(session, f"QRST2468{number}")
    for thread in threads:
        thread.join(60)
    assert found == [either_town.kit_ids["ENXB09494"]] * 20


def test_a_reader_of_an_earlier_moment_is_answered_from_that_moment(
    either_database, either_town, new_kit, search_engine
):
    """Its transaction began before the import, so it cannot see the kit that others find already."""
    with either_database.open(reads_only=True) as early:
        marks.state(early)
        with either_database.transaction() as session:
            kit_id = new_kit(session, "QRST24680")
        assert best(search_engine, either_database, "QRST24680") == kit_id
        assert search_engine.identify(early, seen("QRST24680")).verdict is not Verdict.IDENTIFIED
    assert best(search_engine, either_database, "QRST24680") == kit_id


def test_each_database_has_an_engine_of_its_own(database, town):
    with database.open() as one, database.open() as another:
        assert search_engine_of(one) is search_engine_of(another)
    apart = Database(database.url, database.context)
    with apart.open() as session, database.open() as one:
        assert search_engine_of(session) is not search_engine_of(one)
    apart.close()


def test_warming_reads_the_marks_at_once(database, town):
    with database.transaction(reads_only=True) as session:
        assert search_engine_of(session).warm(session) == 3


def test_a_small_register_makes_no_file(database, town, settings):
    with database.transaction(reads_only=True) as session:
        search_engine_of(session).identify(session, seen("ENXB09494"))
    assert not settings.index_file.exists()
    assert search_snapshot.MOST_HELD > 3


@pytest.mark.parametrize("text", ["", "?", "\u0000", "Å" * 5000])
def test_any_text_is_answered(database, town, text, search_engine):
    assert best(search_engine, database, text) is None
