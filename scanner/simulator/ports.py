"""The far end of a serial line: a pseudo-terminal or a socket that a station opens as its port."""

import contextlib
import os
import pty
import select
import socket
import termios
import tty
from pathlib import Path
from typing import Protocol

from scanner.errors import BadTrafficError

__all__ = ["FarEnd", "PseudoTerminal", "ServerSocket"]

_CHUNK = 65_536
_SPEEDS = {getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()}


class FarEnd(Protocol):
    """One end of a line whose other end a station may open and close."""

    name: str
    """What a station gives as its port."""

    def connected(self) -> bool:
        """Somebody has the port open."""

    def read(self, seconds: float) -> bytes:
        """The bytes that come within ``seconds``; maybe none."""

    def write(self, data: bytes) -> int:
        """Send as much of ``data`` as the line takes now; the number of bytes taken."""

    def close(self) -> None:
        """Let the line go; to the station it looks like a pulled cable."""


class PseudoTerminal:
    """A pseudo-terminal, with a link of a fixed name if wanted. Raises BadTrafficError when the link cannot be made."""

    def __init__(self, link: Path | None = None) -> None:
        self._near, far = pty.openpty()
        self.device = os.ttyname(far)
        tty.setraw(far)
        # Opened once and closed, the terminal reports a hang-up whenever no station has it open.
        os.close(far)
        os.set_blocking(self._near, False)
        self._poll = select.poll()
        self._poll.register(self._near, select.POLLIN)
        self._link = link
        if link:
            try:
                _point(link, self.device)
            except BadTrafficError:
                os.close(self._near)
                raise
        self.name = str(link or self.device)

    def connected(self) -> bool:
        """Somebody has the port open."""
        return not any(flags & select.POLLHUP for _, flags in self._poll.poll(0))

    def read(self, seconds: float) -> bytes:
        """The bytes that come within ``seconds``; maybe none."""
        if not any(flags & select.POLLIN for _, flags in self._poll.poll(int(seconds * 1000))):
            return b""
        with contextlib.suppress(OSError):  # the station closed the port between the two calls
            return os.read(self._near, _CHUNK)
        return b""

    def write(self, data: bytes) -> int:
        """Send as much of ``data`` as the line takes now; the number of bytes taken."""
        try:
            return os.write(self._near, data)
        except BlockingIOError:
            return 0

    def speed(self) -> int:
        """The speed that the station has set, in bits a second."""
        return _SPEEDS.get(termios.tcgetattr(self._near)[5], 0)

    def close(self) -> None:
        """Let the line go and remove the link, unless it has become another's."""
        os.close(self._near)
        if self._link and self._link.is_symlink() and str(self._link.readlink()) == self.device:
            self._link.unlink()


class ServerSocket:
    """A TCP server for one station at a time. ``address`` is HOST:PORT; port 0 takes a free one."""

    def __init__(self, address: str) -> None:
        host, separator, port = address.rpartition(":")
        if not separator or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise BadTrafficError(what=address, problem="not an address", allowed="HOST:PORT")
        try:
            self._server = socket.create_server((host, int(port)))
        except OSError as fault:
            raise BadTrafficError(what=address, problem=fault.strerror or str(fault), allowed="HOST:PORT") from fault
        self._server.setblocking(False)
        self._station: socket.socket | None = None
        self.name = f"socket://{host}:{self._server.getsockname()[1]}"

    def connected(self) -> bool:
        """A station has connected and not gone."""
        if self._station is None:
            with contextlib.suppress(BlockingIOError):
                self._station, _ = self._server.accept()
                self._station.setblocking(False)
        return self._station is not None

    def read(self, seconds: float) -> bytes:
        """The bytes that come within ``seconds``; maybe none."""
        if self._station is None or not select.select([self._station], [], [], seconds)[0]:
            return b""
        try:
            data = self._station.recv(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes) -> int:
        """Send as much of ``data`` as the line takes now; the number of bytes taken."""
        if self._station is None:
            return 0
        try:
            return self._station.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._drop()
            return 0

    def close(self) -> None:
        """Let the station go and listen no more."""
        self._drop()
        self._server.close()

    def _drop(self) -> None:
        if self._station is not None:
            self._station.close()
        self._station = None


def _point(link: Path, device: str) -> None:
    """Make ``link`` point to ``device`` in one step, so that a station never finds half of it."""
    if link.exists() and not link.is_symlink():
        raise BadTrafficError(what=link, problem="exists and is not a link", allowed="a new name, or a link to replace")
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        fresh.symlink_to(device)
        fresh.replace(link)
    except OSError as fault:
        raise BadTrafficError(
            what=link, problem=fault.strerror or str(fault), allowed="a name in a folder you may write"
        ) from fault
