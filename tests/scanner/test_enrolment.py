import json
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner import enrolment
from scanner.enrolment import Enrolment
from scanner.errors import BadEnrolmentError, JournalUnwritableError

KEY = Ed25519PrivateKey.generate()
ENROLMENT = Enrolment(
    "https://register.example", "Bilen", "Polisen", bytes(range(32)), "hemlig-token", KEY.private_bytes_raw()
)


def test_what_is_kept_is_found_again_and_readable_by_its_owner_alone(tmp_path):
    enrolment.save(tmp_path / "journal", ENROLMENT)
    assert enrolment.load(tmp_path / "journal") == ENROLMENT
    assert (tmp_path / "journal" / "station.json").stat().st_mode & 0o777 == 0o600


def test_a_machine_that_is_no_station_has_none(tmp_path):
    assert enrolment.load(tmp_path) is None


def test_secrets_are_not_shown_with_it():
    assert "hemlig" not in repr(ENROLMENT)
    assert repr(KEY.private_bytes_raw()) not in repr(ENROLMENT)


def test_it_signs_with_its_own_key():
    KEY.public_key().verify(ENROLMENT.sign(b"content"), b"content")
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(ENROLMENT.sign(b"content"), b"c0ntent")
    assert Enrolment("", "", "", bytes(32)).sign(b"content") == b""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"registry": 1}', "\x00"])
def test_a_damaged_file_is_explained(tmp_path, content):
    (tmp_path / "station.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadEnrolmentError, match="Enrol the station again"):
        enrolment.load(tmp_path)


def test_a_key_of_another_length_is_explained(tmp_path):
    enrolment.save(tmp_path, ENROLMENT)
    content = json.loads((tmp_path / "station.json").read_text(encoding="utf-8"))
    (tmp_path / "station.json").write_text(json.dumps(content | {"message_key": "AAAA"}), encoding="utf-8")
    with pytest.raises(BadEnrolmentError, match="length of a key"):
        enrolment.load(tmp_path)


def test_one_that_cannot_be_written_leaves_the_earlier_one(tmp_path, monkeypatch):
    enrolment.save(tmp_path, ENROLMENT)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(JournalUnwritableError, match="No space left"):
            enrolment.save(tmp_path, Enrolment("https://b.example", "", "", bytes(32)))
    assert enrolment.load(tmp_path) == ENROLMENT


@pytest.mark.parametrize("content", ["[" * 100_000, "1" * 5000, "[]", "null"])
def test_a_file_that_no_station_wrote_is_refused(tmp_path, content):
    (tmp_path / "station.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadEnrolmentError):
        enrolment.load(tmp_path)
