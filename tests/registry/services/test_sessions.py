"""Sessions: how long they live, what ends them at once, and that nothing in the database opens one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, text

from registry.access import Permission, allows
from registry.errors import SignInRefused, TooManyAttempts
from registry.models.accounts import Account, Membership, SignInSession
from registry.services import accounts, sessions
from registry.services.actor import OPERATOR, Role

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMAIL, PASSWORD, ADDRESS = "karin@exempel.example", "vinter i Exempelby", "192.0.2.1"


@pytest.fixture
def clock_at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def started(database, email: str = EMAIL) -> str:
    with database.transaction() as session:
        return sessions.start(session, accounts.find_by_email(session, email))


def live(database, token: str) -> sessions.SignedIn | None:
    with database.transaction() as session:
        found = sessions.resume(session, token)
        if found is not None and found.needs_touch:
            sessions.touch(session, found.session_id)
        return found


@pytest.mark.parametrize(("minutes", "lives"), [(29, True), (31, False)])
def test_a_residents_session_ends_after_half_an_hour_without_a_click(database, people, clock_at_noon, minutes, lives):
    people.resident()
    token = started(database)
    clock_at_noon.move_to(NOON + timedelta(minutes=minutes))
    assert (live(database, token) is not None) is lives


@pytest.mark.parametrize(("minutes", "lives"), [(14, True), (16, False)])
def test_an_officers_session_ends_after_half_of_that(database, people, clock_at_noon, minutes, lives):
    people.staff(Role.OFFICER)
    token = started(database, "officer@exempel.example")
    clock_at_noon.move_to(NOON + timedelta(minutes=minutes))
    assert (live(database, token) is not None) is lives


@pytest.mark.parametrize(("role", "hours"), [(None, 12), (Role.OFFICER, 8), (Role.ADMINISTRATOR, 8)])
def test_a_session_ends_after_its_hours_however_busy_it_is(database, people, clock_at_noon, role, hours):
    email = EMAIL if role is None else f"{role.value}@exempel.example"
    if role is None:
        people.resident()
    else:
        people.staff(role)
    token = started(database, email)
    ended_after = None
    for minutes in range(0, 14 * 60, 10):
        clock_at_noon.move_to(NOON + timedelta(minutes=minutes))
        if live(database, token) is None:
            ended_after = minutes
            break
    assert ended_after == hours * 60 + 10


def test_a_clock_that_is_set_back_does_not_lengthen_a_session(database, people, clock_at_noon):
    people.resident()
    token = started(database)
    clock_at_noon.move_to(NOON + timedelta(minutes=20))
    assert live(database, token) is not None
    clock_at_noon.move_to(NOON - timedelta(minutes=40))
    assert live(database, token) is None


def test_clocks_of_two_servers_may_differ_a_little(database, people, clock_at_noon):
    """The control of the one before: not every difference ends a session, and none moves its last use back."""
    people.resident()
    token = started(database)
    clock_at_noon.move_to(NOON - timedelta(seconds=30))
    assert live(database, token) is not None
    with database.transaction() as session:
        sessions.touch(session, 1)
        assert session.scalar(select(SignInSession.seen_at)) == NOON


def test_an_ended_session_cannot_be_resurrected(database, people):
    actor = people.resident()
    token = started(database)
    with database.transaction() as session:
        running = sessions.resume(session, token)
        sessions.end(session, actor, running.session_id)
        # A request that was under way touches its session after it ended.
        sessions.touch(session, running.session_id)
    assert live(database, token) is None


def test_a_disabled_account_is_out_at_its_next_request(database, people):
    people.resident()
    browser = people.browser(people.staff(Role.OFFICER))
    assert browser.get("/account").status_code == 200
    with database.transaction() as session:
        accounts.disable(session, OPERATOR, "officer@exempel.example")
    assert browser.get("/account").status_code == 302
    with database.transaction() as session, pytest.raises(SignInRefused):
        sessions.sign_in(session, "officer@exempel.example", PASSWORD, ADDRESS)


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(database, people):
    actor = people.staff(Role.OFFICER)
    token = started(database, "officer@exempel.example")
    assert allows(live(database, token).actor, Permission.POLICE_WORK)
    with database.transaction() as session:
        session.execute(delete(Membership).where(Membership.account_id == actor.account_id))
    assert not allows(live(database, token).actor, Permission.POLICE_WORK)


def test_an_unknown_token_opens_nothing(database, people):
    people.resident()
    started(database)
    assert [live(database, token) for token in ("", "x", "0" * 43, "å" * 5)] == [None] * 4


def test_the_database_holds_no_token(database, people):
    """Who reads the database cannot sign in with what stands there."""
    people.resident()
    token = started(database)
    with database.transaction(reads_only=True) as session:
        row = session.execute(text("SELECT * FROM sign_in_session")).mappings().one()
        assert token not in str(dict(row))
        assert live(database, row["token_hash"].hex()) is None
    assert live(database, token) is not None


def test_tokens_are_long_random_and_never_the_same(database, people):
    people.resident()
    tokens = {started(database) for _ in range(200)}
    assert len(tokens) == 200
    assert min(len(token) for token in tokens) >= 43


def test_signing_in_takes_a_new_token_whatever_the_browser_brought(app, database, people):
    """Fixation: a token that somebody planted before is worth nothing after."""
    from re import search

    people.resident()
    browser = app.test_client()
    browser.set_cookie("markdna", "planted-by-somebody")
    page = browser.get("/sign-in").get_data(as_text=True)
    form = {"csrf_token": search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1], "email": EMAIL}
    answer = browser.post("/sign-in", data={**form, "password": PASSWORD})
    assert answer.status_code == 302
    first = browser.get_cookie("markdna").value
    assert first != "planted-by-somebody"
    browser.post("/sign-in", data={**form, "password": PASSWORD})
    second = browser.get_cookie("markdna").value
    assert second != first
    assert live(database, first) is None
    assert live(database, second) is not None


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(database, people):
    people.resident()
    told = []
    for email, password in ((EMAIL, "fel lösenord"), ("ingen@exempel.example", PASSWORD)):
        with database.transaction() as session, pytest.raises(SignInRefused) as refused:
            sessions.sign_in(session, email, password, ADDRESS)
        told.append(refused.value.explain(str))
    assert told[0] == told[1]


def test_both_take_the_work_of_one_password(database, people, monkeypatch: pytest.MonkeyPatch):
    actor = people.resident()
    with database.transaction() as session:
        session.get_one(Account, actor.account_id).password_hash = accounts.HASHER.hash(PASSWORD)
    checked: list[str] = []
    hasher = accounts.HASHER

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            checked.append(known[:30])
            return hasher.verify(known, password)

        def __getattr__(self, name: str) -> object:
            return getattr(hasher, name)

    monkeypatch.setattr(accounts, "HASHER", Counting())
    for email in (EMAIL, "ingen@exempel.example"):
        with database.transaction() as session, pytest.raises(SignInRefused):
            sessions.sign_in(session, email, "fel lösenord", ADDRESS)
    # The same parameters, so the same time: nobody can tell by waiting which addresses have an account.
    assert len(checked) == 2
    assert checked[0] == checked[1]


def test_the_sixth_try_has_to_wait_even_with_the_right_password(database, people, clock_at_noon):
    people.resident()
    for _ in range(5):
        with database.open() as session:
            with pytest.raises(SignInRefused):
                sessions.sign_in(session, EMAIL, "fel lösenord", ADDRESS)
            session.commit()
    with database.transaction() as session, pytest.raises(TooManyAttempts) as slowed:
        sessions.sign_in(session, EMAIL, PASSWORD, ADDRESS)
    clock_at_noon.move_to(NOON + timedelta(seconds=slowed.value.values["seconds"]))
    with database.transaction() as session:
        assert sessions.sign_in(session, EMAIL, PASSWORD, ADDRESS)


def test_an_old_hash_is_made_anew_at_a_right_sign_in(database, people):
    from argon2 import PasswordHasher

    people.resident()
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    with database.transaction() as session:
        accounts.find_by_email(session, EMAIL).password_hash = weaker.hash(PASSWORD)
    with database.transaction() as session:
        sessions.sign_in(session, EMAIL, PASSWORD, ADDRESS)
    with database.transaction() as session:
        known = session.scalar(select(Account.password_hash))
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
