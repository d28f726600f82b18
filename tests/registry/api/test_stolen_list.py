"""The list of stolen marks: given to a station that signs, for its nonce, and to nobody else."""

import base64
import hashlib
import hmac
import json

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import func, select

from registry import clock
from registry.cli import markdna
from registry.models.audit import AuditEvent
from registry.models.items import Sticker
from registry.models.kits import Kit
from registry.models.stolen_marks import SlowMark
from registry.models.tag_marks import TagMark
from registry.models.thefts import TheftReport
from registry.services import stations, stolen_list
from registry.services.actor import OPERATOR
from scanner.reading import DotText, Number, Reading
from scanner.stolen_list import marks_in

URL = "/api/v1/stolen-list"
NONCE = "5e" * 16
STICKER = "4K7Q2M9XW3PZD7N"


@pytest.fixture
def offered(settings, monkeypatch):
    """A register that gives the list, and hashes all of it at once however busy the machine is."""
    object.__setattr__(settings, "offline_list", True)
    monkeypatch.setattr(stolen_list, "_SECONDS_A_REQUEST", 60.0)


@pytest.fixture
def ask(client, town, offered):
    """A function that asks for the list as the town's station."""

    def post(token=town.token, nonce=NONCE, **headers):
        return client.post(URL, json={"nonce": nonce}, headers={"Authorization": f"Bearer {token}", **headers})

    return post


def parts(answer):
    length = int.from_bytes(answer.data[:4], "big")
    header, rest = answer.data[4 : 4 + length], answer.data[4 + length :]
    return header, rest[:64], rest[64:]


def is_listed(answer, mark):
    header, _, entries = parts(answer)
    told = json.loads(header)
    slow = stolen_list.slow_hash(mark, base64.b64decode(told["salt"]))
    wanted = hmac.digest(base64.b64decode(told["key"]), slow, "sha256")[:8]
    return wanted in {entries[start : start + 8] for start in range(0, len(entries), 8)}


def test_marks_on_stolen_things_are_listed_and_others_are_not(ask):
    answer = ask()
    assert answer.status_code == 200, answer.data
    assert is_listed(answer, "code:ENXB09494")
    assert is_listed(answer, f"sticker:{STICKER}")
    assert not is_listed(answer, "code:CJSZ87051")


def test_numbers_of_hidden_tags_and_vehicles_are_listed_as_stations_spell_them(ask, database):
    now = clock.now()
    with database.transaction() as session:
        item_id = session.scalars(select(TheftReport.item_id)).one()
        for kind, number in (("em4100", "2C0090A1F3"), ("iso11784", "752098765432109"), ("vin", "1M8GDM9AXKP042788")):
            session.add(TagMark(item_id=item_id, kind=kind, number=number, registered_at=now))
        session.add(TagMark(item_id=item_id, kind="em4100", number="??0090A1F4", registered_at=now))
        session.add(TagMark(item_id=item_id, kind="em4100", number="2C0090A1F5", registered_at=now, removed_at=now))
    answer = ask()
    seen = Number("EM4100", "2C0090A1F3"), Number("ISO11784", "752-098765432109"), DotText("1M8GDM9AXKP042788")
    marks = marks_in(Reading("", seen, b"", now))
    assert len(marks) == 3
    assert all(is_listed(answer, mark) for mark in marks)
    assert not is_listed(answer, "number:2C0090A1F5"), "it was taken off the item"


def test_the_header_is_signed_and_names_nonce_count_and_entries(ask, client, town):
    header, signature, entries = parts(ask())
    keys = client.get("/api/v1/station", headers={"Authorization": f"Bearer {town.token}"}).json
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys["list_key"]))
    public.verify(signature, header)
    with pytest.raises(InvalidSignature):
        public.verify(signature, header.replace(b"86400", b"86401"))
    told = json.loads(header)
    assert (told["nonce"], told["marks"], told["valid_seconds"]) == (NONCE, 2, 86400)
    assert told["entries_sha256"] == hashlib.sha256(entries).hexdigest()


def test_the_size_tells_little_and_two_lists_have_no_entry_in_common(ask):
    first, second = (parts(ask())[2] for _ in range(2))
    assert len(first) == len(second) == 1024 * 8
    cut = [{entries[start : start + 8] for start in range(0, len(entries), 8)} for entries in (first, second)]
    assert cut[0].isdisjoint(cut[1])


def test_no_mark_and_nothing_of_the_owner_stands_in_it(ask):
    content = ask().data
    for canary in (b"ENXB09494", STICKER.encode(), "Åkerlund".encode(), b"Crescent", b"5000-K98765-26"):
        assert canary not in content


@pytest.mark.parametrize("change", ["withdrawn", "cancelled", "revoked"])
def test_what_is_not_stolen_or_does_not_count_any_more_leaves_the_list(ask, database, town, change):
    assert is_listed(ask(), f"sticker:{STICKER}")
    with database.transaction() as session:
        if change == "withdrawn":
            session.scalars(select(TheftReport)).one().withdrawn_at = clock.now()
        elif change == "cancelled":
            sticker = session.scalars(select(Sticker)).one()
            sticker.status, sticker.cancelled_at = "cancelled", clock.now()
        else:
            session.get_one(Kit, town.kit_ids["ENXB09494"]).revoked_at = clock.now()
    marks = json.loads(parts(ask())[0])["marks"]
    assert marks == {"withdrawn": 0, "cancelled": 1, "revoked": 1}[change]
    with database.transaction(reads_only=True) as session:
        # Hashes of marks that are not listed any more are not kept either.
        assert session.scalar(select(func.count()).select_from(SlowMark)) == marks


def test_a_revoked_station_gets_no_list(ask, database, town):
    assert ask().status_code == 200
    with database.transaction() as session:
        stations.revoke(session, OPERATOR, town.station.station_id)
    assert ask().status_code == 401


def test_a_station_with_a_key_must_sign_its_question(ask, client, database, town):
    key = Ed25519PrivateKey.generate()
    with database.transaction() as session:
        code = stations.renew(session, OPERATOR, town.station.station_id)
        token = stations.enrol_with_code(session, code, key.public_key().public_bytes_raw()).token
    assert ask(token).status_code == 403
    content = json.dumps({"nonce": NONCE}).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Station-Signature": base64.b64encode(key.sign(content)).decode(),
        "Content-Type": "application/json",
    }
    assert client.post(URL, data=content, headers=headers).status_code == 200


def test_a_register_that_offers_none_says_so_and_gives_none(client, town):
    answer = client.post(URL, json={"nonce": NONCE}, headers={"Authorization": f"Bearer {town.token}"})
    assert answer.status_code == 404


def test_a_nonce_of_another_shape_is_refused(ask):
    assert ask(nonce="x" * 32).status_code == 422


def test_that_a_list_was_given_stands_in_the_log(ask, database):
    ask()
    with database.transaction(reads_only=True) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "stolen_list:given")).one()
        assert event.details == {"marks": 2}


def test_while_marks_are_being_hashed_the_station_is_told_how_far(ask, monkeypatch):
    monkeypatch.setattr(stolen_list, "_SECONDS_A_REQUEST", -1)
    answer = ask()
    assert (answer.status_code, answer.json) == (202, {"prepared": 0, "marks": 2})
    monkeypatch.undo()


def test_two_who_hash_at_once_do_not_disturb_each_other(either_database, either_town):
    with either_database.transaction() as session:
        marks, salt = stolen_list.hashed(session), stolen_list.list_salt(session)
    again = stolen_list.Marks(list(marks.slow), dict(marks.missing), list(marks.stale))
    hashes = {index: stolen_list.slow_hash(mark, salt) for index, mark in marks.missing.items()}
    for held in (marks, again):
        with either_database.transaction() as session:
            stolen_list.keep(session, held, hashes)
            assert (len(held.slow), held.missing) == (2, {})


def test_the_command_hashes_everything_beforehand(database, town, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("MARKDNA_KEY", bytes(range(32)).hex())
    monkeypatch.setenv("MARKDNA_LANGUAGE", "en")
    config = tmp_path / "config.toml"
    config.write_text(f'[registry]\ndatabase = "{settings.database}"\n', encoding="utf-8")
    for _ in range(2):
        said = CliRunner().invoke(markdna, ["--config", str(config), "thefts", "prepare-list"])
        assert "2 marks of stolen things are hashed." in said.output, said.output
    with database.transaction(reads_only=True) as session:
        assert not stolen_list.hashed(session).missing
