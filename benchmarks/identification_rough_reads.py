"""A second maker of reads, that shares nothing with the first: events of a sequencing run instead of rates of bases.

Where `identification_readings` draws independent errors with qualities that tell their rates, here a read has one
identity drawn for all of it; runs of one base shrink, the more the longer they are; a pore that stalls garbles some;
substitutions are mostly transitions; the caller's qualities are coarse and off by a bias of the whole read; ends keep
bits of the adapter; and a chimera joins two molecules. Severity goes from clean to where recall falls.
"""

from argparse import Namespace
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import STRANGER, Case, random_bases
from benchmarks.identification_registers import LENGTH, signature_bases
from benchmarks.identification_signature_claims import Signatures
from benchmarks.identification_tally import Tally, look_up, wrong_claim
from benchmarks.report import Claim
from registry.identification.answer import MarkKind, Observation

__all__ = ["Run", "called", "rough_claims"]

_TRANSITION = (2, 3, 0, 1)
"""A to G, C to T, and back."""


@dataclass(frozen=True)
class Run:
    """What a run does to its molecules. ``shrink`` is the chance that a base of a run of three or more is not seen."""

    error: float
    shrink: float = 0.25
    burst: float = 0.1
    """Chance that a stretch of 5 to 12 bases is garbled."""
    adapter: int = 8
    """Largest number of foreign bases at each end."""


RUNS = {
    "identity about 0.97": Run(0.02),
    "identity about 0.94": Run(0.04),
    "identity about 0.90": Run(0.08),
    "identity about 0.87": Run(0.11),
    "identity about 0.83": Run(0.15),
    "identity about 0.78": Run(0.20),
    "homopolymers halved, 5 % error": Run(0.05, shrink=0.5, burst=0.0, adapter=0),
    "a garbled stretch in each read, 5 % error": Run(0.05, burst=1.0, adapter=0),
    "up to 24 foreign bases at each end, 5 % error": Run(0.05, burst=0.0, adapter=24),
}
GOOD_RECALL = 99.5


def rough_claims(signatures: Signatures, options: Namespace) -> list[Claim]:
    """Recall run by run, chimeras, and unregistered reads."""
    dice = np.random.default_rng(20261127)
    count = max(1, options.reads // 2)
    claims = []
    fallen = ""
    tallies: list[Tally] = []
    for name, run in RUNS.items():
        cases = signatures.cases(count, dice, lambda codes, run=run: (called(codes, run, dice),))  # type: ignore[misc]
        tally = look_up(signatures.engine, cases)
        tallies.append(tally)
        if tally.recall < GOOD_RECALL and not fallen and name.startswith("identity"):
            fallen = name
        said = 100 * tally.sure / tally.cases
        detail = f"{tally.right} of {tally.cases}; {said:.1f} % at posterior ≥ 0.99, {tally.wrong} of them wrong"
        claims.append(Claim(f"second maker of reads, {name}: recall", tally.recall, "%", "", None, detail))
    told = f"recall falls below {GOOD_RECALL} %"
    claims.append(Claim(f"second maker of reads: {told}", fallen or "nowhere", "", "", None, "first such identity"))
    claims += _chimeras(signatures, count, dice)
    strangers = [Case(STRANGER, (called(random_bases(LENGTH, dice), Run(0.08), dice),)) for _ in range(count)]
    tally = look_up(signatures.engine, strangers)
    best = max(tally.best)
    name = "second maker of reads, unregistered: best log10 V"
    claims.append(Claim(name, best, "", "< 2 (grade +1)", best < 2, f"{count} reads"))
    claims.append(wrong_claim("second maker of reads: wrong answers at posterior ≥ 0.99", tallies))
    return claims


def _chimeras(signatures: Signatures, count: int, dice: np.random.Generator) -> list[Claim]:
    """The first half of one kit's molecule joined to the second half of another's: neither may be certain."""
    cases = []
    first, second = (dice.integers(0, signatures.kits, count) for _ in range(2))
    halves = zip(first.tolist(), signature_bases(first), signature_bases(second), strict=True)
    for kit, left, right in halves:
        joined = np.concatenate([left[: LENGTH // 2], right[LENGTH // 2 :]])
        cases.append(Case(kit, (called(joined, Run(0.03, burst=0.0, adapter=0), dice),)))
    tally = look_up(signatures.engine, cases)
    detail = f"halves of two kits' molecules; first candidate is the first half's kit in {tally.right} of {count}"
    return [Claim("chimeras identified as a kit", tally.identified, f"of {count}", "", None, detail)]


def called(codes: NDArray[np.uint8], run: Run, dice: np.random.Generator) -> Observation:
    """A base-called read of a molecule."""
    error = float(np.clip(run.error * dice.lognormal(0.0, 0.35), 0.002, 0.5))
    seen: list[int] = []
    sure: list[bool] = []
    start = 0
    whole = codes.tolist()
    while start < len(whole):
        stop = start
        while stop < len(whole) and whole[stop] == whole[start]:
            stop += 1
        length = stop - start
        if length >= 3:
            length = max(1, length - int(dice.binomial(length, run.shrink)))
        for _ in range(length):
            _call(whole[start], error, dice, seen, sure)
        start = stop
    if dice.random() < run.burst and len(seen) > 20:
        size = int(dice.integers(5, 13))
        place = int(dice.integers(0, len(seen) - size))
        new = random_bases(max(1, size + int(dice.integers(-2, 3))), dice).tolist()
        seen[place : place + size] = new
        sure[place : place + size] = [False] * len(new)
    head, tail = (random_bases(int(dice.integers(0, run.adapter + 1)), dice).tolist() for _ in range(2))
    seen = head + seen + tail
    sure = [True] * len(head) + sure + [True] * len(tail)
    if dice.random() < 0.5:
        seen, sure = [3 - base for base in reversed(seen)], sure[::-1]
    return Observation(MarkKind.DNA, "".join("ACGT"[base] for base in seen), _quality(sure, error, dice))


def _call(base: int, error: float, dice: np.random.Generator, seen: list[int], sure: list[bool]) -> None:
    """One base of the molecule: seen, taken for another, left out, or with others before it."""
    roll = dice.random()
    if roll < 0.35 * error:
        return
    if roll < 0.6 * error:
        extra = int(dice.geometric(0.7))
        seen.extend(random_bases(extra, dice).tolist())
        sure.extend([False] * extra)
    wrong = roll > 1 - 0.4 * error
    if wrong:
        other = _TRANSITION[base] if dice.random() < 0.6 else (base + int(dice.integers(1, 4))) % 4
        seen.append(other)
    else:
        seen.append(base)
    sure.append(not wrong)


def _quality(sure: list[bool], error: float, dice: np.random.Generator) -> str:
    """Coarse qualities around that of the read, with a bias of the whole read; a third of the errors look sure."""
    level = -10 * np.log10(error) + dice.normal(0.0, 2.0)
    steps = dice.gamma(2.0, 2.0, len(sure)) - 3
    doubtful = np.array([not one for one in sure]) & (dice.random(len(sure)) < 0.67)
    values = np.where(doubtful, level - 6, level + steps)
    return "".join(chr(33 + int(value)) for value in np.clip(np.round(values / 2) * 2, 2, 40))
