"""The page of a sticker tells one bit, the same to everybody (threats T5 and T8)."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient

from labels import markcode
from registry.database import Database
from registry.services import items, stickers, suppliers, thefts
from registry.services.actor import OPERATOR
from registry.services.items import Category, ItemText
from registry.services.tables.source import Source
from registry.services.thefts import Theft

CANARIES = ("Karin", "Åkerlund", "Storgatan", "Crescent", "WK-4711", "070-000", "karin@")


@pytest.fixture
def marked(people, database: Database) -> Iterator[tuple]:
    actor = people.resident()
    with database.transaction() as session:
        item_id = items.add(session, actor, ItemText("Karins cykel", Category.BICYCLE, "Crescent", "", "WK-4711"))
        number = stickers.issue(session, actor, [item_id])[item_id]
    return actor, item_id, number


def body(client: FlaskClient, number: str) -> str:
    answer = client.get(f"/s/{number}")
    assert answer.status_code == 200
    return answer.text.replace(number, "NUMBER").replace(markcode.grouped(number), "GROUPED")


def test_unknown_unused_and_registered_numbers_have_the_same_page(client: FlaskClient, marked, database) -> None:
    actor, item_id, registered = marked
    unknown = markcode.issue()
    with database.transaction() as session:
        gone = items.add(session, actor, ItemText("Såg", Category.TOOL))
        cancelled = stickers.issue(session, actor, [gone])[gone]
        items.remove(session, actor, gone)
    same = {body(client, number) for number in (unknown, cancelled, registered)}
    assert len(same) == 1
    with database.transaction() as session:
        thefts.report(session, actor, [item_id], Theft("5000-K123456-26", date(2026, 11, 1), "Storgatan"))
    assert body(client, registered) not in same, "the control: a stolen one differs"
    assert body(client, unknown) in same


def test_headers_and_length_tell_no_more_than_the_page(client: FlaskClient, marked) -> None:
    _, _, registered = marked
    answers = [client.get(f"/s/{number}") for number in (markcode.issue(), registered)]
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


def test_the_page_is_the_same_whoever_is_signed_in(client: FlaskClient, people, marked) -> None:
    actor, _, registered = marked
    assert body(people.browser(actor), registered) == body(client, registered)


def test_nothing_of_owner_item_or_kit_is_shown(client: FlaskClient, marked, database: Database) -> None:
    actor, item_id, registered = marked
    with database.transaction() as session:
        thefts.report(session, actor, [item_id], Theft("5000-K123456-26", None, "Storgatan"))
    page = client.get(f"/s/{registered}", headers={"Accept-Language": "en"}).text
    assert "reported stolen" in page
    assert [canary for canary in (*CANARIES, "5000-K123456-26") if canary in page] == []


@pytest.mark.parametrize("path", ["/s/{}", "/S/{}"])
@pytest.mark.parametrize("spell", [str.upper, str.lower, markcode.grouped, lambda number: number.replace("0", "o")])
def test_the_number_may_be_spelt_as_people_and_scanners_do(client: FlaskClient, path: str, spell) -> None:
    assert client.get(path.format(spell("GW08A90QD9MNAQF"))).status_code == 200


@pytest.mark.parametrize("number", ["GW08A90QD9MNAQG", "GW08", "GW08A90QD9MNAQFF", "<script>alert(1)</script>", "ÅÄÖ"])
def test_a_misread_number_is_told_before_any_look_up(client: FlaskClient, number: str, monkeypatch) -> None:
    def looked_up(*_: object) -> bool:
        pytest.fail("a number whose check characters are wrong was looked up")

    monkeypatch.setattr(stickers, "is_reported_stolen", looked_up)
    answer = client.get(f"/s/{number}")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_the_page_asks_for_nothing(client: FlaskClient, marked) -> None:
    page = client.get(f"/s/{marked[2]}")
    assert "<form" not in page.text
    assert "/sign-in" not in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_looking_up_is_slowed_by_network_address(client: FlaskClient) -> None:
    codes = [client.get(f"/s/{markcode.issue()}").status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    slowed = client.get(f"/s/{markcode.issue()}")
    assert int(slowed.headers["Retry-After"]) > 0


def test_a_typed_number_leads_to_its_page_and_a_wrong_one_is_said_at_the_field(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/").text)[1]
    right = client.post("/check", data={"csrf_token": token, "number": " gw08-a90q d9mn aqf "})
    assert right.headers["Location"] == "/s/GW08A90QD9MNAQF"
    address = client.post("/check", data={"csrf_token": token, "number": "HTTP://127.0.0.1:8480/S/GW08A90QD9MNAQF"})
    assert address.headers["Location"] == "/s/GW08A90QD9MNAQF"
    for wrong in ("", "GW08", "https://evil.example/S/GW08A90QD9MNAQF"):
        page = client.post("/check", data={"csrf_token": token, "number": wrong})
        assert page.status_code == 422
        assert 'id="number-error"' in page.text


@pytest.fixture
def families(database: Database) -> None:
    """A supplier whose codes are eleven digits, the last of them a check digit."""
    rows = (
        "supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email;code_check\n"
        "Kontrollmärkt AB;[0-9]{11};;;;010-000 04 00;a@kontroll.example;luhn\n"
    )
    with database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("suppliers.csv", rows.encode()))


@pytest.mark.parametrize(
    ("code", "english", "swedish"),
    [
        ("79927398714", "at least one character is misread", "minst ett tecken är felläst"),
        ("7992-7398-713", "The police can ask whose it is", "Polisen kan ta reda på vems den är"),
    ],
)
@pytest.mark.usefixtures("families")
def test_the_code_of_a_mark_is_told_apart_from_a_sticker_by_its_shape_and_check(
    client: FlaskClient, fill_in, code: str, english: str, swedish: str
) -> None:
    for language, said in (("en", english), ("sv", swedish)):
        client.set_cookie("language", language)
        for page, status in ((fill_in(client, "/", "/check", number=code), 422), (client.get(f"/s/{code}"), 404)):
            assert page.status_code == status
            assert "Kontrollmärkt AB" in page.text
            assert said in page.text


@pytest.mark.usefixtures("families")
@pytest.mark.parametrize("number", ["GW08A90QD9MNAQG", "7992739871", "GW08"])
def test_what_is_like_no_suppliers_code_names_no_supplier(client: FlaskClient, number: str) -> None:
    assert "Kontrollmärkt" not in client.get(f"/s/{number}").text
