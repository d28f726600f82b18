import json
import threading
import time
from functools import partial

import pytest
from click.testing import CliRunner

from scanner.cli import readers
from scanner.detection import Certainty, detect
from scanner.drivers import DRIVERS
from scanner.simulator.damage import misread
from scanner.simulator.ports import PseudoTerminal
from scanner.simulator.serving import serve
from scanner.simulator.traffic import device, frames
from scanner.transport import open_line


@pytest.fixture
def plugged_in():
    """A function that plays a reader of a driver at a speed; it gives the port."""
    running = []

    def play(driver, baud_rate, count=500):
        line = PseudoTerminal()

        def arrives(frame):
            return frame if line.speed() == baud_rate else misread(frame, baud_rate, line.speed())

        stop = threading.Event()
        reader = device(driver, count, 0.15, 1)
        thread = threading.Thread(target=serve, args=(line, reader), kwargs={"stop": stop, "damage": arrives})
        thread.start()
        running.append((line, stop, thread))
        return line.name

    yield play
    for line, stop, thread in running:
        stop.set()
        thread.join(5)
        line.close()


def test_a_receiver_at_the_right_speed_reads_what_was_sent_and_at_another_something_else():
    data = bytes(range(256))
    assert misread(data, 9600, 9600) == data
    for speed in (1200, 2400, 4800, 19_200, 115_200):
        assert misread(data, 9600, speed) != data


@pytest.mark.parametrize(
    ("driver", "baud_rate"),
    [
        (name, 115_200 if name in {"mdr", "fastq"} else 2400 if "parallax" in name else 9600)
        for name in DRIVERS
        if name != "auto"
    ],
)
def test_each_reader_is_found_at_its_speed(plugged_in, driver, baud_rate):
    attempts = list(detect(partial(open_line, plugged_in(driver, baud_rate)), seconds=15))
    assert (attempts[-1].driver, attempts[-1].baud_rate) == (driver, baud_rate), attempts
    if driver == "mdr":
        assert attempts[-1].certainty is Certainty.CERTAIN
        assert attempts[-1].identity.model == "UVD-2"


@pytest.mark.parametrize("driver", ["mdr", "wl-134a", "barcode"])
def test_a_wrong_speed_is_named_within_three_seconds(plugged_in, driver):
    port = plugged_in(driver, 19_200)
    begun = time.monotonic()
    first = next(detect(partial(open_line, port), speeds=[9600]))
    assert time.monotonic() - begun < 3
    assert first.certainty is Certainty.NONSENSE


def test_a_silent_line_is_said_to_be_silent_and_given_up(cable):
    attempts = list(detect(partial(open_line, cable.port), seconds=0.6, seconds_a_speed=0.2))
    assert {attempt.certainty for attempt in attempts} == {Certainty.SILENT}
    assert len({attempt.baud_rate for attempt in attempts}) > 1


def test_no_speed_makes_a_text_of_what_was_sent_at_another():
    said = b"".join(raw for raw, _ in frames("barcode", 20))
    for speed in (1200, 2400, 4800, 19_200, 38_400):
        garbled = misread(said, 9600, speed)
        assert b"HTTPS" not in garbled


def test_the_command_names_driver_and_speed_for_people_and_programs(plugged_in):
    port = plugged_in("mdr", 115_200)
    shown = CliRunner().invoke(readers, ["detect", "--port", port], env={"MARKDNA_LANGUAGE": "sv"})
    assert shown.exit_code == 0, shown.output
    assert "115200 bit/s: drivrutin mdr, säkert" in shown.output
    listed = CliRunner().invoke(readers, ["detect", "--port", port, "--json"])
    assert json.loads(listed.output.splitlines()[-1])["driver"] == "mdr"


def test_the_command_says_when_nothing_was_found(cable, tmp_path):
    silent = CliRunner().invoke(readers, ["detect", "--port", cable.port, "--seconds", "0.5"])
    assert silent.exit_code == 1
    missing = CliRunner().invoke(readers, ["detect", "--port", str(tmp_path / "none")])
    assert missing.exit_code == 3
