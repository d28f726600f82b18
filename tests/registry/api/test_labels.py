"""Labels as a resource: lists, an order, its progress and its PDF, for programs with an asset manager's token."""

import json
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select, update

from registry import clock
from registry.models.accounts import AccessToken, Account, Organisation
from registry.models.audit import AuditEvent
from registry.models.items import Sticker
from registry.models.labels import LabelJob
from registry.services import access_tokens, accounts, equipment_import
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parents[1] / "data" / "inventory-cp1252.csv"
MANAGER = "forrad@exempelby.example"
BODY = {"inventory_numbers": ["BGF-004002", "BGF-004123"]}


@pytest.fixture
def program(people, database, program_of):
    """Sends requests with the token of an asset manager whose municipality has the sample inventory."""
    people.staff(Role.ASSET_MANAGER, MANAGER)
    with database.transaction() as session:
        number = session.scalar(select(Organisation.id).where(Organisation.name == "Exempelby kommun"))
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), number)
    return program_of(MANAGER)


def text_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_bounded()


def test_a_program_orders_asks_and_fetches(program, app):
    ordered = program("POST", "/api/v1/labels", BODY | {"start": 4, "skip": [5], "package": "blå lådan"})
    assert (ordered.status_code, ordered.json["state"], ordered.json["total"]) == (202, "waiting", 2)
    app.extensions["label_press"].stop()
    done = program("GET", ordered.headers["Location"]).json
    assert (done["state"], done["made"], done["pages"], done["next_start"]) == ("done", 2, 1, 7)
    answer = program("GET", done["pdf"])
    assert answer.mimetype == "application/pdf"
    assert "BGF-004002" in text_on(answer.get_data())


def test_the_same_key_and_body_give_the_same_job_and_another_body_is_refused(program, database):
    first, again = (program("POST", "/api/v1/labels", BODY) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json["id"] == again.json["id"]
    assert program("POST", "/api/v1/labels", BODY | {"copies": 2}).status_code == 409
    assert program("POST", "/api/v1/labels", BODY, key="b").json["id"] != first.json["id"]
    with database.transaction() as session:
        assert len(session.scalars(select(Sticker.id)).all()) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"inventory_numbers": []}, "inventory_numbers"),
        ({"inventory_numbers": [7]}, "inventory_numbers.0"),
        ({"design": "certificate"}, "design"),
        ({"stock": "L6008"}, "stock"),
        ({"start": 22}, "start"),
        ({"start": 0}, "start"),
        ({"skip": [22]}, "skip"),
        ({"copies": 21}, "copies"),
        ({"language": "no"}, "language"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_not_allowed_is_told_with_its_field_and_no_number_is_given_out(program, database, change, field):
    answer = program("POST", "/api/v1/labels", BODY | change)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["allowed"] or "1 till 21" in answer.json["detail"]
    with database.transaction() as session:
        assert session.scalars(select(Sticker.id)).all() == []


def test_things_of_others_are_not_there(program, people, database):
    assert program("POST", "/api/v1/labels", {"inventory_numbers": ["BGF-004002", "X-1"]}).status_code == 404
    people.staff(Role.ASSET_MANAGER, "bo@annanby.example", "Annanby kommun")
    with database.transaction() as session:
        token = access_tokens.give(session, OPERATOR, "bo@annanby.example", "x", 1)
    answer = program("POST", "/api/v1/labels", BODY, Authorization=f"Bearer {token}")
    assert answer.status_code == 404


def test_a_job_is_there_for_its_orderer_alone_and_its_pdf_for_a_while(program, people, app, database):
    ordered = program("POST", "/api/v1/labels", BODY)
    people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example")
    with database.transaction() as session:
        token = access_tokens.give(session, OPERATOR, "kollega@exempelby.example", "x", 1)
    for path in (ordered.headers["Location"], ordered.json["pdf"]):
        assert program("GET", path, Authorization=f"Bearer {token}").status_code == 404
    app.extensions["label_press"].stop()
    with database.transaction() as session:
        session.execute(update(LabelJob).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert program("GET", ordered.headers["Location"]).json["state"] == "expired"
    assert program("GET", ordered.json["pdf"]).status_code == 410


def test_a_pdf_that_is_not_made_yet_is_a_conflict(program, app, database):
    ordered = program("POST", "/api/v1/labels", BODY)
    app.extensions["label_press"].stop()
    with database.transaction() as session:
        session.execute(update(LabelJob).values(pdf=None))
    assert program("GET", ordered.json["pdf"]).status_code == 409


@pytest.mark.parametrize("spoilt", ["unknown", "expired", "revoked", "disabled"])
def test_a_token_that_does_not_count_opens_nothing(program, database, spoilt):
    assert program("GET", "/api/v1/labels/none").status_code == 404, "the control: the token counts"
    headers = {"Authorization": "Bearer nonsense"} if spoilt == "unknown" else {}
    with database.transaction() as session:
        if spoilt == "expired":
            session.execute(update(AccessToken).values(expires_at=clock.now()))
        elif spoilt == "revoked":
            assert access_tokens.revoke(session, OPERATOR, MANAGER, "etikettprogram") == 1
        elif spoilt == "disabled":
            account = accounts.find_by_email(session, MANAGER)
            session.execute(update(Account).where(Account.id == account.id).values(disabled_at=clock.now()))
    assert program("GET", "/api/v1/labels/none", **headers).status_code == 401
    assert program("POST", "/api/v1/labels", BODY, **headers).status_code == 401


def test_a_signed_in_browser_and_other_roles_cannot_use_it(program, people, database, town):
    browser = people.browser(people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example"))
    assert browser.post("/api/v1/labels", json=BODY, headers={"Idempotency-Key": "a"}).status_code == 401
    with database.transaction() as session:
        token = access_tokens.give(session, OPERATOR, "karin@exempel.example", "x", 1)
    assert program("POST", "/api/v1/labels", BODY, Authorization=f"Bearer {token}").status_code == 403
    assert program("POST", "/api/v1/labels", BODY, Authorization=f"Bearer {town.token}").status_code == 401


def test_designs_and_stocks_can_be_listed_by_anybody_in_their_language(client):
    designs = client.get("/api/v1/label-designs", headers={"Accept-Language": "en"}).json["designs"]
    assert {"asset-label": "Asset label"}.items() <= {one["name"]: one["title"] for one in designs}.items()
    stocks = {one["code"]: one for one in client.get("/api/v1/label-stocks").json["stocks"]}
    assert stocks["L7160"]["places"] == 21
    assert {code for one in designs for code in one["stocks"]} == set(stocks)


def test_a_token_given_and_revoked_is_logged_without_its_text(program, database):
    with database.transaction() as session:
        access_tokens.revoke(session, OPERATOR, MANAGER, "etikettprogram")
        events = session.scalars(select(AuditEvent).where(AuditEvent.action.like("access:%"))).all()
        hashes = session.scalars(select(AccessToken.token_hash)).all()
    assert [event.action for event in events] == ["access:given", "access:revoked"]
    assert all(len(one) == 32 for one in hashes)
    assert json.dumps(events[0].details) == json.dumps({"token": 1, "days": 30, "scope": "labels"})
