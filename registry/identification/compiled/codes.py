"""Compiled loops over codes: the paths of a text through a code, their sum and the likeliest."""

# ruff: noqa: ANN001, ANN201, ANN202, C901
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = ["best_path", "code_sums", "profile_sums", "score_code", "score_codes"]


@njit(**OPTIONS)
def score_codes(glyphs, logs, added, lost, out):
    """``score_code`` of each code (n, length), into ``out`` (n,)."""
    best = np.empty(abs(logs.shape[0] - glyphs.shape[1]) + 1, np.float64)
    for row in range(glyphs.shape[0]):
        out[row] = score_code(glyphs, row, logs, added, lost, best)


@njit(**OPTIONS)
def score_code(glyphs, row, logs, added, lost, best):
    """Log likelihood of the best path of a text through the code ``glyphs[row]``, characters lost or added only.

    ``logs`` (n, 36) are log emissions of the text's places, ``added`` (n,) and ``lost`` log chances. Characters are
    lost, or added, up to the difference of the lengths; that is all a ranking needs. ``best`` has room for a number
    for each of these and one more.
    """
    length, size = glyphs.shape[1], logs.shape[0]
    difference = size - length
    states = abs(difference) + 1
    if difference == 0:
        total = 0.0
        for i in range(length):
            total += logs[i, glyphs[row, i]]
        return total
    best[:] = -1e9
    best[0] = 0.0
    if difference > 0:
        for state in range(1, states):
            best[state] = best[state - 1] + added[state - 1]
        for i in range(length):
            for state in range(states):
                best[state] += logs[i + state, glyphs[row, i]]
            for state in range(1, states):
                best[state] = max(best[state], best[state - 1] + added[min(i + state, size - 1)])
        return best[states - 1]
    for i in range(length):
        for state in range(states - 1, -1, -1):
            j = i - state
            along = best[state] + logs[j, glyphs[row, i]] if 0 <= j < size else -1e9
            if state > 0:
                along = max(along, best[state - 1] + lost)
            best[state] = along
    return best[states - 1]


@njit(**OPTIONS)
def code_sums(glyphs, emissions, added, lost, swapped, out):
    """As ``lattice.code_likelihoods``: P(text | code) of codes (k, m) for emissions (n, 36), into ``out`` (k,)."""
    count, length = glyphs.shape
    size = emissions.shape[0]
    emitted = np.empty((length, size), np.float64)
    table = np.empty((length + 1, size + 1), np.float64)
    for one in range(count):
        for i in range(length):
            glyph = glyphs[one, i]
            for j in range(size):
                emitted[i, j] = emissions[j, glyph]
        out[one] = _path_sum(emitted, added, lost, swapped, table)


@njit(**OPTIONS)
def profile_sums(profiles, emissions, added, lost, swapped, out):
    """As ``lattice.profile_likelihoods``: the same for random codes, P(glyph) at each place being (k, m, 36)."""
    count, length, glyphs = profiles.shape
    size = emissions.shape[0]
    emitted = np.empty((length, size), np.float64)
    table = np.empty((length + 1, size + 1), np.float64)
    for one in range(count):
        for i in range(length):
            for j in range(size):
                chance = 0.0
                for glyph in range(glyphs):
                    chance += profiles[one, i, glyph] * emissions[j, glyph]
                emitted[i, j] = chance
        out[one] = _path_sum(emitted, added, lost, swapped, table)


@njit(**OPTIONS)
def _path_sum(emitted, added, lost, swapped, table):
    """The sum over every path for emissions (m, n); ``table`` (m + 1, n + 1) is room for it."""
    length, size = emitted.shape
    table[0, 0] = 1.0
    for j in range(1, size + 1):
        table[0, j] = table[0, j - 1] * added[j - 1]
    for i in range(1, length + 1):
        table[i, 0] = table[i - 1, 0] * lost
        for j in range(1, size + 1):
            cell = table[i - 1, j - 1] * emitted[i - 1, j - 1]
            cell += table[i - 1, j] * lost + table[i, j - 1] * added[j - 1]
            if i > 1 and j > 1:
                crossed = emitted[i - 1, j - 2] * emitted[i - 2, j - 1]
                cell += table[i - 2, j - 2] * swapped * crossed
            table[i, j] = cell
    return table[length, size]


@njit(**OPTIONS)
def best_path(code, logs, added, lost, swapped, steps):
    """As ``lattice.most_likely_path`` for log emissions (n, 36): steps (place read, place in the code), last first."""
    length, size = code.shape[0], logs.shape[0]
    best = np.empty((length + 1, size + 1), np.float64)
    came = np.zeros((length + 1, size + 1), np.uint8)
    for i in range(length + 1):
        for j in range(size + 1):
            top, way = -1e18, 0
            if i == 0 and j == 0:
                top = 0.0
            if i and j and best[i - 1, j - 1] + logs[j - 1, code[i - 1]] > top:
                top, way = best[i - 1, j - 1] + logs[j - 1, code[i - 1]], 0
            if i and best[i - 1, j] + lost > top:
                top, way = best[i - 1, j] + lost, 1
            if j and best[i, j - 1] + added[j - 1] > top:
                top, way = best[i, j - 1] + added[j - 1], 2
            if i > 1 and j > 1:
                crossed = best[i - 2, j - 2] + logs[j - 2, code[i - 1]] + logs[j - 1, code[i - 2]] + swapped
                if crossed > top:
                    top, way = crossed, 3
            best[i, j] = top
            came[i, j] = way
    count, i, j = 0, length, size
    while i > 0 or j > 0:
        way = came[i, j]
        steps[count, 0] = -1 if way == 1 else j - 1
        steps[count, 1] = -1 if way == 2 else i - 1
        count += 1
        i -= way != 2
        j -= way != 1
        if way == 3:
            steps[count, 0], steps[count, 1] = j - 1, i - 1
            count += 1
            i -= 1
            j -= 1
    return count
