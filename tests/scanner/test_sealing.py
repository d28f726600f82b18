"""A stolen laptop: what lies on the disk of a station tells nothing of what it has read, and nothing opens twice."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from scanner import volatile
from scanner.journal import Journal
from scanner.reading import DotText, Number, ReaderIdentity, Reading, UvFinding
from scanner.sealing import FIRST_LINK, Envelope, SealingKey
from scanner.volatile import volatile_key

SECRETS = {
    "case": "5000-K777123-26",
    "reading": "R-CANARY-17",
    "dot": "CNRY84512",
    "tag": "752098100123456",
    "maker": "Kanariefågel",
    "serial": "SNCANARY99",
    "raw": "$MDDOT,2,R-CANARY-17,CNRY84512",
}


def spoken(text):
    """How a text may lie on a disk: as it is, in other widths, in base64 at any place, in hexadecimal."""
    plain = text.encode()
    forms = {plain, plain.hex().encode(), text.encode("utf-16-le"), text.lower().encode(), plain[::-1]}
    for lead in (b"", b"x", b"xx"):
        # What comes before shifts the groups of base64; the characters at the ends depend on the neighbours.
        forms.add(base64.b64encode(lead + plain)[4 if lead else 0 : -4])
    return forms


def told_by(folder):
    """The secrets that the files of a folder tell, in any form."""
    image = b"\n".join(file.read_bytes() for file in sorted(Path(folder).rglob("*")) if file.is_file())
    return {name for name, text in SECRETS.items() if any(form in image for form in spoken(text))}


@pytest.fixture
def canary(now):
    return Reading(
        reading_id=SECRETS["reading"],
        observations=(UvFinding(glow=True, peak_nm=612, intensity=734), DotText(SECRETS["dot"], "I" * 9)),
        raw=SECRETS["raw"].encode(),
        read_at=now.wall,
        reader=ReaderIdentity(SECRETS["maker"], "UVD-2", SECRETS["serial"], "1"),
    )


@pytest.fixture
def fill(tmp_path, canary, now, message_key):
    """A function that keeps canaries in a journal whose key is given; it gives the folder."""

    def store(key=None):
        journal = Journal(tmp_path / "journal", key or SealingKey(message_key))
        journal.store(canary, SECRETS["case"])
        tag = Reading("", (Number("ISO11784", SECRETS["tag"]),), b"", now.wall)
        journal.store(tag, SECRETS["case"])
        journal.close()
        return tmp_path / "journal"

    return store


def test_the_disk_tells_none_of_the_secrets(fill):
    assert told_by(fill()) == set()


def test_control_without_sealing_it_tells_them_all(fill, message_key):
    class Glass(SealingKey):
        def seal(self, content, segment, sequence, previous):
            return Envelope(segment, sequence, previous, content)

    # The raw bytes are base64 inside base64 there, which a thief would undo: looked for in what is sealed.
    assert told_by(fill(Glass(message_key))) >= set(SECRETS) - {"raw"}


def test_the_station_cannot_open_what_it_has_sealed(fill, unsealed, message_key):
    folder = fill()
    journal = Journal(folder, SealingKey(message_key))
    entry = journal.next_waiting()
    journal.close()
    assert (entry.reading_id, entry.case_number) == ("", "")
    assert unsealed(entry.body)["case_number"] == SECRETS["case"]


def test_marks_cannot_be_tried_against_the_disk_alone(fill, canary, tmp_path, message_key, memory):
    """Fingerprints are keyed, and their key is in memory: with another one (after a power cut) they say nothing."""
    folder = fill()
    (key_file,) = [file for file in Path(memory).iterdir() if file.read_bytes() == volatile_key(folder)]
    journal = Journal(folder, SealingKey(message_key))
    assert journal.store(canary, SECRETS["case"]) is None
    journal.close()
    key_file.unlink()
    journal = Journal(folder, SealingKey(message_key))
    assert journal.store(canary, SECRETS["case"]) is not None
    journal.close()


def test_two_runs_seal_the_same_reading_differently_and_under_other_places(fill, tmp_path):
    folder = fill()
    lines = (folder / "readings.journal").read_text(encoding="utf-8").splitlines()
    contents = [json.loads(line[9:]) for line in lines]
    assert len({content["sealed"] for content in contents}) == len(contents)
    assert (
        contents[1]["previous"]
        == Envelope(contents[0]["segment"], 1, FIRST_LINK, base64.b64decode(contents[0]["sealed"])).link
    )


def test_sealed_bytes_follow_rfc_9180(message_key):
    """Opened by the library's own suite, and by no other suite, key or place."""
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    envelope = SealingKey(message_key).seal(b"content", "ab" * 16, 7, FIRST_LINK)
    binding = f"markdna message, 1\n{'ab' * 16}\n7\n{FIRST_LINK}".encode()
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    assert suite.decrypt(envelope.sealed, private, info=binding) == b"content"
    with pytest.raises(InvalidTag):
        suite.decrypt(envelope.sealed, X25519PrivateKey.generate(), info=binding)
    with pytest.raises(InvalidTag):
        suite.decrypt(envelope.sealed, private, info=binding + b"1")


def test_the_key_in_memory_stays_while_the_machine_is_on_and_is_ours_alone(tmp_path, memory):
    first = volatile_key(tmp_path)
    assert volatile_key(tmp_path) == first
    assert volatile_key(tmp_path / "another") != first
    assert {file.stat().st_mode & 0o777 for file in Path(memory).iterdir()} == {0o600}


def test_a_key_file_that_others_can_read_or_that_is_a_link_is_not_used(tmp_path, memory):
    first = volatile_key(tmp_path)
    (file,) = [one for one in Path(memory).iterdir() if one.read_bytes() == first]
    environment = {"RUNTIME_DIRECTORY": memory}
    file.chmod(0o644)
    assert volatile_key(tmp_path, environment) != first
    file.rename(file.with_suffix(".moved"))
    file.symlink_to(file.with_suffix(".moved"))
    assert volatile_key(tmp_path, environment) != first
    for left in Path(memory).parent.glob(file.name):
        left.unlink()


def test_a_folder_on_the_disk_is_not_taken_for_memory(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nmemory /run tmpfs rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(volatile, "_MOUNTS", mounts)
    assert volatile._in_memory({"RUNTIME_DIRECTORY": str(tmp_path)}) == []
    assert volatile._in_memory({"XDG_RUNTIME_DIR": "/run/user/1"}) == [Path("/run/user/1")]
    assert volatile_key(tmp_path, {}) != volatile_key(tmp_path, {})
