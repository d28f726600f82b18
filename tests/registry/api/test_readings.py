"""Readings over the API: what a station is told, and every way in which a request can be wrong."""

import base64
import json
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from registry.app import create_app
from registry.models.accounts import Throttle
from registry.models.audit import AuditEvent, AuditHead
from registry.models.readings import CandidateRow, Identification, ObservationRow, Reading
from registry.services import audit, cases, stations, throttle
from registry.services.actor import OPERATOR

URL = "/api/v1/readings"
PRIMED = "GTCATGCTAGGACTTCACGAAGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGTCAGTTGACCTAGCATGTCGT"


@pytest.fixture
def deliver(client, case_id, body, station_headers):
    """Sends one reading with the observations given and returns the answer."""

    def send(*observations, headers=None, **changes):
        return client.post(URL, json=body(*observations, **changes), headers=headers or station_headers())

    return send


def count(database, table):
    with database.transaction(reads_only=True) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_damaged_dot_is_identified_and_names_the_stolen_item_but_not_the_owner(deliver):
    answer = deliver()
    assert answer.status_code == 201
    assert answer.json["verdict"] == "identified"
    assert answer.json["duplicate"] is False
    assert answer.json["grade"] >= 2
    assert answer.json["searched"] == 3
    best = answer.json["candidates"][0]
    assert [(line["kind"], line["counted"]) for line in best.pop("evidence")["lines"]] == [("dot", "independent")]
    assert best | {"posterior": 1.0, "log10_likelihood_ratio": 6.0} == {
        "kit_code": "ENXB09494",
        "grade": answer.json["grade"],
        "posterior": 1.0,
        "log10_likelihood_ratio": 6.0,
        "distance": 1.0,
        "agreement": [{"read": "ENX?O9494", "signs": "...?~....", "mark": "ENXB09494", "reverse_strand": False}],
        "item": "Cykel, Crescent",
        "reported_stolen": True,
    }
    for secret in ("Karin", "Åkerlund", "070-000", "karin@", "Storgatan"):
        assert secret not in answer.get_data(as_text=True)


def test_a_read_of_either_strand_is_identified(deliver):
    reverse = PRIMED[::-1].translate(str.maketrans("ACGT", "TGCA"))
    for bases in (PRIMED, reverse, PRIMED.lower()):
        answer = deliver({"kind": "dna", "bases": bases})
        assert (answer.json["verdict"], answer.json["candidates"][0]["kit_code"]) == ("identified", "ENXB09494")


def test_an_unknown_code_of_a_known_family_names_the_supplier_to_call(deliver):
    answer = deliver({"kind": "dot", "text": "XXAB12345"})
    assert answer.json["verdict"] == "not_registered"
    assert answer.json["candidates"] == []
    assert answer.json["supplier"] == {
        "name": "Nordmark Forensik",
        "phone": "010-000 01 00",
        "email": "register@nordmark.example",
    }


def test_what_nobody_can_read_is_unreadable(deliver):
    assert deliver({"kind": "dot", "text": "?????????"}).json["verdict"] == "unreadable"
    uv = {"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 734}
    assert deliver(uv).json["verdict"] == "unreadable"


def test_a_sticker_names_its_item(deliver):
    answer = deliver({"kind": "number", "symbology": "QR", "text": "HTTP://127.0.0.1:8480/S/4K7Q2M9XW3PZD7N"})
    assert answer.json["verdict"] == "identified"
    assert answer.json["sticker"]["item"] == "Cykel, Crescent"
    assert answer.json["grade"] is None


def test_a_number_that_is_no_sticker_of_ours_is_not_registered(deliver):
    answer = deliver({"kind": "number", "symbology": "QR", "text": "HTTPS://EVIL.EXAMPLE/S/4K7Q2M9XW3PZD7N"})
    assert (answer.json["verdict"], answer.json["sticker"]) == ("not_registered", None)


def test_everything_is_stored_as_it_came(deliver, database, body):
    raw = bytes(range(256))
    deliver(raw=base64.b64encode(raw).decode(), observations=body()["observations"])
    with database.transaction(reads_only=True) as session:
        reading = session.scalars(select(Reading)).one()
        assert (reading.raw, reading.reading_number) == (raw, "R-000812")
        assert reading.reader["maker"] == "Nordisk Mätteknik"
        assert session.scalars(select(ObservationRow.text)).all() == ["ENX?O9494"]
        best = session.scalars(select(CandidateRow).order_by(CandidateRow.rank)).first()
        kinds = [kind for _, _, kind in best.alignments[0]["columns"]]
        assert kinds.count("match") == 7
        assert {"unreadable", "lookalike"} <= set(kinds)
        identification = session.scalars(select(Identification)).one()
        assert identification.tiers
        assert identification.engine_version


def test_reading_and_identification_are_logged_with_the_case(deliver, database):
    deliver()
    with database.transaction(reads_only=True) as session:
        events = {event.action: event for event in audit.newest(session)}
        assert audit.verify(session).broken_at is None
    assert events["reading:received"].case_number == "5000-K123456-26"
    made = events["identification:made"]
    assert made.actor.startswith("station:")
    assert made.details["verdict"] == "identified"


def test_without_a_log_there_is_no_answer_and_no_reading(deliver, database):
    with database.transaction() as session:
        session.execute(AuditHead.__table__.delete())
    answer = deliver()
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "ENXB09494" not in answer.get_data(as_text=True)
    assert (count(database, Reading), count(database, Identification)) == (0, 0)


def test_without_the_log_in_the_way_the_same_request_is_answered(deliver, database):
    """The control of the test before: only the log made the difference."""
    assert "ENXB09494" in deliver().get_data(as_text=True)
    assert (count(database, Reading), count(database, Identification)) == (1, 1)


def test_a_log_that_refuses_a_row_refuses_the_answer(deliver, database):
    with database.transaction() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_event WHEN NEW.action = 'identification:made' "
            "BEGIN SELECT RAISE(ABORT, 'log is full'); END"
        )
    answer = deliver()
    assert answer.status_code >= 500
    assert "ENXB09494" not in answer.get_data(as_text=True)
    assert count(database, Reading) == 0


def test_the_same_key_and_body_get_exactly_the_first_answer(deliver, station_headers, database, town):
    headers = station_headers()
    first = deliver(headers=headers)
    with database.transaction() as session:
        cases.close(session, town.officer, 1)
    again = deliver(headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {**first.json, "duplicate": True}
    assert count(database, Reading) == 1


def test_the_same_key_with_another_body_is_a_conflict(deliver, station_headers, database):
    headers = station_headers()
    deliver(headers=headers)
    answer = deliver({"kind": "dot", "text": "CJSZ87051"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json["status"] == 409
    assert count(database, Reading) == 1


def test_two_deliveries_at_the_same_moment_store_one_reading(either_database, either_town, settings, body):
    with either_database.transaction() as session:
        cases.open_case(session, either_town.officer, "5000-K123456-26", "Stöld av cyklar")
    app = create_app(settings, either_database)
    start = Barrier(4)
    answers = []

    def send():
        headers = {"Authorization": f"Bearer {either_town.token}", "Idempotency-Key": "one"}
        start.wait()
        answers.append(app.test_client().post(URL, json=body(), headers=headers))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({json.dumps(answer.json["candidates"]) for answer in answers}) == 1
    assert count(either_database, Reading) == 1
    with either_database.transaction(reads_only=True) as session:
        received = select(func.count()).where(AuditEvent.action == "reading:received")
        assert session.scalar(received) == 1


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic d3Jvbmc="])
def test_an_unknown_station_is_refused(client, body, station_headers, token):
    answer = client.post(URL, json=body(), headers=station_headers(Authorization=token))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["field"] == "Authorization"


def test_a_revoked_station_is_refused_at_once(deliver, database, town):
    assert deliver().status_code == 201
    with database.transaction() as session:
        stations.revoke(session, OPERATOR, town.station.station_id)
    assert deliver().status_code == 401


@pytest.mark.parametrize("number", ["5000-K999999-26", "5000-K123456-27"])
def test_a_case_that_is_not_open_here_takes_no_reading(deliver, database, number):
    answer = deliver(case_number=number)
    assert answer.status_code == 404
    assert number in answer.json["detail"]
    assert count(database, Reading) == 0


def test_a_closed_case_takes_no_reading(deliver, database, town, case_id):
    with database.transaction() as session:
        cases.close(session, town.officer, case_id)
    assert deliver().status_code == 404


def test_another_authoritys_case_is_not_found(deliver, database, town):
    with database.transaction() as session:
        cases.open_case(session, town.officer_of_another_authority, "5100-K1-26", "Ett annat ärende")
    assert deliver(case_number="5100-K1-26").status_code == 404


WRONG = {
    "unknown field": ({"owner": "Karin"}, "owner"),
    "no case number": ({"case_number": None}, "case_number"),
    "case number with a blank inside": ({"case_number": "no case"}, "case_number"),
    "a number for a text": ({"reading_id": 812}, "reading_id"),
    "an empty reading id": ({"reading_id": ""}, "reading_id"),
    "a moment without zone": ({"read_at": "2026-11-22T15:04:05"}, "read_at"),
    "a moment that is a number": ({"read_at": 1}, "read_at"),
    "a moment far ahead": ({"read_at": "2099-01-01T00:00:00Z"}, "read_at"),
    "raw that is not base64": ({"raw": "*"}, "raw"),
    "no observations": ({"observations": []}, "observations"),
    "too many observations": ({"observations": [{"kind": "dot", "text": "A"}] * 501}, "observations"),
    "an unknown kind": ({"observations": [{"kind": "smell"}]}, "observations.0.kind"),
    "no kind": ({"observations": [{}]}, "observations.0.kind"),
    "an observation that is a text": ({"observations": ["dot"]}, "observations.0"),
    "glow as a number": (
        {"observations": [{"kind": "uv", "glow": 1, "peak_nm": 612, "intensity": 7}]},
        "observations.0.glow",
    ),
    "intensity too large": (
        {"observations": [{"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 1001}]},
        "observations.0.intensity",
    ),
    "a dot that is too long": ({"observations": [{"kind": "dot", "text": "A" * 65}]}, "observations.0.text"),
    "a dot that is not ASCII": ({"observations": [{"kind": "dot", "text": "ÅÄÖ"}]}, "observations.0.text"),
    "a dot with a line break": ({"observations": [{"kind": "dot", "text": "ABC\n"}]}, "observations.0.text"),
    "quality of another length": (
        {"observations": [{"kind": "dot", "text": "ABCD", "quality": "II"}]},
        "observations.0.quality",
    ),
    "bases that are none": ({"observations": [{"kind": "dna", "bases": "ACGU"}]}, "observations.0.bases"),
    "a read that is too long": ({"observations": [{"kind": "dna", "bases": "A" * 4097}]}, "observations.0.bases"),
    "a number with NUL": (
        {"observations": [{"kind": "number", "symbology": "QR", "text": "A\0B"}]},
        "observations.0.text",
    ),
    "half a surrogate": (
        {"observations": [{"kind": "number", "symbology": "QR", "text": "\ud800"}]},
        "observations.0.text",
    ),
    "a reader with an unknown field": ({"reader": {"maker": "A", "colour": "red"}}, "reader"),
}


@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_field_is_named_with_what_is_allowed(deliver, database, changes, field):
    answer = deliver(**changes)
    assert answer.status_code == 422, answer.json
    assert answer.content_type == "application/problem+json"
    assert answer.json["field"].startswith(field)
    assert answer.json["allowed"]
    assert count(database, Reading) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"raw": NaN}',
        b'{"raw": "", "raw": ""}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "cut", "list", "null", "NaN", "name twice", "not UTF-8", "deep", "huge number"],
)
def test_what_is_not_a_json_object_is_refused(client, station_headers, content):
    answer = client.post(URL, data=content, headers=station_headers(**{"Content-Type": "application/json"}))
    assert answer.status_code == 422
    assert answer.json["field"]


def test_another_content_type_is_refused(client, station_headers):
    assert client.post(URL, data={"a": "b"}, headers=station_headers()).status_code == 415


def test_a_body_that_is_too_large_is_refused_before_it_is_parsed(client, station_headers):
    headers = station_headers(**{"Content-Type": "application/json"})
    answer = client.post(URL, data=b" " * (1024 * 1024 + 1), headers=headers)
    assert answer.status_code == 413
    assert "1048576" in answer.json["allowed"]


@pytest.mark.parametrize("key", ["", "with blank", "x" * 65, "å"])
def test_a_wrong_key_is_refused(client, body, station_headers, key):
    headers = {**station_headers(), "Idempotency-Key": key.encode().decode("latin-1")}
    answer = client.post(URL, json=body(), headers=headers)
    assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("get", URL, 405),
        ("delete", URL, 405),
        ("post", "/api/v1/station", 405),
        ("get", "/api/v1/owners", 404),
        ("get", "/api/", 404),
        ("post", "/api/v2/readings", 404),
    ],
)
def test_wrong_addresses_and_methods_are_answered_for_programs(client, method, url, status):
    answer = getattr(client, method)(url)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "field", "allowed"}


def test_refusals_speak_the_language_that_is_asked_for(client, station_headers):
    swedish = client.post(URL, headers={"Accept-Language": "sv"})
    english = client.post(URL, headers={"Accept-Language": "en"})
    assert (swedish.headers["Content-Language"], english.headers["Content-Language"]) == ("sv", "en")
    assert swedish.json["detail"] == "Stationens token är okänd eller återkallad."
    assert english.json["detail"] == "The token is unknown or was revoked."
    headers = station_headers(**{"Content-Type": "application/json", "Accept-Language": "sv"})
    assert client.post(URL, data=b"", headers=headers).json["allowed"] == "ett JSON-objekt i UTF-8 utan upprepade namn"


def test_a_station_that_floods_is_slowed_down(deliver, database, town):
    free = throttle.Limit.STATION_READINGS.value.free
    with database.transaction() as session:
        throttle.count(session, throttle.Limit.STATION_READINGS, town.station.label)
        session.execute(update(Throttle).values(count=free))
        throttle.count(session, throttle.Limit.STATION_READINGS, town.station.label)
    answer = deliver()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_locked_database_is_said_to_be_out_of_reach(deliver, app, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from registry.services import readings

    def locked(*_):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(readings, "receive", locked)
    answer = deliver()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


HOSTILE = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{7*7}}", "'; DROP TABLE kit; --", "%s{0}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_an_observation_like_any_other(deliver, database, text):
    answer = deliver({"kind": "dot", "text": text}, {"kind": "number", "symbology": "QR", "text": text + "\r\n\u202e"})
    assert answer.status_code == 201
    with database.transaction(reads_only=True) as session:
        assert session.scalars(select(ObservationRow.text)).all() == [text, text + "\r\n\u202e"]
