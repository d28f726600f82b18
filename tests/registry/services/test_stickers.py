"""Sticker numbers: given out once and for ever, one that counts for each item, cancelled ones kept and followed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from labels import markcode
from registry import clock
from registry.errors import Conflict, NotFound, ReportedStolen, Unavailable
from registry.models.audit import AuditEvent
from registry.models.items import CancelReason, Category, Item, Sticker, StickerStatus
from registry.services import items, stickers
from registry.services.stickers import Print

COUNTING = StickerStatus.ISSUED


def add_items(database: Any, owner_id: int, count: int) -> list[int]:
    with database.transaction() as session:
        made = [
            Item(owner_id=owner_id, name=f"Borr {place}", category=Category.TOOL, created_at=clock.now())
            for place in range(count)
        ]
        session.add_all(made)
        session.flush()
        return [item.id for item in made]


def rows(database: Any, item_id: int) -> list[Sticker]:
    with database.transaction() as session:
        found = session.scalars(select(Sticker).where(Sticker.item_id == item_id).order_by(Sticker.id)).all()
        session.expunge_all()
        return list(found)


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What ``count`` threads get or raise that all begin at the same moment."""
    start = threading.Barrier(count)

    def run() -> Any:
        start.wait(30)
        try:
            return act()
        except Exception as fault:  # noqa: BLE001 - the test looks at what came
            return fault

    with ThreadPoolExecutor(count) as pool:
        return [future.result(60) for future in [pool.submit(run) for _ in range(count)]]


def test_an_item_keeps_its_number_however_often_it_is_printed(either_database, either_town):
    town = either_town
    (drill,) = add_items(either_database, town.owner_id, 1)
    for copies in (1, 3):
        with either_database.transaction() as session:
            stickers.print_sheet(session, town.owner_account, [drill], Print("L7160", copies=copies))
    (row,) = rows(either_database, drill)
    assert (row.printed_count, row.status) == (4, COUNTING)
    assert row.printed_at is not None
    markcode.parse(row.number)


def test_somebody_elses_item_gets_no_number_and_the_own_beside_it_none_either(database, town):
    mine, other = add_items(database, town.owner_id, 2)
    with database.transaction() as session:
        session.execute(update(Item).where(Item.id == other).values(owner_id=town.owner_id, removed_at=clock.now()))
    with pytest.raises(NotFound), database.transaction() as session:
        stickers.issue(session, town.owner_account, [mine, other])
    assert rows(database, mine) == []


def test_many_who_print_the_same_things_at_once_get_the_same_numbers(either_database, either_town):
    town = either_town
    things = add_items(either_database, town.owner_id, 5)

    def issue() -> dict[int, str]:
        with either_database.transaction() as session:
            return stickers.issue(session, town.owner_account, things)

    answers = at_once(6, issue)
    assert all(answer == answers[0] for answer in answers), answers
    assert [len(rows(either_database, thing)) for thing in things] == [1] * 5
    assert len(set(answers[0].values())) == 5


@pytest.mark.postgresql
def test_without_lock_and_index_the_same_thing_gets_two_numbers(postgresql, fill_register, monkeypatch):
    """The control of the race: it is they that prevent it."""
    with postgresql.transaction() as session:
        town = fill_register(session)
        session.execute(text("DROP INDEX uq_sticker_item_id_issued"))
    (thing,) = add_items(postgresql, town.owner_id, 1)
    both, give_out = threading.Barrier(2), stickers._give_out
    monkeypatch.setattr(stickers, "_lock_own", lambda *_: None)

    def when_both_have_looked(*given: Any) -> dict[int, str]:
        both.wait(30)
        return give_out(*given)

    monkeypatch.setattr(stickers, "_give_out", when_both_have_looked)

    def issue() -> dict[int, str]:
        with postgresql.transaction() as session:
            return stickers.issue(session, town.owner_account, [thing])

    answers = at_once(2, issue)
    assert answers[0] != answers[1]
    assert len(rows(postgresql, thing)) == 2


@pytest.mark.parametrize("reason", [CancelReason.LOST, CancelReason.DAMAGED, CancelReason.MISPRINTED])
def test_a_cancelled_number_is_kept_and_the_next_print_gives_a_new_one(either_database, either_town, reason):
    town = either_town
    (drill,) = add_items(either_database, town.owner_id, 1)
    with either_database.transaction() as session:
        old = stickers.issue(session, town.owner_account, [drill])[drill]
    with either_database.transaction() as session:
        stickers.cancel(session, town.owner_account, drill, reason)
        assert stickers.of_item(session, town.owner_account, drill) == ""
        new = stickers.issue(session, town.owner_account, [drill])[drill]
        told = stickers.history(session, town.owner_account, drill)
    assert new != old
    assert [(line.number, line.reason) for line in told] == [(new, None), (old, reason)]
    assert told[1].cancelled_at is not None
    with either_database.transaction() as session:
        event = session.scalar(select(AuditEvent).where(AuditEvent.action == "sticker:cancelled"))
        assert event.details == {"item": drill, "reason": reason.value}
        assert event.actor == town.owner_account.label


def test_a_number_is_cancelled_once_by_whoever_comes_first(either_database, either_town):
    town = either_town
    (drill,) = add_items(either_database, town.owner_id, 1)
    with either_database.transaction() as session:
        stickers.issue(session, town.owner_account, [drill])

    def cancel() -> str:
        with either_database.transaction() as session:
            stickers.cancel(session, town.owner_account, drill, CancelReason.LOST)
            return "cancelled"

    answers = at_once(4, cancel)
    assert [answer for answer in answers if answer == "cancelled"] == ["cancelled"]
    assert all(isinstance(answer, NotFound) for answer in answers if answer != "cancelled")
    with either_database.transaction() as session:
        count = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "sticker:cancelled")
        assert session.scalar(count) == 1


def test_the_sticker_on_a_stolen_thing_cannot_be_cancelled(database, town):
    with pytest.raises(ReportedStolen) as refused, database.transaction() as session:
        stickers.cancel(session, town.owner_account, town.item_id, CancelReason.LOST)
    assert isinstance(refused.value, Conflict)
    assert [row.status for row in rows(database, town.item_id)] == [COUNTING]


@pytest.mark.parametrize("known", [True, False])
def test_an_item_without_a_sticker_or_of_somebody_else_has_nothing_to_cancel(database, town, known):
    (drill,) = add_items(database, town.owner_id, 1)
    with pytest.raises(NotFound), database.transaction() as session:
        stickers.cancel(session, town.owner_account, drill if known else 999_999, CancelReason.LOST)


def test_a_removed_item_takes_its_number_with_it(database, town):
    (drill,) = add_items(database, town.owner_id, 1)
    with database.transaction() as session:
        stickers.issue(session, town.owner_account, [drill])
        items.remove(session, town.owner_account, drill)
    (row,) = rows(database, drill)
    assert (row.status, row.cancel_reason) == (StickerStatus.CANCELLED, CancelReason.ITEM_REMOVED)


def test_a_number_that_was_ever_given_out_is_not_given_out_again(either_database, either_town, monkeypatch):
    town = either_town
    first, second = add_items(either_database, town.owner_id, 2)
    with either_database.transaction() as session:
        old = stickers.issue(session, town.owner_account, [first])[first]
        stickers.cancel(session, town.owner_account, first, CancelReason.LOST)
    fresh = markcode.issue()
    broken_source = iter([old, old, fresh])
    monkeypatch.setattr(markcode, "issue", lambda: next(broken_source))
    with either_database.transaction() as session:
        assert stickers.issue(session, town.owner_account, [second]) == {second: fresh}


def test_a_source_that_repeats_itself_gives_out_nothing(database, town, monkeypatch):
    first, second = add_items(database, town.owner_id, 2)
    number = markcode.issue()
    monkeypatch.setattr(markcode, "issue", lambda: number)
    with pytest.raises(Unavailable), database.transaction() as session:
        stickers.issue(session, town.owner_account, [first, second])
    assert rows(database, first) == rows(database, second) == []
