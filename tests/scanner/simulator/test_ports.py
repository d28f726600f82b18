import os
import socket

import pytest

from scanner.errors import BadTrafficError
from scanner.simulator.damage import Damage
from scanner.simulator.ports import PseudoTerminal, ServerSocket


@pytest.fixture
def terminal(tmp_path):
    one = PseudoTerminal(tmp_path / "reader")
    yield one
    one.close()


def test_a_terminal_knows_whether_somebody_has_it_open(terminal):
    assert not terminal.connected()
    station = os.open(terminal.name, os.O_RDWR | os.O_NOCTTY)
    assert terminal.connected()
    os.close(station)
    assert not terminal.connected()


def test_the_link_points_to_the_terminal_and_goes_with_it(tmp_path):
    link = tmp_path / "reader"
    first, second = PseudoTerminal(link), PseudoTerminal(link)
    assert str(link.readlink()) == second.device
    first.close()
    assert link.is_symlink()
    second.close()
    assert not link.is_symlink()


def test_a_file_is_not_replaced_by_a_link(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(BadTrafficError, match="exists and is not a link"):
        PseudoTerminal(tmp_path / "file")
    with pytest.raises(BadTrafficError, match="No such file"):
        PseudoTerminal(tmp_path / "no" / "folder")


def test_a_full_line_takes_what_it_can_and_does_not_block(terminal):
    station = os.open(terminal.name, os.O_RDWR | os.O_NOCTTY)
    taken = sum(terminal.write(b"x" * 65_536) for _ in range(10))
    assert 0 < taken < 655_360
    os.close(station)


def test_a_socket_serves_one_station_after_the_other():
    server = ServerSocket("127.0.0.1:0")
    address = ("127.0.0.1", int(server.name.rpartition(":")[2]))
    for _ in range(2):
        assert not server.connected()
        with socket.create_connection(address) as station:
            while not server.connected():
                pass
            server.write(b"hello")
            assert station.recv(10) == b"hello"
            station.sendall(b"there")
            assert server.read(1.0) == b"there"
        assert server.read(1.0) == b""
    server.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "192.0.2.1:5"])
def test_an_address_that_cannot_be_served_is_refused(address):
    with pytest.raises(BadTrafficError, match="HOST:PORT"):
        ServerSocket(address)


def test_damage_is_the_share_asked_for_and_the_same_for_the_same_seed():
    frames = [b"$MDEND,%d,R-1,4*00000000\r\n" % number for number in range(2000)]
    once = [Damage(0.25, seed=1)(frame) for frame in frames]
    first, again = Damage(0.25, seed=1), Damage(0.25, seed=1)
    assert [first(frame) for frame in frames] == [again(frame) for frame in frames]
    assert len(once) == len(frames)
    spoiled = sum(first(frame) != frame for frame in frames)
    assert 400 < spoiled < 600
    assert [Damage(0.0)(frame) for frame in frames] == frames
