"""From the last byte on the line to the answer that is drawn on the station's screen, with a real registry beside it.

All is real: the server's own process on a database with an index of its marks, the station in full screen on a terminal
of its own, the reader's line a pseudo-terminal. A reading is one look at one kit, its microdot with a character that
could not be read, or its DNA with two wrong bases; each of another kit. The clock stops when the terminal has been sent
the kit's code, which nobody but the registry could have told.
"""

import fcntl
import os
import pty
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.identification_registers import code_glyphs, signature_texts
from benchmarks.report import Claim, argument_parser, publish
from benchmarks.station_setting import CASE, SCAN, Line, folder
from registry import clock
from registry.demo.programs import Programs, free_port
from registry.demo.register import Register
from registry.identification.glyphs import decode_glyphs
from registry.models.accounts import Role
from registry.models.kits import Kit
from registry.models.suppliers import Batch
from registry.services import cases, marks, suppliers
from registry.services.actor import OPERATOR
from registry.services.folding import folded_code
from registry.services.tables.bulk import bulk_insert
from registry.services.tables.source import Source
from scanner.framing.sentences import encode

_COLUMNS = ("batch_id", "supplier_id", "code", "code_folded", "pin_hash", "signature", "emission_nm", "marks")
_SUPPLIERS = (
    b"supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email\n"
    b"Benchmark;[A-Z0-9]{9};;;612;08-123456;lab@exempelby.example\n"
)
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Size:
    """How much is measured: kits in each register, readings of each kind, and readings before the clock is started."""

    kits: tuple[int, ...]
    readings: int
    before: int

    @property
    def chosen(self) -> int:
        """Kits that are read in each register: those of two kinds of readings."""
        return 2 * (self.before + self.readings)


FULL = Size(kits=(100_000, 1_000_000), readings=500, before=20)
QUICK = Size(kits=(10_000,), readings=25, before=5)


@dataclass(frozen=True)
class Marked:
    """A kit by its marks."""

    code: str
    signature: str


def marked(count: int) -> list[Marked]:
    codes = [decode_glyphs(row) for row in code_glyphs(count)]
    signatures = [text for part in signature_texts(count) for text in part]
    return [Marked(code, signature) for code, signature in zip(codes, signatures, strict=True)]


def fill(register: Register, kits: list[Marked]) -> None:
    """Put the kits into the register. Their nearness to each other is not examined: they are random and far apart."""
    with register.work() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("suppliers.csv", _SUPPLIERS))
        (supplier,) = suppliers.every(session, OPERATOR)
        batch = Batch(supplier_id=supplier.id, number="B1", imported_at=clock.now())
        session.add(batch)
        session.flush()
        rows = (
            (batch.id, supplier.id, kit.code, folded_code(kit.code), bytes(32), kit.signature, 612, 20) for kit in kits
        )
        with marks.arriving(session, [batch.id]):
            bulk_insert(session, Kit.__table__, _COLUMNS, rows)  # type: ignore[arg-type]


def spoken(reading_id: str, sequence: int, kit: Marked, kind: str, dice: random.Random) -> bytes:
    """What the reader says of one look at the kit."""
    place = dice.randrange(len(kit.code))
    if kind == "dot":
        seen = kit.code[:place] + "?" + kit.code[place + 1 :]
        said = encode("MDDOT", sequence + 1, reading_id, seen, "".join("!" if one == "?" else "I" for one in seen))
    else:
        bases = list(kit.signature)
        for wrong in dice.sample(range(len(bases)), 2):
            bases[wrong] = "ACGT"[("ACGT".index(bases[wrong]) + 1) % 4]
        said = encode("MDDNA", sequence + 1, reading_id, "1", "1", "".join(bases), "5" * len(bases))
    finding = encode("MDUVF", sequence, reading_id, "1", "612", "734")
    return finding + said + encode("MDEND", sequence + 2, reading_id, "3")


@dataclass
class Screen:
    """A terminal, 120 by 40, and all that was drawn on it; ``until`` tells when."""

    near: int
    far: int
    drawn: bytearray = field(default_factory=bytearray)
    moments: list[tuple[int, float]] = field(default_factory=list)
    """How long ``drawn`` was after each piece that came, and when it came."""
    news: threading.Condition = field(default_factory=threading.Condition)

    @classmethod
    def new(cls) -> "Screen":
        """A terminal with nobody on it."""
        near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        screen = cls(near, far)
        threading.Thread(target=screen._watch, daemon=True).start()
        return screen

    def _watch(self) -> None:
        while True:
            try:
                drawn = os.read(self.near, 65_536)
            except OSError:
                return
            with self.news:
                self.drawn += drawn
                self.moments.append((len(self.drawn), time.perf_counter()))
                self.news.notify_all()

    def until(self, words: str) -> float:
        """The moment at which the last of ``words`` came; all that was drawn until then is forgotten."""
        wanted = words.encode()
        with self.news:
            if not self.news.wait_for(lambda: wanted in self.drawn, _ANSWER_SECONDS):
                raise SystemExit(f"{words!r} was not drawn in {_ANSWER_SECONDS:.0f} s: {bytes(self.drawn[-2000:])!r}")
            end = self.drawn.find(wanted) + len(wanted)
            moment = next(at for length, at in self.moments if length >= end)
            del self.drawn[:end]
            self.moments = [(length - end, at) for length, at in self.moments if length > end]
            return moment

    def forget(self) -> None:
        """Forget what was drawn so far."""
        with self.news:
            self.drawn.clear()
            self.moments.clear()


@contextmanager
def register_with(kits: list[Marked]) -> Iterator[tuple[Register, Programs]]:
    """A register with these kits, their index built and its server answering."""
    with tempfile.TemporaryDirectory(prefix="markdna-screen-") as name:
        register = Register(Path(name), free_port())
        with register.config.open("a", encoding="utf-8") as config:
            config.write(f'index_file = "{register.folder / "marks.index"}"\n')
        officer = register.staff("officer@exempelby.example", "Lo Exempel", Role.OFFICER, "a benchmark's password")
        with register.work() as session:
            cases.open_case(session, officer, CASE, "Benchmark: the way to the screen")
        fill(register, kits)
        with Programs(register.folder, register.environment) as programs:
            if programs.start("index", "index", "build").wait(1800):
                raise SystemExit((register.folder / "index.log").read_text(encoding="utf-8"))
            programs.serve(register.url)
            yield register, programs
        register.database.close()


@contextmanager
def station(register: Register, link: Path) -> Iterator[Screen]:
    """The station in full screen on a terminal, with its registry reached."""
    screen = Screen.new()
    where = ["--port", str(link), "--registry", register.url, "--case", CASE, "--driver", "mdr", "--full-screen"]
    environment = {**os.environ, "MARKDNA_STATION_TOKEN": register.station("Benchmark"), "MARKDNA_LANGUAGE": "en"}
    process = subprocess.Popen(
        [*SCAN, *where, "--journal", str(register.folder / "journal")],
        env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        stdin=screen.far,
        stdout=screen.far,
        # What draws the screen writes it here.
        stderr=screen.far,
        start_new_session=True,
    )
    try:
        screen.until("reached")
        yield screen
    finally:
        process.kill()
        process.wait()
        os.close(screen.far)


def timed(kits: list[Marked], size: Size) -> Iterator[tuple[str, list[float], list[float]]]:
    """For each kind of reading: milliseconds to the acknowledgement and to the answer on the screen."""
    dice = random.Random(43)
    chosen = dice.sample(kits, size.chosen)
    with folder() as place, register_with(kits) as (register, _):
        line = Line(place / "reader")
        with station(register, place / "reader") as screen:
            line.until(b"$MDRST")
            number = 0
            for kind in ("dot", "DNA"):
                acknowledged, shown = [], []
                for turn in range(size.before + size.readings):
                    kit = chosen.pop()
                    said = spoken(f"R-{number:06d}", 3 * number, kit, kind, dice)
                    number += 1
                    # An officer looks at one thing after the other; what was drawn before is of the one before.
                    time.sleep(dice.uniform(0.02, 0.12))
                    screen.forget()
                    line.terminal.write(said)
                    begun = time.perf_counter()
                    line.until(b"$MDACK")
                    heard = time.perf_counter()
                    drawn = screen.until(kit.code)
                    if turn >= size.before:
                        acknowledged.append(1000 * (heard - begun))
                        shown.append(1000 * (drawn - begun))
                yield kind, acknowledged, shown
        line.terminal.close()


def way_to_the_screen(size: Size) -> Iterator[Claim]:
    for count in size.kits:
        kits = marked(count)
        for kind, acknowledged, shown in timed(kits, size):
            detail = f"{len(shown)} readings, {count} kits, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            for what, times, most in (("acknowledged", acknowledged, 200), ("answer on the screen", shown, 1000)):
                low, high = np.percentile(times, (50, 99)).tolist()
                reach = f"< {most}"
                yield Claim(f"{kind} among {count} kits, {what}, p50", round(low, 1), "ms", "", None, detail)
                yield Claim(f"{kind} among {count} kits, {what}, p99", round(high, 1), "ms", reach, high < most, detail)
            print(f"{kind} {count}: median {statistics.median(shown):.1f} ms", file=sys.stderr, flush=True)


def main() -> int:
    parser = argument_parser("station_screen", __doc__)
    parser.add_argument("--kits", type=int, action="append", help="kits in the register; may be repeated")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if options.kits:
        if min(options.kits) < size.chosen:
            parser.error(f"--kits: each reading is of another kit, so there must be at least {size.chosen}")
        size = Size(tuple(options.kits), size.readings, size.before)
    packages = ["markdna", "textual", "granian", "httpx", "sqlalchemy", "pyserial", "numpy"]
    return publish("station_screen", list(way_to_the_screen(size)), options, packages=packages)


if __name__ == "__main__":
    sys.exit(main())
