"""A station at work: how soon the answer is on the screen, and what pulled cables, kills and a long shift cost.

The station is the real command in a process of its own, on a real pseudo-terminal. The registry is a small one in a
process of its own that keeps to the contract and answers at once, so that the figures are the station's; give
``--registry``, ``--case`` and the token in the environment to measure the way to the screen with a real one.
"""

import os
import random
import signal
import statistics
import sys
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from benchmarks.report import Claim, argument_parser, publish
from benchmarks.station_setting import CASE, IDENTITY, Line, Registry, end, folder, registry, start, wait_for
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.framing.sentences import encode
from scanner.reading import DotText, UvFinding
from scanner.simulator.ports import PseudoTerminal
from scanner.simulator.serving import serve


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    answers: int
    replugs: int
    kills: int
    shift: int


_MOST_WAITING = 500
"""Readings of the long shift that wait for the registry at the most, twice over."""

FULL = Size(answers=1000, replugs=1000, kills=1000, shift=144_000)
QUICK = Size(answers=100, replugs=20, kills=5, shift=2_000)


def spoken(number: int) -> bytes:
    reading_id, start_at = f"R-{number:07d}", number * 3
    return (
        encode("MDUVF", start_at, reading_id, "1", "612", "734")
        + encode("MDDOT", start_at + 1, reading_id, "ENX?O9494", "IIH!+IIIG")
        + encode("MDEND", start_at + 2, reading_id, "3")
    )


def way_to_the_screen(size: Size, address: str | None, case: str) -> Iterator[Claim]:
    """From the last byte on the line to the answer in the station's output."""
    with folder() as place, registry() as double:
        line = Line(place / "reader")
        station = start(place / "reader", address or double.address, place / "journal", case=case)
        line.until(b"$MDRST")
        wait_for(station, "Registry: reached")
        shown, acknowledged = [], []
        # Numbers of its own, so that a real registry that was measured before has not seen them.
        first = random.SystemRandom().randrange(10**6) * 10
        for number in range(first, first + size.answers):
            data = spoken(number)
            begun = time.perf_counter()
            line.terminal.write(data)
            line.until(b"$MDACK")
            acknowledged.append(1000 * (time.perf_counter() - begun))
            wait_for(station, f"R-{number:07d}")  # stored
            wait_for(station, f"R-{number:07d}")  # answered
            shown.append(1000 * (time.perf_counter() - begun))
        end(station)
        line.terminal.close()
    whose = "the registry given" if address else "a registry that answers at once"
    for what, times in (("acknowledgement after fsync", acknowledged), ("answer on the screen", shown)):
        cuts = statistics.quantiles(times, n=100)
        detail = f"{len(times)} readings, {whose}, same machine"
        yield Claim(f"last byte to {what}, p50", round(cuts[49], 2), "ms", "", None, detail)
        yield Claim(f"last byte to {what}, p99", round(cuts[98], 2), "ms", "< 1000", cuts[98] < 1000, detail)


def replugged(size: Size) -> Iterator[Claim]:
    """Unplug in the middle of a sentence, plug in again, over and over."""
    times = []
    with folder() as place, registry() as double:
        link = place / "reader"
        line = Line(link)
        station = start(link, double.address, place / "journal")
        threading.Thread(target=wait_for, args=(station, "never said"), daemon=True).start()
        line.until(b"$MDRST")
        before = _descriptors(station.pid)
        lost = 0
        for number in range(size.replugs):
            line.terminal.write(spoken(number))
            lost += not line.until(b"$MDACK")
            line.terminal.write(spoken(number + 1)[:30])
            line.terminal.close()
            line = Line(link)
            begun = time.monotonic()
            lost += not line.until(b"$MDRST")
            times.append(time.monotonic() - begun)
        line.terminal.write(spoken(size.replugs))
        line.until(b"$MDACK")
        after = _descriptors(station.pid)
        arrived = _arrived(double, size.replugs + 1)
        end(station)
        line.terminal.close()
    exact = arrived == [f"R-{number:07d}" for number in range(size.replugs + 1)]
    yield Claim(
        "unplugged and back, longest",
        round(max(times), 3),
        "s",
        "< 2",
        not lost and max(times) < 2,
        f"{len(times)} cycles",
    )
    yield Claim(
        "descriptors leaked by replugging", after - before, "", "0", after == before, f"{before} before, {after} after"
    )
    yield Claim(
        "readings of replugged readers exactly once and in order", len(arrived), "", f"{size.replugs + 1}", exact
    )


def _arrived(double: Registry, count: int) -> list[str]:
    deadline = time.monotonic() + 30
    while len(order := double.order()) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return order


def _descriptors(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def _memory(process: int) -> int:
    """Resident memory in KiB."""
    return (
        int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    )


def _plan(count: int) -> Iterator[PlannedReading]:
    observations = (UvFinding(glow=True, peak_nm=612, intensity=734), DotText("ENX?O9494", "IIH!+IIIG"))
    return (PlannedReading(f"R-{number:07d}", observations) for number in range(count))


@contextmanager
def played(reader: VirtualReader) -> Iterator[str]:
    """A virtual reader on a pseudo-terminal; gives its name."""
    line, stop = PseudoTerminal(), threading.Event()
    thread = threading.Thread(target=serve, args=(line, reader), kwargs={"stop": stop})
    thread.start()
    try:
        yield line.name
    finally:
        stop.set()
        thread.join()
        line.close()


def killed(size: Size) -> Iterator[Claim]:
    """Kill -9 at random moments while readings come, with one answer in ten lost on the way."""
    for idempotent in (True, False):
        kills = size.kills if idempotent else max(5, size.kills // 20)
        dice = random.Random(29)
        reader = VirtualReader(IDENTITY, _plan(10**9), interval=0.02)
        with folder() as place, registry(idempotent=idempotent, loss=0.1) as double, played(reader) as port:
            for _ in range(kills):
                station = start(port, double.address, place / "journal")
                wait_for(station, "Reader: ")
                time.sleep(dice.random() * 0.3)
                end(station)
            station = start(port, double.address, place / "journal", "--once", "5")
            station.communicate(timeout=120)
            order = double.order()
            acknowledged = reader.acknowledged
        doubled = sum(count - 1 for count in Counter(order).values())
        missing = len({f"R-{number:07d}" for number in range(acknowledged)} - set(order))
        detail = f"{kills} kills, {acknowledged} readings acknowledged, 10 % of answers lost"
        if idempotent:
            yield Claim("acknowledged readings lost by kill -9", missing, "", "0", missing == 0, detail)
            yield Claim("readings doubled by kill -9", doubled, "", "0", doubled == 0, detail)
            turned = sum(first > second for first, second in pairwise(order))
            yield Claim("readings out of order after kill -9", turned, "", "0", turned == 0, detail)
        else:
            yield Claim("control: doubled when the registry ignores the key", doubled, "", "> 0", doubled > 0, detail)


def _paced(readings: Iterator[PlannedReading], double: Registry) -> Iterator[PlannedReading]:
    """The readings, held back while many wait for the registry: a shift in reach of it has no backlog.

    Ten seconds without an answer end the patience, so that a station that has stopped is noticed.
    """
    for number, reading in enumerate(readings):
        if number % _MOST_WAITING == 0:
            deadline = time.monotonic() + 10
            while double.taken() < number - _MOST_WAITING and time.monotonic() < deadline:
                time.sleep(0.01)
        yield reading


def long_shift(size: Size) -> Iterator[Claim]:
    """Eight hours at five readings a second, played fast: memory and descriptors at a quarter and at the end."""
    marks: list[tuple[int, int]] = []
    with ExitStack() as stack:
        place, double = stack.enter_context(folder()), stack.enter_context(registry())
        reader = VirtualReader(IDENTITY, _paced(_plan(size.shift), double))
        port = stack.enter_context(played(reader))
        begun = time.monotonic()
        station = start(port, double.address, place / "journal")
        threading.Thread(target=wait_for, args=(station, "never said"), daemon=True).start()
        for share in (0.25, 1.0):
            while reader.acknowledged < share * size.shift and station.poll() is None:
                time.sleep(0.05)
            marks.append((_memory(station.pid), _descriptors(station.pid)))
        spent = time.monotonic() - begun
        arrived = len(_arrived(double, size.shift))
        end(station)
    (memory, descriptors), (memory_end, descriptors_end) = marks
    growth = (memory_end - memory) / 1024
    pace = f"{size.shift} readings in {spent:.0f} s ({60 * size.shift / spent:.0f} a minute)"
    detail = f"{pace}, {memory_end // 1024} MiB at the end"
    yield Claim(
        "memory gained from a quarter of the shift to its end", round(growth, 1), "MiB", "< 8", growth < 8, detail
    )
    yield Claim("descriptors gained", descriptors_end - descriptors, "", "0", descriptors_end == descriptors)
    yield Claim("readings of the shift that arrived", arrived, "", f"{size.shift}", arrived == size.shift)


_PARTS = ("answers", "replugs", "kills", "shift")


def _parser() -> ArgumentParser:
    parser = argument_parser("station", __doc__)
    parser.add_argument("--registry", metavar="URL", help="measure the way to the screen with this registry")
    parser.add_argument("--case", default=CASE, help="an open case there")
    parser.add_argument("--part", action="append", choices=_PARTS, help="only this part; may be repeated")
    parser.add_argument("--kills", type=int, help="another number of kills")
    parser.add_argument("--shift", type=int, help="another number of readings in the long shift")
    return parser


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    size = QUICK if options.quick else FULL
    size = replace(size, kills=options.kills or size.kills, shift=options.shift or size.shift)
    claims = []
    parts = {
        "answers": lambda: way_to_the_screen(size, options.registry, options.case),
        "replugs": lambda: replugged(size),
        "kills": lambda: killed(size),
        "shift": lambda: long_shift(size),
    }
    for part in options.part or _PARTS:
        for claim in parts[part]():
            # A full run takes the better part of an hour: say what is known so far.
            print(f"{claim.claim}: {claim.value} {claim.unit} {claim.detail}", file=sys.stderr, flush=True)
            claims.append(claim)
    return publish("station", claims, options, packages=["pyserial", "httpx"])


if __name__ == "__main__":
    sys.exit(main())
