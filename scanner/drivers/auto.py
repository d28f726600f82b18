"""A reader whose driver nobody named: the first driver that understands what it sends takes over."""

from collections.abc import Sequence

from scanner.contract import Driver, Event, LineSettings
from scanner.framing.tally import Tally
from scanner.reading import Instant, Reading

__all__ = ["AutoDriver"]


class AutoDriver:
    """Gives every byte to all candidates, strongest checksum first, until one of them makes sense of the line.

    The last candidate is the one without a checksum. Anything looks like text to it, so its word counts only when the
    line has fallen silent and no other has understood.
    """

    name = "auto"
    line = LineSettings()

    def __init__(self, candidates: Sequence[Driver]) -> None:
        self._candidates = tuple(candidates)
        self._chosen: Driver | None = None
        self._withheld: list[Event] = []
        self.idle_gap = min(candidate.idle_gap for candidate in self._candidates)

    @property
    def chosen(self) -> Driver | None:
        """The driver that has taken over, or None while the line has said nothing that makes sense."""
        return self._chosen

    @property
    def tally(self) -> Tally:
        """The counts of the driver that has taken over; before that, of the strongest candidate."""
        return (self._chosen or self._candidates[0]).tally

    def prompt(self, now: Instant) -> bytes:
        """What the candidates want to say, one after the other."""
        return b"".join(candidate.prompt(now) for candidate in self._listening())

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """What the driver that has taken over makes of ``data``, or the first that makes anything of it."""
        if self._chosen:
            return self._chosen.receive(data, now)
        heard = [(candidate, candidate.receive(data, now)) for candidate in self._candidates]
        for candidate, events in heard[:-1]:
            if events:
                return self._choose(candidate, events)
        self._withheld += heard[-1][1]
        return []

    def silence(self, now: Instant) -> list[Event]:
        """As ``receive``; here the candidate without a checksum may speak as well."""
        if self._chosen:
            return self._chosen.silence(now)
        heard = [(candidate, candidate.silence(now)) for candidate in self._candidates]
        for candidate, events in heard[:-1]:
            if events:
                return self._choose(candidate, events)
        weakest, events = heard[-1]
        return self._choose(weakest, self._withheld + events) if self._withheld or events else []

    def acknowledge(self, reading: Reading) -> bytes:
        """The acknowledgement of the driver that has taken over."""
        return self._chosen.acknowledge(reading) if self._chosen else b""

    def disconnect(self) -> None:
        """Another kind of reader may be plugged in next: choose anew."""
        for candidate in self._listening():
            candidate.disconnect()
        self._chosen = None
        self._withheld.clear()

    def _listening(self) -> tuple[Driver, ...]:
        return (self._chosen,) if self._chosen else self._candidates

    def _choose(self, driver: Driver, events: list[Event]) -> list[Event]:
        self._chosen = driver
        self._withheld.clear()
        return events
