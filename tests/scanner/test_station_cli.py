"""``markdna station``: a machine becomes a station with a code, and says how it stands."""

import base64
import json
import re

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner import enrolment
from scanner.journal import Journal
from scanner.kept_list import kept_list
from scanner.sealing import SealingKey
from scanner.station_cli import station

CASE = "5000-K123456-26"
CODE = "ABCD-EFGH-JKMN-PQRS"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs ``markdna station`` with a journal of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARKDNA_STATION_TOKEN", raising=False)
    monkeypatch.delenv("MARKDNA_CONFIG", raising=False)

    def call(*arguments, language="en", **more):
        return CliRunner().invoke(
            station,
            [*arguments, "--journal", str(tmp_path / "journal")],
            env={"MARKDNA_LANGUAGE": language, "MARKDNA_STATION_TOKEN": None},
            prog_name="markdna station",
            **more,
        )

    return call


def test_a_machine_becomes_a_station_with_the_code_and_keeps_its_key(run, registry, tmp_path):
    registry.codes = {CODE}
    shown = run("enrol", "--registry", registry.address, input=f"{CODE}\n")
    assert shown.exit_code == 0, shown.output
    assert "This machine is now the station Station Lund 1 of Polisen." in shown.output
    kept = enrolment.load(tmp_path / "journal")
    assert (kept.token, kept.message_key) == (registry.token, registry.message_key)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(registry.public_key))
    public.verify(kept.sign(b"content"), b"content")
    assert registry.token not in shown.output


def test_a_code_that_does_not_hold_changes_nothing_and_is_explained(run, registry, tmp_path):
    shown = run("enrol", "--registry", registry.address, "--code", CODE, language="sv")
    assert shown.exit_code == 1
    assert "anslöt inte stationen: The code does not hold" in shown.output
    assert enrolment.load(tmp_path / "journal") is None


def test_a_registry_that_is_not_there_is_explained(run, unused_address):
    shown = run("enrol", "--registry", f"http://{unused_address}", "--code", CODE)
    assert (shown.exit_code, "did not enrol this station" in shown.output) == (1, True)


def test_another_registry_is_refused_while_readings_wait_that_it_could_not_open(run, registry, tmp_path, reading):
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    before = registry.enrolment()
    other = X25519PrivateKey.generate().public_key().public_bytes_raw()
    enrolment.save(tmp_path / "journal", enrolment.Enrolment(before.registry, "Bilen", "Polisen", other))
    journal = Journal(tmp_path / "journal", SealingKey(other))
    journal.store(reading(), CASE)
    journal.close()
    registry.codes = {CODE}
    shown = run("enrol", "--registry", registry.address, "--code", CODE)
    assert (shown.exit_code, "has another key" in shown.output) == (1, True)
    assert enrolment.load(tmp_path / "journal").message_key == other


def status(run):
    return json.loads(run("status", "--json").output)


def test_status_says_what_waits_and_how_the_registry_stands(run, registry, tmp_path, reading):
    assert status(run)["station"] is None
    kept = registry.enrolment()
    enrolment.save(
        tmp_path / "journal",
        enrolment.Enrolment(kept.registry, kept.name, kept.organisation, kept.message_key, registry.token),
    )
    journal = Journal(tmp_path / "journal", SealingKey(registry.message_key))
    journal.store(reading(), CASE)
    running = status(run)
    assert running["running"].isdecimal()
    journal.close()
    found = status(run)
    assert (found["station"], found["waiting"], found["registry"]) == ("Station Lund 1", 1, "reached")
    assert (found["running"], found["reader"]) == (None, "no port is set")
    registry.token = "another"
    assert status(run)["registry"] == "does not take readings"
    shown = run("status", language="sv").output
    assert "Journal: 1 väntar, 0 levererade, 0 avvisade" in shown
    assert "Registret känner inte till den här stationen, eller har spärrat den" in shown


def test_status_ends_with_four_when_something_waits_for_attention_and_names_it(run, registry, tmp_path, reading):
    enrolment.save(tmp_path / "journal", registry.enrolment())
    assert run("status").exit_code == 0
    journal = Journal(tmp_path / "journal", SealingKey(registry.message_key))
    journal.store(reading(), CASE)
    journal.close()
    shown = run("status", "--json", "--port", str(tmp_path / "nowhere"))
    assert (shown.exit_code, json.loads(shown.output)["attention"]) == (4, ["journal", "reader"])
    registry.token = "another"
    assert status(run)["attention"] == ["journal", "registry"]


def test_status_says_how_old_the_list_is_how_many_marks_it_holds_and_until_when(run, registry, tmp_path):
    (tmp_path / "config.toml").write_text('[scanner]\noffline_list = "on-disk"\n', encoding="utf-8")
    kept = registry.enrolment()
    enrolment.save(tmp_path / "journal", kept)
    shown = run("status")
    assert (shown.exit_code, "Offline list: none" in shown.output) == (4, True), shown.output
    offline = kept_list("on-disk", tmp_path / "journal", kept, registry.token)
    offline.keep(registry.signer.content(["code:ENX809494"], "5e" * 16), "5e" * 16)
    shown = run("status")
    assert re.search(r"Offline list: [\d: -]+, 1 mark, until [\d: -]+, 0 min old", shown.output), shown.output
    assert shown.exit_code == 0
    told = json.loads(run("status", "--json").output)["offline_list"]
    assert (told["state"], told["marks"], told["age_seconds"] < 60) == ("valid", 1, True)


def test_status_names_a_reader_that_is_not_there(run, tmp_path):
    shown = run("status", "--port", str(tmp_path / "nowhere"))
    assert "no reader" in shown.output
    assert "there is no such port" in shown.output


def test_status_tells_a_registry_that_has_another_key(run, registry, tmp_path):
    kept = registry.enrolment()
    enrolment.save(
        tmp_path / "journal", enrolment.Enrolment(kept.registry, kept.name, "Polisen", bytes(32), registry.token)
    )
    assert status(run)["registry"] == "has another key"
