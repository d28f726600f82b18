"""Reads of a portable sequencer, through the virtual reader, the serial line and the station, to the right kit.

A register is made in a temporary folder and the kits are imported with their suppliers. The reads go through
``markdna readers simulate`` (a pseudo-terminal), ``markdna scan`` and the registry's server, each a process of its own.
What the register then says of each read is compared with the truth file.
"""

import csv
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from benchmarks.report import Claim, argument_parser, publish
from registry.demo.programs import Programs, free_port
from registry.demo.register import Register
from registry.models.accounts import Role
from registry.models.kits import Kit
from registry.models.readings import CandidateRow, Identification, Reading
from registry.services import audit, cases

CASE = "5000-K123456-26"
IDLE_SECONDS = 20
QUICK_READS = 40


@dataclass(frozen=True)
class Truth:
    """Where a read comes from; an empty code means from no registered kit."""

    kit_code: str
    identity: float


@dataclass(frozen=True)
class Said:
    """What the register said of a read, and of its first candidate."""

    verdict: str
    kit_code: str
    grade: int
    posterior: float


def main() -> int:
    options = parsed()
    truths = read_truths(options.truth)
    with tempfile.TemporaryDirectory(prefix="markdna-") as name:
        folder = Path(name)
        reads = shortened(options.reads, folder) if options.quick else options.reads
        register = Register(folder, free_port())
        register.import_suppliers(options.suppliers)
        kits = register.import_kits(options.kits)
        started = time.monotonic()
        deliver(register, reads)
        seconds = time.monotonic() - started
        said = answers(register)
        with register.work() as session:
            chain = audit.verify(session)
    wanted = {name: truth for name, truth in truths.items() if not options.quick or name in set(read_names(reads))}
    show(wanted, said)
    claims = judged(wanted, said, seconds)
    claims += [
        Claim("kits imported", kits.taken, "kits", "", None),
        Claim("audit log whole", "yes" if chain.broken_at is None else "no", "", "yes", chain.broken_at is None),
    ]
    return publish("nanopore_reads", claims, options, packages=["markdna", "numpy", "edlib", "numba", "pyserial"])


def parsed() -> Namespace:
    parser = argument_parser("nanopore_reads", __doc__)
    parser.add_argument("--kits", type=Path, required=True, help="delivery manifest of the registered kits")
    parser.add_argument("--reads", type=Path, required=True, help="reads in FASTQ")
    parser.add_argument(
        "--truth", type=Path, required=True, help="CSV: read;kit_code;…;actual_identity (empty code: none)"
    )
    parser.add_argument("--suppliers", type=Path, help="suppliers of the kits; default: suppliers.csv beside the kits")
    options = parser.parse_args()
    options.suppliers = options.suppliers or options.kits.with_name("suppliers.csv")
    return options


def read_truths(file: Path) -> dict[str, Truth]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source, delimiter=";"))
    return {row["read"]: Truth(row["kit_code"], float(row["actual_identity"] or 0)) for row in rows}


def shortened(reads: Path, folder: Path) -> Path:
    lines = reads.read_text(encoding="ascii").splitlines()
    records = [lines[start : start + 4] for start in range(0, len(lines), 4)]
    step = max(1, len(records) // QUICK_READS)
    file = folder / "quick.fastq"
    file.write_text("".join("\n".join(record) + "\n" for record in records[::step]), encoding="ascii")
    return file


def read_names(reads: Path) -> list[str]:
    lines = reads.read_text(encoding="ascii").splitlines()
    return [line[1:].split()[0] for line in lines[::4]]


def deliver(register: Register, reads: Path) -> None:
    officer = register.staff("officer@exempelby.example", "Lo Exempel", Role.OFFICER, "a benchmark's password")
    with register.work() as session:
        cases.open_case(session, officer, CASE, "Benchmark: reads with known origin")
    token = register.station("Benchmark")
    line = register.folder / "reader"
    with Programs(register.folder, register.environment) as programs:
        programs.serve(register.url)
        reader = programs.start(
            "virtual reader", "readers", "simulate", "--reads", str(reads), "--link", str(line), "--exit-when-done"
        )
        while not line.is_symlink():
            reader.check()
            time.sleep(0.05)
        arguments = ("--port", str(line), "--registry", register.url, "--case", CASE)
        kept = ("--journal", str(register.folder / "journal"), "--until-idle", str(IDLE_SECONDS))
        station = programs.start("station", "scan", *arguments, *kept, environment={"MARKDNA_STATION_TOKEN": token})
        ended = station.wait(1800)
        if ended != 0:
            raise SystemExit(f"the station ended with code {ended}:\n{station.said()[-2000:]}")


def answers(register: Register) -> dict[str, Said]:
    said = {}
    with register.work() as session:
        rows = session.execute(
            select(Reading.reading_number, Identification.verdict, Kit.code, CandidateRow.grade, CandidateRow.posterior)
            .join(Identification, Identification.reading_id == Reading.id)
            .outerjoin(CandidateRow, (CandidateRow.identification_id == Identification.id) & (CandidateRow.rank == 1))
            .outerjoin(Kit, Kit.id == CandidateRow.kit_id)
        )
        for number, verdict, code, grade, posterior in rows:
            said[number] = Said(verdict.value, code or "", -4 if grade is None else grade, posterior or 0.0)
    return said


def judged(truths: dict[str, Truth], said: dict[str, Said], seconds: float) -> list[Claim]:
    registered = {name: truth for name, truth in truths.items() if truth.kit_code}
    strangers = [name for name, truth in truths.items() if not truth.kit_code]

    def right(name: str) -> bool:
        found = said.get(name)
        return found is not None and found.verdict == "identified" and found.kit_code == registered[name].kit_code

    wrong = sum(
        said[name].verdict == "identified" and said[name].kit_code != truths[name].kit_code
        for name in truths
        if name in said
    )
    arrived = sum(name in said for name in truths)
    share = 100 * sum(map(right, registered)) / max(1, len(registered))
    highest = max((said[name].grade for name in strangers if name in said), default=-4)
    return [
        Claim("reads that arrived", arrived, "reads", f"{len(truths)}", arrived == len(truths)),
        Claim(
            "registered reads identified with the right kit",
            round(share, 2),
            "%",
            "≥ 99",
            share >= 99,
            f"{sum(map(right, registered))} of {len(registered)}",
        ),
        Claim("reads identified with a wrong kit", wrong, "reads", "0", wrong == 0),
        Claim("highest grade of an unregistered read", highest, "", "≤ +1", highest <= 1, f"{len(strangers)} reads"),
        Claim(
            "time from the first byte to the last answer", round(seconds, 1), "s", "", None, "with start and idle end"
        ),
    ]


def show(truths: dict[str, Truth], said: dict[str, Said]) -> None:
    table = Table(title="what the register said, by how much of the signature was read right", title_justify="left")
    for heading in ("actual identity", "reads", "right kit", "wrong kit", "not identified", "grades"):
        table.add_column(heading, justify="left" if heading == "grades" else "right")
    groups: dict[str, list[str]] = {}
    for name, truth in truths.items():
        group = f"{int(truth.identity * 100) // 3 * 3}–{int(truth.identity * 100) // 3 * 3 + 2} %"
        groups.setdefault(group if truth.kit_code else "unregistered", []).append(name)
    for group, names in sorted(groups.items()):
        identified = [name for name in names if name in said and said[name].verdict == "identified"]
        right = sum(said[name].kit_code == truths[name].kit_code for name in identified)
        grades = Counter(said[name].grade for name in names if name in said)
        spread = ", ".join(f"{grade:+d}: {count}" for grade, count in sorted(grades.items(), reverse=True))
        table.add_row(
            group, str(len(names)), str(right), str(len(identified) - right), str(len(names) - len(identified)), spread
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
