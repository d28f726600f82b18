import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner

from scanner import enrolment
from scanner.cli import readers, scan
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.framing.sentences import encode
from scanner.reading import DotText, ReaderIdentity
from scanner.simulator.ports import PseudoTerminal
from scanner.simulator.serving import serve

CASE = "5000-K123456-26"
SCAN = [sys.executable, "-c", "from scanner.cli import scan; scan()"]
READERS = [sys.executable, "-c", "from scanner.cli import readers; readers()"]
FASTQ = "@read-{0}\nACGTTGATNA\n+\nI$*,%5?!#I\n"


@pytest.fixture
def environment(registry, tmp_path):
    return {
        **os.environ,
        "MARKDNA_STATION_TOKEN": registry.token,
        "MARKDNA_LANGUAGE": "en",
        "HOME": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def station(registry, environment, tmp_path):
    """A function that starts ``markdna scan`` as a process of its own; what still runs at the end is killed."""
    started = []
    enrolment.save(tmp_path / "journal", registry.enrolment())

    def start(port, *more):
        command = [*SCAN, "--port", str(port), "--registry", registry.address, "--case", CASE]
        process = subprocess.Popen(
            [*command, "--journal", str(tmp_path / "journal"), *more],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def simulator(environment, tmp_path):
    """A function that starts ``markdna readers simulate`` on a link; it gives the process and the link."""
    started = []

    def start(readings, *more):
        file = tmp_path / "reads.fastq"
        file.write_text("".join(FASTQ.format(number) for number in range(readings)), encoding="utf-8")
        link = tmp_path / "reader"
        process = subprocess.Popen(
            [*READERS, "simulate", "--reads", str(file), "--link", str(link), *more],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline().strip() == str(link)
        return process, link

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_simulator_and_station_as_two_processes_bring_every_reading(simulator, station, registry):
    reader, link = simulator(60, "--exit-when-done", "--uv", "612,734")
    shift = station(link, "--once", "60")
    shown, _ = shift.communicate(timeout=60)
    told, _ = reader.communicate(timeout=60)
    assert (shift.returncode, reader.returncode) == (0, 0)
    assert registry.reading_ids() == [f"read-{number}" for number in range(60)]
    assert registry.rows[0]["observations"] == [
        {"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 734},
        {"kind": "dna", "bases": "ACGTTGATNA", "quality": "I$*,%5?!#I"},
    ]
    assert shown.count("identified  +4  SDNA-4K7Q-2M9X  Cykel, Crescent  REPORTED STOLEN") == 60
    assert "60 readings acknowledged, 0 sent again." in told


def killed_and_started_again(station, port, reader, dice):
    """Kill stations at random moments until the reader has had everything acknowledged; how often that was."""
    kills = 0
    deadline = time.monotonic() + 60
    while not reader.finished and time.monotonic() < deadline:
        process = station(port)
        while "Reader: " not in process.stdout.readline() and process.poll() is None:
            pass
        time.sleep(dice.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    return kills


@pytest.fixture
def slow_reader():
    """A virtual reader on a pseudo-terminal whose readings come 30 ms apart."""
    plan = [PlannedReading(f"R-{number}", (DotText("ENX?O9494", "IIH!+IIIG"),)) for number in range(24)]
    reader = VirtualReader(ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2"), plan, interval=0.03)
    line = PseudoTerminal()
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(line, reader), kwargs={"stop": stop})
    thread.start()
    yield line.name, reader
    stop.set()
    thread.join(5)
    line.close()


@pytest.mark.slow
def test_killed_at_random_points_the_station_loses_no_acknowledged_reading_and_doubles_none(
    slow_reader, station, registry
):
    port, reader = slow_reader
    registry.loss = 0.2
    kills = killed_and_started_again(station, port, reader, random.Random(23))
    assert kills > 1
    assert reader.acknowledged == 24
    last = station(port, "--until-idle", "1")
    last.communicate(timeout=60)
    assert last.returncode == 0
    assert registry.reading_ids() == [f"R-{number}" for number in range(24)]


@pytest.mark.slow
def test_control_killed_stations_double_readings_when_the_registry_ignores_the_key(slow_reader, station, registry):
    port, reader = slow_reader
    registry.loss = 0.2
    registry.idempotent = False
    killed_and_started_again(station, port, reader, random.Random(23))
    station(port, "--until-idle", "1").communicate(timeout=60)
    assert len(registry.rows) > len(set(registry.reading_ids())) == 24


@pytest.mark.slow
def test_control_without_its_journal_a_killed_station_loses_what_it_acknowledged(
    slow_reader, station, registry, tmp_path
):
    port, reader = slow_reader
    with registry.mutex:
        first = station(port)
        deadline = time.monotonic() + 30
        while reader.acknowledged < 10 and time.monotonic() < deadline:
            time.sleep(0.01)
        first.kill()
        first.communicate()
    (tmp_path / "journal" / "readings.journal").unlink()
    registry.rows.clear()
    registry.keys.clear()
    station(port, "--until-idle", "1").communicate(timeout=60)
    assert reader.acknowledged == 24
    assert len(registry.rows) < 24


def test_the_reader_unplugged_and_back_is_told_and_read_on(simulator, station, registry, wait_until):
    reader, link = simulator(150, "--interval", "0.02")
    shift = station(link)
    assert wait_until(lambda: len(registry.rows) > 3)
    reader.kill()
    reader.communicate()
    lines = iter(shift.stdout.readline, "")
    assert any("the reader is gone" in line for line in lines)
    simulator(150)
    assert wait_until(lambda: len(registry.rows) == 150)
    shift.terminate()
    shift.communicate(timeout=60)
    assert shift.returncode == 0
    assert sorted(registry.reading_ids()) == sorted({f"read-{number}" for number in range(150)})


def test_when_nobody_reads_the_screen_any_more_the_readings_go_on(simulator, station, registry, wait_until):
    _, link = simulator(50, "--interval", "0.01")
    shift = station(link)
    shift.stdout.readline()
    shift.stdout.close()
    assert wait_until(lambda: len(registry.rows) == 50)
    shift.terminate()
    assert shift.wait(60) == 0


def test_a_terminal_without_the_characters_shows_question_marks_and_the_readings_go_on(
    simulator, station, registry, environment
):
    environment["PYTHONIOENCODING"] = "ascii"
    environment["MARKDNA_LANGUAGE"] = "sv"
    _, link = simulator(3)
    shift = station(link, "--once", "3")
    shown, _ = shift.communicate(timeout=60)
    assert shift.returncode == 0
    assert "L?saren ?r ansluten" in shown
    assert len(registry.rows) == 3


def test_a_registry_that_hangs_does_not_hold_up_the_end(simulator, station, registry, tmp_path, wait_until):
    (tmp_path / "config.toml").write_text("[scanner]\nflush_seconds = 0.5\n", encoding="utf-8")
    with registry.mutex:
        _, link = simulator(3)
        shift = station(link, "--config", str(tmp_path / "config.toml"))
        lines = iter(shift.stdout.readline, "")
        assert any("read-2" in line for line in lines)
        begun = time.monotonic()
        shift.terminate()
        shown, _ = shift.communicate(timeout=60)
        assert time.monotonic() - begun < 5
    assert shift.returncode == 4
    assert "3 readings wait in the journal." in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_delivers_what_waits_and_ends_with_0(simulator, station, registry, number, wait_until):
    _, link = simulator(10)
    shift = station(link)
    assert wait_until(lambda: len(registry.rows) == 10)
    shift.send_signal(number)
    shift.communicate(timeout=60)
    assert shift.returncode == 0


def test_readings_that_still_wait_at_the_end_are_counted_and_the_code_is_4(simulator, station, registry, environment):
    environment["MARKDNA_STATION_TOKEN"] = "revoked"
    _, link = simulator(3)
    shift = station(link, "--until-idle", "0.5")
    shown, _ = shift.communicate(timeout=60)
    assert shift.returncode == 4
    assert "3 readings wait in the journal." in shown
    assert "does not know this station" in shown


def run(command, *arguments, language="en", token="t"):  # noqa: S107 - not a real token
    return CliRunner().invoke(
        command, arguments, env={"MARKDNA_LANGUAGE": language, "MARKDNA_STATION_TOKEN": token}, prog_name="markdna"
    )


def scan_arguments(tmp_path, **changes):
    options = {
        "port": str(tmp_path / "nowhere"),
        "registry": "http://127.0.0.1:9",
        "case": CASE,
        "journal": str(tmp_path / "journal"),
        **changes,
    }
    return [part for name, value in options.items() if value is not None for part in (f"--{name}", value)]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"registry": "http://register.example"}, 1, "not an address of a registry"),
        ({"registry": None}, 1, "not an address of a registry"),
        ({"driver": "mdrr"}, 1, "there is no such driver"),
        ({"port": None}, 2, "--port"),
        ({"case": None}, 2, "--case"),
        ({}, 3, "there is no such port"),
    ],
)
def test_what_cannot_be_done_is_explained_and_has_its_exit_code(tmp_path, monkeypatch, changes, code, words):
    monkeypatch.chdir(tmp_path)
    result = run(scan, *scan_arguments(tmp_path, **changes), "--no-wait")
    assert (result.exit_code, words in result.output) == (code, True), result.output


def test_before_it_knows_to_whom_to_seal_a_station_reads_nothing(registry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = scan_arguments(tmp_path, registry=registry.address)
    result = run(scan, *arguments)
    assert (result.exit_code, "does not know its registry's key" in result.output) == (1, True)
    assert not list(tmp_path.rglob("readings.journal"))


def test_a_station_with_a_token_asks_for_the_key_once_and_then_works_without_the_registry(
    registry, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text("[scanner]\nflush_seconds = 0.2\n", encoding="utf-8")
    for address in (registry.address, "http://127.0.0.1:9"):
        arguments = scan_arguments(tmp_path, registry=address)
        result = run(scan, *arguments, "--until-idle", "0.3", "--config", str(config), token=registry.token)
        assert result.exit_code == 0, result.output
    assert enrolment.load(tmp_path / "journal").message_key == registry.message_key


def test_a_missing_token_is_explained_in_swedish(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(scan, *scan_arguments(tmp_path), language="sv", token="")
    assert result.exit_code == 1
    assert "Stationen har ingen åtkomstnyckel" in result.output


def test_a_wrong_key_in_config_toml_is_explained(tmp_path):
    (tmp_path / "config.toml").write_text("[scanner]\nprot = 'x'\n", encoding="utf-8")
    result = run(scan, *scan_arguments(tmp_path), "--config", str(tmp_path / "config.toml"))
    assert result.exit_code == 1
    assert "[scanner] prot: unknown key" in result.output


def test_the_settings_of_config_toml_are_used(tmp_path):
    (tmp_path / "config.toml").write_text(f"[scanner]\nport = '{tmp_path}/from-config'\n", encoding="utf-8")
    arguments = scan_arguments(tmp_path, port=None)
    result = run(scan, *arguments, "--config", str(tmp_path / "config.toml"), "--no-wait")
    assert result.exit_code == 3
    assert "from-config: there is no such port" in result.output


def test_ports_and_drivers_are_listed_for_people_and_for_programs():
    shown = run(readers, "list", language="sv")
    assert shown.exit_code == 0
    assert re.search(r"mdr\s+UV/DNA-läsare", shown.output)
    listed = json.loads(run(readers, "list", "--json").output)
    assert {"auto", "mdr", "barcode"} <= {driver["name"] for driver in listed["drivers"]}
    assert isinstance(listed["ports"], list)


def test_the_journal_is_shown_with_what_became_of_each_reading(simulator, station, registry, tmp_path):
    registry.faults = [(422, {}, {"title": "Invalid", "detail": "no such mark"})]
    _, link = simulator(2)
    station(link, "--once", "2").communicate(timeout=60)
    shown = run(readers, "journal", "--journal", str(tmp_path / "journal")).output.splitlines()
    assert [line.split("  ")[1:] for line in shown] == [["refused", "422"], ["accepted", "1"]]
    assert [line.split("  ")[0].partition(":")[2] for line in shown] == ["1", "2"]
    rows = run(readers, "journal", "--journal", str(tmp_path / "journal"), "--json").output.splitlines()
    assert [json.loads(row)["state"] for row in rows] == ["refused", "accepted"]


@pytest.mark.parametrize("uv", ["612", "612,1001", "a,b", "-1,5"])
def test_a_uv_finding_that_cannot_be_is_refused(tmp_path, uv):
    file = tmp_path / "reads.fastq"
    file.write_text(FASTQ.format(1), encoding="utf-8")
    result = run(readers, "simulate", "--reads", str(file), f"--uv={uv}")
    assert result.exit_code == 2
    assert "612,734" in result.output


def test_over_a_socket_and_in_a_loop_the_reader_never_ends(simulator, station, registry, environment, tmp_path):
    file = tmp_path / "reads.fastq"
    file.write_text(FASTQ.format(1), encoding="utf-8")
    process = subprocess.Popen(
        [*READERS, "simulate", "--reads", str(file), "--socket", "127.0.0.1:0", "--loop"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = process.stdout.readline().strip()
    assert port.startswith("socket://127.0.0.1:")
    shift = station(port, "--once", "3")
    shift.communicate(timeout=60)
    process.terminate()
    process.communicate(timeout=60)
    assert (shift.returncode, process.returncode) == (0, 0)
    assert registry.reading_ids() == ["read-1", "read-1/2", "read-1/3"]


def test_a_greeting_is_how_the_station_names_the_reader(cable, station):
    shift = station(cable.port)
    assert cable.heard() == encode("MDRST", 0)
    cable.send(encode("MDHEL", 0, "1", "Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2"))
    lines = iter(shift.stdout.readline, "")
    assert any(line == "Reader: Nordisk Mätteknik UVD-2 SN00417\n" for line in lines)
