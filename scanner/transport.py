"""The one module that touches pyserial: ports by name or URL, opened exclusively, and what they do when they vanish."""

import contextlib
import errno
import fcntl
import os
import socket
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import serial
from serial.tools import list_ports

from scanner.contract import LineSettings
from scanner.errors import (
    PortBusyError,
    PortError,
    PortForbiddenError,
    PortMissingError,
    PortUnusableError,
    PortVanishedError,
)

__all__ = ["LineSettings", "Port", "SerialLine", "open_line", "ports", "stable_name"]

_BY_ID = Path("/dev/serial/by-id")
_WRITE_SECONDS = 2.0
_READ_AT_MOST = 65_536
# pyserial raises its own error, the system's, and others when a port is closed under it or a URL cannot do something.
_FAULTS = (serial.SerialException, OSError, ValueError, TypeError, AttributeError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port of this machine. ``name`` is the stable one where there is one."""

    name: str
    device: str
    description: str
    vendor_id: int | None
    product_id: int | None
    serial_number: str


class _Opened(Protocol):
    """What is used of a pyserial port: its classes for devices and URLs share no useful base."""

    timeout: float | None

    @property
    def in_waiting(self) -> int: ...
    def fileno(self) -> int: ...
    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def close(self) -> None: ...


class SerialLine:
    """An open port. Reading and writing raise PortVanishedError once it is gone, whatever the system calls that."""

    def __init__(self, name: str, opened: _Opened) -> None:
        self.name = name
        self._opened = opened
        self._is_socket = name.startswith("socket://")

    def read(self, seconds: float) -> bytes:
        """The bytes that have come, at once if there are any, else those that come within ``seconds``; maybe none."""
        try:
            if self._opened.timeout != seconds:
                self._opened.timeout = seconds
            first = self._opened.read(1)
            waiting = min(self._waiting(), _READ_AT_MOST) if first else 0
            return first + self._opened.read(waiting) if waiting else first
        except _FAULTS as fault:
            raise PortVanishedError(port=self.name) from fault

    def _waiting(self) -> int:
        """Bytes that can be read at once. Of a socket pyserial only knows whether there are any."""
        if not self._is_socket:
            return self._opened.in_waiting
        answer = fcntl.ioctl(self._opened.fileno(), termios.FIONREAD, b"\0" * 4)
        return int.from_bytes(answer, sys.byteorder)

    def write(self, data: bytes) -> None:
        """Send ``data``; a reader that does not take it within two seconds counts as gone."""
        try:
            self._opened.write(data)
        except _FAULTS as fault:
            raise PortVanishedError(port=self.name) from fault

    def close(self) -> None:
        """Let the port go. Closing what is already gone is no fault."""
        connection = getattr(self._opened, "_socket", None)
        with contextlib.suppress(*_FAULTS):
            self._opened.close()
        if connection is not None:
            # pyserial shuts a network port down first and, when the peer is gone already, forgets to close it.
            connection.close()


def open_line(port: str, settings: LineSettings) -> SerialLine:
    """The open port, which may be a device name or a URL that pyserial knows.

    A device is locked against other programs that lock it too, as pyserial, minicom and this station do.
    Raises PortMissingError, PortBusyError, PortForbiddenError or PortUnusableError.
    """
    is_url = "://" in port
    if not is_url and os.name == "posix" and not Path(port).exists():
        raise PortMissingError(port=port)
    try:
        opened = serial.serial_for_url(
            port,
            baudrate=settings.baud_rate,
            bytesize=settings.data_bits,
            parity=settings.parity,
            stopbits=settings.stop_bits,
            # Neither is to be had of every URL; a network that hangs is noticed by keep-alive instead.
            exclusive=None if is_url else True,
            write_timeout=None if is_url else _WRITE_SECONDS,
        )
    except _FAULTS as fault:
        raise _explained(port, fault) from fault
    if is_url:
        _keep_alive(opened)
    return SerialLine(port, opened)


def _explained(port: str, fault: Exception) -> PortError:
    number = getattr(fault, "errno", None) or getattr(fault.__context__, "errno", None)
    if number in {errno.EAGAIN, errno.EBUSY}:
        return PortBusyError(port=port)
    if number in {errno.EACCES, errno.EPERM}:
        return PortForbiddenError(port=port)
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ECONNREFUSED, errno.EIO}:
        return PortMissingError(port=port)
    return PortUnusableError(port=port, problem=str(fault))


def _keep_alive(opened: object) -> None:
    """Let the system notice a networked port whose other end went away without a word, within half a minute."""
    connection = getattr(opened, "_socket", None)
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def stable_name(port: str, by_id: Path = _BY_ID) -> str:
    """The name of ``port`` that stays when the reader is plugged in again, or ``port`` when there is none."""
    if "://" in port or not by_id.is_dir():
        return port
    device = Path(port).resolve()
    names = (link for link in sorted(by_id.iterdir()) if link.resolve() == device)
    return str(next(names, port))


def ports() -> list[Port]:
    """The serial ports of this machine, by name."""
    found = [
        Port(
            name=stable_name(port.device),
            device=port.device,
            description=port.description if port.description != "n/a" else "",
            vendor_id=port.vid,
            product_id=port.pid,
            serial_number=port.serial_number or "",
        )
        for port in list_ports.comports()
    ]
    return sorted(found, key=lambda port: port.name)
