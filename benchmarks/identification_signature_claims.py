"""Claims about signatures of one register of 64-mers: recall, wrong answers, time, bytes, build, start, absence."""

import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import (
    PRIMERS,
    STRANGER,
    Case,
    Errors,
    between_primers,
    cut,
    random_bases,
    sequenced,
)
from benchmarks.identification_register_file import bytes_by_part, fingerprint, register_file, register_process
from benchmarks.identification_registers import LENGTH, signature_bases
from benchmarks.identification_tally import ROUNDS, Tally, in_rounds, look_up
from benchmarks.report import Claim
from registry.identification.answer import Verdict
from registry.identification.engine import Engine
from registry.identification.index import load

__all__ = ["RATES", "Signatures", "signature_claims"]

RATES = {0.06: 100.0, 0.10: 99.95, 0.12: 99.8, 0.15: 99.7}
"""Error rates and the recall to reach, in percent."""
WRONG_NEEDED = 10_000
RECALL_NEEDED = 2000
LOOKED_INTO = 10
"""Missed reads that are compared with every signature, to tell a search that fell short from a read that did."""


@dataclass(frozen=True)
class Signatures:
    """A register of signatures, mapped from its file."""

    engine: Engine
    file: Path
    kits: int
    bytes_per_kit: float

    def cases(
        self,
        count: int,
        dice: np.random.Generator,
        read: Callable[[NDArray[np.uint8]], Case | tuple[object, ...]],
    ) -> list[Case]:
        """Readings of kits drawn by lot; ``read`` makes the observations of a molecule."""
        kits = dice.integers(0, self.kits, count)
        return [
            Case(int(kit), tuple(read(codes)))  # type: ignore[arg-type]
            for kit, codes in zip(kits, signature_bases(kits), strict=True)
        ]

    def plain(self, count: int, rate: float, dice: np.random.Generator, errors: Errors = Errors.PLAIN) -> list[Case]:
        """One bare read of each kit drawn."""
        return self.cases(count, dice, lambda codes: (sequenced(codes, rate, dice, errors),))


def signature_claims(folder: Path, options: Namespace, claims: list[Claim]) -> Signatures:
    """Build the register and measure it; the claims are added in the order of the issue's table."""
    dice = np.random.default_rng(20261122)
    signatures = _built(folder, options.kits, claims)
    wrong = Tally()
    _recall_and_time(signatures, options, dice, claims, wrong)
    _conditions(signatures, options, dice, claims, wrong)
    holds = wrong.wrong == 0 if wrong.cases >= WRONG_NEEDED or wrong.wrong else None
    detail = f"of {wrong.cases} reads of every condition above; {wrong.sure} at posterior ≥ 0.99"
    claims.append(Claim("wrong answers at posterior ≥ 0.99", wrong.wrong, f"of {wrong.cases}", "0", holds, detail))
    claims += _absence(signatures, dice)
    claims += _rebuild(signatures, dice)
    return signatures


def _built(folder: Path, kits: int, claims: list[Claim]) -> Signatures:
    file = folder / "marks.index"
    made = register_file(kits, file)
    each = made.file_bytes / kits
    parts = {name: size / kits for name, size in bytes_by_part(file, fingerprint(kits)).items()}
    told = ", ".join(f"{name} {size:.1f}" for name, size in parts.items())
    at_size = kits >= 10**7  # The offset table is the same for every size; only a large register pays it off.
    seconds = made.build_cpu_seconds
    memory = made.memory_bytes / 2**30
    claims += [
        Claim("signature index built", seconds, "s CPU", "≤ 30", seconds <= 30, f"{kits} kits, 1 core"),
        Claim("index file written", made.save_wall_seconds, "s", "", None, f"with hashes and fsync; {memory:.2f} GiB"),
        Claim("signature index", each, "B a kit", "≤ 140", each <= 140 if at_size else None, f"whole file: {told}"),
    ]
    (case,) = Signatures(Engine(load(file)), file, kits, each).plain(1, 0.06, np.random.default_rng(1))
    Engine(load(file)).identify(case.observations)
    started = time.perf_counter()
    engine = Engine(load(file, fingerprint(kits)))
    engine.identify(case.observations)
    spent = (time.perf_counter() - started) * 1000
    claims.append(Claim("index mapped and first answer", spent, "ms", "≤ 100", spent <= 100, "file in page cache"))
    return Signatures(engine, file, kits, each)


def _recall_and_time(
    signatures: Signatures, options: Namespace, dice: np.random.Generator, claims: list[Claim], wrong: Tally
) -> None:
    groups = {f"{rate:.0%}": signatures.plain(options.reads, rate, dice) for rate in RATES}
    groups["unregistered"] = [
        Case(STRANGER, (sequenced(random_bases(LENGTH, dice), 0.08, dice),)) for _ in range(options.reads)
    ]
    tallies = in_rounds(signatures.engine, groups)
    for rate, reach in RATES.items():
        tally = tallies[f"{rate:.0%}"]
        _count_wrong(wrong, tally)
        detail = f"{tally.right} of {tally.cases} bare reads of either strand, {signatures.kits} kits"
        detail += _looked_into(signatures.engine, tally)
        recall = tally.recall
        holds = recall >= reach if tally.cases >= RECALL_NEEDED else None
        claims.append(Claim(f"recall at {rate:.0%} error", recall, "%", f"≥ {reach}", holds, detail))
    best = f"best of {ROUNDS} interleaved rounds of {options.reads} reads, {signatures.kits} kits, one thread"
    for name, share, limit in (
        ("6%", 50, 0.25),
        ("6%", 99, 1.0),
        ("10%", 50, None),
        ("10%", 99, None),
        ("15%", 50, None),
        ("15%", 99, 5.0),
        ("unregistered", 50, None),
        ("unregistered", 99, 5.0),
    ):
        spent = tallies[name].percentile(share)
        what = "of unregistered reads" if name == "unregistered" else f"at {name} error"
        bound = f"≤ {limit}" if limit else ""
        claims.append(Claim(f"p{share} {what}", spent, "ms CPU", bound, spent <= limit if limit else None, best))


def _conditions(
    signatures: Signatures, options: Namespace, dice: np.random.Generator, claims: list[Claim], wrong: Tally
) -> None:
    """What else a read may go through; half as many reads of each."""
    with_primers = Engine(signatures.engine.base, (PRIMERS,))
    few = max(1, options.reads // 2)
    rare = max(1, options.reads // 4)

    def lost(bases: int, rate: float) -> list[Case]:
        return signatures.cases(rare, dice, lambda codes: (sequenced(cut(codes, bases, dice), rate, dice),))

    def fused(reads: int, rate: float) -> list[Case]:
        return signatures.cases(rare, dice, lambda codes: tuple(sequenced(codes, rate, dice) for _ in range(reads)))

    def primed(rate: float) -> list[Case]:
        return signatures.cases(few, dice, lambda codes: (sequenced(between_primers(codes), rate, dice),))

    conditions: list[tuple[str, Engine, list[Case]]] = [
        (f"at 10% error, {errors}", signatures.engine, signatures.plain(few, 0.10, dice, errors))
        for errors in Errors
        if errors is not Errors.PLAIN
    ]
    conditions += [(f"at {rate:.0%} error, primers on both sides", with_primers, primed(rate)) for rate in (0.10, 0.15)]
    conditions += [
        (f"at {rate:.0%} error, {bases} nt lost at one end", signatures.engine, lost(bases, rate))
        for bases in (8, 16, 24)
        for rate in (0.06, 0.10)
    ]
    conditions += [
        (f"at {rate:.0%} error, {reads} reads fused", signatures.engine, fused(reads, rate))
        for reads, rate in ((2, 0.15), (3, 0.20))
    ]
    for name, engine, cases in conditions:
        tally = look_up(engine, cases)
        _count_wrong(wrong, tally)
        said = 100 * tally.sure / tally.cases
        detail = f"{tally.right} of {tally.cases}; {said:.2f} % at posterior ≥ 0.99{_looked_into(engine, tally, 5)}"
        claims.append(Claim(f"recall {name}", tally.recall, "%", "", None, detail))


def _count_wrong(sum_of_all: Tally, tally: Tally) -> None:
    sum_of_all.cases += tally.cases
    sum_of_all.sure += tally.sure
    sum_of_all.wrong += tally.wrong


def _looked_into(engine: Engine, tally: Tally, most: int = LOOKED_INTO) -> str:
    """What comparing the missed reads with every signature says of them."""
    missed = tally.missed[:most]
    if not missed:
        return ""
    found = look_up(engine, missed, exhaustive=True).right
    return f"; of {len(missed)} missed the exhaustive search finds {found}"


def _absence(signatures: Signatures, dice: np.random.Generator) -> list[Claim]:
    """The exhaustive tier, by the clock on the wall, since it uses two cores."""
    spent = []
    for _ in range(5):
        stranger = sequenced(random_bases(LENGTH, dice), 0.05, dice)
        started = time.perf_counter()
        answer = signatures.engine.identify([stranger], exhaustive=True)
        spent.append(time.perf_counter() - started)
        if answer.verdict is not Verdict.NOT_REGISTERED:
            return [Claim("proof of absence", "wrong", "", "≤ 0.5 s", holds=False)]
    best = min(spent)
    detail = f"{signatures.kits} kits, both strands, best of 5, all tiers before it included"
    return [Claim("proof of absence on two cores", best, "s", "≤ 0.5", best <= 0.5, detail)]


def _rebuild(signatures: Signatures, dice: np.random.Generator) -> list[Claim]:
    """The register built anew by another process and swapped under look-ups that go on."""
    with tempfile.TemporaryDirectory(dir=signatures.file.parent) as folder:
        file = Path(folder) / "swapped.index"
        file.hardlink_to(signatures.file)
        engine = Engine(load(file, fingerprint(signatures.kits)))
        cases = signatures.plain(200, 0.06, dice)
        process = register_process(signatures.kits, file, version=1)
        answers = right = 0
        longest = 0.0
        started = time.perf_counter()
        while process.poll() is None or not answers:
            case = cases[answers % len(cases)]
            before = time.perf_counter()
            answer = engine.identify(case.observations)
            longest = max(longest, time.perf_counter() - before)
            right += answer.candidates[0].kit_id == case.kit
            answers += 1
        took = time.perf_counter() - started
        process.communicate()
        swapped = Engine(load(file, fingerprint(signatures.kits, 1)))
        again = look_up(swapped, cases).right == len(cases)
    holds = process.returncode == 0 and again and longest < 1
    detail = f"{answers} look-ups, {right} right, in the {took:.0f} s of the rebuild; then the new file was mapped"
    return [Claim("longest pause of look-ups during a rebuild", 1000 * longest, "ms", "≤ 1000", holds, detail)]
