"""What reader is it, and at what speed: every driver listens at every speed until one makes sense of the line."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scanner.contract import Driver, LineSettings
from scanner.drivers import DRIVERS, driver_named
from scanner.reader import Line
from scanner.reading import Instant, ReaderIdentity

__all__ = ["SPEEDS", "Attempt", "Certainty", "detect"]

SPEEDS = (115_200, 9600, 2400, 19_200, 57_600, 38_400, 4800, 1200, 230_400, 460_800, 921_600)
"""Bits a second, those that readers are delivered with first."""
_SILENCE = 0.3
_ENOUGH_NONSENSE = 48
"""Bytes after which a line that nobody understands at this speed is tried at another."""
_MEANT_FOR_ALL = "auto"


class Certainty(StrEnum):
    """How sure it is (English message ids)."""

    CERTAIN = "certain"
    """A 32-bit checksum agreed, or a shorter one twice: by chance less than once in ten thousand."""
    LIKELY = "likely"
    """One short checksum agreed, or the form fits and holds no noise."""
    SILENT = "nothing was sent"
    NONSENSE = "bytes came, but make no sense at this speed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was heard at one speed. ``driver`` is empty when nobody understood."""

    baud_rate: int
    received: int
    certainty: Certainty
    driver: str = ""
    frames: int = 0
    identity: ReaderIdentity | None = None


def detect(
    open_line: Callable[[LineSettings], Line],
    *,
    seconds: float = 30.0,
    seconds_a_speed: float = 2.0,
    speeds: Sequence[int] = SPEEDS,
) -> Iterator[Attempt]:
    """Listen at one speed after the other, over and over, and say what was heard at each.

    Ends with the first attempt that is certain or likely, or after ``seconds``. A reader that speaks only when it reads
    something has to be given something to read all the while. Raises PortError when the port cannot be opened.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for speed in speeds:
            attempt = _listen(open_line, speed, min(deadline, time.monotonic() + seconds_a_speed))
            yield attempt
            if attempt.driver or time.monotonic() >= deadline:
                return


def _listen(open_line: Callable[[LineSettings], Line], speed: int, until: float) -> Attempt:
    drivers = [driver_named(name) for name in DRIVERS if name != _MEANT_FOR_ALL]
    identity: ReaderIdentity | None = None
    received = 0
    line = open_line(LineSettings(baud_rate=speed))
    try:
        for driver in drivers:
            if prompt := driver.prompt(Instant.now()):
                line.write(prompt)
        while time.monotonic() < until:
            data = line.read(min(_SILENCE, max(0.01, until - time.monotonic())))
            received += len(data)
            now = Instant.now()
            for driver in drivers:
                events = driver.receive(data, now) if data else driver.silence(now)
                identity = next((event for event in events if isinstance(event, ReaderIdentity)), identity)
            attempt = _judged(drivers, speed, received, identity)
            # While bytes still come a better checksum may yet agree; in silence the best so far is the answer.
            if attempt.certainty is Certainty.CERTAIN or (attempt.driver and not data):
                return attempt
            if attempt.certainty is Certainty.NONSENSE and received >= _ENOUGH_NONSENSE:
                return attempt
    finally:
        line.close()
    return _judged(drivers, speed, received, identity)


def _judged(drivers: list[Driver], speed: int, received: int, identity: ReaderIdentity | None) -> Attempt:
    """The best explanation of what was heard: the strongest check first, then the least left unexplained."""
    heard = [driver for driver in drivers if driver.tally.frames]
    if not received:
        return Attempt(speed, 0, Certainty.SILENT)
    best = max(heard, key=lambda driver: (_strength(driver), driver.tally.framed), default=None)
    if best is None or _strength(best) == 0:
        return Attempt(speed, received, Certainty.NONSENSE)
    certainty = Certainty.CERTAIN if _strength(best) >= 3 else Certainty.LIKELY
    return Attempt(speed, received, certainty, best.name, best.tally.frames, identity)


def _strength(driver: Driver) -> int:
    """How much the frames that a driver accepted say: 0 when chance or text in general explains them as well."""
    tally = driver.tally
    explained = tally.framed / max(1, tally.received)
    match driver.name:
        case "mdr":
            return 4
        case "multi-card" | "wl-134a" | "fdx-module":
            return 3 if tally.frames > 1 or explained > 0.9 else 1
        case "fastq":
            return 3 if explained > 0.5 else 1
        case "allflex":
            return 2 if explained > 0.5 else 0
        case "em4100" | "parallax-28140":
            return 2 if explained > 0.9 else 0
        case _:
            return 1 if not tally.refusals and explained > 0.7 else 0
