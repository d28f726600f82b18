"""Kill -9 of station, server and both at random points, with the real server: each acknowledged reading once, in order.

A virtual reader plays readings on a pseudo-terminal without end. The station and the server, each the real command in a
process group of its own, are killed over and over at random moments of their lives and started again. At the end the
register's database must hold every reading that was acknowledged on the line, once and in order, and a whole log.

The control is the same server on a database that forgets the idempotency key of each reading as it is stored, and who
read it, by which a second look would know it again: it must double readings.
"""

import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
from sqlalchemy import func, select, text

from benchmarks.forked import Forked
from benchmarks.report import Claim, argument_parser, publish
from benchmarks.station import _plan, played
from benchmarks.station_setting import CASE, IDENTITY, folder
from registry.demo.programs import free_port
from registry.demo.register import Register
from registry.models.accounts import Role
from registry.models.readings import Reading
from registry.services import audit, cases, stations
from scanner.drivers.virtual import VirtualReader

_START_SECONDS = 120.0
_LAST_SECONDS = 600.0
_LONGEST_LIFE = 10.0
_ENOUGH_TO_DOUBLE = 50
"""Kills after which the control is judged; in fewer none may have struck between a commit and its answer."""


@dataclass
class Kills:
    """How often each was killed, and the station that runs now."""

    station: int = 0
    server: int = 0
    both: int = 0
    running: Forked | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def total(self) -> int:
        """All kills."""
        return self.station + self.server + self.both


@dataclass
class Outcome:
    """What the register holds in the end: ``order`` are the numbers of the readings as they were stored."""

    kills: Kills
    acknowledged: int
    order: list[str]
    missing: int
    whole_log: bool

    @property
    def lost(self) -> int:
        """Readings acknowledged and not in the register."""
        return len({f"R-{number:07d}" for number in range(self.acknowledged)} - set(self.order))

    @property
    def doubled(self) -> int:
        """Readings that are in the register once more than once."""
        return sum(count - 1 for count in Counter(self.order).values())

    @property
    def detail(self) -> str:
        """Kills and readings, in words."""
        return (
            f"{self.kills.station} of the station, {self.kills.server} of the server, {self.kills.both} of both; "
            f"{self.acknowledged} readings acknowledged, {len(self.order)} stored"
        )


def served(register: Register) -> Forked:
    """The server in a group of its own, answering."""
    server = Forked(["serve"], register.environment)
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.alive():
        try:
            if httpx.get(f"{register.url}/health", timeout=2).is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.02)
    server.end()
    raise SystemExit(f"the server did not start:\n{server.last_lines}")


def scanning(port: str, register: Register, *more: str) -> Forked:
    """The station in a group of its own."""
    journal = str(register.folder / "journal")
    where = ["--port", port, "--registry", register.url, "--case", CASE, "--journal", journal, "--driver", "mdr"]
    return Forked(["scan", *where, *more], {"MARKDNA_LANGUAGE": "en"})


def heard(station: Forked, words: str) -> None:
    """Wait until the station has said ``words`` or was killed; SystemExit when it ended or fell silent by itself."""
    if not station.said(words, _START_SECONDS) and not station.was_killed:
        station.end()
        raise SystemExit(f"the station did not say {words!r}:\n{station.last_lines}")


def kill_stations(port: str, register: Register, kills: Kills, seed: int) -> None:
    """Start and kill stations until the servers have been killed often enough."""
    dice = random.Random(seed)
    try:
        while not kills.done.is_set():
            kill_station(port, register, kills, dice)
    finally:
        # Whoever kills the servers does not go on without stations.
        kills.done.set()


def kill_station(port: str, register: Register, kills: Kills, dice: random.Random) -> None:
    """One life of a station, and its end at a random point."""
    station = scanning(port, register)
    kills.running = station
    # One in three from its first instruction on, as while it reads its journal; the others at work.
    lines = dice.randint(1, 4) if dice.random() > 1 / 3 else 0
    for _ in range(lines):
        heard(station, "R-")
    kills.done.wait(dice.random() * 0.4)
    kills.station += station.alive()
    station.end()


def kill_servers(register: Register, kills: Kills, wanted: int, seed: int) -> None:
    """Start and kill servers, one time in two together with the station, until there were ``wanted`` kills in all."""
    dice = random.Random(seed)
    while kills.total < wanted and not kills.done.is_set():
        server = served(register)
        # Most die at work: when some more readings have come, and then at any point of the next ones.
        expected, until = stored(register) + dice.randrange(4), time.monotonic() + _LONGEST_LIFE
        while stored(register) < expected and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(dice.random() * 0.1)
        together = kills.running if dice.random() < 1 / 2 else None
        if together is not None and together.alive():
            together.kill()
            kills.both += 1
        else:
            kills.server += 1
        server.end()
        print(f"{kills.total} kills", file=sys.stderr, flush=True)


def stored(register: Register) -> int:
    """How many readings the register holds."""
    with register.database.transaction(reads_only=True) as session:
        return session.scalar(select(func.count(Reading.id))) or 0


def forget_keys(register: Register) -> None:
    """Let the database lose, in the transaction that stores a reading, all by which the same one is known again."""
    with register.work() as session:
        session.execute(text("DROP TRIGGER reading_no_update"))
        session.execute(
            text(
                "CREATE TRIGGER forget_key AFTER INSERT ON reading BEGIN UPDATE reading "
                "SET idempotency_key = 'forgotten ' || NEW.id, reader = 'null' WHERE id = NEW.id; END"
            )
        )


def killed(wanted: int, *, keys: bool) -> Outcome:
    """A register of its own and ``wanted`` kills."""
    reader = VirtualReader(IDENTITY, _plan(10**9), interval=0.05)
    kills = Kills()
    with folder(), tempfile.TemporaryDirectory(prefix="markdna-kills-") as name, played(reader) as port:
        register = Register(Path(name), free_port())
        officer = register.staff("officer@exempelby.example", "Lo Exempel", Role.OFFICER, "a benchmark's password")
        with register.work() as session:
            cases.open_case(session, officer, CASE, "Benchmark: kills")
        if not keys:
            forget_keys(register)
        os.environ["MARKDNA_STATION_TOKEN"] = register.station("Benchmark")
        # The first start tells the station to whom it seals; from then on either may be gone.
        server = served(register)
        first = scanning(port, register)
        heard(first, "Registry: reached")
        first.end()
        server.end()
        with ThreadPoolExecutor(1) as pool:
            killer = pool.submit(kill_stations, port, register, kills, 31)
            try:
                kill_servers(register, kills, wanted, 37)
            finally:
                kills.done.set()
        killer.result()
        server = served(register)
        last = scanning(port, register, "--once", "5")
        ended = last.wait(_LAST_SECONDS)
        last.end()
        if not ended:
            raise SystemExit(f"the last station did not end in {_LAST_SECONDS:.0f} s:\n{last.last_lines}")
        server.end()
        acknowledged = reader.acknowledged
        with register.work() as session:
            order = list(session.scalars(select(Reading.reading_number).order_by(Reading.id)))
            chain = audit.verify(session)
            missing = stations.every(session)[0].missing
        register.database.close()
    return Outcome(kills, acknowledged, order, missing, chain.broken_at is None)


def claims(wanted: int) -> Iterator[Claim]:
    found = killed(wanted, keys=True)
    detail, total = found.detail, found.kills.total
    turned = sum(first > second for first, second in pairwise(found.order))
    yield Claim("kills at random points", total, "", f"{wanted}", total >= wanted, detail)
    yield Claim("acknowledged readings lost", found.lost, "", "0", found.lost == 0, detail)
    yield Claim("readings stored twice", found.doubled, "", "0", found.doubled == 0, detail)
    yield Claim("readings out of order", turned, "", "0", turned == 0, detail)
    yield Claim("messages that the registry misses", found.missing, "", "0", found.missing == 0)
    yield Claim("audit log whole", "yes" if found.whole_log else "no", "", "yes", found.whole_log)
    control = killed(max(10, wanted // 5), keys=False)
    judged = control.doubled > 0 if control.kills.total >= _ENOUGH_TO_DOUBLE or control.doubled else None
    yield Claim("control: stored twice without idempotency keys", control.doubled, "", "> 0", judged, control.detail)


def main() -> int:
    parser = argument_parser("station_kills", __doc__)
    parser.add_argument("--kills", type=int, help="another number of kills")
    options = parser.parse_args()
    wanted = options.kills or (10 if options.quick else 1000)
    return publish("station_kills", list(claims(wanted)), options, packages=["markdna", "granian", "sqlalchemy"])


if __name__ == "__main__":
    sys.exit(main())
