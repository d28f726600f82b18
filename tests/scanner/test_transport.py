import time
from pathlib import Path

import pytest

from scanner.errors import PortBusyError, PortMissingError, PortUnusableError, PortVanishedError
from scanner.transport import LineSettings, open_line, ports, stable_name

SETTINGS = LineSettings()


def test_bytes_cross_a_real_terminal_both_ways(cable):
    line = open_line(cable.port, SETTINGS)
    cable.send(b"\x00\xff$MDHEL\r\n")
    time.sleep(0.02)
    assert line.read(1.0) == b"\x00\xff$MDHEL\r\n"
    line.write(b"$MDRST,0*C34F6234\r\n")
    assert cable.heard() == b"$MDRST,0*C34F6234\r\n"
    line.close()


def test_silence_is_no_bytes_after_the_time_allowed(cable):
    line = open_line(cable.port, SETTINGS)
    begun = time.monotonic()
    assert line.read(0.05) == b""
    assert 0.04 < time.monotonic() - begun < 1.0
    line.close()


def test_a_port_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(PortMissingError, match="ttyUSB0: there is no such port"):
        open_line(str(tmp_path / "ttyUSB0"), SETTINGS)


def test_a_port_is_opened_by_one_station_only(cable):
    first = open_line(cable.port, SETTINGS)
    with pytest.raises(PortBusyError, match="another program"):
        open_line(cable.port, SETTINGS)
    first.close()
    open_line(cable.port, SETTINGS).close()


def test_a_file_is_no_port(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with pytest.raises(PortUnusableError):
        open_line(str(file), SETTINGS)


def test_a_url_that_nobody_serves_is_missing_and_one_that_is_none_unusable(unused_address):
    with pytest.raises(PortMissingError):
        open_line(f"socket://{unused_address}", SETTINGS)
    with pytest.raises(PortUnusableError):
        open_line("nonsense://x", SETTINGS)


def test_a_pulled_cable_is_named_when_reading_and_when_writing(new_cable):
    for act in (lambda line: line.read(1.0), lambda line: line.write(b"x")):
        cable = new_cable()
        line = open_line(cable.port, SETTINGS)
        cable.pull()
        with pytest.raises(PortVanishedError, match="the reader is gone"):
            act(line)
        line.close()
        line.close()


def test_a_loop_returns_what_is_written():
    line = open_line("loop://", SETTINGS)
    line.write(b"abc")
    assert line.read(1.0) == b"abc"
    line.close()


def test_a_port_keeps_the_name_that_survives_replugging(tmp_path):
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    assert stable_name(str(device), by_id) == str(device)
    by_id.mkdir()
    (by_id / "usb-Nordisk_UVD-2_SN00417-if00").symlink_to(device)
    assert stable_name(str(device), by_id) == str(by_id / "usb-Nordisk_UVD-2_SN00417-if00")
    assert stable_name("socket://reader.example:4000", by_id) == "socket://reader.example:4000"


def descriptors():
    return len(list(Path("/dev/fd").iterdir()))


def test_opening_and_closing_leaves_no_descriptor_behind(new_cable):
    open_line(new_cable().port, SETTINGS).close()
    before = descriptors()
    for _ in range(50):
        cable = new_cable()
        line = open_line(cable.port, SETTINGS)
        cable.pull()
        with pytest.raises(PortVanishedError):
            line.read(1.0)
        line.close()
    assert descriptors() == before


def test_the_ports_of_this_machine_are_listed_by_name():
    names = [port.name for port in ports()]
    assert names == sorted(names)
