"""Compiled loops over the glyphs that a list of a block index remembers: what they cost beside a text."""

# ruff: noqa: ANN001, ANN201
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = ["agreed", "least_cost", "pair_costs", "place_costs"]


@njit(**OPTIONS)
def agreed(difference, logs, added, lost, peak):
    """The log likelihood of a text under the code that suits it best; that of each place into ``peak`` (n,)."""
    total, edit = 0.0, lost
    for j in range(peak.shape[0]):
        peak[j] = logs[j].max()
        total += peak[j]
    if difference > 0:
        edit = (added - peak).max()
    return total + edit * abs(difference)


@njit(**OPTIONS)
def place_costs(step, logs, peak, costs):
    """What a glyph (modulo 32) at a place of the code costs in each state, a state being a shift of the text."""
    for state in range(costs.shape[0]):
        for i in range(costs.shape[1]):
            j = i + state * step
            if 0 <= j < peak.shape[0]:
                for glyph in range(32):
                    log = logs[j, glyph]
                    if glyph < 4:
                        log = max(log, logs[j, glyph + 32])
                    costs[state, i, glyph] = log - peak[j]


@njit(**OPTIONS)
def pair_costs(costs, places, first, state, step, singles, pairs):
    """The least that each two remembered places cost together, by their glyphs, into ``pairs`` (3, 32, 32).

    ``singles`` (6, 32) is room for each place alone. Before the block that begins at ``first`` lie earlier states than
    its own, behind it later ones. Returned is what the sum over all places may overstate: a place that was lost costs
    nothing.
    """
    states, worst = costs.shape[0], np.float32(0.0)
    for number in range(6):
        place = places[number]
        if place < 0:
            singles[number, :] = 0.0
            continue
        low, high = (0, state) if place < first else (state, states - 1)
        for glyph in range(32):
            least = costs[low, place, glyph]
            for one in range(low + 1, high + 1):
                least = max(least, costs[one, place, glyph])
            singles[number, glyph] = least
            worst = min(worst, least)
    for pair in range(3):
        for other in range(32):
            for one in range(32):
                pairs[pair, other, one] = singles[2 * pair, one] + singles[2 * pair + 1, other]
    return -worst * (states - 1) if step < 0 else np.float32(0.0)


@njit(**OPTIONS)
def least_cost(costs, places, told, before, used, state, step, best):
    """The least that the remembered places cost when the block itself lies in ``state``.

    Before it lie earlier states, behind it later ones, and a place that was lost costs nothing here.
    """
    states = costs.shape[0]
    best[: state + 1] = 0.0
    for number in range(used):
        if number == before:
            top = best[0]
            for one in range(1, state + 1):
                top = max(top, best[one])
            best[state:] = top
        low, high = (0, state) if number < before else (state, states - 1)
        glyph = (told >> (5 * number)) & 31
        for one in range(high, low - 1, -1):
            here = costs[one, places[number], glyph]
            if step < 0:
                best[one] = max(best[one] + here, best[one - 1]) if one > low else best[one] + here
            else:
                best[one] = (max(best[one], best[one - 1]) if one > low else best[one]) + here
    low, high = (0, state) if used == before else (state, states - 1)
    top = best[low]
    for one in range(low + 1, high + 1):
        top = max(top, best[one])
    return top
