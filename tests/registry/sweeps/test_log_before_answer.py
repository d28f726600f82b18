"""Threat T4: whoever is shown something protected stands in the log, or is shown nothing.

The log is broken in every way that is left to a database; each look-up of the police must then end without an answer.
"""

import pytest
from sqlalchemy import text

BREAKAGES = {
    "the log refuses new events": "CREATE TRIGGER no BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no'); END",
    "the head of the log is gone": "DELETE FROM audit_head",
    "the log is gone": "ALTER TABLE audit_event RENAME TO stolen",
    "the head cannot be moved": "CREATE TRIGGER no BEFORE UPDATE ON audit_head BEGIN SELECT RAISE(ABORT, 'no'); END",
}
LOOKS = ("police.case", "police.ask_owner", "police.show_owner", "police.ask_handover", "police.photo")
SECRETS = ("Cykel", "ENXB09494", "CR-99812", "ENX?O9494")


def look(register, endpoint: str):
    """Open one of the police's pages as the officer of the case, with a good reason where it asks for one."""
    officer = register.visitors["officer"]
    client = register.browser(officer)
    method = "POST" if endpoint == "police.show_owner" else "GET"
    rule = next(one for one in register.rules() if one.endpoint == endpoint and method in one.methods)
    form = {"csrf_token": register.token(client), "reason": "Återlämna cykeln som togs på Storgatan"}
    return client.open(register.address(rule), method=method, data=form if method == "POST" else None)


@pytest.mark.parametrize("endpoint", LOOKS)
def test_with_a_whole_log_the_officer_is_answered_and_logged(register, endpoint):
    """The control: the pages do open."""
    before = register.content()["audit_event"]
    assert look(register, endpoint).status_code == 200
    assert register.content()["audit_event"] != before


@pytest.mark.parametrize("endpoint", LOOKS)
@pytest.mark.parametrize("breakage", BREAKAGES)
def test_without_a_log_there_is_no_answer(register, canaries, read_text, endpoint, breakage):
    with register.database.transaction() as session:
        session.execute(text(BREAKAGES[breakage]))
    answer = look(register, endpoint)
    assert answer.status_code >= 500
    shown = read_text(answer)
    assert [one for one in (*canaries, *SECRETS) if one in shown] == []


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_without_a_log_a_station_is_told_nothing(register, body, station_headers, breakage):
    with register.database.transaction() as session:
        session.execute(text(BREAKAGES[breakage]))
    answer = register.app.test_client().post("/api/v1/readings", json=body(), headers=station_headers())
    assert answer.status_code >= 500
    assert b"ENXB09494" not in answer.data
    with register.database.transaction(reads_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM reading")).scalar_one() == 1


def test_with_a_database_that_cannot_be_written_there_is_no_answer(register, canaries, read_text, monkeypatch):
    """As on a disk that is full or mounted read-only: SQLite refuses every write."""
    from registry import request_scope

    opened = request_scope.Database.open
    monkeypatch.setattr(request_scope.Database, "open", lambda self, **_: opened(self, reads_only=True))
    for endpoint in LOOKS:
        answer = look(register, endpoint)
        assert answer.status_code >= 500, endpoint
        assert [one for one in (*canaries, *SECRETS) if one in read_text(answer)] == []
