"""What V promises of unregistered reads, told by registered ones.

An honest likelihood ratio answers for both: the share of reads of unknown molecules that reach V = v is the mean of
1/V over the registered reads whose own kit reaches v (change of measure; Siegmund 1976, The Annals of Statistics
4:673). So a share of one in ten million is measured on a hundred thousand reads, with a standard error.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import Case, Errors, sequenced
from benchmarks.identification_registers import signature_bases
from benchmarks.identification_workers import Chunk
from registry.identification.engine import Engine

__all__ = ["LIMITS", "Promise", "promise"]

LIMITS = np.arange(-1.0, 4.0)
"""log10 V at which the promise is told."""
_OWN = 1
"""Tells the dice of registered reads from those of unregistered ones."""


def promise(engine: Engine, number: int, cases: int, settings: Mapping[str, Any]) -> Chunk:
    """One chunk of registered reads: at each limit the sums of 1/V and of its square over those that reach it."""
    dice = np.random.default_rng([settings["seed"], number, _OWN])
    kind, kits = Errors[settings["errors"]], dice.integers(0, settings["kits"], cases)
    inverse = []
    for kit, molecule in zip(kits.tolist(), signature_bases(kits), strict=True):
        case = Case(kit, (sequenced(molecule, float(dice.uniform(0.02, 0.15)), dice, kind),))
        inverse += [
            10**-one.log10_likelihood_ratio
            for one in engine.identify(case.observations).candidates
            if one.kit_id == kit
        ]
    reached = [[one for one in inverse if one <= 10**-limit] for limit in LIMITS.tolist()]
    return {
        "promised": [math.fsum(part) for part in reached],
        "squares": [math.fsum(one * one for one in part) for part in reached],
    }


@dataclass(frozen=True)
class Promise:
    """Shares of unregistered reads that reach each limit, as V promises, and their standard errors."""

    reads: int
    share: NDArray[np.float64]
    error: NDArray[np.float64]

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> "Promise":
        """The sum of all chunks."""
        reads, sums, squares = 0, np.zeros(len(LIMITS)), np.zeros(len(LIMITS))
        for one in chunks:
            reads += one["cases"]
            sums += np.array(one["promised"])
            squares += np.array(one["squares"])
        return cls(reads, sums / max(reads, 1), np.sqrt(squares) / max(reads, 1))

    def at(self, limit: float) -> tuple[float, float]:
        """The share at a limit and its standard error."""
        (place,) = np.flatnonzero(limit == LIMITS)
        return float(self.share[place]), float(self.error[place])
