"""Counting what look-ups of the identification engine come to."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from registry.identification.answer import Answer, Observation, Verdict
from registry.identification.engine import Engine

LENGTH = 64
CODE_LENGTH = 9


@dataclass
class Tally:
    """What came out of many look-ups."""

    right: int = 0
    identified: int = 0
    wrong: int = 0
    milliseconds: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    posteriors: list[tuple[float, bool]] = field(default_factory=list)

    def note(self, answer: Answer, truth: int, milliseconds: float) -> None:
        """Count one answer; ``truth`` is -1 for an unregistered reading."""
        self.milliseconds.append(milliseconds)
        if not answer.candidates:
            return
        first = answer.candidates[0]
        self.right += first.kit_id == truth
        self.best.append(first.log10_likelihood_ratio)
        self.posteriors += [(one.posterior, one.kit_id == truth) for one in answer.candidates]
        if answer.verdict is Verdict.IDENTIFIED:
            self.identified += 1
            self.wrong += first.kit_id != truth

    def percentile(self, share: float) -> float:
        """CPU milliseconds that this share of look-ups stays within."""
        return float(np.percentile(self.milliseconds, share))


def look_up(engine: Engine, readings: Iterable[tuple[int, Observation]], **options: bool) -> Tally:
    """Identify each reading alone, on the clock of this thread's CPU."""
    tally = Tally()
    for truth, reading in readings:
        started = time.thread_time()
        answer = engine.identify([reading], **options)
        tally.note(answer, truth, (time.thread_time() - started) * 1000)
    return tally
