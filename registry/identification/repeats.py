"""How common a stretch of a signature is because it repeats itself.

Signatures are compared with ones made at random, base by base. A maker whose signatures hold repeats (TGTGTG...) makes
two of them alike far more often than that. So an unknown signature is taken to go over, now and then, from bases made
at random to copies of the base one to six places before, and back. What such a maker explains better than chance is no
evidence for one kit. The idea is that of expert models of DNA (Cao, Dix, Allison & Mears 2007, A simple statistical
algorithm for biological sequence compression, DCC 2007).
"""

import math

import numpy as np
from numpy.typing import NDArray

from registry.identification.kernels import compiled

__all__ = ["repeat_gain", "repetition"]

LONGEST_UNIT = 6
"""Bases of the longest repeated unit, as in microsatellites."""
COPIED = 0.85
"""Chance that a maker of repeats copies a base right."""
CHANGED = 1 / 16
"""Chance at each base that the maker begins anew."""
COPYING = 0.06
"""Chance that what begins is a repeat: one in five signatures of 64 bases has one."""


def repetition(stretch: NDArray[np.uint8], background: NDArray[np.float64], *, fast: bool) -> float:
    """Ln of how much commoner ``stretch`` (n,) is than by ``background`` (n, 4), P(base) at each place; at least 0."""
    kernel = compiled() if fast else None
    gain = kernel.repeat_gain if kernel else repeat_gain
    return max(0.0, float(gain(stretch, background, LONGEST_UNIT, COPIED, CHANGED, COPYING)))


def repeat_gain(
    stretch: NDArray[np.uint8],
    background: NDArray[np.float64],
    longest: int,
    copied: float,
    changed: float,
    copying: float,
) -> float:
    """Ln P(stretch | maker of repeats) / P(stretch | background); also compiled by numba, as it stands."""
    begun = np.full(longest + 1, copying / longest)
    begun[longest] = 1.0 - copying
    weights = begun.copy()
    missed = (1.0 - copied) / 3.0
    total = 0.0
    for place in range(len(stretch)):
        if stretch[place] >= background.shape[1]:
            continue  # A base that was not called tells nothing.
        share = background[place, stretch[place]]
        weights[longest] *= share
        likelihood = weights[longest]
        for back in range(longest):
            source = place - back - 1
            if source < 0 or stretch[source] >= background.shape[1]:
                weights[back] *= share
            elif stretch[source] == stretch[place]:
                weights[back] *= copied
            else:
                weights[back] *= missed
            likelihood += weights[back]
        total += math.log(likelihood / share)
        for one in range(longest + 1):
            weights[one] = (1.0 - changed) * weights[one] / likelihood + changed * begun[one]
    return total
