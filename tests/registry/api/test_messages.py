"""Sealed messages: opened once for their own place, refused when changed, replayed elsewhere or signed by another."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from registry import clock
from registry.keyring import Keyring
from registry.models.accounts import StationSegment
from registry.models.readings import Attachment, Reading
from registry.models.uv_findings import UvNote
from registry.services import seizures, stations
from registry.services.actor import OPERATOR
from scanner.sealing import FIRST_LINK, SealingKey

URL = "/api/v1/messages"
SEGMENT = "5e" * 16


class Chain:
    """A station's side: seals bodies one after the other."""

    def __init__(self, message_key, segment=SEGMENT):
        self.key = SealingKey(message_key)
        self.segment = segment
        self.sequence, self.link = 0, FIRST_LINK

    def seal(self, body, kind="reading"):
        envelope = self.key.seal(
            json.dumps({"kind": kind, "body": body}).encode(), self.segment, self.sequence + 1, self.link
        )
        self.sequence, self.link = envelope.sequence, envelope.link
        return envelope.as_json()


@pytest.fixture
def chain(client, town):
    answer = client.get("/api/v1/station", headers={"Authorization": f"Bearer {town.token}"})
    return Chain(base64.b64decode(answer.json["message_key"]))


@pytest.fixture
def send(client, town):
    """A function that sends an envelope as the town's station."""

    def post(envelope, token=town.token, **headers):
        return client.post(URL, json=envelope, headers={"Authorization": f"Bearer {token}", **headers})

    return post


@pytest.fixture
def numbered(body, case_id):
    """A function: the body of a reading with a number of its own."""
    return lambda number: body() | {"reading_id": f"R-{number:06d}"}


def stored(database):
    with database.transaction(reads_only=True) as session:
        return session.scalars(select(Reading.reading_number).order_by(Reading.id)).all()


def test_a_sealed_reading_is_answered_like_an_open_one(send, chain, numbered, database):
    answer = send(chain.seal(numbered(1)))
    assert answer.status_code == 201
    assert (answer.json["verdict"], answer.json["reading_id"]) == ("identified", "R-000001")
    assert answer.json["candidates"][0]["kit_code"] == "ENXB09494"
    assert stored(database) == ["R-000001"]


def test_the_same_message_again_gets_the_first_answer_and_stores_nothing(send, chain, numbered, database):
    envelope = chain.seal(numbered(1))
    first, second = send(envelope), send(envelope)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == first.json | {"duplicate": True}
    assert stored(database) == ["R-000001"]


def test_replayed_for_another_place_or_after_any_change_it_does_not_open(send, chain, numbered, database):
    envelope = chain.seal(numbered(1))
    dice = random.Random(5)
    sealed = base64.b64decode(envelope["sealed"])
    changed = [envelope | {"sequence": 2}, envelope | {"segment": "ab" * 16}, envelope | {"previous": "11" * 32}]
    for _ in range(200):
        spoilt = bytearray(sealed)
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
        changed.append(envelope | {"sealed": base64.b64encode(spoilt).decode()})
    answers = [send(one) for one in changed]
    assert {(answer.status_code, answer.json["field"]) for answer in answers} == {(422, "sealed")}
    assert stored(database) == []


def test_control_bound_to_nothing_a_replay_would_open(chain, numbered, database):
    """The control: HPKE alone opens the same ciphertext as often as it is asked, it is the place that refuses."""
    envelope = chain.seal(numbered(1))
    keyring = Keyring(bytes(range(32)))
    bound = SealingKey(keyring.message_key).seal(b"content", "", 0, "")
    assert keyring.open_message(bound.sealed, b"markdna message, 1\n\n0\n") == b"content"
    assert keyring.open_message(bound.sealed, b"markdna message, 1\n\n0\n") == b"content"
    assert envelope["sequence"] == 1


def test_a_message_that_does_not_follow_the_one_before_is_refused(send, chain, numbered, database):
    send(chain.seal(numbered(1)))
    chain.link = "77" * 32
    answer = send(chain.seal(numbered(2)))
    assert answer.status_code == 409
    assert stored(database) == ["R-000001"]


def test_the_same_place_with_another_content_is_refused(send, chain, numbered, database):
    send(chain.seal(numbered(1)))
    chain.sequence, chain.link = 0, FIRST_LINK
    assert send(chain.seal(numbered(2))).status_code == 409
    assert stored(database) == ["R-000001"]


def test_a_gap_is_counted_until_the_missing_message_comes(send, chain, numbered, database):
    envelopes = [chain.seal(numbered(number)) for number in range(1, 5)]
    for index in (0, 3):
        assert send(envelopes[index]).status_code == 201

    def missing():
        with database.transaction(reads_only=True) as session:
            return stations.every(session)[0].missing

    assert missing() == 2
    send(envelopes[1])
    send(envelopes[1])
    assert missing() == 1
    send(envelopes[2])
    assert missing() == 0


def test_what_is_refused_counts_as_missing(send, chain, numbered, database):
    send(chain.seal(numbered(1)))
    assert send(chain.seal({"case_number": "?"})).status_code == 422
    assert send(chain.seal(numbered(3))).status_code == 201
    with database.transaction(reads_only=True) as session:
        assert stations.every(session)[0].missing == 1


def test_a_reading_repeated_after_a_power_cut_is_the_same_reading(send, chain, numbered, body, database):
    """The station's memory of what it had sealed is gone, so the repetition comes under a new place."""
    send(chain.seal(numbered(1)))
    again = send(chain.seal(numbered(1)))
    assert (again.status_code, again.json["duplicate"]) == (200, True)
    assert send(chain.seal(numbered(2))).status_code == 201
    other = body({"kind": "dot", "text": "ENX?O9499"}) | {"reading_id": "R-000001"}
    assert send(chain.seal(other)).status_code == 201
    assert stored(database) == ["R-000001", "R-000002", "R-000001"]
    with database.transaction(reads_only=True) as session:
        assert stations.every(session)[0].missing == 0


def test_another_station_cannot_go_on_with_a_segment(send, chain, numbered, town, database):
    send(chain.seal(numbered(1)))
    with database.transaction() as session:
        officer_station = stations.every(session)[0]
        organisation = next(iter(town.officer.roles))[1]
        token = stations.enrol(session, OPERATOR, organisation, "En annan")
    assert officer_station.missing == 0
    assert send(chain.seal(numbered(2)), token=token).status_code == 409


@pytest.fixture
def signing(client, town, database):
    """The town's station enrolled anew with a key of its own: the token and the key."""
    key = Ed25519PrivateKey.generate()
    with database.transaction() as session:
        code = stations.renew(session, OPERATOR, town.station.station_id)
        enrolled = stations.enrol_with_code(session, code, key.public_key().public_bytes_raw())
    return enrolled.token, key


def signed(client, envelope, token, key):
    content = json.dumps(envelope).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key is not None:
        headers["Station-Signature"] = base64.b64encode(key.sign(content)).decode()
    return client.post(URL, data=content, headers=headers)


def test_a_station_with_a_key_is_heard_when_it_signs_and_only_then(client, chain, numbered, signing, database):
    token, key = signing
    envelope = chain.seal(numbered(1))
    assert signed(client, envelope, token, None).status_code == 403
    assert signed(client, envelope, token, Ed25519PrivateKey.generate()).status_code == 403
    assert stored(database) == []
    assert signed(client, envelope, token, key).status_code == 201


def test_no_flipped_bit_of_a_signed_request_passes(client, chain, numbered, signing, database):
    token, key = signing
    content = json.dumps(chain.seal(numbered(1))).encode()
    signature = base64.b64encode(key.sign(content)).decode()
    dice = random.Random(7)
    for _ in range(200):
        spoilt = bytearray(content)
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = client.post(URL, data=bytes(spoilt), headers={**headers, "Station-Signature": signature})
        assert answer.status_code == 403
    assert stored(database) == []


def test_a_signature_that_is_none_is_named(send, chain, numbered):
    answer = send(chain.seal(numbered(1)), **{"Station-Signature": "#"})
    assert (answer.status_code, answer.json["field"]) == (422, "Station-Signature")


@pytest.fixture
def items(town, case_id, database):
    """Two seized items of the case: 1:1 a bicycle, 1:2 a drill."""

    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Källaren", clock.now())
        for description in ("Cykel, röd", "Borrmaskin"):
            seizures.add_item(session, town.officer, case_id, seizure, description, "Hylla 1")


def attachment(number, label, **changes):
    return {
        "case_number": "5000-K123456-26",
        "reading_key": f"{SEGMENT}:{number}",
        "reading_id": f"R-{number:06d}",
        "seized_item": label,
        **changes,
    }


def lies_with(database, case_id, officer):
    """The label of the item that each reading of the case lies with."""
    from registry.services import case_readings

    with database.transaction() as session:
        found = case_readings.of_case(session, case_id)
        return {one.number: (one.attached_to.label if one.attached_to else None) for one in found}


def test_a_station_is_told_the_items_of_an_open_case_and_that_is_logged(client, town, items, database):
    from registry.services import audit

    headers = {"Authorization": f"Bearer {town.token}"}
    answer = client.get("/api/v1/cases/5000-K123456-26/seized-items", headers=headers)
    assert [(one["label"], one["description"]) for one in answer.json["items"]] == [
        ("1:1", "Cykel, röd"),
        ("1:2", "Borrmaskin"),
    ]
    assert client.get("/api/v1/cases/5000-K000001-26/seized-items", headers=headers).status_code == 404
    with database.transaction(reads_only=True) as session:
        event = audit.newest(session)[0]
    assert (event.action, event.actor, event.case_number) == ("case:read", "station:1", "5000-K123456-26")


def test_a_reading_is_attached_once_and_a_later_word_corrects_the_first(
    send, chain, numbered, items, database, case_id, town
):
    send(chain.seal(numbered(1)))
    envelope = chain.seal(attachment(1, "1:2"), "attachment")
    first, again = send(envelope), send(envelope)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json["verdict"], again.json) == ("attached", first.json | {"duplicate": True})
    assert lies_with(database, case_id, town.officer) == {"R-000001": "1:2"}
    assert send(chain.seal(attachment(1, "1:1"), "attachment")).status_code == 201
    assert lies_with(database, case_id, town.officer) == {"R-000001": "1:1"}
    with database.transaction(reads_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 2
        assert stations.every(session)[0].missing == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seized_item": "7:1"}, "seized_item"),
        ({"seized_item": "one"}, "seized_item"),
        ({"reading_key": f"{'ab' * 16}:1", "reading_id": "R-9"}, "reading_key"),
        ({"reading_key": "../1"}, "reading_key"),
    ],
)
def test_what_cannot_be_attached_is_refused_for_good(send, chain, numbered, items, changes, field):
    send(chain.seal(numbered(1)))
    answer = send(chain.seal(attachment(1, "1:1") | changes, "attachment"))
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_a_reading_that_came_before_under_another_key_is_found_by_its_number(
    send, chain, numbered, items, database, case_id, town
):
    send(chain.seal(numbered(1)))
    send(chain.seal(numbered(1)))
    assert send(chain.seal(attachment(2, "1:1", reading_id="R-000001"), "attachment")).status_code == 201
    assert lies_with(database, case_id, town.officer) == {"R-000001": "1:1"}


def test_a_kind_nobody_knows_is_refused(send, chain, numbered):
    answer = send(chain.seal(numbered(1), "spell"))
    assert (answer.status_code, answer.json["field"]) == (422, "kind")


def test_messages_are_counted_alike_on_both_databases(either_town, either_database):
    from registry.services import messages

    with either_database.transaction() as session:
        link = "00" * 32
        for number in (1, 2, 5):
            envelope = messages.Envelope(SEGMENT, number, link, bytes([number]))
            messages.count(session, either_town.station.station_id, envelope)
            link = envelope.link if number == 1 else link
        row = session.scalars(select(StationSegment)).one()
        assert (row.received, row.highest) == (3, 5)
        assert session.scalar(select(func.count()).select_from(StationSegment)) == 1


@pytest.fixture
def finding(database, town, case_id):
    """A function: the body of a UV finding on the case's only seized item."""
    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Storgatan 1", datetime(2026, 11, 20, 12, tzinfo=UTC))
        seizures.add_item(session, town.officer, case_id, seizure, "Cykel", "")
    said = {
        "case_number": "5000-K123456-26",
        "finding_id": "F-1",
        "seized_item": "1:1",
        "colour": "red-pink",
        "spot": "under sadeln",
        "noted_at": "2026-11-22T15:04:05.123Z",
    }
    return lambda **changes: {**said, **changes}


def noted(database):
    with database.transaction(reads_only=True) as session:
        return session.scalars(select(UvNote).order_by(UvNote.id)).all()


def test_a_sealed_finding_is_noted_exactly_once_and_corrected_by_a_later_one(send, chain, finding, database):
    first = chain.seal(finding(seal_number="S-1234"), "finding")
    assert [send(first).status_code, send(first).status_code] == [201, 200]
    correction = finding(colour="yellow", seal_number="S-1234", corrects=f"{SEGMENT}:1")
    answer = send(chain.seal(correction, "finding"))
    assert (answer.status_code, answer.json["verdict"], answer.json["reading_id"]) == (201, "attached", "F-1")
    wrong, right = noted(database)
    assert (right.corrects_id, right.colour.value, wrong.colour.value) == (wrong.id, "yellow", "red-pink")
    assert send(first).json["duplicate"] is True, "replayed after its correction it still changes nothing"
    assert len(noted(database)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "mauve"},
        {"spot": ""},
        {"seized_item": "9:9"},
        {"seized_item": "bag 3"},
        {"photo": base64.b64encode(b"%PDF-1.7").decode()},
        {"photo": "no base64"},
        {"corrects": f"{SEGMENT}:77"},
        {"withdrawn": True},
        {"noted_at": "yesterday"},
        {"noted_at": (clock.now() + timedelta(days=2)).isoformat()},
        {"surprise": 1},
    ],
)
def test_a_finding_that_is_not_right_is_refused_and_leaves_nothing(send, chain, finding, database, changes):
    assert send(chain.seal(finding(**changes), "finding")).status_code == 422
    assert noted(database) == []
