"""The number of a tag or a vehicle leads from a reading, or from what an officer types, to the thing and its owner."""

import pytest
from sqlalchemy import func, select

from registry.models.audit import AuditEvent
from registry.models.readings import Identification, Reading
from registry.services import seizures, tag_marks
from registry.services.actor import Actor

TAG = "900 250000023921"
VIN = "WVWZZZ1JZXW000001"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def registered(database, town):
    with database.transaction() as session:
        for number in (TAG, VIN):
            tag_marks.register(session, town.owner_account, town.item_id, number)


@pytest.fixture
def english(officer):
    officer.set_cookie("language", "en")
    return officer


def tag_reading(text=TAG):
    return {"kind": "number", "symbology": "ISO11784", "text": text}


def test_a_stations_reading_of_a_tag_identifies_the_thing_and_names_no_owner(
    english, case_id, deliver, registered, fill_in
):
    told = deliver(tag_reading())
    assert (told["verdict"], told["grade"]) == ("identified", 4)
    assert told["tags"][0] | {"posterior": 1, "log10_likelihood_ratio": 9} == {
        "number": TAG,
        "kind": "iso11784",
        "exact": True,
        "differences": 0,
        "grade": 4,
        "posterior": 1,
        "log10_likelihood_ratio": 9,
        "item": "Cykel, Crescent",
        "reported_stolen": True,
    }
    page = english.get(f"/police/cases/{case_id}").get_data(as_text=True)
    for shown in ("RFID tag, ISO 11784", "Crescent", "exactly the registered one", "Whose is it?"):
        assert shown in page
    assert "Karin" not in page


def test_the_owner_behind_a_tag_is_shown_for_a_reason_and_the_thing_handed_over(
    english, case_id, deliver, registered, fill_in, database, town
):
    told = deliver(tag_reading())
    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Storgatan 1", _noon())
        item = seizures.add_item(session, town.officer, case_id, seizure, "Cykel, röd", "")
        tag_id = tag_marks.of_item(session, town.owner_account, town.item_id)[0].id
    address = f"/police/cases/{case_id}/readings/{told['id']}/tags/{tag_id}/owner"
    assert fill_in(english, address, reason="kort").status_code == 422
    shown = fill_in(english, address, reason="Återlämna cykeln som togs på Storgatan")
    assert "Karin Åkerlund" in shown.get_data(as_text=True)
    fill_in(
        english, f"/police/cases/{case_id}", f"/police/cases/{case_id}/readings/{told['id']}/attach", seized_item=item
    )
    handover = f"/police/cases/{case_id}/items/{item}/handover"
    page = english.get(handover).get_data(as_text=True)
    assert f"number {TAG}, grade +4" in page
    ground = page.split('name="ground"')[1].split('value="')[1].split('"')[0]
    done = fill_in(english, handover, ground=ground, identity_checked="driving licence")
    assert done.status_code == 302
    receipt = english.get(f"/police/cases/{case_id}/items/{item}/receipt.pdf")
    assert receipt.data.startswith(b"%PDF")


def test_a_number_taken_off_since_leads_to_nobody(english, case_id, deliver, registered, fill_in, database, town):
    told = deliver(tag_reading())
    with database.transaction() as session:
        tag_id = tag_marks.of_item(session, town.owner_account, town.item_id)[0].id
        tag_marks.remove(session, town.owner_account, town.item_id, tag_id)
    page = english.get(f"/police/cases/{case_id}").get_data(as_text=True)
    assert "taken off its thing since" in page
    address = f"/police/cases/{case_id}/readings/{told['id']}/tags/{tag_id}/owner"
    assert "any more" in english.get(address).get_data(as_text=True)
    assert deliver(tag_reading(), reading_id="R-2")["verdict"] == "not_registered"


def test_an_officer_types_a_vin_once_however_often_the_form_is_sent(english, case_id, registered, fill_in, database):
    address = f"/police/cases/{case_id}/type"
    for _ in range(2):
        assert fill_in(english, address, code="wvw zzz 1jz xw 000001", key=KEY).status_code == 302
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Reading)) == 1
        assert session.scalars(select(Identification.verdict)).one() == "identified"
        logged = session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "identification:made")).one()
    assert logged.startswith("account:")
    page = english.get(f"/police/cases/{case_id}").get_data(as_text=True)
    assert "typed by an officer" in page
    assert "Crescent" in page


def test_the_same_key_with_another_text_is_refused(english, case_id, registered, fill_in):
    address = f"/police/cases/{case_id}/type"
    fill_in(english, address, code=VIN, key=KEY)
    assert fill_in(english, address, code="ENXB09494", key=KEY).status_code == 409


@pytest.mark.parametrize("code", ["", "abc", "åäöåä", "x" * 65])
def test_what_no_mark_has_is_refused_and_leaves_nothing(english, case_id, fill_in, database, code):
    assert fill_in(english, f"/police/cases/{case_id}/type", code=code, key=KEY).status_code == 422
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Reading)) == 0


def test_a_typed_kit_code_and_sticker_go_the_same_way(english, case_id, fill_in):
    for number, code in enumerate(("ENX?09494", "4K7Q2M9XW3PZD7N")):
        key = f"{number:032x}"
        assert fill_in(english, f"/police/cases/{case_id}/type", code=code, key=key).status_code == 302
    page = english.get(f"/police/cases/{case_id}").get_data(as_text=True)
    assert page.count("Crescent") >= 2


def test_another_authority_cannot_type_into_the_case(other_officer, case_id):
    assert other_officer.get(f"/police/cases/{case_id}/type").status_code == 404


def _noon():
    from datetime import UTC, datetime

    return datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_actors_without_an_account_cannot_type(database, case_id):
    from registry.errors import NotPermitted
    from registry.services import typed_marks

    with database.transaction() as session, pytest.raises(NotPermitted):
        typed_marks.enter(session, Actor(label="station:1", station_id=1), case_id, KEY, VIN)
