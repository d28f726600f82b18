"""The loop of the virtual reader: what it wants to say goes on the line, what the station says comes back."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from scanner.simulator.ports import FarEnd

__all__ = ["Device", "serve"]

_LOOK_FOR_STATION = 0.02
_LONGEST_WAIT = 0.2


class Device(Protocol):
    """A reader's side of a line; all moments are monotonic seconds."""

    @property
    def finished(self) -> bool:
        """It has said all that it had to say."""

    def connected(self, now: float) -> None:
        """Somebody opened the port."""

    def receive(self, data: bytes, now: float) -> None:
        """What the station says."""

    def output(self, now: float) -> list[bytes]:
        """The frames that are due."""

    def wait(self, now: float) -> float:
        """Seconds until ``output`` may have something new."""


def serve(
    line: FarEnd,
    reader: Device,
    *,
    stop: threading.Event,
    damage: Callable[[bytes], bytes] = bytes,
    exit_when_done: bool = False,
) -> None:
    """Be a reader on ``line`` until ``stop``, or until it has said all that it had to say if ``exit_when_done``.

    ``damage`` is what the line does to each sentence on its way to the station.
    """
    backlog = b""
    connected = False
    while not stop.is_set() and not (exit_when_done and reader.finished and not backlog):
        if not line.connected():
            connected, backlog = False, b""
            stop.wait(_LOOK_FOR_STATION)
            continue
        if not connected:
            connected = True
            reader.connected(time.monotonic())
        backlog += b"".join(map(damage, reader.output(time.monotonic())))
        backlog = backlog[line.write(backlog) :] if backlog else b""
        wait = 0.001 if backlog else min(reader.wait(time.monotonic()), _LONGEST_WAIT)
        if heard := line.read(wait):
            reader.receive(heard, time.monotonic())
