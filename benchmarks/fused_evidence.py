"""Dots, reads and glow of one thing fused: what is said is true as often as said, and strangers' reads do not add up.

Readings are simulated with the rates of the model (docs/identification.md): 0 to 2 dots of 5 characters, 0 to 2 reads
of 24 bases at 2 to 25 % error, in two of three a look at the glow; one observation in a hundred is of another mark.
Half of the readings are registered; of the others half are of the register's makers, half glow as things glow anyway.
"""

import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import CODE_LETTERS, Errors, damaged, sequenced
from benchmarks.report import Claim, argument_parser, publish
from registry.identification import evidence, tracer
from registry.identification.answer import Mark, MarkKind, Observation, Verdict
from registry.identification.bases import encode
from registry.identification.engine import Engine

EMISSIONS = (612, 545, 0)
"""Of three makers; the last has no tracer."""
BOUNDS = (
    (0.0, 0.1, 0.03),
    (0.1, 0.5, 0.03),
    (0.5, 0.9, 0.03),
    (0.9, 0.99, 0.01),
    (0.99, 0.999, 0.01),
    (0.999, 2, 0.01),
)


@dataclass(frozen=True)
class Register:
    """Marks and their engine."""

    marks: list[Mark]
    engine: Engine

    @classmethod
    def of(cls, count: int, code: int, bases: int, dice: random.Random) -> "Register":
        """So many kits of three makers in turn."""
        marks = [random_mark(kit, code, bases, dice) for kit in range(count)]
        engine = Engine.build(marks)
        engine._signatures.fast = engine._codes.fast = True  # noqa: SLF001  # So small a register runs on plain numpy.
        return cls(marks, engine)


def random_mark(kit: int, code: int, bases: int, dice: random.Random) -> Mark:
    return Mark(
        kit, "".join(dice.choices(CODE_LETTERS, k=code)), "".join(dice.choices("ACGT", k=bases)), EMISSIONS[kit % 3]
    )


def peak_of(emission: int, dice: random.Random) -> int:
    """The peak of a spot with this emission, or of something that glows anyway (0)."""
    if emission and dice.random() >= tracer.OTHER_GLOW:
        return round(dice.gauss(emission, math.hypot(tracer.READER_NM, tracer.BATCH_NM)))
    if dice.random() < tracer.DUST_SHARE:
        return round(dice.gauss(tracer.DUST_NM, tracer.DUST_SPREAD_NM))
    return round(dice.uniform(*tracer.VISIBLE_NM))


def glow_of(emission: int, dice: random.Random) -> Observation:
    if emission and dice.random() < tracer.FADED:
        return Observation(MarkKind.UV, glow=False, peak_nm=0)
    return Observation(MarkKind.UV, glow=True, peak_nm=peak_of(emission, dice))


def readings(register: Register, count: int, dice: random.Random) -> Iterator[tuple[int, list[Observation]]]:
    """The kit (-1 for none) and the observations of each reading."""
    rng = np.random.default_rng(dice.randrange(2**32))
    code, bases = len(register.marks[0].code), len(register.marks[0].signature)
    for _ in range(count):
        registered = dice.random() < evidence.PRIOR
        mark = dice.choice(register.marks) if registered else random_mark(-1, code, bases, dice)

        def seen(mark: Mark = mark) -> Mark:
            return random_mark(-2, code, bases, dice) if dice.random() < evidence.ASTRAY else mark

        told = [Observation(MarkKind.DOT, damaged(seen().code, dice)) for _ in range(dice.randrange(3))]
        rates = [dice.uniform(0.02, 0.25) for _ in range(dice.randrange(3))]
        told += [sequenced(encode(seen().signature), rate, rng, Errors.PLAIN) for rate in rates]
        if dice.random() < 2 / 3:
            emission = EMISSIONS[mark.kit_id % 3] if registered else dice.choice((*EMISSIONS[:2], 0, 0))
            dark = not emission and dice.random() < 0.5
            told.append(Observation(MarkKind.UV, glow=False, peak_nm=0) if dark else glow_of(emission, dice))
        yield mark.kit_id if registered else -1, told


def calibration(register: Register, count: int, dice: random.Random) -> list[Claim]:
    said: list[float] = []
    true: list[bool] = []
    wrong = 0
    for kit, told in readings(register, count, dice):
        answer = register.engine.identify(told)
        said += [one.posterior for one in answer.candidates]
        true += [one.kit_id == kit for one in answer.candidates]
        wrong += answer.verdict is Verdict.IDENTIFIED and answer.candidates[0].kit_id != kit
    detail = f"{count} readings, {len(register.marks)} kits, half registered"
    claims = [Claim("wrong kits identified in fused readings", wrong, "readings", "", None, detail)]
    for low, high, allowed in BOUNDS:
        claims += _bin(np.array(said), np.array(true, dtype=float), (low, high, allowed), count, detail)
    return claims


def _bin(
    said: NDArray[np.float64], true: NDArray[np.float64], bounds: tuple[float, float, float], count: int, detail: str
) -> list[Claim]:
    low, high, allowed = bounds
    chosen = (said >= low) & (said < high)
    if chosen.sum() < 30:
        return []
    off = float(abs(said[chosen].mean() - true[chosen].mean()))
    told = f"said {said[chosen].mean():.4f}, true {true[chosen].mean():.4f} of {int(chosen.sum())}; {detail}"
    claim = f"calibration of fused readings, posterior {low} to {min(high, 1)}"
    return [
        Claim(
            claim, 100 * off, "points off", f"≤ {100 * allowed:.0f}", off <= allowed if count >= 50_000 else None, told
        )
    ]


def strangers(count: int, dice: random.Random) -> list[Claim]:
    """Samples of three reads of a mark that is in no register of ten thousand."""
    claims = []
    rng = np.random.default_rng(5)
    for bases in (32, 64):
        register = Register.of(10_000, 9, bases, dice)
        grades: Counter[int] = Counter()
        for _ in range(count):
            signature = encode("".join(dice.choices("ACGT", k=bases)))
            reads = [sequenced(signature, dice.uniform(0.02, 0.15), rng, Errors.PLAIN) for _ in range(3)]
            answer = register.engine.identify(reads)
            grades[int(answer.candidates[0].grade) if answer.candidates else -4] += 1
        told = ", ".join(f"{grades[grade]} at {grade:+d}" for grade in sorted(grades))
        claims.append(
            Claim(
                f"samples of 3 reads of unregistered {bases}-mers above grade +1",
                sum(times for grade, times in grades.items() if grade > 1),
                "samples",
                "0",
                max(grades) <= 1 if count >= 1000 else None,
                f"{count} samples, 10 000 kits: {told}",
            )
        )
    return claims


def settling(count: int, dice: random.Random) -> list[Claim]:
    """What one read leaves open and three settle: signatures of 24 bases among ten thousand."""
    register = Register.of(10_000, 9, 24, dice)
    rng = np.random.default_rng(6)
    claims = []
    for rate in (0.12, 0.15):
        alone = together = 0
        for mark in dice.sample(register.marks, count):
            reads = [sequenced(encode(mark.signature), rate, rng, Errors.PLAIN) for _ in range(3)]
            for told, share in ((reads[:1], 0), (reads, 1)):
                answer = register.engine.identify(told)
                right = answer.verdict is Verdict.IDENTIFIED and answer.candidates[0].kit_id == mark.kit_id
                alone, together = alone + (right and not share), together + (right and share)
        detail = f"{count} samples without primers, 24 bases, 10 000 kits"
        claims.append(Claim(f"identified by one read at {rate:.0%}", 100 * alone / count, "%", "", None, detail))
        claims.append(Claim(f"identified by three reads at {rate:.0%}", 100 * together / count, "%", "", None, detail))
    return claims


def main() -> int:
    parser = argument_parser("fused_evidence", __doc__)
    parser.add_argument("--readings", type=int, default=50_000, help="readings for calibration")
    parser.add_argument("--samples", type=int, default=1000, help="samples of unregistered marks")
    options = parser.parse_args()
    if options.quick:
        options.readings, options.samples = 1500, 40
    dice = random.Random(20261122)
    claims = calibration(Register.of(4000, 5, 24, dice), options.readings, dice)
    claims += settling(options.samples, dice)
    claims += strangers(options.samples, dice)
    return publish("fused_evidence", claims, options, packages=["numpy", "numba"])


if __name__ == "__main__":
    sys.exit(main())
