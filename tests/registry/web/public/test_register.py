"""Creating an account through the pages: the same answer whatever the address, nothing without the button."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.database import Database
from registry.services import accounts

PASSWORD = "en katt på taket"
EMAIL = "karin@exempel.example"


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)[1]
    return client.post(path, data={"csrf_token": token, **fields})


def test_known_and_unknown_addresses_are_answered_alike(app, people) -> None:
    people.resident(EMAIL)
    answers = []
    for email in (EMAIL, "ny@exempel.example"):
        client = app.test_client()
        sent = send(client, "/create-account", name="Karin", email=email, password=PASSWORD, kind="person")
        cookies = {name: len(value) for name, value in ((c.key, c.value) for c in client._cookies.values())}
        answers.append((sent.status_code, sent.headers["Location"], sent.data, cookies.keys()))
        again = send(client, "/confirm-again", email=email)
        answers[-1] += (again.status_code, again.headers["Location"], again.data)
    assert answers[0] == answers[1]


def test_opening_the_link_changes_nothing(client: FlaskClient, database: Database) -> None:
    send(client, "/create-account", name="Astrid", email="astrid@exempel.example", password=PASSWORD, kind="person")
    with database.transaction() as session:
        account = accounts.find_by_email(session, "astrid@exempel.example")
        token = accounts.issue_confirmation(session, account.id)
    for _ in range(3):
        assert client.get(f"/confirm/{token}").status_code == 200
    with database.transaction() as session:
        assert accounts.find_by_email(session, "astrid@exempel.example").email_confirmed_at is None


def test_the_page_of_the_link_carries_the_token_nowhere_else(client: FlaskClient) -> None:
    page = client.get("/confirm/hemligt-tecken")
    assert page.text.count("hemligt-tecken") == 1
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_spent_link_leads_to_a_new_one(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/confirm/x").text)[1]
    page = client.post("/confirm", data={"csrf_token": token, "token": "x", "password": PASSWORD})
    assert page.status_code == 404
    assert "/confirm-again" in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "astrid"), ("email", ""), ("name", ""), ("password", "elva tecken"), ("kind", "organisation")],
)
@pytest.mark.parametrize(("language", "summary"), [("sv", "rättas"), ("en", "put right")])
def test_what_is_wrong_is_said_at_the_field_in_the_readers_language(
    client: FlaskClient, field: str, value: str, language: str, summary: str
) -> None:
    client.set_cookie("language", language)
    right = {"name": "Astrid", "email": "astrid@exempel.example", "password": PASSWORD, "kind": "person"}
    page = send(client, "/create-account", **{**right, field: value})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert summary in page.text
    assert PASSWORD not in page.text


def test_a_person_signs_in_and_out(client: FlaskClient, people) -> None:
    people.resident(EMAIL)
    assert send(client, "/sign-in", email=EMAIL, password="inte mitt lösenord").status_code == 401
    assert (
        send(client, "/sign-in", email=EMAIL, password="vinter i Exempelby", next="//evil.example").status_code == 302
    )
    assert client.get("/my").status_code == 200
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/my").text)[1]
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert client.get("/my").headers["Location"].startswith("/sign-in")
