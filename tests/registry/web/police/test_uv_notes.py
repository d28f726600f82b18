"""UV findings on the case's page: noted with photo and sample, corrected without being erased, weighed with a code."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from registry import clock
from registry.models.audit import AuditEvent
from registry.services import samples, seizures, typed_marks


def a_photo():
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "purple").save(file, "JPEG")
    file.seek(0)
    return file


@pytest.fixture
def items(database, town, case_id):
    """Two seized items of the case: their ids."""
    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Källare på Storgatan", clock.now())
        return [seizures.add_item(session, town.officer, case_id, seizure, name, "") for name in ("Cykel", "Såg")]


@pytest.fixture
def path(case_id, items):
    return f"/police/cases/{case_id}/items/{items[0]}/uv"


@pytest.fixture
def note(fill_in, officer):
    """Opens the form at an address and sends it, with the key that stands in it."""

    def send(address, **values):
        key = re.search(r'name="key"[^>]*value="([0-9a-f]{32})"', officer.get(address).text)[1]
        return fill_in(officer, address, key=key, **{"colour": "red-pink", "spot": "under sadeln", **values})

    return send


def test_a_finding_stands_with_its_thing_its_photo_is_shown_and_its_sample_taken(
    note, officer, path, case_id, database
):
    assert path in officer.get(f"/police/cases/{case_id}").text
    answer = note(path, photo=(a_photo(), "spot.jpg"), seal_number="s-1234")
    assert answer.status_code == 302, answer.text
    page = officer.get(f"/police/cases/{case_id}").text
    for text in ("under sadeln", "S-1234"):
        assert text in page
    address = re.search(rf'src="(/police/cases/{case_id}/uv/\d+/photo\?size=small)"', page)[1]
    shown = officer.get(address)
    assert (shown.mimetype, shown.get_data()[:2]) == ("image/jpeg", b"\xff\xd8")
    with database.transaction() as session:
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {"uv:noted", "sample:taken", "photo:shown"} <= actions


def test_a_correction_may_move_it_to_another_thing_and_the_earlier_stays(note, officer, path, items, case_id, database):
    note(path, seal_number="S-1234")
    number = re.search(r'id="uv-(\d+)"', officer.get(f"/police/cases/{case_id}").text)[1]
    address = f"{path}?corrects={number}"
    assert 'value="under sadeln"' in officer.get(address).text
    answer = note(address, colour="yellow", spot="i skarven", seized_item=items[1], seal_number="S-77")
    assert answer.status_code == 302, answer.text
    page = officer.get(f"/police/cases/{case_id}").text
    assert page.index("under sadeln") < page.index("i skarven")
    assert page.count("is-corrected") == 1
    with database.transaction() as session:
        assert samples.bags_of_case(session, case_id).keys() == {items[1]}, "the mistaken number gets no label"
    assert note(address, seized_item=items[0]).status_code == 409, "a note is corrected once"


def test_code_and_colour_of_one_thing_are_weighed_together_on_the_page(
    note, officer, path, items, case_id, town, database
):
    with database.transaction() as session:
        typed_marks.enter(session, town.officer, case_id, "9" * 32, "ENX?09494", items[0])
    assert 'class="weighing"' not in officer.get(f"/police/cases/{case_id}").text
    note(path)
    page = officer.get(f"/police/cases/{case_id}").text
    weighing = page[page.index('class="weighing"') :]
    assert "ENXB09494" in weighing[: weighing.index("</div>")].replace("<wbr>", "").replace(" ", "")
    assert "Vägt tillsammans: 1 avläsning och 1 UV-fynd." in weighing
    note(path)
    assert "Vägt tillsammans: 1 avläsning och 2 UV-fynd." in officer.get(f"/police/cases/{case_id}").text


def test_links_to_correct_are_told_apart_by_ear(note, officer, path, case_id):
    note(path)
    link = re.search(r'>Rätta<span class="hidden-text">(.*?)</span>', officer.get(f"/police/cases/{case_id}").text)
    assert re.sub(r"<[^>]+>", "", link[1]).strip().startswith("1:1, UV-ljus, ")


def test_what_is_not_right_is_said_at_its_field_and_noted_nowhere(note, officer, path, case_id):
    for wrong in ({"colour": "mauve"}, {"colour": ""}, {"spot": " "}, {"photo": (io.BytesIO(b"%PDF-1.7"), "a.jpg")}):
        answer = note(path, **wrong)
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.text, wrong
    assert 'class="uv-note' not in officer.get(f"/police/cases/{case_id}").text


def test_a_note_and_its_photo_are_not_there_for_another_authority(note, officer, other_officer, path, case_id):
    note(path, photo=(a_photo(), "spot.jpg"))
    address = re.search(rf"/police/cases/{case_id}/uv/\d+/photo", officer.get(f"/police/cases/{case_id}").text)[0]
    for hidden in (address, path):
        assert other_officer.get(hidden).status_code == 404
