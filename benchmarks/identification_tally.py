"""Counting what look-ups of the identification engine come to, and what they cost."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.identification_readings import Case
from benchmarks.report import Claim
from registry.identification.answer import Answer, Verdict
from registry.identification.engine import Engine

__all__ = ["ROUNDS", "Tally", "in_rounds", "look_up", "wrong_claim"]

ROUNDS = 3
"""Times that the look-ups of a timed row are repeated."""
SURE = 0.99
"""Posterior from which an answer counts as right or wrong; a verdict asks for more (``evidence.CERTAIN``)."""
WARM = 20
"""Look-ups before the clock counts: loops are compiled and pages mapped by then."""


@dataclass
class Tally:
    """What came out of many look-ups. ``rounds`` holds CPU milliseconds of each look-up, for each repetition."""

    cases: int = 0
    right: int = 0
    identified: int = 0
    """Readings whose verdict names a kit."""
    sure: int = 0
    """Readings whose best kit has a posterior of ``SURE`` and more; a few of them are not identified yet."""
    wrong: int = 0
    rounds: list[list[float]] = field(default_factory=list)
    doubt: float = 0.0
    """Wrong answers that the posteriors of the sure ones lead one to expect: the sum of what they lack to 1."""
    best: list[float] = field(default_factory=list)
    """log10 V of each look-up's best candidate."""
    posteriors: list[tuple[float, bool]] = field(default_factory=list)
    missed: list[Case] = field(default_factory=list)
    """Registered cases whose kit did not come first."""

    def note(self, answer: Answer, case: Case) -> None:
        """Count one answer."""
        self.cases += 1
        first = answer.candidates[0] if answer.candidates else None
        right = first is not None and first.kit_id == case.kit
        self.right += right
        if case.kit >= 0 and not right:
            self.missed.append(case)
        if first is None:
            return
        self.best.append(first.log10_likelihood_ratio)
        self.posteriors += [(one.posterior, one.kit_id == case.kit) for one in answer.candidates]
        self.identified += answer.verdict is Verdict.IDENTIFIED
        if first.posterior >= SURE:
            self.sure += 1
            self.wrong += first.kit_id != case.kit
            self.doubt += 1 - first.posterior

    @property
    def recall(self) -> float:
        """Percent of the cases whose kit came first."""
        return 100 * self.right / max(self.cases, 1)

    def percentile(self, share: float) -> float:
        """CPU milliseconds that this percentage of look-ups stays within, in the best round."""
        return min(float(np.percentile(times, share)) for times in self.rounds)

    @property
    def mean(self) -> float:
        """CPU milliseconds a look-up, in the best round."""
        return min(float(np.mean(times)) for times in self.rounds)


def wrong_claim(name: str, tallies: Sequence[Tally]) -> Claim:
    """Wrong answers at posterior ≥ 0.99: none is right, and the posteriors say how many may be expected."""
    sure = sum(one.sure for one in tallies)
    wrong, cases = sum(one.wrong for one in tallies), sum(one.cases for one in tallies)
    expected = math.fsum(one.doubt for one in tallies)
    detail = f"their posteriors lead one to expect {expected:.2f} of {sure} answers so sure"
    return Claim(name, wrong, f"of {cases}", "0", wrong == 0, detail)


def look_up(engine: Engine, cases: Iterable[Case], *, exhaustive: bool = False) -> Tally:
    """Identify each case alone. The clock is the CPU time of the whole process, whose other threads are idle."""
    tally = Tally()
    spent: list[float] = []
    for case in cases:
        started = time.process_time()
        answer = engine.identify(case.observations, exhaustive=exhaustive)
        spent.append((time.process_time() - started) * 1000)
        tally.note(answer, case)
    tally.rounds.append(spent)
    return tally


def in_rounds(engine: Engine, groups: Mapping[str, Sequence[Case]], rounds: int = ROUNDS) -> dict[str, Tally]:
    """Every group looked up in turn, and all of that again: what the machine does beside hits all groups alike."""
    tallies: dict[str, Tally] = {}
    for name in groups:
        look_up(engine, groups[name][:WARM])
    for _ in range(rounds):
        for name, cases in groups.items():
            again = look_up(engine, cases)
            if name in tallies:
                tallies[name].rounds += again.rounds
            else:
                tallies[name] = again
    return tallies
