"""A station at work: how soon the answer is on the screen, and what pulled cables, kills and a long shift cost.

The station is the real command in a process of its own, on a real pseudo-terminal. The registry is a small one in a
process of its own that keeps to the contract and answers at once, so that the figures are the station's; give
``--registry``, ``--case`` and the token in the environment to measure the way to the screen with a real one.
"""

import atexit
import json
import multiprocessing
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.report import Claim, argument_parser, publish
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.framing.sentences import encode
from scanner.reading import DotText, ReaderIdentity, UvFinding
from scanner.simulator.ports import PseudoTerminal
from scanner.simulator.serving import serve

_SCAN = [sys.executable, "-c", "from scanner.cli import scan; scan()"]
_IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
_CASE = "5000-K123456-26"
_ANSWER = {"verdict": "identified", "grade": 4, "candidates": [], "supplier": None, "searched": 1000}


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    answers: int
    replugs: int
    kills: int
    shift: int


FULL = Size(answers=1000, replugs=1000, kills=1000, shift=144_000)
QUICK = Size(answers=100, replugs=20, kills=5, shift=2_000)


def _serve_registry(pipe: Connection, *, idempotent: bool, loss: float) -> None:
    """Be a registry until told to report; lose a share of the answers after having taken the reading."""
    order: list[str] = []
    answers: dict[str, int] = {}
    dice = random.Random(1)
    mutex = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.answer(200, {"name": "Station", "organisation": "Polisen"})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            content = self.rfile.read(length)
            if len(content) < length:
                # The station was killed in the middle of its request.
                self.close_connection = True
                return
            body = json.loads(content)
            key = self.headers["Idempotency-Key"]
            with mutex:
                known = idempotent and key in answers
                if not known:
                    order.append(body["reading_id"])
                    answers[key] = len(order)
                lost = dice.random() < loss
            if lost:
                self.close_connection = True
            else:
                self.answer(200 if known else 201, {"id": answers[key], "duplicate": known, **_ANSWER})

        def answer(self, status: int, content: dict[str, object]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A station that was killed hangs up in the middle; that is what is measured here."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(f"http://127.0.0.1:{server.server_address[1]}")
    while pipe.recv() == "order":
        with mutex:
            pipe.send(list(order))


class Registry:
    """A registry in a process of its own."""

    def __init__(self, *, idempotent: bool = True, loss: float = 0.0) -> None:
        self._pipe, far = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_serve_registry, args=(far,), kwargs={"idempotent": idempotent, "loss": loss}
        )
        self._process.start()
        self.address: str = self._pipe.recv()

    def order(self) -> list[str]:
        """The ids of the readings taken, in order."""
        self._pipe.send("order")
        order: list[str] = self._pipe.recv()
        return order

    def close(self) -> None:
        """End the process."""
        self._pipe.send("end")
        self._process.join(2)
        self._process.kill()


@contextmanager
def registry(*, idempotent: bool = True, loss: float = 0.0) -> Iterator[Registry]:
    one = Registry(idempotent=idempotent, loss=loss)
    try:
        yield one
    finally:
        one.close()


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="markdna-station-") as name:
        yield Path(name)


def start(port: str | Path, address: str, journal: Path, *more: str, case: str = _CASE) -> subprocess.Popen[str]:
    environment = {"MARKDNA_STATION_TOKEN": "token", **os.environ, "MARKDNA_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    arguments = [
        "--port",
        str(port),
        "--registry",
        address,
        "--case",
        case,
        "--journal",
        str(journal),
        "--driver",
        "mdr",
    ]
    process = subprocess.Popen(
        [*_SCAN, *arguments, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    # A station left behind would wait for its port, and take the next one of the same name.
    atexit.register(process.kill)
    return process


def wait_for(process: subprocess.Popen[str], words: str) -> bool:
    """Read what the station shows until ``words`` are in it; False when it ended before."""
    return process.stdout is not None and any(words in line for line in iter(process.stdout.readline, ""))


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    atexit.unregister(process.kill)
    if process.stdout:
        process.stdout.close()


class Line:
    """The reader's end of a pseudo-terminal, spoken to by hand."""

    def __init__(self, link: Path) -> None:
        self.terminal = PseudoTerminal(link)
        self._heard = b""

    def until(self, words: bytes, seconds: float = 10.0) -> bool:
        """Wait until the station has said ``words``."""
        deadline = time.monotonic() + seconds
        while words not in self._heard:
            if time.monotonic() > deadline:
                return False
            if not self.terminal.connected():
                time.sleep(0.001)
                continue
            self._heard += self.terminal.read(0.01)
        self._heard = self._heard.partition(words)[2]
        return True


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
        reader = VirtualReader(_IDENTITY, _plan(10**9), interval=0.02)
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


def long_shift(size: Size) -> Iterator[Claim]:
    """Eight hours at five readings a second, played fast: memory and descriptors at a quarter and at the end."""
    reader = VirtualReader(_IDENTITY, _plan(size.shift))
    marks: list[tuple[int, int]] = []
    with folder() as place, registry() as double, played(reader) as port:
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
    # The journal remembers up to 100 000 readings, at some 200 bytes each, to know them again.
    yield Claim(
        "memory gained from a quarter of the shift to its end", round(growth, 1), "MiB", "< 24", growth < 24, detail
    )
    yield Claim("descriptors gained", descriptors_end - descriptors, "", "0", descriptors_end == descriptors)
    yield Claim("readings of the shift that arrived", arrived, "", f"{size.shift}", arrived == size.shift)


def _parser() -> ArgumentParser:
    parser = argument_parser("station", __doc__)
    parser.add_argument("--registry", metavar="URL", help="measure the way to the screen with this registry")
    parser.add_argument("--case", default=_CASE, help="an open case there")
    parser.add_argument("--kills", type=int, help="another number of kills")
    parser.add_argument("--shift", type=int, help="another number of readings in the long shift")
    return parser


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    size = QUICK if options.quick else FULL
    size = replace(size, kills=options.kills or size.kills, shift=options.shift or size.shift)
    claims = []
    for measured in (
        way_to_the_screen(size, options.registry, options.case),
        replugged(size),
        killed(size),
        long_shift(size),
    ):
        for claim in measured:
            # A full run takes the better part of an hour: say what is known so far.
            print(f"{claim.claim}: {claim.value} {claim.unit} {claim.detail}", file=sys.stderr, flush=True)
            claims.append(claim)
    return publish("station", claims, options, packages=["pyserial", "httpx"])


if __name__ == "__main__":
    sys.exit(main())
