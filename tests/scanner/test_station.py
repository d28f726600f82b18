import threading

import pytest

from scanner.drivers import driver_named
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.errors import ForeignKeyError
from scanner.journal import Journal, Settlement
from scanner.reading import DotText, ReaderIdentity
from scanner.registry_client import RegistryClient, WaitReason
from scanner.sealing import SealingKey
from scanner.settings import scanner_settings
from scanner.simulator.damage import Damage
from scanner.simulator.ports import PseudoTerminal
from scanner.simulator.serving import serve
from scanner.station import _ASK_EVERY, Delivery, Limits, RegistryState, Station
from scanner.transport import LineSettings, open_line

CASE = "5000-K123456-26"
IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")


class Notes:
    """A view that remembers."""

    def __init__(self):
        self.states = []
        self.answers = []
        self.readings = []
        self.lost = []
        self.troubles = []
        self.attachments = []

    def reader_connected(self, port):
        pass

    def reader_identified(self, identity):
        pass

    def reader_lost(self, error):
        self.lost.append(error)

    def registry_changed(self, state, detail):
        self.states.append((state, detail))

    def stored(self, key, reading):
        self.readings.append(reading.reading_id)

    def answered(self, key, reading_id, outcome):
        self.answers.append((reading_id, outcome))

    def attached(self, key, label):
        self.attachments.append(label)

    def trouble(self, error):
        self.troubles.append(error)


def plan(count, first=0):
    return [
        PlannedReading(f"R-{number}", (DotText("ENX?O9494", "IIH!+IIIG"),)) for number in range(first, first + count)
    ]


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def shift(tmp_path, registry, notes):
    """A function that runs a station on a port until it ends by itself; it gives the readings that still wait."""

    def run(port, *, token=None, limits=None, case=CASE, flush=2.0, ask=20.0, key=None, item=""):
        with RegistryClient(registry.address, token or registry.token) as client:
            key = key or registry.message_key
            journal = Journal(tmp_path / "journal", SealingKey(key))
            try:
                station = Station(
                    open_line=lambda: open_line(port, LineSettings()),
                    driver=driver_named("auto"),
                    journal=journal,
                    delivery=Delivery(journal, client, notes, message_key=key, retry_seconds=0.2, ask_seconds=ask),
                    view=notes,
                    case_number=case,
                    limits=limits or Limits(idle_seconds=0.6),
                )
                station.seized_item = item
                return station.run(flush)
            finally:
                journal.close()

    return run


@pytest.fixture
def virtual_reader():
    """A function that plays readings on a pseudo-terminal, whole or damaged; it gives the port and the reader."""
    running = []

    def play(readings, damage=bytes):
        line = PseudoTerminal()
        reader = VirtualReader(IDENTITY, readings)
        stop = threading.Event()
        thread = threading.Thread(target=serve, args=(line, reader), kwargs={"stop": stop, "damage": damage})
        thread.start()
        running.append((line, stop, thread))
        return line.name, reader

    yield play
    for line, stop, thread in running:
        stop.set()
        thread.join(5)
        line.close()


def test_every_reading_of_a_shift_reaches_the_registry_once_and_in_order(virtual_reader, shift, registry, notes):
    port, reader = virtual_reader(plan(100))
    assert shift(port) == 0
    assert registry.reading_ids() == [f"R-{number}" for number in range(100)]
    assert [reading_id for reading_id, _ in notes.answers] == registry.reading_ids()
    assert (reader.acknowledged, reader.repeated) == (100, 0)
    assert registry.rows[0]["case_number"] == CASE


def test_it_ends_after_as_many_readings_as_asked_and_leaves_the_next_to_the_reader(virtual_reader, shift, registry):
    port, reader = virtual_reader(plan(10))
    assert shift(port, limits=Limits(readings=3)) == 0
    assert registry.reading_ids() == ["R-0", "R-1", "R-2"]
    assert reader.acknowledged == 3


def test_a_line_that_damages_one_sentence_in_ten_loses_and_doubles_nothing(virtual_reader, shift, registry):
    port, _ = virtual_reader(plan(8), damage=Damage(0.1, seed=4))
    assert shift(port, limits=Limits(readings=8)) == 0
    assert sorted(registry.reading_ids()) == sorted(f"R-{number}" for number in range(8))


def test_lost_answers_double_nothing_because_each_reading_has_its_key(virtual_reader, shift, registry):
    registry.loss = 0.4
    port, _ = virtual_reader(plan(30))
    assert shift(port, limits=Limits(readings=30)) == 0
    assert registry.reading_ids() == [f"R-{number}" for number in range(30)]
    assert registry.requests > 30


def test_control_a_registry_that_ignores_the_key_doubles_readings(virtual_reader, shift, registry):
    registry.loss = 0.4
    registry.idempotent = False
    port, _ = virtual_reader(plan(30))
    shift(port, limits=Limits(readings=30))
    assert len(registry.rows) > 30


def test_a_registry_that_is_away_loses_nothing_and_gets_all_at_the_next_shift(virtual_reader, shift, registry, notes):
    registry.faults = [(503, {"Retry-After": "60"}, {})]
    port, reader = virtual_reader(plan(5))
    assert shift(port) == 5
    assert (reader.acknowledged, registry.rows) == (5, [])
    assert notes.states[-1][0] is RegistryState.UNREACHABLE
    assert shift(port) == 0
    assert registry.reading_ids() == [f"R-{number}" for number in range(5)]


def test_a_slow_registry_does_not_slow_the_reader(virtual_reader, shift, registry):
    with registry.mutex:
        port, reader = virtual_reader(plan(40))
        waiting = shift(port, flush=0.0)
        assert reader.acknowledged == 40
        assert waiting == 40
    registry.keys.clear()
    registry.rows.clear()
    assert shift(port) == 0
    assert len(registry.rows) == 40


def test_a_refused_reading_is_kept_shown_and_holds_up_nobody(virtual_reader, shift, registry, notes, tmp_path):
    registry.faults = [(422, {}, {"title": "Invalid", "detail": "no such mark", "field": "dot", "allowed": "letters"})]
    port, _ = virtual_reader(plan(3))
    assert shift(port) == 0
    assert registry.reading_ids() == ["R-1", "R-2"]
    assert notes.answers[0][0] == "R-0"
    assert notes.answers[0][1].problem == "no such mark"
    journal = Journal(tmp_path / "journal", SealingKey(registry.message_key))
    assert (journal.counts().refused, journal.counts().accepted) == (1, 2)
    journal.close()


def test_a_revoked_station_keeps_its_readings_and_says_why(virtual_reader, shift, registry, notes):
    port, reader = virtual_reader(plan(3))
    assert shift(port, token="revoked") == 3
    assert reader.acknowledged == 3
    assert notes.states == [(RegistryState.WITHHELD, WaitReason.TOKEN)]
    assert shift(port) == 0
    assert len(registry.rows) == 3


def test_readings_are_put_with_the_seized_item_that_lies_on_the_table_also_when_the_registry_was_away(
    virtual_reader, shift, registry, notes
):
    registry.faults = [(503, {"Retry-After": "60"}, {})]
    port, _ = virtual_reader(plan(2))
    assert shift(port, item="2:1") == 4
    assert (notes.attachments, registry.attachments) == (["2:1", "2:1"], [])
    assert shift(port) == 0
    assert registry.reading_ids() == ["R-0", "R-1"]
    assert registry.attachments == [("R-0", "2:1"), ("R-1", "2:1")]


def test_a_station_that_is_stopped_while_nothing_happens_learns_of_it(cable, shift, registry, notes):
    threading.Timer(0.5, setattr, [registry, "token", "another"]).start()
    shift(cable.port, limits=Limits(idle_seconds=2.0), ask=0.2)
    assert notes.states[0][0] is RegistryState.REACHED
    assert notes.states[-1] == (RegistryState.WITHHELD, WaitReason.TOKEN)


def test_control_a_station_that_does_not_ask_does_not_learn_of_it(cable, shift, registry, notes):
    threading.Timer(0.5, setattr, [registry, "token", "another"]).start()
    shift(cable.port, limits=Limits(idle_seconds=2.0), ask=60.0)
    assert [state for state, _ in notes.states] == [RegistryState.REACHED]


def test_a_station_asks_often_enough_to_be_stopped_within_a_minute():
    assert _ASK_EVERY + scanner_settings().answer_seconds + scanner_settings().connect_seconds < 60


def test_a_registry_with_another_key_is_sent_nothing(virtual_reader, shift, registry, notes):
    own = registry.message_key
    port, reader = virtual_reader(plan(3))
    assert shift(port) == 0
    registry.message_key = bytes(range(1, 33))
    port, reader = virtual_reader(plan(3, first=10))
    assert shift(port, key=own) == 3
    assert reader.acknowledged == 3
    assert len(registry.rows) == 3
    assert notes.states[-1][0] is RegistryState.FOREIGN
    assert [type(error) for error in notes.troubles] == [ForeignKeyError]
    registry.message_key = own
    assert shift(port) == 0
    assert registry.reading_ids()[3:] == ["R-10", "R-11", "R-12"]


def test_an_unknown_case_holds_up_its_own_readings_and_not_those_of_another(
    shift, registry, notes, tmp_path, reading, virtual_reader
):
    journal = Journal(tmp_path / "journal", SealingKey(registry.message_key))
    journal.store(reading("R-closed"), "5000-K000000-26")
    journal.close()
    registry.closed_cases = {"5000-K000000-26"}
    port, _ = virtual_reader(plan(2))
    assert shift(port) == 1
    assert registry.reading_ids() == ["R-0", "R-1"]
    assert notes.states[-1] == (RegistryState.WITHHELD, WaitReason.CASE)
    registry.closed_cases = set()
    shift(port)
    assert registry.reading_ids() == ["R-0", "R-1", "R-closed"]


def test_a_journal_that_fails_after_the_answer_doubles_nothing(virtual_reader, shift, registry, notes, monkeypatch):
    from scanner.errors import JournalUnwritableError

    real_settle = Journal.settle
    failures = iter([True, True])

    def settle(self, key, settlement, detail):
        if next(failures, False):
            raise JournalUnwritableError(file="journal", problem="No space left on device")
        real_settle(self, key, settlement, detail)

    monkeypatch.setattr(Journal, "settle", settle)
    port, _ = virtual_reader(plan(3))
    assert shift(port) == 0
    assert registry.reading_ids() == ["R-0", "R-1", "R-2"]
    assert len(notes.troubles) == 2


def test_a_full_disk_leaves_the_reading_with_the_reader(virtual_reader, shift, registry, notes, monkeypatch):
    from scanner.errors import JournalUnwritableError

    def store(self, reading, case_number):
        raise JournalUnwritableError(file="journal", problem="No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Journal, "store", store)
        port, reader = virtual_reader(plan(2))
        shift(port, limits=Limits(idle_seconds=0.3))
        assert reader.acknowledged == 0
        assert "scan again" in str(notes.troubles[0])
    assert shift(port) == 0
    assert registry.reading_ids() == ["R-0", "R-1"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_view_that_fails_does_not_end_the_shift(virtual_reader, shift, registry, notes, monkeypatch):
    failures = iter([True])

    def stored(key, reading):
        if next(failures, False):
            raise LookupError

    monkeypatch.setattr(notes, "stored", stored)
    port, _ = virtual_reader(plan(3))
    assert shift(port, limits=Limits(idle_seconds=2.0)) == 0
    assert registry.reading_ids() == ["R-0", "R-1", "R-2"]


def test_a_scanner_of_stickers_needs_no_acknowledgement(cable, shift, registry):
    sender = threading.Timer(0.3, cable.send, [b"]Q1HTTPS://MARK.EXAMPLE/0123456789ABC"])
    sender.start()
    assert shift(cable.port, limits=Limits(readings=1)) == 0
    assert registry.rows[0]["observations"] == [
        {"kind": "number", "symbology": "QR", "text": "HTTPS://MARK.EXAMPLE/0123456789ABC"}
    ]
    assert registry.rows[0]["reader"] is None


def test_the_outcome_of_each_delivery_is_one_of_the_two_final_ones():
    assert set(Settlement) == {"accepted", "refused"}


def test_a_line_that_makes_no_sense_is_said_so_once(cable, shift, notes):
    sender = threading.Timer(0.3, cable.send, [b"\x00\x8f\xf8" * 40])
    sender.start()
    shift(cable.port, limits=Limits(idle_seconds=3.5))
    assert [type(error).__name__ for error in notes.troubles] == ["NonsenseError"]
    assert "120 bytes arrived at 115200 bit/s" in str(notes.troubles[0])


def test_an_error_nobody_thought_of_does_not_end_the_delivery(virtual_reader, shift, registry, notes, monkeypatch):
    real_deliver = RegistryClient.deliver
    failures = iter([True])

    def deliver(self, body):
        if next(failures, False):
            raise LookupError
        return real_deliver(self, body)

    monkeypatch.setattr(RegistryClient, "deliver", deliver)
    port, _ = virtual_reader(plan(3))
    assert shift(port) == 0
    assert registry.reading_ids() == ["R-0", "R-1", "R-2"]
    assert (RegistryState.UNREACHABLE, "LookupError()") in notes.states
