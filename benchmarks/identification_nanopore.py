"""Reads that are not of our making, straight to the engine: ``nanopore-*`` files of a folder, as the issue names them.

`nanopore_reads` brings the same files through reader, station and registry.
"""

import csv
from pathlib import Path

from benchmarks.identification_readings import STRANGER, Case
from benchmarks.identification_tally import Tally, look_up
from benchmarks.report import Claim
from registry.identification.answer import Mark, MarkKind, Observation, PrimerPair
from registry.identification.engine import Engine

__all__ = ["nanopore_claims"]

GROUPS = ((0.90, 99.9), (0.85, 99.5), (0.0, None))
"""Actual identity from which reads are counted, down from the group before, and the recall to reach in percent."""


def nanopore_claims(folder: Path | None) -> list[Claim]:
    """Identified with the right kit at posterior 0.99, by actual identity, with the suppliers' primers and without."""
    if folder is None:
        return [Claim("reads of another's making", "not run", "", "", None, "name their folder: --nanopore DIR")]
    kits = _rows(folder / "nanopore-kits.csv")
    marks = [Mark(number, row["kit_code"], row["signature"]) for number, row in enumerate(kits)]
    numbers = {mark.code: mark.kit_id for mark in marks}
    reads = _reads(folder / "nanopore-reads.fastq")
    truths = _rows(folder / "nanopore-reads-truth.csv")
    claims = []
    for how, primers in (("with primers", _primers(folder / "suppliers.csv")), ("without primers", ())):
        engine = Engine.build(marks, primers)
        claims += _judged(engine, [(row, reads[row["read"]]) for row in truths], numbers, how)
    return claims


def _judged(
    engine: Engine, readings: list[tuple[dict[str, str], Observation]], numbers: dict[str, int], how: str
) -> list[Claim]:
    claims = []
    above = 2.0
    wrong = 0
    for least, reach in GROUPS:
        cases = [
            Case(numbers[row["kit_code"]], (read,))
            for row, read in readings
            if row["kit_code"] and least <= float(row["actual_identity"]) < above
        ]
        tally = look_up(engine, cases)
        wrong += tally.wrong
        share = 100 * (tally.identified - tally.wrong) / max(tally.cases, 1)
        upper = f" to {above}" if above <= 1 else ""
        name = f"nanopore reads of identity {least}{upper}, {how}: identified with the right kit"
        holds = share >= reach if reach and cases else None
        detail = f"{tally.identified - tally.wrong} of {tally.cases}; the right kit came first in {tally.right}"
        claims.append(Claim(name, share, "%", f"≥ {reach}" if reach else "", holds, detail))
        above = least
    strangers: Tally = look_up(engine, [Case(STRANGER, (read,)) for row, read in readings if not row["kit_code"]])
    wrong += strangers.wrong
    best = max(strangers.best, default=float("-inf"))
    name = f"nanopore reads, unregistered, {how}: best log10 V"
    claims.append(Claim(name, best, "", "< 2 (grade +1)", best < 2, f"{strangers.cases} reads"))
    name = f"nanopore reads, {how}: identified with a wrong kit"
    claims.append(Claim(name, wrong, f"of {len(readings)}", "0", wrong == 0))
    return claims


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source, delimiter=";"))


def _reads(file: Path) -> dict[str, Observation]:
    lines = file.read_text(encoding="ascii").splitlines()
    records = (lines[start : start + 4] for start in range(0, len(lines), 4))
    return {
        record[0][1:].split()[0]: Observation(MarkKind.DNA, record[1], record[3])
        for record in records
        if len(record) == 4
    }


def _primers(file: Path) -> tuple[PrimerPair, ...]:
    """Those columns of the suppliers' file that hold the primers, by their headings."""
    if not file.exists():
        return ()
    return tuple(
        PrimerPair(row["forward_primer"], row["reverse_primer"])
        for row in _rows(file)
        if row["forward_primer"] and row["reverse_primer"]
    )
