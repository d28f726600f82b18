"""Blank stickers as a resource: ordered, listed, printed again, cancelled, by an asset manager's program alone."""

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from labels import markcode
from registry.models.audit import AuditEvent
from registry.models.items import Sticker, StickerStatus
from registry.models.owners import Owner
from registry.services import access_tokens, blank_stickers
from registry.services.actor import OPERATOR, Role

PATH = "/api/v1/blank-stickers"
CANCEL = f"{PATH}/cancel"
MANAGER = "forrad@exempelby.example"
BODY = {"count": 3}


@pytest.fixture
def manager(people):
    return people.staff(Role.ASSET_MANAGER, MANAGER)


@pytest.fixture
def program(manager, program_of):
    """Sends requests with the token of an asset manager whose municipality has no inventory yet."""
    return program_of(MANAGER)


@pytest.fixture
def other(people, program_of):
    """The same of another municipality."""
    people.staff(Role.ASSET_MANAGER, "bo@annanby.example", "Annanby kommun")
    return program_of("bo@annanby.example")


def rows_of(database):
    with database.transaction(reads_only=True) as session:
        return session.execute(select(Sticker.number, Sticker.status).order_by(Sticker.id)).all()


def waiting(program):
    answer = program("GET", PATH)
    assert answer.status_code == 200
    return answer.json["orders"]


def codes_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        codes = zxingcpp.read_barcodes(document[0].render(scale=300 / 72, grayscale=True).to_pil())
    return sorted(code.text.rpartition("/")[2] for code in codes)


def test_a_program_orders_asks_fetches_and_lists_what_it_ordered(program, app, database):
    ordered = program("POST", PATH, BODY | {"start": 4, "skip": [5], "package": "blå lådan", "language": "en"})
    assert (ordered.status_code, ordered.json["state"], ordered.json["total"]) == (202, "waiting", 3)
    app.extensions["label_press"].stop()
    done = program("GET", ordered.headers["Location"]).json
    assert (done["state"], done["made"], done["pages"], done["next_start"]) == ("done", 3, 1, 8)
    (order,) = waiting(program)
    assert order["order"] == done["blank_order"] == ordered.json["blank_order"]
    assert order["numbers"] == [number for number, _ in rows_of(database)]
    assert codes_on(program("GET", done["pdf"]).get_data()) == sorted(order["numbers"])


def test_the_newest_order_stands_first(program):
    first, second = (program("POST", PATH, BODY, key=key).json["blank_order"] for key in "ab")
    assert [order["order"] for order in waiting(program)] == [second, first]


def test_the_same_key_and_body_give_the_same_job_and_another_body_is_refused(program, database):
    first, again = (program("POST", PATH, BODY) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    for name in ("id", "blank_order"):
        assert first.json[name] == again.json[name]
    assert program("POST", PATH, {"count": 4}).status_code == 409
    assert len(rows_of(database)) == 3, "neither gave a number out"
    assert program("POST", PATH, BODY, key="b").json["id"] != first.json["id"]
    assert len(rows_of(database)) == 6


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 501}, "count"),
        ({"count": "3"}, "count"),
        ({"count": True}, "count"),
        ({}, "count"),
        ({"count": 3, "again": "2026-11-22T15:04:05+00:00"}, "count"),
        ({"again": "x" * 41}, "again"),
        (BODY | {"stock": "L6008"}, "stock"),
        (BODY | {"start": 22}, "start"),
        (BODY | {"start": 0}, "start"),
        (BODY | {"skip": [22]}, "skip"),
        (BODY | {"skip": list(range(1, 22))}, "skip"),
        (BODY | {"language": "no"}, "language"),
        (BODY | {"package": "x" * 61}, "package"),
        (BODY | {"copies": 2}, "copies"),
        (BODY | {"inventory_numbers": ["BGF-004002"]}, "inventory_numbers"),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_is_not_allowed_is_told_with_its_field_and_no_number_is_given_out(
    program, database, body, field, language
):
    answer = program("POST", PATH, body, **{"Accept-Language": language})
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["allowed"] or "21" in answer.json["detail"]
    assert rows_of(database) == []


def test_an_order_needs_a_key_and_json(program, database):
    assert program("POST", PATH, BODY, key="").json["field"] == "Idempotency-Key"
    for path in (PATH, CANCEL):
        assert program("POST", path, None).status_code == 415
    assert rows_of(database) == []


def test_a_municipality_with_two_thousand_waiting_is_told_to_link_or_cancel_some(program, monkeypatch, database):
    monkeypatch.setattr(blank_stickers, "MOST_HELD", 5)
    program("POST", PATH, BODY)
    refused = program("POST", PATH, BODY, key="b")
    assert (refused.status_code, refused.json["field"]) == (422, "count")
    assert "makulera" in program("POST", PATH, BODY, key="b", **{"Accept-Language": "sv"}).json["allowed"]
    assert len(rows_of(database)) == 3


def test_an_order_whose_link_has_ended_is_printed_once_more_with_its_numbers(program, app, database):
    order = program("POST", PATH, BODY).json["blank_order"]
    again = program("POST", PATH, {"again": order, "start": 10}, key="b")
    assert (again.status_code, again.json["total"], again.json["blank_order"]) == (202, 3, order)
    app.extensions["label_press"].stop()
    numbers = [number for number, _ in rows_of(database)]
    assert len(numbers) == 3
    assert codes_on(program("GET", again.json["pdf"]).get_data()) == sorted(numbers)
    assert program("POST", PATH, {"again": "2020-01-01T00:00:00+00:00"}, key="c").status_code == 404


def test_a_lost_sheet_is_cancelled_whole_or_number_by_number(program, database):
    first, second = (program("POST", PATH, BODY, key=key).json["blank_order"] for key in "ab")
    numbers = [number for number, _ in rows_of(database)]
    typed = markcode.grouped(numbers[3]).lower()
    body = {"orders": [first], "numbers": [numbers[0], typed], "reason": "lost"}
    assert program("POST", CANCEL, body).json == {"cancelled": 4}
    assert waiting(program) == [{**waiting(program)[0], "order": second, "numbers": numbers[4:]}]
    cancelled = [number for number, status in rows_of(database) if status is StickerStatus.CANCELLED]
    assert cancelled == numbers[:4]
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "sticker:cancelled"))
        assert (event.details["reason"], len(event.details["stickers"])) == ("lost", 4)
    assert program("POST", CANCEL, body).status_code == 404, "no number of the order waits any more"
    assert program("POST", CANCEL, {"numbers": numbers[3:5], "reason": "lost"}).status_code == 409
    assert [len(order["numbers"]) for order in waiting(program)] == [2], "all or none"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"orders": []}, "orders"),
        ({"reason": "stolen"}, "reason"),
        ({"reason": None}, "reason"),
        ({"numbers": ["4K7Q"]}, "numbers.0"),
        ({"numbers": [7]}, "numbers.0"),
        ({"numbers": ["x"] * 2001}, "numbers"),
        ({"orders": "all"}, "orders"),
        ({"why": "x"}, "why"),
    ],
)
def test_a_wrong_cancellation_is_told_with_its_field_and_nothing_is_cancelled(program, database, change, field):
    order = program("POST", PATH, BODY).json["blank_order"]
    answer = program("POST", CANCEL, {"orders": [order], "reason": "lost"} | change)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["allowed"]
    assert {status for _, status in rows_of(database)} == {StickerStatus.ISSUED}


def test_another_municipality_sees_and_changes_nothing(program, other, database):
    ordered = program("POST", PATH, BODY)
    order, number = ordered.json["blank_order"], rows_of(database)[0].number
    assert waiting(other) == []
    for path in (ordered.headers["Location"], ordered.json["pdf"]):
        assert other("GET", path).status_code == 404
    assert other("POST", PATH, {"again": order}).status_code == 404
    assert other("POST", CANCEL, {"orders": [order], "reason": "lost"}).status_code == 404
    for unknown in (number, markcode.issue()):
        refused = other("POST", CANCEL, {"numbers": [unknown], "reason": "lost"})
        assert refused.status_code == 409, "a number of another tells no more than one that never was"
    assert {status for _, status in rows_of(database)} == {StickerStatus.ISSUED}
    assert program("POST", CANCEL, {"orders": [order], "reason": "lost"}).status_code == 200, "the control"


def test_a_colleague_sees_the_numbers_of_the_municipality_but_not_anothers_job(program, people, program_of):
    ordered = program("POST", PATH, BODY)
    people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example")
    colleague = program_of("kollega@exempelby.example")
    assert [order["order"] for order in waiting(colleague)] == [ordered.json["blank_order"]]
    assert colleague("GET", ordered.headers["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", PATH, BODY), ("GET", PATH, None), ("POST", CANCEL, {"orders": [], "reason": "lost"})],
)
def test_no_other_role_and_no_revoked_token_gets_in(program, people, database, town, token_of, method, path, body):
    assert program(method, path, body).status_code not in {401, 403}, "the control"
    browser = people.browser(people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example"))
    before = rows_of(database)
    for email in ("karin@exempel.example", "lo@polisen.example"):
        assert program(method, path, body, Authorization=f"Bearer {token_of(email)}").status_code == 403
    assert program(method, path, body, Authorization=f"Bearer {town.token}").status_code == 401
    assert browser.open(path, method=method, json=body, headers={"Idempotency-Key": "b"}).status_code == 401
    with database.transaction() as session:
        access_tokens.revoke(session, OPERATOR, MANAGER, "etikettprogram")
    assert program(method, path, body).status_code == 401
    assert rows_of(database) == before


def test_an_order_is_logged_as_one_of_the_page_is(program, manager, database):
    program("POST", PATH, BODY)
    with database.transaction() as session:
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action.in_(["stickers:issued", "labels:printed"]))
            .order_by(AuditEvent.sequence)
        ).all()
        assert [event.action for event in events] == ["stickers:issued", "labels:printed"]
        assert {event.actor for event in events} == {manager.label}
        assert events[0].details == {"blank": 3}
        assert events[1].details == {"again": False, "blank": 3, "design": "blank-sticker", "stock": "L7160"}


def test_looking_makes_no_owner_of_a_municipality(program, database):
    assert waiting(program) == []
    with database.transaction() as session:
        assert session.scalars(select(Owner.id)).all() == []
