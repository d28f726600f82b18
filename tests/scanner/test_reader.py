import threading

import pytest

from scanner.drivers.mdr import MdrDriver
from scanner.errors import PortBusyError, PortMissingError, PortVanishedError, ReaderFaultError
from scanner.framing.sentences import encode
from scanner.framing.tally import Refusal
from scanner.reader import Reader
from scanner.transport import LineSettings, open_line

READING = encode("MDDOT", 1, "R-1", "ABC", "III") + encode("MDEND", 2, "R-1", "2")


class Ear:
    """Listens, and stores whatever ``stores`` says."""

    def __init__(self):
        self.stores = True
        self.heard = []
        self.errors = []
        self.readings = []

    def connected(self, port):
        self.heard.append(port)

    def disconnected(self, error):
        self.errors.append(error)

    def identified(self, identity):
        self.heard.append(identity.serial_number)

    def keep(self, reading):
        self.readings.append(reading)
        return self.stores

    def trouble(self, error):
        self.errors.append(error)


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
def reading_from(ear):
    """A function that starts a reading loop on a port given by a function; it is stopped at the end."""
    running = []

    def start(port, driver=None):
        reader = Reader(lambda: open_line(port(), LineSettings()), driver or MdrDriver(), ear)
        thread = threading.Thread(target=reader.run)
        thread.start()
        running.append((reader, thread))
        return thread

    yield start
    for reader, thread in running:
        reader.stop()
        thread.join(5)
        assert not thread.is_alive()


def test_a_reading_is_acknowledged_once_it_is_stored(cable, ear, reading_from, wait_until):
    reading_from(lambda: cable.port)
    assert cable.heard() == encode("MDRST", 0)
    cable.send(READING)
    assert cable.heard() == encode("MDACK", 2)
    assert [reading.reading_id for reading in ear.readings] == ["R-1"]


def test_a_reading_that_was_not_stored_is_not_acknowledged(cable, ear, reading_from, wait_until):
    ear.stores = False
    reading_from(lambda: cable.port)
    assert cable.heard() == encode("MDRST", 0)
    cable.send(READING)
    assert wait_until(lambda: ear.readings)
    ear.stores = True
    cable.send(encode("MDDOT", 3, "R-1", "ABC", "III") + encode("MDEND", 4, "R-1", "2"))
    assert cable.heard() == encode("MDACK", 4)


def test_it_waits_for_a_missing_port_says_so_once_and_reads_when_it_comes(
    new_cable, tmp_path, ear, reading_from, wait_until
):
    link = tmp_path / "reader"
    reading_from(lambda: str(link))
    assert wait_until(lambda: ear.errors)
    cable = new_cable()
    link.symlink_to(cable.port)
    assert cable.heard() == encode("MDRST", 0)
    assert [type(error) for error in ear.errors] == [PortMissingError]


def test_a_busy_port_is_named_and_read_when_it_is_free(cable, ear, reading_from, wait_until):
    other = open_line(cable.port, LineSettings())
    reading_from(lambda: cable.port)
    assert wait_until(lambda: ear.errors)
    assert isinstance(ear.errors[0], PortBusyError)
    other.close()
    assert wait_until(lambda: ear.heard == [cable.port])


def test_unplugged_in_the_middle_of_a_sentence_and_back_under_another_name(
    new_cable, tmp_path, ear, reading_from, wait_until
):
    link = tmp_path / "reader"
    for turn in range(5):
        cable = new_cable()
        link.unlink(missing_ok=True)
        link.symlink_to(cable.port)
        if turn == 0:
            reading_from(lambda: str(link))
        assert cable.heard() == encode("MDRST", 0)
        cable.send(READING)
        assert cable.heard() == encode("MDACK", 2)
        cable.send(READING[:20])
        cable.pull()
        assert wait_until(
            lambda turn=turn: len([e for e in ear.errors if isinstance(e, PortVanishedError)]) == turn + 1
        )
    assert len(ear.readings) == 5


def test_a_fault_that_the_reader_reports_is_told(cable, ear, reading_from, wait_until):
    reading_from(lambda: cable.port)
    assert cable.heard() == encode("MDRST", 0)
    cable.send(encode("MDERR", 5, "lamp", "no light"))
    assert wait_until(lambda: ear.errors)
    assert isinstance(ear.errors[0], ReaderFaultError)
    assert "lamp" in str(ear.errors[0])


def test_a_driver_that_fails_costs_one_reading_and_not_the_shift(cable, ear, reading_from, wait_until):
    class Clumsy(MdrDriver):
        def receive(self, data, now):
            if b"fail" in data:
                raise RuntimeError
            return super().receive(data, now)

    driver = Clumsy()
    reading_from(lambda: cable.port, driver)
    assert cable.heard() == encode("MDRST", 0)
    cable.send(b"fail")
    assert wait_until(lambda: driver.tally.refused[Refusal.UNKNOWN] == 1)
    cable.send(READING)
    assert wait_until(lambda: ear.readings)
