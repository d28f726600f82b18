"""Labels of what a case holds, ordered by an officer's program: in the own authority, logged, fetched by a link."""

from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import select, update

from registry import clock
from registry.models.audit import AuditEvent
from registry.models.labels import LabelJob
from registry.services import samples, seizures
from registry.services.actor import Role

CASE = "5000-K123456-26"
PATH = f"/api/v1/cases/{CASE}/labels"


@pytest.fixture
def held(database, town, case_id):
    """Two things of one seizure, the first with a sample."""
    with database.transaction() as session:
        seizure_id = seizures.add(session, town.officer, case_id, "Källare på Storgatan", clock.now())
        bicycle = seizures.add_item(session, town.officer, case_id, seizure_id, "Cykel, röd", "Hylla 3")
        seizures.add_item(session, town.officer, case_id, seizure_id, "Borrmaskin", "")
        samples.take(session, town.officer, case_id, bicycle, "FS-204881")


@pytest.fixture
def program(town, program_of):
    """Sends requests with the token of the town's officer."""
    return program_of("lo@polisen.example")


def made(program, app, ordered):
    app.extensions["label_press"].stop()
    done = program("GET", ordered.headers["Location"]).json
    with pypdfium2.PdfDocument(program("GET", done["pdf"]).get_data()) as document:
        return done, document[0].get_textpage().get_text_bounded()


def test_all_things_of_a_case_are_labelled_and_the_order_is_logged_with_its_number(program, app, held, database):
    ordered = program("POST", PATH, {"start": 3})
    assert (ordered.status_code, ordered.json["state"], ordered.json["total"]) == (202, "waiting", 2)
    done, words = made(program, app, ordered)
    assert (done["state"], done["next_start"], done["replaced_characters"]) == ("done", 5, False)
    for text in (CASE, "1:1", "Cykel, röd", "Hylla 3", "1:2", "Borrmaskin"):
        assert text in words
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "labels:printed"))
        assert (event.case_number, event.details["things"]) == (CASE, 2)


def test_named_things_and_samples_can_be_chosen(program, app, held):
    one = program("POST", PATH, {"items": ["1:2"]})
    bags = program("POST", PATH, {"design": "sample-bag-label"}, key="b")
    _, words = made(program, app, one)
    assert "Borrmaskin" in words
    assert "Cykel" not in words
    done, words = made(program, app, bags)
    assert done["total"] == 1
    assert "FS-204881" in words


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"items": ["7:7"]}, 404, None),
        ({"items": ["1:2"], "design": "sample-bag-label"}, 422, "items"),
        ({"design": "asset-label"}, 422, "design"),
        ({"stock": "L6008"}, 422, "stock"),
        ({"start": 15}, 422, "start"),
        ({"copies": 21}, 422, "copies"),
        ({"package": "blå"}, 422, "package"),
    ],
)
def test_a_wrong_order_is_refused_with_its_field_and_a_right_one_is_taken(
    program, held, database, change, status, field
):
    refused = program("POST", PATH, change)
    assert (refused.status_code, refused.json.get("field")) == (status, field)
    with database.transaction() as session:
        assert session.scalars(select(LabelJob)).all() == []
    assert program("POST", PATH, {}).status_code == 202, "the control"


def test_the_same_order_gives_the_same_job_and_the_key_serves_no_other_case(program, held):
    first, again = (program("POST", PATH, {}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json["id"] == again.json["id"]
    assert program("POST", "/api/v1/cases/5000-K7-26/labels", {}).status_code == 409
    assert program("POST", PATH, {"copies": 2}).status_code == 409


def test_nobody_else_orders_or_fetches_them(program, client, people, app, town, held, token_of, database):
    ordered = program("POST", PATH, {})
    app.extensions["label_press"].stop()
    elsewhere = {"Authorization": f"Bearer {token_of('bo@polisen.example')}"}
    assert program("POST", PATH, {}, **elsewhere).status_code == 404
    for path in (ordered.headers["Location"], ordered.json["pdf"]):
        assert program("GET", path, **elsewhere).status_code == 404
        assert program("GET", path).status_code == 200, "the control: it is there for who ordered it"
    people.staff(Role.ASSET_MANAGER, "forrad@exempelby.example")
    manager = {"Authorization": f"Bearer {token_of('forrad@exempelby.example')}"}
    assert program("POST", PATH, {}, **manager).status_code == 403
    assert program("POST", "/api/v1/labels", {"inventory_numbers": ["A"]}).status_code == 403, "nor the other way round"
    assert people.browser(town.officer).post(PATH, json={}, headers={"Idempotency-Key": "a"}).status_code == 401
    assert client.post(PATH, json={}, headers={"Idempotency-Key": "a"}).status_code == 401


def test_its_link_ends(program, app, held, database):
    ordered = program("POST", PATH, {})
    app.extensions["label_press"].stop()
    assert program("GET", ordered.json["pdf"]).status_code == 200
    with database.transaction() as session:
        session.execute(update(LabelJob).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert program("GET", ordered.json["pdf"]).status_code == 410


def test_designs_for_a_case_are_listed_with_stocks_of_the_other_list(client):
    designs = client.get("/api/v1/case-label-designs").json["designs"]
    assert [one["name"] for one in designs] == ["seized-item-label", "sample-bag-label"]
    stocks = {one["code"] for one in client.get("/api/v1/label-stocks").json["stocks"]}
    assert {code for one in designs for code in one["stocks"]} <= stocks
