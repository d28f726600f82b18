"""The station's own address, and the document that describes the API."""

import base64
import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry import clock
from registry.errors import CodeRefused
from registry.models.accounts import Station
from registry.services import audit, stations
from registry.services.actor import OPERATOR

URL = "/api/v1/enrolment"


def test_a_station_is_told_who_it_is(client, town, database):
    answer = client.get("/api/v1/station", headers={"Authorization": f"Bearer {town.token}"})
    assert answer.status_code == 200
    assert (answer.json["name"], answer.json["organisation"]) == ("Beslagsrummet", "Polisen Exempelby")
    assert len(base64.b64decode(answer.json["message_key"])) == 32
    with database.transaction(reads_only=True) as session:
        assert session.get_one(Station, town.station.station_id).seen_at is not None


def test_without_a_token_nobody_is_told_anything(client, town):
    answer = client.get("/api/v1/station")
    assert answer.status_code == 401
    assert "Beslagsrummet" not in answer.get_data(as_text=True)


def test_a_signed_in_officer_is_no_station(people, town):
    assert people.browser(town.officer).get("/api/v1/station").status_code == 401


def test_the_document_describes_every_address(client, app):
    document = client.get("/api/openapi.json").json
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    served = {re.sub(r"<(\w+)>", r"{\1}", rule) for rule in rules}
    assert set(document["paths"]) == served
    post = document["paths"]["/api/v1/readings"]["post"]
    assert set(post["responses"]) == {"200", "201", "401", "404", "409", "413", "415", "422", "429", "503"}


def test_every_reference_of_the_document_leads_somewhere(client):
    document = client.get("/api/openapi.json").json
    schemas = document["components"]["schemas"]

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for inner in node.values():
                yield from references(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from references(inner)

    found = set(references(document))
    assert found
    assert {reference.removeprefix("#/components/schemas/") for reference in found} <= set(schemas)
    assert "allowed" in schemas["DotObservation"]["properties"]["text"]


@pytest.fixture
def code(town, database):
    """A code for a new place of the town's police."""
    with database.transaction() as session:
        organisation_id = session.get_one(Station, town.station.station_id).organisation_id
        return stations.invite(session, OPERATOR, organisation_id, "Bilen")


def enrolment(code, key=None):
    public = (key or Ed25519PrivateKey.generate()).public_key().public_bytes_raw()
    return {"code": code, "public_key": base64.b64encode(public).decode()}


def test_a_machine_with_the_code_becomes_the_station_once(client, code, database):
    answer = client.post(URL, json=enrolment(code.lower().replace("-", " ")))
    assert answer.status_code == 201
    assert answer.json["name"] == "Bilen"
    mine = client.get("/api/v1/station", headers={"Authorization": f"Bearer {answer.json['token']}"})
    assert mine.json["name"] == "Bilen"
    assert client.post(URL, json=enrolment(code)).status_code == 404
    with database.transaction(reads_only=True) as session:
        acts = [event.action for event in audit.newest(session)]
    assert acts[:2] == [audit.Action.STATION_ENROLLED, audit.Action.STATION_INVITED]


def test_before_a_machine_has_taken_it_a_place_has_no_token_that_works(code, database):
    with database.transaction(reads_only=True) as session:
        assert stations.actor_for(session, code) is None
        assert stations.every(session)[0].invited


def test_a_code_is_too_old_after_a_day(client, code, monkeypatch):
    later = clock.now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.post(URL, json=enrolment(code)).status_code == 404


def test_a_stopped_station_starts_again_with_a_new_code_and_keeps_its_place(client, town, database):
    with database.transaction() as session:
        stations.revoke(session, OPERATOR, town.station.station_id)
        code = stations.renew(session, OPERATOR, town.station.station_id)
    token = client.post(URL, json=enrolment(code)).json["token"]
    with database.transaction(reads_only=True) as session:
        assert stations.actor_for(session, token).station_id == town.station.station_id
        assert stations.actor_for(session, town.token) is None


def test_a_code_of_a_station_that_was_stopped_since_works_no_more(client, code, database):
    with database.transaction() as session:
        stations.revoke(session, OPERATOR, stations.every(session)[0].id)
    assert client.post(URL, json=enrolment(code)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"code": "short"}, "code"), ({"public_key": "AAAA"}, "public_key"), ({"public_key": 7}, "public_key")],
)
def test_what_is_wrong_with_an_enrolment_is_named(client, code, changes, field):
    answer = client.post(URL, json=enrolment(code) | changes)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_guessing_codes_is_slowed(client, town):
    answers = [client.post(URL, json=enrolment(f"{number:016d}")).status_code for number in range(12)]
    assert answers[-1] == 429


def test_of_eight_machines_with_the_same_code_one_becomes_the_station(either_town, either_database):
    with either_database.transaction() as session:
        organisation_id = session.get_one(Station, either_town.station.station_id).organisation_id
        code = stations.invite(session, OPERATOR, organisation_id, "Bilen")
    barrier, won = Barrier(8), []

    def try_it():
        barrier.wait()
        try:
            with either_database.transaction() as session:
                won.append(stations.enrol_with_code(session, code, bytes(32)).token)
        except CodeRefused:
            pass

    threads = [Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
