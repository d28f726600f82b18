"""The station's own address, and the document that describes the API."""

import re

from registry.models.accounts import Station


def test_a_station_is_told_who_it_is(client, town, database):
    answer = client.get("/api/v1/station", headers={"Authorization": f"Bearer {town.token}"})
    assert answer.status_code == 200
    assert answer.json == {"name": "Beslagsrummet", "organisation": "Polisen Exempelby"}
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
    served = {re.sub(r"<(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    served = {path for path in served if path.startswith("/api/v1/")}
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
