"""Access tokens of an account: made and shown once, used by a program, revoked; never somebody else's."""

import html
import re
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import select, update

from registry import clock
from registry.models.accounts import AccessToken
from registry.models.audit import AuditEvent
from registry.services.access_tokens import MOST
from registry.services.actor import Role

PASSWORD = "vinter i Exempelby"
PATH = "/account/tokens"


@pytest.fixture
def manager(people):
    return people.browser(people.staff(Role.ASSET_MANAGER))


@pytest.fixture
def made(fill_in):
    """The page that answers the form of a new token."""
    return lambda browser, name="ekonomisystemet", days=90, current=PASSWORD: fill_in(
        browser, PATH, name=name, days=days, current=current
    )


def token_on(page):
    return html.unescape(re.search(r'<input[^>]*id="token"[^>]*value="([^"]+)"', page.text)[1])


def asked_with(client, token):
    return client.get("/api/v1/labels/x", headers={"Authorization": f"Bearer {token}"}).status_code


def row_of(page):
    (row,) = re.findall(r"<tbody>(.*?)</tbody>", page.text, re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", row))).strip()


def events(database):
    with database.transaction() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action.like("access:%")))
        return [(event.action, event.actor, dict(event.details)) for event in found]


def test_a_token_is_shown_once_lets_a_program_in_and_is_revoked(manager, made, fill_in, client, database):
    assert "Åtkomstnycklar" in manager.get("/account").text
    page = made(manager)
    assert page.status_code == 201
    token = token_on(page)
    assert page.headers["Cache-Control"] == "no-store"
    listed = manager.get(PATH)
    assert token not in listed.text
    assert re.fullmatch(
        r"ekonomisystemet beställa etiketter .+ aldrig .+ I bruk Återkalla ekonomisystemet", row_of(listed)
    )

    assert asked_with(client, token) == 404, "no such job, but the program is let in"
    assert "aldrig" not in row_of(manager.get(PATH)), "the page shows that it was used"

    with database.transaction() as session:
        token_id = session.scalar(select(AccessToken.id))
    question = f"{PATH}/{token_id}/revoke"
    assert "Återkalla nyckeln för ekonomisystemet?" in manager.get(question).text
    assert fill_in(manager, question).status_code == 303
    assert asked_with(client, token) == 401
    assert "Återkallad" in row_of(manager.get(PATH))
    assert manager.get(question).status_code == 404
    assert [(action, details) for action, _, details in events(database)] == [
        ("access:given", {"token": token_id, "days": 90, "scope": "labels"}),
        ("access:revoked", {"tokens": [token_id]}),
    ]
    assert {actor.partition(":")[0] for _, actor, _ in events(database)} == {"account"}


def test_its_last_use_is_noted_once_a_minute_and_not_by_a_refused_token(manager, made, client, database):
    token = token_on(made(manager))

    def used_at():
        with database.transaction() as session:
            return session.scalar(select(AccessToken.used_at))

    asked_with(client, token + "x")
    assert used_at() is None
    asked_with(client, token)
    first = used_at()
    assert clock.now() - first < timedelta(seconds=20)
    asked_with(client, token)
    assert used_at() == first
    later = clock.now() + timedelta(minutes=2)
    with mock.patch.object(clock, "now", return_value=later):
        asked_with(client, token)
    assert used_at() == later


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"current": "fel lösenord"}, 401, "Det nuvarande lösenordet är fel."),
        ({"current": ""}, 422, "Skriv lösenordet du har nu."),
        ({"name": "  "}, 422, "Skriv ett namn."),
        ({"name": "x" * 81}, 422, "Högst 80 tecken."),
        ({"days": 3650}, 422, "Välj något i listan."),
    ],
)
def test_what_is_wrong_stands_in_the_form_and_no_token_is_made(manager, made, database, fields, status, message):
    page = made(manager, **fields)
    assert page.status_code == status
    assert message in page.text
    assert 'id="token"' not in page.text
    with database.transaction() as session:
        assert session.scalars(select(AccessToken)).all() == []


def test_a_name_counts_once_and_there_is_an_end_of_tokens(manager, made, database):
    assert made(manager).status_code == 201
    assert "ett namn som ingen av dina nycklar har" in made(manager, name=" ekonomisystemet ").text
    with database.transaction() as session:
        account_id = session.scalar(select(AccessToken.account_id))
        now = clock.now()
        for number in range(MOST - 1):
            session.add(
                AccessToken(token_hash=bytes([number]) * 32, account_id=account_id, name=f"p{number}", created_at=now,
                            expires_at=now + timedelta(days=1))
            )  # fmt: skip
    assert "20 nycklar samtidigt; återkalla en först" in made(manager, name="en till").text
    with database.transaction() as session:
        session.execute(update(AccessToken).where(AccessToken.name == "p0").values(expires_at=now))
    assert made(manager, name="en till").status_code == 201


def test_nobody_sees_or_revokes_a_token_of_somebody_else(manager, made, fill_in, people, client, database):
    token = token_on(made(manager))
    other = people.browser(people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example"))
    with database.transaction() as session:
        token_id = session.scalar(select(AccessToken.id))
    assert "ekonomisystemet" not in other.get(PATH).text
    assert other.get(f"{PATH}/{token_id}/revoke").status_code == 404
    assert fill_in(other, PATH, f"{PATH}/{token_id}/revoke").status_code == 404
    assert asked_with(client, token) == 404


def test_who_has_no_use_for_tokens_is_not_offered_any(people):
    resident = people.browser(people.resident())
    assert resident.get(PATH).status_code == 403
    assert PATH not in resident.get("/account").text
