"""One request, one transaction: what is committed when, what is undone, and what a reader sees when it fails."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry import clock
from registry.access import Permission, needs
from registry.database import Database
from registry.errors import Conflict, KeyFault, WrongPin
from registry.models.accounts import Organisation, OrganisationKind
from registry.request_scope import database as current_database
from registry.request_scope import db
from registry.services import audit
from registry.services.actor import PUBLIC, Role

CANARY = "Storgatan 7 i Kanariefågelby"


def leave_a_trace() -> None:
    audit.record(db(), PUBLIC, audit.Action.LOG_READ, "log:trace")


def traces(database: Database) -> int:
    with database.transaction(reads_only=True) as session:
        return len(audit.newest(session, subject="log:trace"))


@pytest.fixture
def route(app: Flask) -> Callable[..., None]:
    """Adds a view to the real application: ``route(path, view, methods, writes=…)``."""

    def add(path: str, view: Callable[..., Any], *methods: str, writes: bool = False) -> None:
        marked = needs(Permission.ANYONE, writes=writes)(view)
        app.add_url_rule(path, endpoint=path.strip("/"), view_func=marked, methods=methods or ("POST",))
        app.config["WTF_CSRF_ENABLED"] = False

    return add


def test_what_a_view_wrote_is_committed_before_its_answer_is_read(client, route, database) -> None:
    def view() -> str:
        leave_a_trace()
        return "done"

    route("/trace", view)
    answer = client.post("/trace", buffered=False)
    assert traces(database) == 1
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Conflict(what="The item", reason="it was handed over"), 409),
        (KeyFault(problem="it is gone", allowed="the key"), 500),
        (ZeroDivisionError("of ours"), 500),
    ],
)
def test_a_refusal_and_a_crash_undo_what_was_written(client, route, database, fault: Exception, status: int) -> None:
    def view() -> str:
        leave_a_trace()
        raise fault

    route("/trace", view)
    assert client.post("/trace").status_code == status
    assert traces(database) == 0


@pytest.mark.parametrize("status", [400, 403, 404, 413, 503])
def test_an_http_error_raised_half_way_undoes_what_was_written(client, route, database, status: int) -> None:
    def view() -> str:
        leave_a_trace()
        abort(status)

    route("/trace", view)
    assert client.post("/trace").status_code == status
    assert traces(database) == 0


def test_a_counted_wrong_try_survives_its_refusal(client, route, database) -> None:
    def view() -> str:
        leave_a_trace()
        raise WrongPin

    route("/trace", view)
    assert client.post("/trace").status_code == 422
    assert traces(database) == 1


@pytest.fixture
def failing_commit(app: Flask) -> Iterator[list[str]]:
    """The next commit of a writing session fails, as when the disk is full."""
    calls: list[str] = []

    def refuse(session: Session) -> None:
        if session.new or session.dirty or session.info.get("fail"):
            calls.append("refused")
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(Session, "before_commit", refuse)
    yield calls
    event.remove(Session, "before_commit", refuse)


def test_when_the_commit_fails_nothing_is_shown_and_nothing_is_kept(
    client, route, database, failing_commit: list[str]
) -> None:
    def view() -> str:
        leave_a_trace()
        db().info["fail"] = True
        return "a name that must not be seen"

    route("/trace", view)
    answer = client.post("/trace")
    assert failing_commit == ["refused"]
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert b"must not be seen" not in answer.data
    assert "Content-Security-Policy" in answer.headers
    assert traces(database) == 0


def test_a_signed_in_reader_gets_a_page_even_when_the_transaction_is_broken(app, route, people, database) -> None:
    """The page's head asks for the reader's name, which a broken transaction can no longer tell."""

    def view() -> str:
        db().execute(text("INSERT INTO department (organisation_id, name) VALUES (999, 'x')"))
        return "never"

    route("/trace", view)
    answer = people.browser(people.resident()).post("/trace")
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer.headers
    assert b"</html>" in answer.data


def test_a_get_that_would_write_is_refused_unless_its_rule_says_so(client, route, database) -> None:
    def view() -> str:
        leave_a_trace()
        return "done"

    route("/honest", view, "GET", writes=True)
    assert client.get("/honest").status_code == 200
    assert traces(database) == 1


def test_a_get_whose_rule_says_nothing_cannot_write(client, route, database) -> None:
    def view() -> str:
        leave_a_trace()
        return "done"

    route("/sly", view, "GET")
    assert client.get("/sly").status_code >= 500
    assert traces(database) == 0


def test_no_request_keeps_a_connection(app, client, route, database) -> None:
    def view() -> str:
        raise ZeroDivisionError

    route("/trace", view)
    for _ in range(30):
        client.post("/trace")
        client.get("/help")
    assert current_database_of(app).engine.pool.checkedout() == 0


def current_database_of(app: Flask) -> Database:
    with app.app_context():
        return current_database()


def test_what_went_wrong_is_logged_without_anybodys_data(client, route, caplog: pytest.LogCaptureFixture) -> None:
    def view() -> str:
        raise ValueError(CANARY)

    route("/trace", view)
    with caplog.at_level(logging.DEBUG):
        assert client.post("/trace?who=Kanariefågelby").status_code == 500
    assert "ValueError" in caplog.text
    assert "test_request_scope.py" in caplog.text
    assert "Kanariefågelby" not in caplog.text


def test_a_page_of_another_site_cannot_change_anything(client, route, database) -> None:
    def view() -> str:
        leave_a_trace()
        return "done"

    route("/trace", view)
    for site in ("cross-site", "same-site"):
        assert client.post("/trace", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert traces(database) == 0
    assert client.post("/trace", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_form_is_taken_over_https_although_no_referrer_is_sent(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://register.example").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    data = {"csrf_token": token[1], "email": "karin@exempel.example", "password": "fel"}
    answer = client.post("/sign-in", base_url="https://register.example", data=data)
    assert answer.status_code == 401, answer.get_data(as_text=True)[:2000]


class Slow:
    """The body of a request whose sender stops half-way until ``go_on`` is set."""

    def __init__(self) -> None:
        self.parts = [b"name=xxxxx", b"x" * 90]
        self.half_sent, self.go_on = threading.Event(), threading.Event()

    def read(self, _size: int = -1) -> bytes:
        if len(self.parts) == 1:
            self.half_sent.set()
            self.go_on.wait(10)
        return self.parts.pop(0) if self.parts else b""

    readline = read


def seconds_a_writer_waits(browser: FlaskClient, method: str, database: Database) -> float:
    """While a slow sender is at it another writer commits; the sender goes on after a second."""
    body = Slow()
    environment = {
        "wsgi.input": body,
        "CONTENT_LENGTH": "100",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    sending = threading.Thread(target=lambda: browser.open("/trace", method=method, environ_overrides=environment))
    sending.start()
    assert body.half_sent.wait(5)
    threading.Timer(1.5, body.go_on.set).start()
    started = time.monotonic()
    with database.transaction() as session:
        session.add(Organisation(name="Annan", kind=OrganisationKind.POLICE, created_at=clock.now()))
    waited = time.monotonic() - started
    body.go_on.set()
    sending.join()
    return waited


def test_a_sender_that_stops_half_way_holds_up_nobody(app, route, people, database) -> None:
    def view() -> str:
        leave_a_trace()
        return request.form["name"]

    route("/trace", view)
    assert seconds_a_writer_waits(people.browser(people.resident()), "POST", database) < 1
    assert traces(database) == 1


def test_a_body_read_inside_the_transaction_would_hold_up_others(app, route, people, database) -> None:
    """The control: the same view, which first writes and then reads, where the body was not taken in before."""

    def view() -> str:
        leave_a_trace()
        return request.get_data(as_text=True)

    route("/trace", view, "GET", writes=True)
    assert seconds_a_writer_waits(people.browser(people.resident()), "GET", database) > 1


def test_a_busy_database_is_told_as_such_and_not_as_a_mistake(app, route, people, database) -> None:
    def view() -> str:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    route("/trace", view)
    answer = people.browser(people.staff(Role.OFFICER)).post("/trace")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_session_that_cannot_be_touched_does_not_break_the_answer(people, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.services import sessions

    def away(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    browser = people.browser(people.resident())
    monkeypatch.setattr(sessions, "touch", away)
    monkeypatch.setattr(sessions, "_TOUCH_EVERY", -sessions._TOUCH_EVERY)
    assert browser.get("/account").status_code == 200
