"""``markdna equipment blank-stickers``: numbers of a municipality's own, a PDF, and nothing half done."""

import errno
import os
import re
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labels import markcode
from registry.cli import markdna
from registry.errors import InvalidInput, NoSuchPlace, NotFound
from registry.models.audit import AuditEvent
from registry.models.equipment import Equipment
from registry.models.items import CancelReason, Sticker
from registry.models.owners import Owner
from registry.services import asset_labels, blank_stickers, equipment_import
from registry.services.accounts import OrganisationKind, organisation_named
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parents[1] / "data" / "inventory-cp1252.csv"
OLD = b"the sheet of yesterday"


@pytest.fixture
def manager(people):
    return people.staff(Role.ASSET_MANAGER)


@pytest.fixture
def out(tmp_path):
    """The file to write; one of an earlier day lies there."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    file = folder / "stickers.pdf"
    file.write_bytes(OLD)
    return file


@pytest.fixture
def run(tmp_path, monkeypatch, manager, keyring, settings, out):
    """Runs the command with the register of ``database``; a refusal is raised."""
    config = tmp_path / "config.toml"
    address = "https://dna.kommun.example"
    config.write_text(f'[registry]\ndatabase = "{settings.database}"\npublic_url = "{address}"\n', encoding="utf-8")
    monkeypatch.setenv("MARKDNA_KEY", bytes(range(32)).hex())

    def run(*arguments, language="en", organisation="Exempelby kommun", **environment):
        words = ["equipment", "blank-stickers", "--organisation", organisation, "--out", out, *arguments]
        runner = CliRunner(env={"MARKDNA_LANGUAGE": language, **environment})
        answer = runner.invoke(markdna, ["--config", str(config), *map(str, words)])
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer

    return run


def numbers_of(database):
    with database.transaction(reads_only=True) as session:
        return list(session.scalars(select(Sticker.number).order_by(Sticker.id)))


def listed(answer):
    return [markcode.parse(line) for line in answer.stdout.splitlines()[1:]]


def codes_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        codes = zxingcpp.read_barcodes(document[0].render(scale=300 / 72, grayscale=True).to_pil())
    return sorted(code.text.rpartition("/")[2] for code in codes)


def nothing_happened(database, out):
    with database.transaction(reads_only=True) as session:
        rows = [session.scalar(select(func.count()).select_from(table)) for table in (Sticker, Owner)]
    return rows == [0, 0] and out.read_bytes() == OLD and list(out.parent.iterdir()) == [out]


def test_the_numbers_are_printed_listed_logged_and_linked_by_a_manager_who_scans_one(
    run, out, database, people, manager
):
    answer = run("--count", 3, "--start", 4, "--skip", "5")
    assert (answer.exit_code, answer.stderr) == (0, "")
    numbers = numbers_of(database)
    assert listed(answer) == numbers
    assert "3 numbers, sheets: 1" in answer.stdout
    assert "next free position on the last sheet: 8" in answer.stdout
    assert codes_on(out.read_bytes()) == sorted(numbers)
    assert list(out.parent.iterdir()) == [out]
    with database.transaction() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.actor == OPERATOR.label).order_by(AuditEvent.sequence.desc()).limit(2)
        ).all()
        assert [event.action for event in events] == ["labels:printed", "stickers:issued"]
        assert (events[0].details["blank"], events[0].details["pages"]) == (3, 1)
        assert set(session.scalars(select(Sticker.printed_count))) == {1}
        municipality = organisation_named(session, OPERATOR, "Exempelby kommun", OrganisationKind.MUNICIPALITY)
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), municipality)
    assert people.browser(manager).get(f"/S/{numbers[0]}").location == f"/equipment/stickers/blank/{numbers[0]}"
    with database.transaction() as session:
        owner, thing = asset_labels.as_owner(session, manager), session.scalars(select(Equipment.item_id)).first()
        blank_stickers.link(session, owner, numbers[0], thing)
        blank_stickers.cancel(session, owner, numbers[1:2], CancelReason.LOST)
        assert [order.numbers for order in blank_stickers.held(session, owner)] == [numbers[2:]]


@pytest.mark.parametrize(
    ("arguments", "refusal", "said"),
    [
        (["--count", 0], InvalidInput, "1 to 500"),
        (["--count", 501], InvalidInput, "1 to 500"),
        (["--count", 3, "--stock", "L6008"], InvalidInput, "stock"),
        (["--count", 3, "--start", 22], NoSuchPlace, "1 to 21"),
        (["--count", 3, "--start", 0], NoSuchPlace, "1 to 21"),
        (["--count", 3, "--skip", 22], NoSuchPlace, "1 to 21"),
        (["--count", 3, "--skip", "1-21"], InvalidInput, "at least one free place"),
        (["--count", 3, "--package", "x" * 61], InvalidInput, "60 characters"),
        (["--again", "2020-01-01T00:00:00+00:00"], NotFound, "order 2020"),
    ],
)
def test_a_refusal_names_what_is_allowed_gives_out_no_number_and_leaves_the_old_file(
    run, out, database, arguments, refusal, said
):
    with pytest.raises(refusal, match=said):
        run(*arguments)
    assert nothing_happened(database, out)


@pytest.mark.parametrize("organisation", ["Exampelby kommun", "", "Polisen Exempelby"])
def test_an_unknown_municipality_is_refused_with_those_there_are_and_none_is_made(
    run, out, database, people, organisation
):
    people.staff(Role.OFFICER)
    with pytest.raises(InvalidInput, match="Allowed: Exempelby kommun"):
        run("--count", 3, organisation=organisation)
    assert nothing_happened(database, out)


@pytest.mark.parametrize(
    "arguments", [[], ["--count", 3, "--again", "x"], ["--count", "many"], ["--count", 3, "--language", "no"]]
)
def test_a_wrong_command_line_ends_with_two(run, out, database, arguments):
    assert run(*arguments).exit_code == 2
    assert nothing_happened(database, out)


def test_what_is_wrong_is_said_in_swedish_too(run):
    assert "Ange --count eller --again" in run(language="sv").stderr
    assert "3 nummer, ark: 1" in run("--count", 3, language="sv").stdout


def test_a_folder_that_is_not_there_ends_with_one(run, out, database):
    answer = run("--count", 3, "--out", out.parent / "nowhere" / "a.pdf")
    assert answer.exit_code == 1
    assert "nowhere" in answer.stderr
    assert nothing_happened(database, out)


def test_a_full_disk_gives_out_no_number(run, out, database, monkeypatch):
    def on_a_full_disk(handle, _mode):
        os.close(handle)
        return Path("/dev/full").open("wb")

    with monkeypatch.context() as patched:
        patched.setattr("labels.command.os.fdopen", on_a_full_disk)
        answer = run("--count", 3)
    assert answer.exit_code == 1
    assert "No space left on device" in answer.stderr
    assert nothing_happened(database, out)


def test_a_database_that_cannot_store_the_numbers_leaves_the_old_file(run, out, database, monkeypatch):
    def broken(_session):
        raise RuntimeError("the power is out")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", broken)
        with pytest.raises(RuntimeError):
            run("--count", 3)
    assert nothing_happened(database, out)


def test_numbers_whose_file_could_not_be_put_in_its_place_are_printed_with_again(run, out, database, monkeypatch):
    def refused(self, _target):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refused)
        answer = run("--count", 3)
    assert answer.exit_code == 1
    assert "Operation not permitted" in answer.stderr
    assert (out.read_bytes(), list(out.parent.iterdir())) == (OLD, [out])
    numbers, order = numbers_of(database), re.search(r"--again (\S+)", answer.output)[1]
    assert len(numbers) == 3
    again = run("--again", order)
    assert (again.exit_code, listed(again)) == (0, numbers)
    assert codes_on(out.read_bytes()) == sorted(numbers)
    assert numbers_of(database) == numbers, "no new one"


def test_a_package_goes_on_where_it_ended(run):
    assert "next free position on the last sheet: 8" in run("--count", 3, "--start", 5, "--package", "blå lådan").stdout
    assert "next free position on the last sheet: 10" in run("--count", 2, "--package", "blå lådan").stdout
    other = run("--count", 2, "--package", "blå lådan", "--stock", "L7163")
    assert "next free position on the last sheet: 3" in other.stdout


def test_codes_that_lead_to_this_machine_alone_are_warned_of(run, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("https://dna.kommun.example", "http://127.0.0.1:8480"),
        encoding="utf-8",
    )
    answer = run("--count", 1)
    assert answer.exit_code == 0
    assert "http://127.0.0.1:8480" in answer.stderr
    assert "public_url" in answer.stderr
