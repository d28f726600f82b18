"""What is wrong in a form is said at its field, in the reader's words, and nothing is half done."""

import io
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from registry.database import Database
from registry.services import items, kits, markings, sessions
from registry.services.items import Category, ItemText

ITEM = {"name": "Cykel", "category": "bicycle", "kit_id": "1", "marked_on": "2026-01-02"}
STICKERS = {"items": "1", "stock": "L7160", "start": "1", "copies": "1"}
THEFT = {"items": "1", "police_number": "5000-K123456-26", "occurred_on": "2026-11-01"}


@pytest.fixture
def karin(people, database: Database) -> FlaskClient:
    """Karin's browser; she has kit 1 and item 1."""
    actor = people.resident()
    people.kit()
    with database.transaction() as session:
        kits.activate(session, actor, "ENXB09494", "71924865", "192.0.2.1")
        items.add(session, actor, ItemText("Karins cykel", Category.BICYCLE))
    client: FlaskClient = people.browser(actor)
    client.set_cookie("language", "sv")
    client.actor = actor
    return client


def send(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account").text)[1]
    return client.post(path, data={"csrf_token": token, **fields}, content_type="multipart/form-data")


def photo(content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), "foto.jpg"


def count(database: Database, client: FlaskClient) -> int:
    with database.transaction(reads_only=True) as session:
        return len(items.own(session, client.actor))


@pytest.mark.parametrize(
    ("path", "right", "field", "value", "words"),
    [
        ("/my/kits", {"code": "ENXB09494", "pin": "1"}, "code", "", "Skriv märksatsens kod"),
        ("/my/kits", {"code": "ENXB09494", "pin": "1"}, "code", "AB", "4 till 20 bokstäver och siffror"),
        ("/my/kits", {"code": "ENXB09494", "pin": "1"}, "pin", "", "Skriv märksatsens PIN"),
        ("/my/items/new", ITEM, "name", " ", "Skriv vad det är"),
        ("/my/items/new", ITEM, "category", "", "Välj vad det är"),
        ("/my/items/new", ITEM, "category", "spaceship", "Välj något i listan"),
        ("/my/items/new", ITEM, "value_sek", "tolv", "hela kronor"),
        ("/my/items/new", ITEM, "value_sek", "100000001", "högst 100 000 000"),
        ("/my/items/new", ITEM, "serial_number", "x" * 81, "Högst 80 tecken"),
        ("/my/items/new", ITEM, "description", "x" * 2001, "Högst 2000 tecken"),
        ("/my/items/new", ITEM, "photo", b"%PDF-1.7", "JPEG, PNG eller WebP"),
        ("/my/items/1/edit", {"name": "Cykel", "category": "bicycle"}, "name", "", "Skriv vad det är"),
        ("/my/items/1/marks", {"kit_id": "1", "places-0": "ram"}, "marked_on", "igår", "år-månad-dag"),
        ("/my/stickers", STICKERS, "items", "", "Kryssa för minst en sak"),
        ("/my/stickers", STICKERS, "stock", "L1", "Välj något i listan"),
        ("/my/stickers", STICKERS, "start", "22", "Arket har ingen plats 22. Tillåtet: 1 till 21."),
        ("/my/stickers", STICKERS, "start", "ett", "Skriv numret på en plats"),
        ("/my/stickers", STICKERS, "copies", "21", "från 1 till 20"),
        ("/my/thefts/new", THEFT, "police_number", "123", "5000-K123456-26"),
        ("/my/thefts/new", THEFT, "occurred_on", "2999-01-01", "Dagen har inte varit ännu"),
        ("/my/thefts/new", THEFT, "occurred_on", "1 nov", "år-månad-dag"),
        ("/my/thefts/new", THEFT, "place", "x" * 201, "Högst 200 tecken"),
        ("/account/contact", {"name": "Karin", "kind": "person"}, "phone", "ring mig", "Skriv numret med siffror"),
        ("/account/contact", {"name": "Karin", "kind": "person"}, "email", "karin", "Det är ingen e-postadress"),
        ("/account/contact", {"name": "Karin", "kind": "person"}, "kind", "organisation", "Välj ett av de två"),
        ("/account/password", {"current": "fel lösenord"}, "password", "kort", "12 till 128 tecken"),
    ],
)
def test_the_field_says_what_is_wrong(karin: FlaskClient, database, path: str, right, field: str, value, words) -> None:
    before = count(database, karin)
    sent = {**right, field: photo(value) if isinstance(value, bytes) else value}
    page = send(karin, path, **{name: given for name, given in sent.items() if given != ""})
    assert page.status_code == 422
    at_field = page.text.split(f'id="{field}-error"')
    assert len(at_field) == 2, f"no error at {field}"
    assert words in at_field[1][:400] or words in page.text
    assert count(database, karin) == before


def test_an_item_whose_photo_is_refused_is_not_half_added(karin: FlaskClient, database: Database) -> None:
    fields = {**ITEM, "places-0": "under sadeln", "photo": photo(b"\xff\xd8\xff\xe0 not a photo")}
    assert send(karin, "/my/items/new", **fields).status_code == 422
    assert count(database, karin) == 1


def test_what_was_written_is_still_there_after_an_error(karin: FlaskClient) -> None:
    page = send(karin, "/my/items/new", **{**ITEM, "category": "", "name": "Mormors klocka", "places-1": "boetten"})
    assert 'value="Mormors klocka"' in page.text
    assert 'value="boetten"' in page.text


def test_more_rows_come_without_script_and_keep_what_was_written(karin: FlaskClient) -> None:
    page = send(
        karin, "/my/items/1/marks", **{"kit_id": "1", "places-0": "ram", "places-1": "", "places-2": "", "more": "1"}
    )
    assert page.status_code == 200
    assert 'name="places-3"' in page.text
    assert 'value="ram"' in page.text


def test_twenty_rows_and_no_more(karin: FlaskClient) -> None:
    rows = {f"places-{number}": "ram" for number in range(20)}
    page = send(karin, "/my/items/1/marks", kit_id="1", marked_on="2026-01-02", more="1", **rows)
    assert 'name="places-20"' not in page.text
    rows["places-20"] = "en till"
    over = send(karin, "/my/items/1/marks", kit_id="1", marked_on="2026-01-02", **rows)
    assert over.status_code < 500


def test_a_row_is_taken_away_by_emptying_it(karin: FlaskClient, database: Database) -> None:
    first = {"kit_id": "1", "marked_on": "2026-01-02", "places-0": "ram", "places-1": "sadel"}
    assert send(karin, "/my/items/1/marks", **first).status_code == 303
    assert send(karin, "/my/items/1/marks", **{**first, "places-0": ""}).status_code == 303
    with database.transaction(reads_only=True) as session:
        assert markings.of_item(session, karin.actor, 1)[0].places == ("sadel",)


def test_somebody_elses_kit_is_no_choice(karin: FlaskClient, people) -> None:
    other: int = people.kit("CJSZ87051", "08724149")
    page = send(karin, "/my/items/1/marks", **{"kit_id": str(other), "marked_on": "2026-01-02", "places-0": "ram"})
    assert page.status_code == 422


def test_a_wrong_pin_is_answered_like_an_unknown_code_and_counted(karin: FlaskClient, people) -> None:
    people.kit("CJSZ87051", "08724149")

    def page_for(code: str, pin: str) -> tuple[int, str]:
        page = send(karin, "/my/kits", code=code, pin=pin)
        return page.status_code, re.sub(r'value="[^"]*"', "", page.text)

    assert page_for("CJSZ87051", "00000000") == page_for("QQQQ00000", "00000000")
    for _ in range(4):
        page_for("CJSZ87051", "00000000")
    assert page_for("CJSZ87051", "08724149")[0] == 429


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(karin: FlaskClient, people) -> None:
    other = people.browser(karin.actor)
    fields = {"current": "vinter i Exempelby", "password": "en katt på taket"}
    assert send(karin, "/account/password", **{**fields, "current": "fel lösenord"}).status_code == 401
    assert other.get("/my").status_code == 200
    assert send(karin, "/account/password", **fields).status_code == 303
    assert karin.get("/my").status_code == 200
    assert other.get("/my").status_code == 302


def test_signing_out_everywhere_ends_this_session_too(karin: FlaskClient, people, database: Database) -> None:
    other = people.browser(karin.actor)
    assert send(karin, "/account/sign-out-everywhere").headers["Location"] == "/sign-in"
    assert (karin.get("/my").status_code, other.get("/my").status_code) == (302, 302)
    with database.transaction() as session:
        assert sessions.end_all(session, karin.actor) == 0


def test_contact_data_and_language_are_kept(karin: FlaskClient) -> None:
    fields = {"name": "Karin Öberg", "kind": "household", "phone": "070-123 45 67", "address": "Ågatan 2\r\n123 45 Ö"}
    assert send(karin, "/account/contact", **fields).status_code == 303
    page = karin.get("/account").text
    assert "Karin Öberg" in page
    assert "Hela hushållet" in page
    assert send(karin, "/account/language", language="en").status_code == 303
    assert "My whole household" in karin.get("/account").text


def test_a_photo_is_added_and_deleted_on_the_items_page(karin: FlaskClient) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "PNG")
    assert send(karin, "/my/items/1/photos", photo=photo(file.getvalue())).status_code == 303
    page = karin.get("/my/items/1").text
    uid = re.search(r"/my/photos/(\w+)\.jpg", page)[1]
    assert send(karin, f"/my/photos/{uid}/remove").status_code == 303
    assert uid not in karin.get("/my/items/1").text
    assert send(karin, "/my/items/1/photos", photo=photo(b"GIF89a")).status_code == 303
    assert "JPEG, PNG eller WebP" in karin.get("/my/items/1").text


def test_removing_asks_first_and_then_removes(karin: FlaskClient) -> None:
    assert karin.get("/my/items/1/remove").status_code == 200
    assert send(karin, "/my/items/1/remove").status_code == 303
    assert karin.get("/my/items/1").status_code == 404


@pytest.mark.parametrize("path", ["/my", "/my/kits", "/my/items/new", "/my/stickers", "/my/thefts", "/my/thefts/new"])
def test_pages_open_for_somebody_who_has_nothing_yet(people, path: str) -> None:
    assert people.browser(people.resident()).get(path).status_code == 200
