"""With no registry: a stolen mark is told as stolen, with the list's time, on a real run over a pseudo-terminal."""

from dataclasses import replace
from threading import Event, Thread

import pytest

from scanner.board import Board
from scanner.kept_list import KeptList, Moment
from scanner.language import Language, words
from scanner.offline import OfflineAnswers
from scanner.registry_client import Accepted, Answer, RegistryClient, WaitReason
from scanner.stolen_list import ListState
from scanner.view import RegistryState

CASE = "5000-K123456-26"
STOLEN = "4006381333931"


@pytest.fixture
def board():
    return Board(words(Language.ENGLISH))


@pytest.fixture
def kept(tmp_path, signer):
    return KeptList(tmp_path, secret=b"secret", list_key=signer.public, outlives_power=False)


@pytest.fixture
def offline(board, kept, registry):
    """The view before the view, working; its registry lists one mark."""
    registry.stolen = ["code:ENX809494"]
    with (
        RegistryClient(registry.address, registry.token) as client,
        OfflineAnswers(board, kept, client, refresh_seconds=0.3) as working,
    ):
        yield working


def test_the_list_is_fetched_while_the_registry_is_reached_and_again_and_again(
    offline, registry, kept, board, wait_until
):
    assert kept.standing().state is ListState.ABSENT
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(lambda: registry.lists_given >= 3)
    assert wait_until(lambda: board.kept_list is not None and board.kept_list.well)
    assert "1 mark, until" in board.kept_list.text


def test_without_the_registry_a_stolen_mark_is_told_and_the_registrys_word_counts_for_more(
    offline, registry, board, reading, wait_until
):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(lambda: registry.lists_given)
    offline.registry_changed(RegistryState.UNREACHABLE, "gone")
    offline.stored("k1", reading("R-1", "ENX809494"))
    offline.stored("k2", reading("R-2", "KWPD30162"))
    offline.stored("k3", reading("R-3", "ENX?O9494"))
    assert wait_until(lambda: all(line.listed for line in board.lines.values()) and len(board.lines) == 3)
    said = [board.verdict(line) for line in board.lines.values()]
    assert said[0].startswith("reported stolen, according to list of ")
    assert said[1].startswith("not on the list of ")
    assert said[2] == "stored; the list answers complete codes only"
    assert board.hits == 1
    offline.answered("k1", "R-1", Accepted(Answer(id=1, verdict="not_registered")))
    assert board.verdict(board.lines["k1"]) == "not in this register"


def test_while_the_registry_is_reached_the_list_is_silent(offline, registry, board, reading, wait_until):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(lambda: registry.lists_given)
    offline.stored("k1", reading("R-1", "ENX809494"))
    assert not wait_until(lambda: board.lines["k1"].listed, 0.5)


def test_a_station_that_is_stopped_loses_the_list_at_once_and_gets_no_other(
    offline, registry, kept, tmp_path, wait_until
):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(kept.current)
    registry.token = "another"
    offline.registry_changed(RegistryState.WITHHELD, WaitReason.TOKEN)
    assert (kept.current(), list(tmp_path.glob("stolen.*"))) == (None, [])
    # Even when the fetch itself is the first to hear of the stop.
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert not wait_until(kept.current, 0.7)
    # Let in again, it waits for no half hour.
    offline.registry_changed(RegistryState.WITHHELD, WaitReason.TOKEN)
    registry.token = "station-token"
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(kept.current, 5)


class Held:
    """A call that goes no further than told; what it was given it gives on then."""

    def __init__(self, call, *, before=True):
        self.call, self.before = call, before
        self.reached, self.go = Event(), Event()

    def __call__(self, *what):
        if self.before:
            self._wait()
        given = self.call(*what)
        if not self.before:
            self._wait()
        return given

    def _wait(self):
        self.reached.set()
        assert self.go.wait(30)


@pytest.mark.parametrize("stopped", [True, False])
def test_a_stop_that_is_heard_of_in_the_middle_of_a_fetch_lets_nothing_in(
    offline, registry, kept, tmp_path, wait_until, stopped
):
    registry.give_list = given = Held(registry.give_list, before=False)
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert given.reached.wait(30)
    if stopped:
        offline.registry_changed(RegistryState.WITHHELD, WaitReason.TOKEN)
    given.go.set()
    assert bool(wait_until(kept.current, 2)) is not stopped
    assert bool(list(tmp_path.glob("stolen.*"))) is not stopped


@pytest.mark.parametrize("stopped", [True, False])
def test_a_stop_that_is_heard_of_while_the_list_is_written_takes_it_away(
    offline, registry, kept, tmp_path, wait_until, monkeypatch, stopped
):
    held = Held(kept.keep, before=False)
    monkeypatch.setattr(kept, "keep", held)
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert held.reached.wait(30)
    state = (RegistryState.WITHHELD, WaitReason.TOKEN) if stopped else (RegistryState.UNREACHABLE, "gone")
    heard = Thread(target=offline.registry_changed, args=state)
    heard.start()
    held.go.set()
    heard.join(30)
    assert bool(kept.current()) is not stopped
    assert bool(list(tmp_path.glob("stolen.*"))) is not stopped


def test_no_reading_waits_for_a_list_that_is_being_kept(offline, registry, kept, reading, monkeypatch):
    held = Held(kept.keep)
    monkeypatch.setattr(kept, "keep", held)
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert held.reached.wait(30)
    told = Thread(target=offline.stored, args=("k1", reading("R-1", "ENX809494")), daemon=True)
    told.start()
    told.join(10)
    waits = told.is_alive()
    held.go.set()
    assert not waits


@pytest.mark.parametrize("fault", [RuntimeError("nobody foresaw this"), MemoryError()])
def test_whatever_goes_wrong_it_is_told_once_and_the_answers_go_on(
    offline, registry, board, kept, reading, wait_until, monkeypatch, fault
):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(kept.current)
    told = []
    trouble = board.trouble
    monkeypatch.setattr(board, "trouble", lambda error: (told.append(error), trouble(error)))

    def fails():
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(kept, "standing", fails)
        assert wait_until(lambda: told)
        assert not wait_until(lambda: len(told) > 1, 0.5)
    assert repr(fault) in board.notice
    offline.registry_changed(RegistryState.UNREACHABLE, "gone")
    offline.stored("k1", reading("R-1", "ENX809494"))
    assert wait_until(lambda: board.lines["k1"].listed)


def test_a_list_that_has_become_of_no_use_is_fetched_anew_at_once(board, kept, registry, wait_until, monkeypatch):
    registry.stolen = ["code:ENX809494"]
    with (
        RegistryClient(registry.address, registry.token) as client,
        OfflineAnswers(board, kept, client) as offline,
    ):
        offline.registry_changed(RegistryState.REACHED, registry.address)
        assert wait_until(lambda: registry.lists_given == 1 and board.kept_list and board.kept_list.well)
        assert not wait_until(lambda: registry.lists_given > 1, 0.5)
        now = Moment.now
        monkeypatch.setattr(kept, "_now", lambda: replace(now(), wall=now().wall + 90_000))
        assert wait_until(lambda: registry.lists_given == 2)
        assert wait_until(lambda: board.kept_list.well)
        assert not wait_until(lambda: registry.lists_given > 2, 0.5)


def test_a_case_that_is_not_known_is_no_word_against_the_station(offline, registry, kept, wait_until):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(kept.current)
    offline.registry_changed(RegistryState.WITHHELD, f"{WaitReason.CASE}: {CASE}")
    assert kept.current()


def test_a_registry_that_gives_no_list_any_more_takes_it_away(offline, registry, kept, wait_until):
    offline.registry_changed(RegistryState.REACHED, registry.address)
    assert wait_until(kept.current)
    registry.stolen = None
    assert wait_until(lambda: kept.current() is None)


@pytest.fixture
def scan(barcode_station, wait_until):
    """A function that starts a station with an offline list."""
    return lambda: Run(barcode_station(language="sv", offline_list="until-power-off"), wait_until)


class Run:
    """A station that runs, and what it has said."""

    def __init__(self, process, wait_until):
        self.process, self.said = process, ""
        self.wait_until = wait_until
        Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with self.process.stdout as lines:
            for line in lines:
                self.said += line

    def says(self, *texts):
        return self.wait_until(lambda: all(text in self.said for text in texts), 90)


def test_a_whole_run_reading_after_the_registry_is_gone_and_after_a_restart(scan, registry, cable):
    registry.stolen = [f"number:{STOLEN}"]
    first = scan()
    assert first.says("1 märke, till", "Läsaren är ansluten"), first.said
    registry.close()
    cable.send(f"]E0{STOLEN}\r\n".encode())
    assert first.says("stöldanmäld enligt lista"), first.said
    first.process.kill()
    first.process.wait()
    again = scan()
    assert again.says("1 märke, till", "Läsaren är ansluten"), again.said
    cable.send(b"]E04006381333924\r\n")
    assert again.says("inte på listan"), again.said
