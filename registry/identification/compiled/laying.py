"""The likeliest way a read lies along a signature, compiled; ``alignment.base_path`` finds a cheapest one instead."""

# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = ["lay"]

_TOGETHER = 16
"""Steps whose factors are multiplied before the logarithm is taken; each lies between 10^-3 and 10^3."""


@njit(**OPTIONS)
def lay(mark, codes, error, background, ends, scales, largest, weights, shares, limits, steps):
    """The likeliest alignment of a read along a signature into ``steps``: its length, log likelihood ratio and stretch.

    The stretch, two numbers, is the part of the signature along which the read lies.
    ``mark`` (m,) and ``codes`` (n,) are bases, ``error`` (n,) the promised error of each base, ``background`` (m, 4).
    ``ends`` as in ``reads.distances_of_one_word``; ``scales``, none above ``largest``, and ``weights`` average over
    wrong qualities; ``shares`` are those of substitution, insertion and deletion; ``limits`` the least and the largest
    error believed; a base that the read lacks has the mean error of those it has. ``steps`` (m + n, 2) takes (place
    read or -1, place in the mark or -1), last step first.
    """
    length, size = mark.shape[0], codes.shape[0]
    error = np.minimum(np.maximum(error, limits[0]), limits[1])
    # The read from right to left, so that it runs along a diagonal of the table as the signature does. Bases are as
    # wide as likelihoods there, which makes vectors of the comparison.
    right, wrong, added, turned = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    for j in range(size):
        at, called = size - 1 - j, codes[j] < 4
        right[at] = np.log((1 - error[j]) / 0.25) if called else 0.0
        wrong[at] = np.log(shares[0] * error[j] / 0.75) if called else 0.0
        added[at] = np.log(shares[1] * error[j])
        turned[at] = codes[j]
    skipped = error.mean() if size else limits[1]
    missing = np.log(shares[2] * skipped)
    table = _table(mark.astype(np.float64), turned, right, wrong, added, missing, ends)
    i, j = _last_cell(table, length, size, ends)
    sums, product = np.log(weights), np.ones(weights.shape[0])
    count, stop = 0, i
    while (i > 0 or j > 0) and not (i == 0 and ends[0]) and not (j == 0 and ends[2]):
        way = _way(table, mark, turned, right, wrong, added, missing, i, j)
        p = skipped if way == 1 else error[j - 1]
        for scale in range(scales.shape[0]):
            e = min(max(p * min(scales[scale], largest), limits[0]), limits[1])
            if way == 1:
                product[scale] *= shares[2] * e
            elif way == 2:
                product[scale] *= shares[1] * e
            elif codes[j - 1] < 4:
                share = background[i - 1, codes[j - 1]]
                off = shares[0] * e / 3
                seen = 1 - e if codes[j - 1] == mark[i - 1] else off
                product[scale] *= seen / (share * (1 - e) + (1 - share) * off)
        steps[count, 0] = -1 if way == 1 else j - 1
        steps[count, 1] = -1 if way == 2 else i - 1
        count += 1
        i -= way != 2
        j -= way != 1
        if count % _TOGETHER == 0:
            sums += np.log(product)
            product[:] = 1.0
    sums += np.log(product)
    top = sums.max()
    return count, top + np.log(np.exp(sums - top).sum()), i, stop


@njit(**OPTIONS)
def _table(mark, turned, right, wrong, added, missing, ends):
    """The best log likelihood of each cell: row i + j, column i, for i places of the mark and j of the read.

    The cells of a diagonal do not wait for each other, so that the compiler makes vectors of them; each loop touches
    few enough arrays for it to see that they do not overlap.
    """
    length, size = mark.shape[0], turned.shape[0]
    table, gain = np.empty((length + size + 1, length + 1)), np.empty(length + 1)
    table[0, 0] = 0.0
    for diagonal in range(1, length + size + 1):
        here, before, back = table[diagonal], table[diagonal - 1], size - diagonal
        first, stop = max(1, -back), min(length, diagonal - 1) + 1
        if first < stop:
            at = back + first
            _gains(gain[: stop - first], mark[first - 1 :], turned[at:], right[at:], wrong[at:])
            _cells(here[first:stop], table[diagonal - 2, first - 1 :], before[first - 1 :], gain, added[at:], missing)
        if diagonal <= size:
            here[0] = 0.0 if ends[0] else before[0] + added[back]
        if diagonal <= length:
            here[diagonal] = 0.0 if ends[2] else before[diagonal - 1] + missing
    return table


@njit(inline="always", **OPTIONS)
def _gains(gain, mark, codes, right, wrong) -> None:
    for k in range(gain.shape[0]):
        # Both are loaded whichever is taken: a load that depends on the comparison would keep this from being vectors.
        agreeing, differing = right[k], wrong[k]
        gain[k] = agreeing if codes[k] == mark[k] else differing


@njit(inline="always", **OPTIONS)
def _cells(here, aside, before, gain, added, missing) -> None:
    for k in range(here.shape[0]):
        here[k] = max(aside[k] + gain[k], before[k] + missing, before[k + 1] + added[k])


@njit(inline="always", **OPTIONS)
def _last_cell(table, length, size, ends):
    """Where the best alignment ends: in the corner, or where the last row or column is best if that end is free."""
    i, j = length, size
    if ends[1]:
        for place in range(size + 1):
            if table[length + place, length] > table[i + j, i]:
                j = place
    if ends[3]:
        for place in range(length + 1):
            if table[place + size, place] > table[i + j, i]:
                i = place
    return i, j


@njit(inline="always", **OPTIONS)
def _way(table, mark, turned, right, wrong, added, missing, i, j):
    """The step that led to a cell: 0 along both, 1 along the mark alone, 2 along the read alone."""
    if i == 0:
        return 2
    if j == 0:
        return 1
    at = turned.shape[0] - j
    best, way = table[i + j - 2, i - 1] + (right[at] if turned[at] == mark[i - 1] else wrong[at]), 0
    lost = table[i + j - 1, i - 1] + missing
    if lost > best:
        best, way = lost, 1
    return 2 if table[i + j - 1, i] + added[at] > best else way
