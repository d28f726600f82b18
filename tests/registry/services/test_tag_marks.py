import threading

import pytest
from sqlalchemy import func, select

from registry.errors import InvalidInput, NotATagNumber, NotFound, TagTaken, TooManyAttempts
from registry.models.audit import AuditEvent
from registry.models.tag_marks import TagMark
from registry.services import items, tag_marks
from registry.services.items import Category, ItemText

VIN = "WVWZZZ1JZXW000001"
TAG = "900 250000023921"


def another_item(session, actor, name="Släpvagn"):
    return items.add(session, actor, ItemText(name, Category.VEHICLE))


def test_a_number_stands_for_one_thing_and_the_same_again_changes_nothing(either_database, either_town):
    owner, item_id = either_town.owner_account, either_town.item_id
    with either_database.transaction() as session:
        assert tag_marks.register(session, owner, item_id, TAG).already is False
        assert tag_marks.register(session, owner, item_id, "900-250000023921").already is True
        other = another_item(session, owner)
        with pytest.raises(TagTaken):
            tag_marks.register(session, owner, other, TAG)
        assert [line.shown for line in tag_marks.of_item(session, owner, item_id)] == [TAG]
        refused = session.scalar(select(func.count()).where(AuditEvent.action == "tag:refused"))
        assert refused == 1


def test_the_log_names_no_number(database, town):
    with database.transaction() as session:
        tag_marks.register(session, town.owner_account, town.item_id, VIN)
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "tag:registered")).one()
    assert VIN not in str(event.details) + event.subject


def test_a_number_taken_off_is_free_again_and_its_row_stays(database, town):
    owner = town.owner_account
    with database.transaction() as session:
        tag_marks.register(session, owner, town.item_id, VIN)
        tag_id = tag_marks.of_item(session, owner, town.item_id)[0].id
        tag_marks.remove(session, owner, town.item_id, tag_id)
        with pytest.raises(NotFound):
            tag_marks.remove(session, owner, town.item_id, tag_id)
        tag_marks.register(session, owner, another_item(session, owner), VIN)
        assert session.scalar(select(func.count()).select_from(TagMark)) == 2


def test_a_thing_that_leaves_the_list_takes_its_numbers_with_it(database, town):
    owner = town.owner_account
    with database.transaction() as session:
        item_id = another_item(session, owner)
        tag_marks.register(session, owner, item_id, VIN)
        items.remove(session, owner, item_id)
        heir = another_item(session, owner)
        tag_marks.register(session, owner, heir, VIN)
        held = session.execute(select(TagMark.item_id, TagMark.removed_at.is_(None)).order_by(TagMark.id)).all()
    assert [tuple(one) for one in held] == [(item_id, False), (heir, True)]


def test_somebody_elses_thing_is_not_there(database, town, people):
    stranger = people.resident("bo@exempel.example", "Bo Nilsson")
    with database.transaction() as session:
        for act in (
            lambda: tag_marks.register(session, stranger, town.item_id, VIN),
            lambda: tag_marks.remove(session, stranger, town.item_id, 1),
            lambda: tag_marks.of_item(session, stranger, town.item_id),
            lambda: tag_marks.register(session, town.officer, town.item_id, VIN),
        ):
            with pytest.raises(NotFound):
                act()


def test_whoever_asks_in_this_way_what_is_registered_is_slowed(database, town, people):
    stranger = people.resident("bo@exempel.example", "Bo Nilsson")
    with database.transaction() as session:
        tag_marks.register(session, town.owner_account, town.item_id, VIN)
        own = another_item(session, stranger)
        for _ in range(10):
            with pytest.raises(TagTaken):
                tag_marks.register(session, stranger, own, VIN)
        with pytest.raises(TooManyAttempts):
            tag_marks.register(session, stranger, own, VIN)


def test_a_thing_has_six_numbers_at_most(database, town):
    with database.transaction() as session:
        for number in range(tag_marks.MOST_TAGS):
            tag_marks.register(session, town.owner_account, town.item_id, f"90025000002392{number}")
        with pytest.raises(InvalidInput, match="at most 6"):
            tag_marks.register(session, town.owner_account, town.item_id, VIN)
        with pytest.raises(NotATagNumber):
            tag_marks.register(session, town.owner_account, town.item_id, "12345")


def test_of_four_who_register_one_number_at_once_exactly_one_has_it(either_database, either_town):
    owner = either_town.owner_account
    with either_database.transaction() as session:
        own = [another_item(session, owner, f"Släp {number}") for number in range(4)]
    outcomes: list[str] = []
    ready = threading.Barrier(4)

    def register(item_id: int) -> None:
        ready.wait()
        try:
            with either_database.transaction() as session:
                tag_marks.register(session, owner, item_id, VIN)
        except TagTaken:
            outcomes.append("taken")
        else:
            outcomes.append("registered")

    threads = [threading.Thread(target=register, args=(item_id,)) for item_id in own]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["registered", "taken", "taken", "taken"]
