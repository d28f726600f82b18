"""An inventory file that asks for tags of others is slowed and logged, whatever else it holds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock
from registry.errors import AskedForOthers, RefusedFile, TagTaken, TooManyAttempts
from registry.models.audit import AuditEvent
from registry.models.equipment import Equipment
from registry.models.tag_marks import TagMark
from registry.services import accounts, tag_marks
from registry.services.accounts import OrganisationKind
from registry.services.actor import OPERATOR, Role
from registry.services.equipment_import import ImportWishes, import_file
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source
from registry.services.throttle import Limit

FREE = "307E4DE5C2"
ALLOWED = Limit.TAG_NUMBER.value.free


def tag(number):
    return f"9002500000239{number:02d}"


def take(session, actor, rows, organisation="Exempelby kommun", **wishes):
    kind = OrganisationKind.MUNICIPALITY
    number = accounts.organisation_named(session, OPERATOR, organisation, kind)
    text = "\r\n".join(("Inventarienummer;Benämning;RFID/VIN", *rows, ""))
    return import_file(session, actor, Source.of_bytes("inventory.csv", text.encode()), number, ImportWishes(**wishes))


def asks_for(numbers, first=0):
    return [f"P-{first + place};Såg;{tag(number)}" for place, number in enumerate(numbers)]


def reasons(result):
    return [remark.reason for remark in result.refusals]


def logged(session):
    query = select(AuditEvent).where(AuditEvent.action == "tag:refused").order_by(AuditEvent.sequence)
    return [(event.actor, event.subject, event.details) for event in session.scalars(query)]


@pytest.fixture
def neighbour(database):
    """Another municipality has registered twenty numbers; gives their count."""
    with database.transaction() as session:
        take(session, OPERATOR, [f"N-{number};Röjsåg;{tag(number)}" for number in range(20)], "Annanby kommun")
    return 20


@pytest.fixture
def manager(people):
    return people.staff(Role.ASSET_MANAGER)


def test_after_too_many_numbers_of_others_a_file_learns_of_none_any_more_free_or_taken(database, manager, neighbour):
    with database.transaction() as session:
        rows = [*asks_for(range(neighbour)), f"P-90;Bil;{FREE}", "P-91;Stol;"]
        result = take(session, manager, rows)
        slowed = neighbour - ALLOWED + 1
        assert reasons(result) == [Reason.TAG_OF_ANOTHER] * ALLOWED + [Reason.TAG_SLOWED] * slowed
        assert result.refusals[-1].values["seconds"] >= 30
        # What has no number asks for nothing, and is taken.
        assert (result.taken, result.refused) == (1, neighbour + 1)
        assert session.scalar(select(TagMark.id).where(TagMark.number == FREE)) is None
        (entry,) = logged(session)
        assert entry[0] == manager.label
        assert entry[2] == {"kinds": {"iso11784": ALLOWED}, "slowed": slowed}
        assert tag(0) not in str(entry)


def test_files_and_single_numbers_are_counted_together(database, manager, neighbour):
    with database.transaction() as session:
        take(session, manager, ["P-1;Såg;", *asks_for(range(ALLOWED - 1), 10)])
        item_id = session.scalar(select(Equipment.item_id).where(Equipment.inventory_number == "P-1"))
        with pytest.raises(TagTaken):
            tag_marks.register(session, manager, item_id, tag(19))
        with pytest.raises(TooManyAttempts):
            tag_marks.register(session, manager, item_id, FREE)
        assert reasons(take(session, manager, asks_for([3]))) == [Reason.TAG_SLOWED]
        assert len(logged(session)) == 3


def test_whoever_waits_is_answered_again_and_own_numbers_are_never_held_back(database, manager, neighbour, monkeypatch):
    with database.transaction() as session:
        own = "P-90;Bil;307E4DE5C2"
        assert take(session, manager, [own]).taken == 1
        take(session, manager, asks_for(range(ALLOWED)))
        blocked = take(session, manager, [own, "P-91;Bil;307E4DE5C2", "P-92;Bil;WVWZZZ1JZXW000001"])
        assert (blocked.already, reasons(blocked)) == (1, [Reason.TAG_OF_ANOTHER, Reason.TAG_SLOWED])
        later = clock.now() + timedelta(hours=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert take(session, manager, ["P-92;Bil;WVWZZZ1JZXW000001"]).taken == 1


def test_two_things_of_the_same_municipality_with_one_number_are_no_try(database, manager):
    with database.transaction() as session:
        take(session, manager, [f"P-1;Bil;{FREE}"])
        for _ in range(ALLOWED + 1):
            assert reasons(take(session, manager, [f"P-2;Bil;{FREE}"])) == [Reason.TAG_OF_ANOTHER]
        assert logged(session) == []


def test_the_operator_is_not_slowed_but_logged(database, neighbour):
    with database.transaction() as session:
        result = take(session, OPERATOR, asks_for(range(neighbour)))
        assert reasons(result) == [Reason.TAG_OF_ANOTHER] * neighbour
        (entry,) = logged(session)
        assert (entry[0], entry[2]) == ("operator", {"kinds": {"iso11784": neighbour}, "slowed": 0})


@pytest.mark.usefixtures("neighbour")
def test_a_file_that_cannot_be_trusted_asks_for_nothing(database, manager):
    with database.transaction() as session:
        with pytest.raises(RefusedFile) as refused:
            take(session, manager, [*asks_for(range(3)), '"P-9;Såg;'])
        assert Reason.TAG_OF_ANOTHER not in {remark.reason for remark in refused.value.values["rows"]}


@pytest.mark.usefixtures("neighbour")
def test_a_refusal_of_the_whole_file_for_such_a_row_keeps_its_trace(database, manager):
    with database.transaction() as session:
        with pytest.raises(AskedForOthers) as refused:
            take(session, manager, [*asks_for(range(ALLOWED)), "P-90;Stol;"], strict=True)
        assert refused.value.keeps_changes
        assert len(logged(session)) == 1
        assert session.scalar(select(Equipment.id).where(Equipment.inventory_number == "P-90")) is None
        assert reasons(take(session, manager, asks_for([3]))) == [Reason.TAG_SLOWED]
