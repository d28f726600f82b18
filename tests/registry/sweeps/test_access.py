"""Who gets in where: every route for every kind of visitor, forged forms, and GETs that change nothing."""

from datetime import UTC, datetime

import pytest
import time_machine

from registry.access import Permission, rule_of

SIDE_TABLES = {"audit_event", "audit_head", "throttle", "station", "sign_in_session"}
"""What a GET whose rule says ``writes`` may touch: the log of the look-up, and counters."""

NAMES = (
    "owner",
    "another resident",
    "officer",
    "officer of another authority",
    "asset_manager",
    "coordinator",
    "supplier",
    "administrator",
    "public",
    "station",
)


OWN_TRANSACTION = {"police.new_readings"}
"""Logs in a transaction of its own, only when there is something to show: every open page asks all the time."""


@pytest.fixture
def still_clock():
    """A sweep takes no time: after a minute a session would be noted as still in use, which is no fault of a page."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def turned_away(answer) -> bool:
    """Refused, or led to the sign-in page."""
    return answer.status_code in {401, 403} or (answer.status_code == 302 and "/sign-in" in answer.location)


@pytest.mark.parametrize("name", NAMES)
def test_whom_the_table_does_not_let_in_is_turned_away_everywhere(register, name):
    visitor, found = register.visitors[name], []
    forbidden = [rule for rule in register.rules() if not register.may(visitor, rule)]
    client = register.browser(visitor)
    form = {"csrf_token": register.token(client)}
    before = register.content()
    for rule in forbidden:
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            answer = client.open(register.address(rule), method=method, headers=visitor.headers, data=form)
            if not turned_away(answer):
                found.append((method, rule.rule, answer.status_code))
    assert found == []
    assert register.content() == before
    assert forbidden or name == "nobody"


def test_whom_the_table_lets_in_gets_in(register):
    """The control: being turned away is not what happens to everybody."""
    let_in = {
        "owner": "residents.home",
        "officer": "police.case",
        "administrator": "residents.account",
        "station": "api.this_station",
    }
    for name, endpoint in let_in.items():
        rule = next(rule for rule in register.rules() if rule.endpoint == endpoint)
        assert register.open(register.visitors[name], rule).status_code == 200, name


@pytest.mark.parametrize("name", ["another resident", "officer of another authority"])
def test_somebody_elses_things_are_not_there(register, name):
    """The same role, another person or authority: each address with an id answers as if there were nothing."""
    visitor, found = register.visitors[name], []
    before = register.content()
    own = {Permission.OWN_THINGS, Permission.POLICE_WORK}
    ids = {"item_id", "case_id", "uid", "theft_id"}
    swept = [rule for rule in register.rules() if register.permission(rule) in own and rule.arguments & ids]
    client = register.browser(visitor)
    form = {"csrf_token": register.token(client)}
    for rule in swept:
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            answer = client.open(register.address(rule), method=method, data=form)
            if register.may(visitor, rule) and answer.status_code not in {404, 422}:
                found.append((method, rule.rule, answer.status_code))
    assert found == []
    changed = {table for table, content in register.content().items() if content != before[table]}
    assert changed <= SIDE_TABLES
    assert len(swept) > 8


BY_TOKEN = {Permission.STATION, Permission.LABEL_PROGRAM, Permission.CASE_LABEL_PROGRAM, Permission.LABEL_JOB}
"""For these a cookie is nobody's, whoever's it is."""


@pytest.mark.usefixtures("still_clock")
def test_every_form_without_its_token_is_refused(register):
    """Forged forms: pages ask for the token, the API for a bearer token or for JSON, which no form can send."""
    found = []
    for name in ("owner", "officer", "administrator", "public"):
        visitor = register.visitors[name]
        client = register.browser(visitor)
        before = register.content()
        for rule in register.rules():
            for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
                if not register.may(visitor, rule):
                    continue
                answer = client.open(register.address(rule), method=method, data={"name": "x"})
                refused = {404, 405, 415} if rule.endpoint.startswith("api.") else {400}
                if register.permission(rule) in BY_TOKEN:
                    refused = {401}
                if answer.status_code not in refused:
                    found.append((name, method, rule.rule, answer.status_code))
        assert register.content() == before
    assert found == []


def test_the_api_takes_no_cookie_for_a_token(register):
    rule = next(rule for rule in register.rules() if rule.endpoint == "api.deliver")
    for name in ("owner", "officer", "administrator", "public"):
        assert register.open(register.visitors[name], rule, "POST", json={}).status_code == 401
    wrong = ("", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "0" * 43, "bearer\u00a0x")
    for token in wrong:
        answer = register.app.test_client().post("/api/v1/readings", json={}, headers={"Authorization": token})
        assert answer.status_code == 401, token


def test_a_revoked_station_is_out_at_its_next_request(register):
    from registry.services import stations
    from registry.services.actor import OPERATOR

    visitor = register.visitors["station"]
    rule = next(rule for rule in register.rules() if rule.endpoint == "api.this_station")
    assert register.open(visitor, rule).status_code == 200
    with register.database.transaction() as session:
        stations.revoke(session, OPERATOR, visitor.actor.station_id)
    assert register.open(visitor, rule).status_code == 401


@pytest.mark.usefixtures("still_clock")
@pytest.mark.parametrize("name", ["owner", "officer", "public", "station"])
def test_looking_changes_nothing_but_the_log(register, name):
    visitor = register.visitors[name]
    client = register.browser(visitor)
    wrong = {}
    for rule in register.rules():
        if "GET" not in rule.methods or not register.may(visitor, rule):
            continue
        for method in ("GET", "HEAD", "OPTIONS"):
            before = register.content()
            client.open(register.address(rule), method=method, headers=visitor.headers, buffered=True)
            changed = {table for table, content in register.content().items() if content != before[table]}
            view = rule_of(register.app.view_functions[rule.endpoint])
            writes = view.writes or rule.endpoint in OWN_TRANSACTION
            if changed - (SIDE_TABLES if writes else set()):
                wrong[f"{method} {rule.rule}"] = changed
    assert wrong == {}
