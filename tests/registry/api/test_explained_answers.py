"""What an answer over the API rests on: figures, searches, agreement and the reason that was logged."""

import pytest

from registry.api.shapes import ReadingAnswer
from registry.services import audit

URL = "/api/v1/readings"
PRIMED = "GTCATGCTAGGACTTCACGAAGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGTCAGTTGACCTAGCATGTCGT"


@pytest.fixture
def deliver(client, case_id, body, station_headers):
    """Sends one reading with the observations given and returns the answer."""

    def send(*observations, headers=None, **changes):
        return client.post(URL, json=body(*observations, **changes), headers=headers or station_headers())

    return send


def test_the_answer_says_what_it_rests_on(deliver):
    answer = deliver().json
    assert (answer["prior"], answer["searched"], answer["tiers"]) == (0.5, 3, ["codes: every one"])
    assert 0 < answer["expected_chance_matches"] < 1e-3
    assert answer["candidates"][0]["log10_likelihood_ratio"] > 2
    many = deliver(*({"kind": "dna", "bases": PRIMED[:at] + "N" + PRIMED[at + 1 :]} for at in range(40, 49))).json
    assert len(many["candidates"][0]["agreement"]) == 6, "a sample of hundreds of reads is explained by a few"


def test_the_answer_has_the_shape_of_the_document(deliver):
    for observation in ({"kind": "dot", "text": "ENX?O9494"}, {"kind": "dot", "text": "XXAB12345"}):
        told = deliver(observation).json
        shape = ReadingAnswer.model_validate(told)
        assert shape.model_dump() == told


def test_the_purpose_of_a_look_up_is_logged_or_else_that_of_its_case(deliver, database):
    deliver()
    deliver(purpose="Fynd vid husrannsakan")
    assert deliver(purpose="x").status_code == 422
    with database.transaction(reads_only=True) as session:
        reasons = [event.reason for event in audit.newest(session) if event.action == "reading:received"]
    assert reasons == ["Fynd vid husrannsakan", "Stöld av cyklar på Storgatan"]
