"""Threats T1 and T2: who the owner is and where she lives is found nowhere but where it may be.

Every route is opened by everybody, before and after the officer of the case had the owner shown. The only cells in
which a canary may stand are the owner's own, and those of the officer who gave the reason.
"""

import logging
import sqlite3
from pathlib import Path

import pytest

from registry.services import mail

OUTSIDERS = (
    "another resident",
    "officer of another authority",
    "asset_manager",
    "coordinator",
    "supplier",
    "administrator",
    "public",
    "station",
)
AFTER_A_REVEAL = {"police.ask_handover", "police.hand_over", "police.receipt", "police.show_owner"}
"""Where the officer who revealed an owner may read of her again: to hand her things over, with the receipt."""


def cells_with(register, canaries, read_text, name: str) -> set[str]:
    """The endpoints, of any method, whose answer to the visitor shows a canary."""
    visitor, found = register.visitors[name], set()
    client = register.browser(visitor)
    form = {"csrf_token": register.token(client), "reason": "", "number": "4K7Q2M9XW3PZD7N", "q": "Kanarie"}
    for rule in register.rules():
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            sent = {"query_string": {"q": "Kanarie", "page": "1"}} if method == "GET" else {"data": form}
            answer = client.open(register.address(rule), method=method, headers=visitor.headers, **sent)
            if any(canary in read_text(answer) for canary in canaries):
                found.add(rule.endpoint)
    return found


@pytest.mark.parametrize("name", OUTSIDERS)
def test_nobody_outside_finds_the_owner_on_any_page(revealed, canaries, read_text, name):
    assert cells_with(revealed, canaries, read_text, name) == set()


def test_the_officer_of_the_case_does_not_see_the_owner_before_giving_a_reason(register, canaries, read_text):
    assert cells_with(register, canaries, read_text, "officer") == set()


def test_after_a_logged_reveal_only_the_officer_sees_her_and_only_to_hand_over(revealed, canaries, read_text):
    assert cells_with(revealed, canaries, read_text, "officer") <= AFTER_A_REVEAL


def test_the_owner_sees_her_own_data(register, canaries, read_text):
    """The control: the sweep would notice a canary."""
    assert "residents.contact" in cells_with(register, canaries, read_text, "owner")


def test_the_reveal_itself_shows_her_once_its_reason_is_in_the_log(register, canaries, read_text):
    """The other control, and the way it is meant to go."""
    officer = register.visitors["officer"]
    client = register.browser(officer)
    rule = next(one for one in register.rules() if one.endpoint == "police.show_owner" and "POST" in one.methods)
    reason = "Återlämna cykeln som togs på Storgatan"
    form = {"csrf_token": register.token(client), "reason": reason}
    page = read_text(client.post(register.address(rule), data=form))
    assert all(canary in page for canary in canaries)
    events = sqlite3.connect(register.database.url.removeprefix("sqlite:///"))
    logged = events.execute("SELECT reason FROM audit_event WHERE action = 'owner:revealed'").fetchall()
    events.close()
    assert logged == [(reason,)]


def test_neither_log_nor_message_speaks_of_her(revealed, canaries, read_text, settings, caplog):
    with caplog.at_level(logging.DEBUG):
        for name in ("owner", "officer", "public"):
            cells_with(revealed, canaries, read_text, name)
        mail.send_waiting(revealed.database)
    assert [canary for canary in canaries if canary in caplog.text] == []
    letters = [file.read_bytes().decode() for file in Path(settings.mail_directory).glob("*.eml")]
    for letter in letters:
        # To whom it goes stands in its head; it says nothing of where she lives or what she owns.
        assert [canary for canary in (*canaries[1:2], canaries[3], "Crescent") if canary in letter] == []


def test_the_files_of_the_database_do_not_hold_her(revealed, canaries):
    """A stolen disk: the database, the log beside it and what was deleted are read as bytes."""
    path = Path(revealed.database.url.removeprefix("sqlite:///"))
    files = [file for file in path.parent.glob(path.name + "*") if file.is_file()]
    content = b"".join(file.read_bytes() for file in files)
    assert len(files) >= 2
    assert [canary for canary in canaries if canary.encode() in content] == []
    # The control: what is not sealed is found in the same bytes.
    assert b"Crescent" in content


def test_the_log_of_events_does_not_hold_her(revealed, canaries):
    connection = sqlite3.connect(revealed.database.url.removeprefix("sqlite:///"))
    rows = repr(connection.execute("SELECT * FROM audit_event").fetchall())
    connection.close()
    assert [canary for canary in canaries if canary in rows] == []
    assert "owner:revealed" in rows


def test_a_dump_of_postgresql_does_not_hold_her(postgresql, canaries):
    from sqlalchemy import text

    from registry.models import Base
    from registry.services import owners
    from registry.services.actor import OPERATOR

    with postgresql.transaction() as session:
        owners.create(session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact(*canaries))
    with postgresql.transaction(reads_only=True) as session:
        rows = [
            repr(session.execute(text(f'SELECT t::text FROM "{name}" t')).all())  # noqa: S608
            for name in Base.metadata.tables
        ]
    hexadecimal = [canary.encode().hex() for canary in canaries]
    assert [canary for canary in (*canaries, *hexadecimal) for row in rows if canary in row] == []
