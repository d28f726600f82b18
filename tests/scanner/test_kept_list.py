"""The kept list: what it answers, what its disk shows, how long it holds, and what changing it does."""

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.services.folding import folded_code
from scanner.errors import BadListError, JournalUnwritableError
from scanner.kept_list import KeptList, Moment
from scanner.reading import DnaRead, DotText, Number, Reading, UvFinding
from scanner.stolen_list import ListState, marks_in, opened

NONCE = "5e" * 16
SECRET = b"signing key and token"
CANARIES = [f"CNRY{number:05d}" for number in range(40)]
HOUR = 3600.0


class Clock:
    """A clock to be set, on the wall and since the start of the machine."""

    def __init__(self):
        self.moment = Moment(1_800_000_000.0, 500.0, "boot-1")

    def __call__(self):
        return self.moment

    def passes(self, seconds):
        self.moment = replace(self.moment, wall=self.moment.wall + seconds, running=self.moment.running + seconds)

    def is_set(self, seconds):
        self.moment = replace(self.moment, wall=self.moment.wall + seconds)

    def starts_anew(self):
        self.moment = replace(self.moment, running=1.0, boot=self.moment.boot + "1")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(tmp_path, clock, signer):
    """A function that opens the list of a station, as a new process would."""

    def make(secret=SECRET, *, outlives_power=True):
        return KeptList(tmp_path, secret=secret, list_key=signer.public, outlives_power=outlives_power, now=clock)

    return make


def a_reading(*observations):
    return Reading("R-1", observations, b"", datetime.now(UTC))


def codes():
    return [f"code:{folded_code(code)}" for code in CANARIES]


def disk(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_listed_code_is_found_in_any_spelling_and_others_are_not(kept, signer):
    one = kept()
    one.keep(signer.content(["code:5P829494", "sticker:4K7Q2M9XW3PZD7N"], NONCE), NONCE)
    stolen = one.current()
    for text in ("SPBZ9494", "spb-z 9494", "5P829494"):
        assert stolen.answer(a_reading(DotText(text))).listed
    assert stolen.answer(a_reading(Number("QR", "https://dna.example/S/4K7Q2M9XW3PZD7N"))).listed
    assert stolen.answer(a_reading(Number("CODE128", "4K7Q-2M9X-W3PZ-D7N"))).listed
    assert stolen.answer(a_reading(DotText("KWPD30162"))).listed is False


def test_the_station_spells_codes_as_the_registry_does():
    for text in (
        "ENXB09494",
        "spb-57rc",
        "5P8 57RC",
        "|LO0-1234",
        "\N{FULLWIDTH LATIN CAPITAL LETTER E}U1234567",
        "WVWZZZ1JZXW000001",
    ):
        assert marks_in(a_reading(DotText(text))) == (f"code:{folded_code(text)}",)


def test_what_has_no_one_form_is_said_to_be_beyond_the_list(kept, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    for seen in (DotText("ENX?O9494"), DnaRead("ACGT" * 16), UvFinding(glow=True, peak_nm=612, intensity=700)):
        assert one.current().answer(a_reading(seen)).listed is None


@pytest.mark.parametrize("outlives_power", [True, False])
def test_no_canary_is_on_the_disk_and_a_plain_list_would_show_them(kept, tmp_path, outlives_power, signer):
    one = kept(outlives_power=outlives_power)
    one.keep(signer.content(codes(), NONCE), NONCE)
    assert all(map(one.current().holds, codes()))
    image = disk(tmp_path)
    wanted = [spelled.encode() for code in CANARIES for spelled in (code, folded_code(code))]
    assert [canary for canary in wanted if canary in image] == []
    # The control: the same marks in a list that is only written down.
    (tmp_path / "plain.list").write_text(json.dumps(codes()), encoding="utf-8")
    assert sum(canary in disk(tmp_path) for canary in wanted) >= len(CANARIES)


def test_with_the_disk_and_the_stations_keys_a_list_that_ends_with_the_power_stays_shut(
    kept, memory, monkeypatch, signer
):
    one = kept(outlives_power=False)
    one.keep(signer.content(codes(), NONCE), NONCE)
    assert kept(outlives_power=False).standing().state is ListState.VALID
    # The power goes, and with it what lay in memory; station.json and the list lie on the disk still.
    for file in Path(memory).glob("markdna-*.key"):
        file.unlink()
    assert kept(outlives_power=False).standing().state is ListState.CLOSED
    # The control: a list that is meant to outlive the power opens with the disk alone.
    two = kept()
    two.keep(signer.content(codes(), NONCE), NONCE)
    assert kept().standing().state is ListState.VALID


def test_another_stations_keys_open_nothing(kept, signer):
    kept().keep(signer.content(codes(), NONCE), NONCE)
    assert kept(b"another").standing().state is ListState.CLOSED


def test_two_lists_of_one_size_are_of_one_length_however_many_marks(kept, tmp_path, signer):
    lengths = set()
    for count in (0, 7, 40):
        kept().keep(signer.content(codes()[:count], NONCE, marks=10), NONCE)
        lengths.add((tmp_path / "stolen.list").stat().st_size)
    assert max(lengths) - min(lengths) <= 8


def test_after_24_hours_it_answers_no_more(kept, clock, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    clock.passes(24 * HOUR - 60)
    assert one.current() is not None
    clock.passes(60)
    assert (one.current(), one.standing().state) == (None, ListState.EXPIRED)
    assert kept().standing().state is ListState.EXPIRED


def test_setting_the_clock_back_does_not_keep_it_alive(kept, clock, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    clock.passes(20 * HOUR)
    assert one.standing().state is ListState.VALID
    clock.is_set(-20 * HOUR)
    assert one.standing().state is ListState.SET_BACK
    # Nor does a new process, or a new start of the machine, forget the greatest time seen.
    clock.starts_anew()
    assert kept().standing().state is ListState.SET_BACK


def test_a_clock_that_stands_still_does_not_keep_it_alive(kept, clock, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    for _ in range(25):
        clock.passes(HOUR)
        clock.is_set(-HOUR)
    assert one.standing().state is ListState.EXPIRED


def test_30_days_set_back_after_it_has_expired_it_is_still_expired_or_doubted(kept, clock, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    clock.passes(30 * 24 * HOUR)
    assert one.standing().state is ListState.EXPIRED
    clock.is_set(-30 * 24 * HOUR)
    clock.starts_anew()
    assert kept().current() is None


def test_a_clock_put_right_by_a_few_minutes_does_no_harm(kept, clock, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    clock.passes(HOUR)
    assert one.standing().state is ListState.VALID
    clock.is_set(-200)
    assert one.standing().state is ListState.VALID


def test_without_its_clock_or_with_an_older_list_put_back_it_stays_shut(kept, clock, tmp_path, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    older = (tmp_path / "stolen.list").read_bytes()
    clock.passes(HOUR)
    one.keep(signer.content(codes(), NONCE), NONCE)
    (tmp_path / "stolen.list").write_bytes(older)
    assert kept().standing().state is ListState.CLOSED
    one.keep(signer.content(codes(), NONCE), NONCE)
    (tmp_path / "stolen.clock").unlink()
    assert kept().standing().state is ListState.CLOSED


@pytest.mark.parametrize("name", ["stolen.list", "stolen.clock"])
def test_a_changed_file_is_not_believed(kept, tmp_path, name, signer):
    kept().keep(signer.content(codes(), NONCE), NONCE)
    path = tmp_path / name
    sealed = path.read_bytes()
    for place in range(0, len(sealed), max(1, len(sealed) // 25)):
        path.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        assert kept().standing().state is ListState.CLOSED
    for length in (0, 5, len(sealed) - 1):
        path.write_bytes(sealed[:length])
        assert kept().standing().state is ListState.CLOSED
    path.write_bytes(sealed)
    assert kept().standing().state is ListState.VALID


def test_what_the_registry_did_not_sign_or_gave_for_another_question_is_refused(kept, signer):
    content = signer.content(codes(), NONCE)
    one = kept()
    for changed in (b"", b"\0\0\0\0", content[:-1], content[:40] + b"9" + content[41:], content[:-1] + b"\0"):
        with pytest.raises(BadListError):
            one.keep(changed, NONCE)
    with pytest.raises(BadListError):
        one.keep(content, "ff" * 16)
    assert one.standing().state is ListState.ABSENT
    one.keep(content, NONCE)
    with pytest.raises(BadListError):
        one.keep(content[:-8], NONCE)
    # The one before it is kept.
    assert one.standing().state is ListState.VALID


@pytest.mark.parametrize(
    "change",
    [{"memory_kib": 2**30}, {"passes": 1000}, {"valid_seconds": 10**9}, {"version": 2}, {"key": "%"}, {"marks": -1}],
)
def test_a_list_that_asks_too_much_is_refused_even_when_it_is_signed(change, signer):
    with pytest.raises(BadListError):
        opened(signer.content(codes(), NONCE, **change), signer.public)


def test_deleted_it_is_gone_from_disk_and_memory(kept, tmp_path, signer):
    one = kept()
    one.keep(signer.content(codes(), NONCE), NONCE)
    one.delete()
    assert (one.current(), list(tmp_path.iterdir())) == (None, [])


def test_a_full_disk_keeps_the_list_before_and_nothing_half_written(kept, signer, tmp_path, monkeypatch):
    before = kept()
    before.keep(signer.content(["code:CNRY00001"], NONCE), NONCE)
    files = sorted(path.name for path in tmp_path.glob("stolen.*"))

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(JournalUnwritableError, match="No space left"):
            before.keep(signer.content([], NONCE), NONCE)
    assert sorted(path.name for path in tmp_path.glob("stolen.*")) == files
    assert kept().standing().marks == 1
