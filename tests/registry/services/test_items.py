"""Items, marks, stickers and thefts belong to their owner alone, and numbers are never given twice."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels import markcode
from registry import clock
from registry.database import Database
from registry.errors import InvalidInput, NoSuchPlace, NotFound, ReportedStolen, TooLong, TooManyAttempts, Unavailable
from registry.models.items import Marking, Sticker
from registry.models.kits import Kit
from registry.services import items, markings, owners, stickers, thefts
from registry.services.actor import OPERATOR, Actor
from registry.services.items import Category, ItemText
from registry.services.stickers import Print
from registry.services.thefts import Theft

BICYCLE = ItemText("Karins cykel", Category.BICYCLE, "Crescent", "Elda", "WK-4711", 12500, "Blå\r\nmed korg")
TODAY = date(2026, 11, 1)
POLICE_NUMBER = "5000-K123456-26"


def resident(session: Session) -> Actor:
    owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Karin Åkerlund"))
    return Actor(label=f"owner:{owner_id}", owner_id=owner_id)


@pytest.fixture
def karin(session: Session) -> Actor:
    return resident(session)


@pytest.fixture
def nils(session: Session) -> Actor:
    return resident(session)


@pytest.fixture
def item(session: Session, karin: Actor) -> int:
    return items.add(session, karin, BICYCLE)


def test_an_item_is_kept_as_it_was_told(session: Session, karin: Actor, item: int) -> None:
    held = items.one(session, karin, item)
    assert held.text.name == "Karins cykel"
    assert held.text.description == "Blå\nmed korg"
    assert [line.id for line in items.own(session, karin)] == [item]


def test_a_changed_item_is_told_anew(session: Session, karin: Actor, item: int) -> None:
    items.change(session, karin, item, ItemText("Mormors cykel", Category.BICYCLE))
    assert items.one(session, karin, item).text == ItemText("Mormors cykel", Category.BICYCLE)


def test_a_removed_item_takes_its_sticker_along(session: Session, karin: Actor, item: int) -> None:
    number = stickers.issue(session, karin, [item])[item]
    items.remove(session, karin, item)
    assert items.own(session, karin) == []
    with pytest.raises(NotFound):
        items.one(session, karin, item)
    assert session.scalars(select(Sticker.status).where(Sticker.number == number)).one() == "cancelled"


def test_an_item_that_is_reported_stolen_stays(session: Session, karin: Actor, item: int) -> None:
    thefts.report(session, karin, [item], Theft(POLICE_NUMBER))
    with pytest.raises(ReportedStolen):
        items.remove(session, karin, item)
    assert items.one(session, karin, item).stolen is True


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ItemText(" ", Category.TOOL)),
        ("name", ItemText("x" * 121, Category.TOOL)),
        ("maker", ItemText("Såg", Category.TOOL, maker="a\x07b")),
        ("description", ItemText("Såg", Category.TOOL, description="x" * 2001)),
        ("value_sek", ItemText("Såg", Category.TOOL, value_sek=-1)),
        ("value_sek", ItemText("Såg", Category.TOOL, value_sek=100_000_001)),
    ],
)
def test_a_description_that_is_not_allowed_names_its_field(session: Session, karin: Actor, field: str, text) -> None:
    with pytest.raises(InvalidInput) as refused:
        items.add(session, karin, text)
    assert refused.value.values["field"] == field
    assert items.own(session, karin) == []


FOREIGN: dict[str, Callable[[Session, Actor, int], object]] = {
    "see": items.one,
    "change": lambda session, who, item: items.change(session, who, item, BICYCLE),
    "remove": items.remove,
    "mark": lambda session, who, item: markings.mark(session, who, item, 1, ["under sadeln"], TODAY),
    "issue": lambda session, who, item: stickers.issue(session, who, [item]),
    "print": lambda session, who, item: stickers.print_sheet(session, who, [item], Print("L7160")),
    "report": lambda session, who, item: thefts.report(session, who, [item], Theft(POLICE_NUMBER)),
}


@pytest.mark.parametrize("act", FOREIGN)
def test_somebody_elses_item_is_not_there(session: Session, nils: Actor, item: int, act: str) -> None:
    with pytest.raises(NotFound):
        FOREIGN[act](session, nils, item)


def test_somebody_elses_marks_and_stickers_are_not_there(session: Session, nils, karin, item: int) -> None:
    stickers.issue(session, karin, [item])
    assert stickers.of_item(session, nils, item) == ""
    assert markings.of_item(session, nils, item) == []


def own_kit(database: Database, people: object, actor: Actor) -> int:
    kit_id: int = people.kit()
    with database.transaction() as session:
        values = {"owner_id": actor.owner_id, "activated_at": clock.now()}
        session.execute(update(Kit).where(Kit.id == kit_id).values(**values))
    return kit_id


def test_places_are_kept_in_order_and_replaced_by_new_ones(database: Database, people: object) -> None:
    actor = people.resident()
    kit_id = own_kit(database, people, actor)
    with database.transaction() as session:
        item_id = items.add(session, actor, BICYCLE)
        markings.mark(session, actor, item_id, kit_id, ["under sadeln", " ", "styrhuvudet"], TODAY)
        assert markings.of_item(session, actor, item_id)[0].places == ("under sadeln", "styrhuvudet")
        markings.mark(session, actor, item_id, kit_id, ["vänster vevarm"], TODAY)
        assert [marking.places for marking in markings.of_item(session, actor, item_id)] == [("vänster vevarm",)]
        markings.mark(session, actor, item_id, kit_id, ["", ""], TODAY)
        assert session.scalar(select(func.count()).select_from(Marking)) == 0


def test_marks_that_are_not_allowed_are_refused(database: Database, people: object) -> None:
    actor = people.resident()
    kit_id = own_kit(database, people, actor)
    with database.transaction() as session:
        item_id = items.add(session, actor, BICYCLE)
        for places, day, error in (
            (["x" * 121], TODAY, TooLong),
            (["x"] * 21, TODAY, InvalidInput),
            (["a\x00b"], TODAY, InvalidInput),
            (["ram"], clock.today() + timedelta(days=1), InvalidInput),
        ):
            with pytest.raises(error):
                markings.mark(session, actor, item_id, kit_id, places, day)


def test_a_kit_that_is_somebody_elses_cannot_be_marked_with(database: Database, people: object) -> None:
    kit_id = own_kit(database, people, people.resident())
    stranger = people.resident("nils@exempel.example", "Nils Ek")
    with database.transaction() as session:
        item_id = items.add(session, stranger, BICYCLE)
        with pytest.raises(NotFound):
            markings.mark(session, stranger, item_id, kit_id, ["ram"], TODAY)


def test_printing_again_keeps_the_number(session: Session, karin: Actor, item: int) -> None:
    first = stickers.print_sheet(session, karin, [item], Print("L7160", start=20, copies=3))
    number = stickers.of_item(session, karin, item)
    second = stickers.print_sheet(session, karin, [item], Print("L7651"))
    assert first.pdf.startswith(b"%PDF-")
    assert (first.stickers, first.pages, first.next_start) == (3, 2, 2)
    assert second.stickers == 1
    assert stickers.of_item(session, karin, item) == number
    assert markcode.parse(number) == number
    assert session.scalars(select(Sticker.printed_count)).one() == 4


@pytest.mark.parametrize(
    ("wish", "error", "field"),
    [
        (Print("L9999"), InvalidInput, "stock"),
        (Print("L7160", start=22), NoSuchPlace, "start"),
        (Print("L7160", start=0), NoSuchPlace, "start"),
        (Print("L7160", copies=0), InvalidInput, "copies"),
        (Print("L7160", copies=21), InvalidInput, "copies"),
    ],
)
def test_a_sheet_that_is_not_there_is_refused_before_a_number_is_issued(
    session: Session, karin: Actor, item: int, wish: Print, error: type[InvalidInput], field: str
) -> None:
    with pytest.raises(error) as refused:
        stickers.print_sheet(session, karin, [item], wish)
    assert refused.value.values["field"] == field
    assert stickers.of_item(session, karin, item) == ""


def test_a_number_that_is_taken_is_tried_anew(session: Session, karin: Actor, item: int, monkeypatch) -> None:
    taken = stickers.issue(session, karin, [item])[item]
    other = items.add(session, karin, BICYCLE)
    drawn = iter([taken, taken, markcode.issue()])
    monkeypatch.setattr(stickers.markcode, "issue", lambda: next(drawn))
    assert stickers.issue(session, karin, [other])[other] != taken


def test_a_random_source_that_is_stuck_is_noticed(session: Session, karin: Actor, item: int, monkeypatch) -> None:
    taken = stickers.issue(session, karin, [item])[item]
    other = items.add(session, karin, BICYCLE)
    monkeypatch.setattr(stickers.markcode, "issue", lambda: taken)
    with pytest.raises(Unavailable):
        stickers.issue(session, karin, [other])


def test_the_database_itself_refuses_a_number_twice(session: Session, karin: Actor, item: int) -> None:
    taken = stickers.issue(session, karin, [item])[item]
    row = {"number": taken, "owner_id": karin.owner_id, "item_id": item, "status": "issued", "issued_at": clock.now()}
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        session.execute(Sticker.__table__.insert().values(**row))


def test_two_who_print_the_same_item_at_once_get_one_number(either_database: Database) -> None:
    with either_database.transaction() as session:
        actor = resident(session)
        item_id = items.add(session, actor, BICYCLE)
    gate, numbers = threading.Barrier(6), []

    def run() -> None:
        gate.wait(10)
        with either_database.transaction() as session:
            numbers.append(stickers.issue(session, actor, [item_id])[item_id])

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(numbers) == 6
    assert len(set(numbers)) == 1


def test_all_or_none_of_the_items_are_reported(session: Session, karin: Actor, nils: Actor, item: int) -> None:
    foreign = items.add(session, nils, BICYCLE)
    with pytest.raises(NotFound):
        thefts.report(session, karin, [item, foreign], Theft(POLICE_NUMBER))
    other = items.add(session, karin, BICYCLE)
    thefts.report(session, karin, [other], Theft(POLICE_NUMBER))
    with pytest.raises(ReportedStolen):
        thefts.report(session, karin, [item, other], Theft(POLICE_NUMBER))
    assert items.one(session, karin, item).stolen is False


def test_a_report_is_withdrawn_once_and_by_its_owner(session: Session, karin: Actor, nils: Actor, item: int) -> None:
    theft_id = thefts.report(session, karin, [item], Theft(" 5000 k123456-26 ", TODAY, "Torget"))[0]
    assert thefts.own(session, karin)[0].police_number == POLICE_NUMBER
    with pytest.raises(NotFound):
        thefts.withdraw(session, nils, theft_id)
    thefts.withdraw(session, karin, theft_id)
    first = thefts.own(session, karin)[0].withdrawn_at
    thefts.withdraw(session, karin, theft_id)
    assert thefts.own(session, karin)[0].withdrawn_at == first
    assert thefts.report(session, karin, [item], Theft(POLICE_NUMBER)), "it may be stolen again"


@pytest.mark.parametrize("number", ["", "123", "5000-123456-26", "500-K123456-26", "5000-K12345678-26", "5000-K1-2026"])
def test_what_is_no_number_of_the_police_is_refused(session: Session, karin: Actor, item: int, number: str) -> None:
    with pytest.raises(InvalidInput, match="5000-K123456-26"):
        thefts.report(session, karin, [item], Theft(number))


@pytest.mark.parametrize(
    ("field", "theft"),
    [
        ("place", Theft(POLICE_NUMBER, place="x" * 201)),
        ("account", Theft(POLICE_NUMBER, account="x" * 2001)),
        ("account", Theft(POLICE_NUMBER, account="a\x00")),
        ("occurred_on", Theft(POLICE_NUMBER, occurred_on=date(1999, 12, 31))),
        ("occurred_on", Theft(POLICE_NUMBER, occurred_on=date(2999, 1, 1))),
    ],
)
def test_a_report_that_is_not_allowed_names_its_field(session: Session, karin, item: int, field: str, theft) -> None:
    with pytest.raises(InvalidInput) as refused:
        thefts.report(session, karin, [item], theft)
    assert refused.value.values["field"] == field


def test_the_public_learns_one_bit_and_is_slowed(session: Session, karin: Actor, item: int) -> None:
    number = stickers.issue(session, karin, [item])[item]
    assert stickers.is_reported_stolen(session, number, "192.0.2.1") is False
    theft_id = thefts.report(session, karin, [item], Theft(POLICE_NUMBER))[0]
    assert stickers.is_reported_stolen(session, number, "192.0.2.1") is True
    thefts.withdraw(session, karin, theft_id)
    assert stickers.is_reported_stolen(session, number, "192.0.2.1") is False
    for _ in range(57):
        stickers.is_reported_stolen(session, markcode.issue(), "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        stickers.is_reported_stolen(session, number, "192.0.2.1")
    assert stickers.is_reported_stolen(session, number, "192.0.2.2") is False
