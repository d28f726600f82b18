"""The reading loop: port to driver to listener, over and over, whatever the line does."""

import threading
from collections.abc import Callable
from typing import Protocol

from scanner.contract import Driver, Event
from scanner.errors import PortError, ReaderFaultError, ScannerError
from scanner.framing.tally import Refusal
from scanner.reading import Instant, ReaderFault, ReaderIdentity, Reading

__all__ = ["Line", "Listener", "Reader"]

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
"""Seconds between two tries to open the port; a reader plugged in again is back well within two seconds."""


class Line(Protocol):
    """An open port, as ``scanner.transport.SerialLine`` is one. All but ``close`` raise PortError when it is gone."""

    name: str

    def read(self, seconds: float, /) -> bytes:
        """The bytes that come within ``seconds``, at once when there are some; maybe none."""

    def write(self, data: bytes, /) -> None:
        """Send ``data``."""

    def close(self) -> None:
        """Let the port go."""


class Listener(Protocol):
    """Who hears of the reader. Called in the reading thread."""

    def connected(self, port: str) -> None:
        """The port is open."""

    def disconnected(self, error: PortError) -> None:
        """The port could not be opened, or is gone. Called once for each new reason, not at every try."""

    def identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""

    def keep(self, reading: Reading) -> bool:
        """Store the reading. True only when it is safe on disk; then the reader is told so."""

    def trouble(self, error: ScannerError) -> None:
        """The reader reports a fault."""


class Reader:
    """Reads until stopped. Nothing that the line brings or does raises out of ``run``."""

    def __init__(self, open_line: Callable[[], Line], driver: Driver, listener: Listener) -> None:
        self._open_line = open_line
        self._driver = driver
        self._listener = listener
        self._stopped = threading.Event()
        self._last_error: str | None = None

    def stop(self) -> None:
        """Ask ``run`` to return; it does so within the driver's idle gap."""
        self._stopped.set()

    def run(self) -> None:
        """Open the port, read it, and open it again when it went away, until ``stop``."""
        pause = _FIRST_PAUSE
        while not self._stopped.is_set():
            try:
                line = self._open_line()
            except PortError as error:
                self._report(error)
                self._stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            self._last_error = None
            self._listener.connected(line.name)
            try:
                self._read(line)
            except PortError as error:
                self._report(error)
                self._stopped.wait(_FIRST_PAUSE)
            finally:
                line.close()
                self._driver.disconnect()

    def _report(self, error: PortError) -> None:
        if str(error) != self._last_error:
            self._last_error = str(error)
            self._listener.disconnected(error)

    def _read(self, line: Line) -> None:
        silent = True
        while not self._stopped.is_set():
            if prompt := self._driver.prompt(Instant.now()):
                line.write(prompt)
            data = line.read(self._driver.idle_gap)
            if data or not silent:
                for event in self._events(data):
                    self._handle(event, line)
            silent = not data

    def _events(self, data: bytes) -> list[Event]:
        now = Instant.now()
        try:
            return self._driver.receive(data, now) if data else self._driver.silence(now)
        except Exception:  # noqa: BLE001 - a driver must not raise; if one does, one reading is lost and not the shift
            self._driver.disconnect()
            self._driver.tally.refused[Refusal.UNKNOWN] += 1
            return []

    def _handle(self, event: Event, line: Line) -> None:
        match event:
            case ReaderIdentity():
                self._listener.identified(event)
            case ReaderFault():
                self._listener.trouble(ReaderFaultError(code=event.code, text=event.text))
            case Reading():
                if self._listener.keep(event) and (answer := self._driver.acknowledge(event)):
                    line.write(answer)
