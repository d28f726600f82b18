"""Blank stickers: numbers before there is a thing, linked once by their owner alone, cancelled, printed again."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from labels import markcode
from registry import clock
from registry.errors import HasSticker, InvalidInput, NotFound, NotPermitted, StickerSpent
from registry.models.audit import AuditEvent
from registry.models.items import CancelReason, Category, Item, Sticker, StickerStatus
from registry.models.labels import LabelJob
from registry.services import blank_stickers, label_jobs, sheet_packages, stickers
from registry.services.blank_stickers import BlankWish


def order(database, actor, count=3, **values):
    """The numbers of an order, as they stand on its labels."""
    with database.transaction() as session:
        job = blank_stickers.order_labels(session, actor, BlankWish(count, "L7160", **values))
        labels = session.scalar(select(LabelJob.labels).where(LabelJob.uid == job.uid))
        return [markcode.parse(label[0].rpartition("/")[2]) for label in labels]


def add_items(database, owner_id, count=1):
    with database.transaction() as session:
        made = [
            Item(owner_id=owner_id, name=f"Borr {place}", category=Category.TOOL, created_at=clock.now())
            for place in range(count)
        ]
        session.add_all(made)
        session.flush()
        return [item.id for item in made]


def link(database, actor, number, item_id):
    with database.transaction() as session:
        blank_stickers.link(session, actor, number, item_id)
        return "linked"


def row(database, number):
    with database.transaction() as session:
        found = session.scalar(select(Sticker).where(Sticker.number == number))
        session.expunge_all()
        return found


def at_once(*acts):
    """What threads get or raise that all begin at the same moment."""
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait(30)
        try:
            return act()
        except Exception as fault:  # noqa: BLE001 - the test looks at what came
            return fault

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def test_an_order_gives_out_numbers_prints_them_and_is_logged(either_database, either_town):
    karin = either_town.owner_account
    numbers = order(either_database, karin, 30)
    assert len(set(numbers)) == 30
    label_jobs.make_waiting(either_database)
    rows = [row(either_database, number) for number in numbers]
    assert {(one.owner_id, one.item_id, one.printed_count) for one in rows} == {(either_town.owner_id, None, 1)}
    with either_database.transaction() as session:
        (held,) = blank_stickers.held(session, karin)
        assert held.numbers == numbers
        issued = session.scalar(select(AuditEvent).where(AuditEvent.action == "stickers:issued"))
        assert (issued.details, issued.actor) == ({"blank": 30}, karin.label)
        printed = session.scalar(select(AuditEvent).where(AuditEvent.action == "labels:printed"))
        assert printed.details["blank"] == 30


def test_whoever_waits_gets_the_pdf_and_its_numbers_at_once_with_the_same_log(database, town):
    wish = BlankWish(3, "L7160", start=4, package="blå lådan")
    with database.transaction() as session:
        given_out, sheet = blank_stickers.print_labels(session, town.owner_account, wish)
        assert (sheet.pdf[:5], sheet.stickers, sheet.pages, sheet.next_start) == (b"%PDF-", 3, 1, 7)
        assert blank_stickers.held(session, town.owner_account) == [given_out]
        assert session.scalar(select(func.count()).select_from(LabelJob)) == 0
        package = sheet_packages.named(session, town.owner_id, "blå lådan")
        assert (package.start, package.skip) == (7, frozenset())
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(2)).all()
        assert [event.action for event in events] == ["labels:printed", "stickers:issued"]
        assert events[0].details["pages"] == 1
    assert {row(database, number).printed_count for number in given_out.numbers} == {1}


def test_the_numbers_of_orders_are_those_that_wait_and_of_ones_own_alone(database, town, people):
    first, second = order(database, town.owner_account, 2), order(database, town.owner_account, 1)
    bo = people.resident("bo@exempel.example", "Bo Nilsson")
    with database.transaction() as session:
        newest, oldest = (one.key for one in blank_stickers.held(session, town.owner_account))
        assert blank_stickers.numbers_of(session, town.owner_account, ()) == []
        asked = [oldest, newest, oldest]
        assert blank_stickers.numbers_of(session, town.owner_account, asked) == [*first, *second]
        for actor, key in ((bo, oldest), (town.owner_account, "")):
            with pytest.raises(NotFound):
                blank_stickers.numbers_of(session, actor, [oldest, key])


@pytest.mark.parametrize("count", [0, -1, 501])
def test_too_few_or_too_many_are_refused_and_no_number_is_given_out(database, town, count):
    with pytest.raises(InvalidInput, match="1 to 500"):
        order(database, town.owner_account, count)
    with database.transaction() as session:
        assert blank_stickers.held(session, town.owner_account) == []


def test_whoever_has_two_thousand_waiting_links_or_cancels_some_first(database, town, monkeypatch):
    monkeypatch.setattr(blank_stickers, "MOST_HELD", 5)
    first = order(database, town.owner_account, 4)
    with pytest.raises(InvalidInput, match="link or cancel some first"):
        order(database, town.owner_account, 2)
    with database.transaction() as session:
        blank_stickers.cancel(session, town.owner_account, first[:1], CancelReason.LOST)
    assert len(order(database, town.owner_account, 2)) == 2


def test_a_blank_number_is_linked_to_a_thing_once_and_logged(either_database, either_town):
    karin = either_town.owner_account
    number, other, _ = order(either_database, karin)
    thing, second = add_items(either_database, either_town.owner_id, 2)
    link(either_database, karin, markcode.grouped(number).lower(), thing)
    assert row(either_database, number).item_id == thing
    with pytest.raises(HasSticker):
        link(either_database, karin, other, thing)
    with pytest.raises(StickerSpent):
        link(either_database, karin, number, second)
    with either_database.transaction() as session:
        assert stickers.issue(session, karin, [thing]) == {thing: number}, "a print of the thing keeps it"
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "sticker:linked"))
        assert (event.details, event.actor) == ({"item": thing}, karin.label)
        assert [len(one.numbers) for one in blank_stickers.held(session, karin)] == [2]


def test_anothers_number_or_thing_is_not_there(database, town, people):
    bo = people.resident("bo@exempel.example", "Bo Nilsson")
    (number, *_), (thing,) = order(database, town.owner_account), add_items(database, town.owner_id)
    (own,) = add_items(database, bo.owner_id)
    for item_id in (own, thing):
        with pytest.raises(NotFound):
            link(database, bo, number, item_id)
    for wrong in (markcode.issue(), "GW08A90QD9MNAQG", "", "x" * 5000):
        with pytest.raises(NotFound):
            link(database, town.owner_account, wrong, thing)
    with database.transaction() as session:
        assert not blank_stickers.is_own(session, bo, number)
        assert blank_stickers.held(session, bo) == []
    with pytest.raises(StickerSpent), database.transaction() as session:
        blank_stickers.cancel(session, bo, [number], CancelReason.LOST)
    with pytest.raises(NotFound):
        order(database, bo, again=[number])
    with pytest.raises(NotPermitted):
        order(database, town.officer)
    assert row(database, number).item_id is None
    assert link(database, town.owner_account, number, thing) == "linked", "the control"


def test_a_cancelled_number_is_kept_and_can_be_linked_no_more(database, town):
    numbers, (thing,) = order(database, town.owner_account), add_items(database, town.owner_id)
    with database.transaction() as session:
        blank_stickers.cancel(session, town.owner_account, numbers[:2], CancelReason.LOST)
    with pytest.raises(StickerSpent):
        link(database, town.owner_account, numbers[0], thing)
    with pytest.raises(StickerSpent), database.transaction() as session:
        blank_stickers.cancel(session, town.owner_account, numbers[1:], CancelReason.LOST)
    assert row(database, numbers[2]).status is StickerStatus.ISSUED, "all or none"
    assert (row(database, numbers[0]).status, row(database, numbers[0]).cancel_reason) == (
        StickerStatus.CANCELLED,
        CancelReason.LOST,
    )
    ids = [row(database, number).id for number in numbers[:2]]
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "sticker:cancelled"))
        assert event.details == {"reason": "lost", "stickers": ids}


def test_what_waits_is_printed_again_with_its_numbers_and_nothing_else_is(database, town):
    numbers, (thing,) = order(database, town.owner_account, 4), add_items(database, town.owner_id)
    link(database, town.owner_account, numbers[1], thing)
    rest = [numbers[0], *numbers[2:]]
    assert order(database, town.owner_account, 0, again=list(reversed(rest))) == rest
    with pytest.raises(NotFound):
        order(database, town.owner_account, 0, again=numbers)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).where(Sticker.number.in_(numbers))) == 4


def test_of_two_who_link_one_number_at_once_one_wins(either_database, either_town):
    karin = either_town.owner_account
    number = order(either_database, karin)[0]
    things = add_items(either_database, either_town.owner_id, 4)
    answers = at_once(*(lambda thing=thing: link(either_database, karin, number, thing) for thing in things))
    assert [answer for answer in answers if answer == "linked"] == ["linked"]
    assert all(isinstance(answer, StickerSpent) for answer in answers if answer != "linked")
    assert row(either_database, number).item_id == things[answers.index("linked")]


def test_of_two_numbers_linked_to_one_thing_at_once_one_wins(either_database, either_town):
    karin = either_town.owner_account
    numbers, (thing,) = order(either_database, karin, 4), add_items(either_database, either_town.owner_id)
    answers = at_once(*(lambda number=number: link(either_database, karin, number, thing) for number in numbers))
    assert [answer for answer in answers if answer == "linked"] == ["linked"]
    assert all(isinstance(answer, HasSticker) for answer in answers if answer != "linked")
    assert [row(either_database, number).item_id for number in numbers].count(thing) == 1


def test_a_number_that_is_cancelled_and_linked_at_once_is_one_of_both(either_database, either_town):
    karin = either_town.owner_account
    number, (thing,) = order(either_database, karin)[0], add_items(either_database, either_town.owner_id)

    def cancel():
        with either_database.transaction() as session:
            blank_stickers.cancel(session, karin, [number], CancelReason.LOST)
            return "cancelled"

    answers = at_once(cancel, lambda: link(either_database, karin, number, thing))
    assert sorted(answer for answer in answers if isinstance(answer, str)) in (["cancelled"], ["linked"])
    held = row(either_database, number)
    assert (held.status is StickerStatus.CANCELLED) == (held.item_id is None)
