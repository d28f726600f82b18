"""Labels for the places of a municipality: chosen, made as a job, read back, and of no use to others."""

import re

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from registry.models.audit import AuditEvent
from registry.models.equipment import Location
from registry.models.labels import LabelJob
from registry.services.actor import Role

PATH = "/equipment/places/labels"


@pytest.fixture
def room(manager, database):
    """A room of the inventory: its id, its name and its building's."""
    with database.transaction() as session:
        row = session.scalars(select(Location).where(Location.parent_id.is_not(None)).order_by(Location.id)).first()
        return row.id, row.name, session.get_one(Location, row.parent_id).name


def ordered(fill_in, browser, places, **values):
    return fill_in(browser, PATH, **{"places": places, "stock": "L7163", "start": "1", "copies": "1", **values})


def test_a_room_gets_its_label_and_a_scan_shows_what_stands_there(manager, fill_in, app, room, database):
    number, name, building = room
    assert PATH in manager.get("/equipment").text
    answer = ordered(fill_in, manager, [number])
    assert answer.status_code == 303
    app.extensions["label_press"].stop()
    ready = manager.get(answer.location).text
    assert "1 etikett på 1 ark" in ready
    pdf = manager.get(re.search(r'href="([^"]+labels\.pdf)"', ready)[1]).get_data()
    with pypdfium2.PdfDocument(pdf) as document:
        words = " ".join(document[0].get_textpage().get_text_bounded().split())
        picture = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    assert building.split()[0] in words
    assert name.split()[0] in words
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.endswith(f"/L/{number}")
    for address in (f"/L/{number}", f"/l/{number}"):
        assert manager.get(address).location == f"/equipment?place={number}"
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "labels:printed"))
        assert event.details == {"places": 1, "stock": "L7163", "design": "room-label"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"places": []}, "Kryssa för minst en plats."),
        ({"places": [987654]}, "minst en plats i er kommun"),
        ({"stock": "L6008"}, "Välj"),
        ({"start": "15"}, "1 till 14"),
        ({"copies": "0"}, "1 till 20"),
    ],
)
def test_a_wrong_wish_is_refused_in_the_form(manager, fill_in, room, database, values, message):
    page = ordered(fill_in, manager, **{"places": [room[0]], **values})
    assert page.status_code == 422
    assert message in page.text
    with database.transaction() as session:
        assert session.scalars(select(LabelJob)).all() == []


def test_another_municipality_finds_neither_place_nor_label(manager, people, fill_in, room):
    other = people.browser(people.staff(Role.ASSET_MANAGER, "bo@annanby.example", "Annanby kommun"))
    assert other.get(f"/L/{room[0]}").status_code == 404
    assert "Inget att skriva ut" in other.get(PATH).text
    assert ordered(fill_in, manager, [room[0]]).status_code == 303, "the control"


def test_a_finder_who_scans_a_place_learns_nothing(client, room):
    answer = client.get(f"/L/{room[0]}")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_the_next_print_goes_on_at_the_first_free_place_of_the_sheet(manager, fill_in, app, room):
    answer = ordered(fill_in, manager, [room[0]], start="3", copies="2")
    assert 'value="1"' in re.search(r'<input[^>]*id="start"[^>]*>', manager.get(PATH).text)[0], "it is not made yet"
    app.extensions["label_press"].stop()
    assert manager.get(answer.location + "/labels.pdf").mimetype == "application/pdf"
    for address in (PATH, "/equipment/labels"):
        page = manager.get(address).text
        assert 'value="5"' in re.search(r'<input[^>]*id="start"[^>]*>', page)[0]
        assert re.search(r'<option value="L7163"[^>]* selected', page)
