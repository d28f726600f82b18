"""Every route has a rule, and the permission table says what it should, role by role."""

import pytest
from flask import Flask

from registry.access import TABLE, Permission, allows, rule_of
from registry.services.actor import PUBLIC, Actor, Role


def test_every_route_has_a_rule(app: Flask) -> None:
    without = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and rule_of(app.view_functions[rule.endpoint]) is None
    ]
    assert without == []


def test_a_view_without_a_rule_lets_nobody_in(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_every_permission_is_explained() -> None:
    assert set(TABLE) == set(Permission)
    assert all(grant.why.endswith(".") for grant in TABLE.values())


EXPECTED = {
    Role.RESIDENT: {Permission.ANYONE, Permission.SIGNED_IN, Permission.OWN_THINGS},
    Role.OFFICER: {
        Permission.ANYONE,
        Permission.SIGNED_IN,
        Permission.POLICE_WORK,
        Permission.CASE_LABEL_PROGRAM,
        Permission.LABEL_JOB,
        Permission.ACCESS_TOKENS,
    },
    Role.ASSET_MANAGER: {
        Permission.ANYONE,
        Permission.SIGNED_IN,
        Permission.EQUIPMENT,
        Permission.LABEL_PROGRAM,
        Permission.LABEL_JOB,
        Permission.ACCESS_TOKENS,
    },
    Role.COORDINATOR: {Permission.ANYONE, Permission.SIGNED_IN},
    Role.SUPPLIER: {Permission.ANYONE, Permission.SIGNED_IN, Permission.DELIVERIES},
    Role.ADMINISTRATOR: {
        Permission.ANYONE,
        Permission.SIGNED_IN,
        Permission.DELIVERIES,
        Permission.ADMINISTRATION,
    },
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_exactly_this(role: Role) -> None:
    actor = Actor(label="account:1", account_id=1, roles=frozenset({(role, 1)}))
    assert {permission for permission in Permission if allows(actor, permission)} == EXPECTED[role]


def test_the_public_and_stations_may_do_exactly_this() -> None:
    station = Actor(label="station:1", station_id=1)
    assert {permission for permission in Permission if allows(PUBLIC, permission)} == {Permission.ANYONE}
    assert {permission for permission in Permission if allows(station, permission)} == {
        Permission.ANYONE,
        Permission.STATION,
    }
