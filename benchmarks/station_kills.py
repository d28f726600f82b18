"""Kill -9 of station, server and both at random points, with the real server: each acknowledged reading once, in order.

A virtual reader plays readings on a pseudo-terminal without end. The station and the server, each the real command in a
process group of its own, are killed over and over at random moments of their lives and started again. At the end the
register's database must hold every reading that was acknowledged on the line, once and in order, and a whole log. The
control, a registry that ignores idempotency keys, is in ``benchmarks.station``.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
from sqlalchemy import select

from benchmarks.report import Claim, argument_parser, publish
from benchmarks.station import _plan, played
from benchmarks.station_setting import CASE, IDENTITY, end, folder, start, wait_for
from registry.demo.programs import free_port
from registry.demo.register import Register
from registry.models.accounts import Role
from registry.models.readings import Reading
from registry.services import audit, cases, stations
from scanner.drivers.virtual import VirtualReader

_START_SECONDS = 120.0


@dataclass
class Kills:
    """How often each was killed, and the station that runs now."""

    station: int = 0
    server: int = 0
    both: int = 0
    running: subprocess.Popen[str] | None = None
    done: threading.Event = field(default_factory=threading.Event)


def served(register: Register) -> subprocess.Popen[bytes]:
    """The server in a group of its own, answering."""
    server = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve"],
        env={**os.environ, **register.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(f"{register.url}/health", timeout=2).is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.05)
    kill_server(server)
    raise SystemExit("the server did not start")


def kill_server(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def kill_stations(port: str, register: Register, kills: Kills, seed: int) -> None:
    """Start and kill stations until the servers have been killed often enough."""
    dice = random.Random(seed)
    while not kills.done.is_set():
        station = start(port, register.url, register.folder / "journal", case=CASE)
        kills.running = station
        if wait_for(station, "Reader: "):
            kills.done.wait(dice.random() * 0.8)
        kills.station += station.poll() is None
        end(station)


def kill_servers(register: Register, kills: Kills, wanted: int, seed: int) -> None:
    """Start and kill servers, one time in three together with the station, until there were ``wanted`` kills in all."""
    dice = random.Random(seed)
    while kills.station + kills.server + kills.both < wanted:
        server = served(register)
        time.sleep(dice.random() * 1.5)
        together = kills.running if dice.random() < 1 / 3 else None
        if together is not None and together.poll() is None:
            together.kill()
            kills.both += 1
        else:
            kills.server += 1
        kill_server(server)
        done = kills.station + kills.server + kills.both
        print(f"{done} kills", file=sys.stderr, flush=True)


def main() -> int:
    parser = argument_parser("station_kills", __doc__)
    parser.add_argument("--kills", type=int, help="another number of kills")
    options = parser.parse_args()
    wanted = options.kills or (10 if options.quick else 1000)
    reader = VirtualReader(IDENTITY, _plan(10**9), interval=0.1)
    kills = Kills()
    with folder(), tempfile.TemporaryDirectory(prefix="markdna-kills-") as name, played(reader) as port:
        register = Register(Path(name), free_port())
        officer = register.staff("officer@exempelby.example", "Lo Exempel", Role.OFFICER, "a benchmark's password")
        with register.work() as session:
            cases.open_case(session, officer, CASE, "Benchmark: kills")
        os.environ["MARKDNA_STATION_TOKEN"] = register.station("Benchmark")
        # The first start tells the station to whom it seals; from then on either may be gone.
        server = served(register)
        first = start(port, register.url, register.folder / "journal", case=CASE)
        wait_for(first, "Registry: reached")
        end(first)
        kill_server(server)
        killer = threading.Thread(target=kill_stations, args=(port, register, kills, 31))
        killer.start()
        try:
            kill_servers(register, kills, wanted, 37)
        finally:
            kills.done.set()
            killer.join()
        server = served(register)
        last = start(port, register.url, register.folder / "journal", "--once", "5", case=CASE)
        last.communicate(timeout=600)
        kill_server(server)
        acknowledged = reader.acknowledged
        with register.work() as session:
            order = list(session.scalars(select(Reading.reading_number).order_by(Reading.id)))
            chain = audit.verify(session)
            missing_numbers = stations.every(session)[0].missing
        register.database.close()
    lost = len({f"R-{number:07d}" for number in range(acknowledged)} - set(order))
    doubled = sum(count - 1 for count in Counter(order).values())
    turned = sum(first > second for first, second in pairwise(order))
    detail = (
        f"{kills.station} of the station, {kills.server} of the server, {kills.both} of both; "
        f"{acknowledged} readings acknowledged, {len(order)} stored"
    )
    total = kills.station + kills.server + kills.both
    claims = [
        Claim("kills at random points", total, "", f"{wanted}", total >= wanted, detail),
        Claim("acknowledged readings lost", lost, "", "0", lost == 0, detail),
        Claim("readings stored twice", doubled, "", "0", doubled == 0, detail),
        Claim("readings out of order", turned, "", "0", turned == 0, detail),
        Claim("messages that the registry misses", missing_numbers, "", "0", missing_numbers == 0),
        Claim("audit log whole", "yes" if chain.broken_at is None else "no", "", "yes", chain.broken_at is None),
    ]
    return publish("station_kills", claims, options, packages=["markdna", "granian", "sqlalchemy"])


if __name__ == "__main__":
    sys.exit(main())
