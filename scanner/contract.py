"""What every driver promises, and all that the reading loop relies on.

A driver is pure: bytes and moments go in, events and bytes to send come out. It never sees a port, a file or a clock,
never raises for what a line brings, and holds a bounded number of bytes.
"""

from dataclasses import dataclass
from typing import Protocol

from scanner.framing.tally import Tally
from scanner.reading import Instant, ReaderFault, ReaderIdentity, Reading

__all__ = ["Driver", "Event", "LineSettings"]

Event = Reading | ReaderIdentity | ReaderFault


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Speed in bits a second, data bits, parity (N, E, O) and stop bits, e.g. 9600 8N1."""

    baud_rate: int = 115_200
    data_bits: int = 8
    parity: str = "N"
    stop_bits: float = 1


class Driver(Protocol):
    """One family of readers."""

    @property
    def name(self) -> str:
        """What ``--driver`` calls it."""

    @property
    def line(self) -> LineSettings:
        """How its readers set their line when they leave the factory."""

    @property
    def idle_gap(self) -> float:
        """Seconds of silence after which ``silence`` is called once."""

    @property
    def tally(self) -> Tally:
        """What the line brought so far, and what of it was refused."""

    def prompt(self, now: Instant) -> bytes:
        """What the driver wants to tell the reader of its own accord; called at connection and again and again."""

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """What ``data`` completes."""

    def silence(self, now: Instant) -> list[Event]:
        """What a silence of ``idle_gap`` completes."""

    def acknowledge(self, reading: Reading) -> bytes:
        """What tells the reader that ``reading`` is safe on disk; empty when it does not listen."""

    def disconnect(self) -> None:
        """The port is gone: forget what is unfinished, keep the counts."""
