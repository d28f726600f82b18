import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from scanner.errors import RegistryAddressError, TokenMissingError
from scanner.registry_client import (
    Accepted,
    Refused,
    RegistryClient,
    Unreachable,
    WaitReason,
    Withheld,
    station_token,
)
from scanner.sealing import FIRST_LINK, SealingKey

CONTENT = {"case_number": "5000-K123456-26", "reading_id": "R-1"}
BODY = json.dumps(
    SealingKey(X25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw())
    .seal(json.dumps({"kind": "reading", "body": CONTENT}).encode(), "5e" * 16, 1, FIRST_LINK)
    .as_json()
).encode()


@pytest.fixture
def client(registry):
    with RegistryClient(registry.address, registry.token) as one:
        yield one


def test_an_accepted_reading_brings_the_answer(client, registry):
    outcome = client.deliver(BODY)
    assert isinstance(outcome, Accepted)
    assert (outcome.answer.verdict, outcome.answer.grade, outcome.answer.duplicate) == ("identified", 4, False)
    assert outcome.answer.candidates[0].kit_code == "SDNA-4K7Q-2M9X"
    assert registry.rows == [CONTENT]


def test_the_same_key_again_brings_the_first_answer_and_no_second_row(client, registry):
    first = client.deliver(BODY)
    second = client.deliver(BODY)
    assert second.answer.duplicate
    assert second.answer.id == first.answer.id
    assert len(registry.rows) == 1


def test_the_station_learns_its_name_and_to_whom_it_seals(client, message_key):
    known = client.check()
    assert (known.name, known.organisation) == ("Station Lund 1", "Polisen")
    assert known.message_key == message_key


def test_the_seized_items_of_a_case_are_listed_and_a_fault_gives_none(client, registry, unused_address):
    registry.items = [("1:1", "Cykel, röd"), ("1:2", "Borrmaskin")]
    assert client.seized_items("5000-K123456-26") == registry.items
    with RegistryClient(f"http://{unused_address}", "t") as nobody:
        assert nobody.seized_items("5000-K123456-26") == []
    with RegistryClient(registry.address, "revoked") as revoked:
        assert revoked.seized_items("a/../b") == []


def test_why_the_registry_is_not_reached_is_said_without_the_systems_number(unused_address):
    with RegistryClient(f"http://{unused_address}", "t") as nobody:
        assert nobody.check() == Unreachable("Connection refused")
        assert nobody.deliver(BODY) == Unreachable("Connection refused")


def test_a_revoked_station_waits(registry):
    with RegistryClient(registry.address, "revoked") as client:
        assert client.check() == Withheld(WaitReason.TOKEN, whole_station=True)
        assert client.deliver(BODY) == Withheld(WaitReason.TOKEN, whole_station=True)


def test_an_unknown_case_holds_up_its_own_readings_only(client, registry):
    registry.faults = [(404, {}, {"title": "Not found"})]
    assert client.deliver(BODY) == Withheld(WaitReason.CASE, whole_station=False)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_reading_that_will_never_do_is_refused_with_the_registrys_reasons(client, registry, status):
    registry.faults = [(status, {}, {"title": "t", "detail": "d", "field": "bases", "allowed": "A C G T N"})]
    assert client.deliver(BODY) == Refused(status, "d", "bases", "A C G T N")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_registry_in_trouble_is_not_reached(client, registry, status):
    registry.faults = [(status, {}, {"title": "t"})]
    assert isinstance(client.deliver(BODY), Unreachable)


@pytest.mark.parametrize(
    ("status", "headers", "content"),
    [
        (200, {"Content-Type": "text/html"}, b"<html>Sign in to the guest network</html>"),
        (200, {}, {"id": 1}),
        (200, {}, [1, 2]),
        (200, {}, b"\xff\xfe"),
        (200, {}, b"[" * 100_000),
        (200, {}, b'{"id": ' + b"1" * 5000 + b"}"),
        (200, {"Content-Type": "application/json; charset=no-such"}, b"{}"),
        (302, {"Location": "https://elsewhere.example/"}, b""),
        (404, {"Content-Type": "text/html"}, b"<html>no such page</html>"),
        (400, {"Content-Type": "text/html"}, b"<html>a proxy</html>"),
    ],
)
def test_what_no_registry_can_have_answered_is_not_taken_for_an_answer(client, registry, status, headers, content):
    registry.faults = [(status, headers, content)]
    assert isinstance(client.deliver(BODY), Unreachable)


def test_a_pause_asked_for_in_seconds_or_as_a_date_is_kept(client, registry):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    registry.faults = [(503, {"Retry-After": value}, {}) for value in ("7", date, "99999999", "soon")]
    assert client.deliver(BODY).retry_after == pytest.approx(7)
    assert client.deliver(BODY).retry_after == pytest.approx(30, abs=2)
    assert client.deliver(BODY).retry_after == pytest.approx(600)
    assert client.deliver(BODY).retry_after is None


def test_nobody_at_the_address_is_not_reached_and_soon(unused_address):
    begun = time.monotonic()
    with RegistryClient(f"http://{unused_address}", "t") as client:
        assert isinstance(client.check(), Unreachable)
        assert isinstance(client.deliver(BODY), Unreachable)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "address",
    ["http://register.example", "ftp://127.0.0.1", "register.example", "https://", "https://u:p@register.example", ""],
)
def test_an_address_that_would_send_the_token_in_clear_is_refused(address):
    with pytest.raises(RegistryAddressError):
        RegistryClient(address, "t")


def test_the_token_comes_from_the_environment_or_a_file(tmp_path):
    file = tmp_path / "token"
    file.write_text("from-file\n", encoding="utf-8")
    assert station_token({"MARKDNA_STATION_TOKEN": " abc "}) == "abc"
    assert station_token({"MARKDNA_STATION_TOKEN_FILE": str(file)}) == "from-file"
    assert station_token({"MARKDNA_STATION_TOKEN": " abc "}, enrolled="from enrolment") == "abc"
    assert station_token({}, enrolled="enrolled") == "enrolled"


@pytest.mark.parametrize("token", ["", "two words", "ö", "a\nb"])
def test_a_token_that_is_none_is_refused_without_being_shown(token):
    with pytest.raises(TokenMissingError) as refused:
        station_token({"MARKDNA_STATION_TOKEN": token})
    assert not token or token not in str(refused.value)


def test_a_token_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(TokenMissingError, match="nowhere"):
        station_token({"MARKDNA_STATION_TOKEN_FILE": str(tmp_path / "nowhere")})
