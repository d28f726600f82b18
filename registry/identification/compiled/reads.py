"""Compiled loops over reads: distances, the nearest, and the laying of a read along a signature."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912, PLR0915, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.bits import FULL, LANES, U0, U1, ones
from registry.identification.compiled.options import OPTIONS

__all__ = ["distances_of_one_word", "distances_of_words", "lay", "nearest_of_all", "nearest_of_rows"]

_BLOCK = 4096
"""Rows whose distances are measured at a time."""


@njit(**OPTIONS)
def distances_of_one_word(planes, rows, length, codes, ends, out):
    """Edits between a read and the signatures ``planes[rows]`` of at most 64 bases, into ``out``.

    ``ends`` holds read_start, read_end, mark_start, mark_end as 0 or 1, as in ``distance.Ends``.
    """
    count, size = rows.shape[0], codes.shape[0]
    high, low = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    plus, minus = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    score, best = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    flip_high, flip_low, anything = np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, np.uint64)
    for j in range(size):
        flip_high[j] = U0 if codes[j] & 2 else FULL
        flip_low[j] = U0 if codes[j] & 1 else FULL
        anything[j] = FULL if codes[j] == 4 else U0
    mask, last_bit = FULL >> np.uint64(64 - length), np.uint64(length - 1)
    top = U0 if ends[0] else U1
    start = U0 if ends[2] else FULL
    for base in range(0, count, LANES):
        lanes = min(LANES, count - base)
        for lane in range(LANES):
            row = rows[base + (lane if lane < lanes else 0)]
            high[lane] = planes[row, 0]
            low[lane] = planes[row, 1]
            plus[lane] = start
            minus[lane] = U0
            score[lane] = 0 if ends[2] else length
            best[lane] = score[lane]
        for j in range(size):
            turn_high, turn_low, any_base = flip_high[j], flip_low[j], anything[j]
            if ends[1]:
                for lane in range(LANES):
                    equal = ((high[lane] ^ turn_high) & (low[lane] ^ turn_low)) | any_base
                    grow, shrink = plus[lane], minus[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = shrink | ~(horizontal | grow)
                    down = grow & horizontal
                    score[lane] += np.int64((up >> last_bit) & U1) - np.int64((down >> last_bit) & U1)
                    best[lane] = min(best[lane], score[lane])
                    up = (up << U1) | top
                    vertical = equal | shrink
                    plus[lane] = (down << U1) | ~(vertical | up)
                    minus[lane] = up & vertical
            else:
                for lane in range(LANES):
                    equal = ((high[lane] ^ turn_high) & (low[lane] ^ turn_low)) | any_base
                    grow, shrink = plus[lane], minus[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = ((shrink | ~(horizontal | grow)) << U1) | top
                    down = (grow & horizontal) << U1
                    vertical = equal | shrink
                    plus[lane] = down | ~(vertical | up)
                    minus[lane] = up & vertical
        for lane in range(lanes):
            if ends[1]:
                out[base + lane] = best[lane]
                continue
            here = (0 if ends[0] else size) + ones(plus[lane] & mask) - ones(minus[lane] & mask)
            least = here
            if ends[3]:
                for place in range(length - 1, -1, -1):
                    shift = np.uint64(place)
                    here += np.int64((minus[lane] >> shift) & U1) - np.int64((plus[lane] >> shift) & U1)
                    least = min(least, here)
            out[base + lane] = least


@njit(**OPTIONS)
def distances_of_words(planes, rows, length, codes, ends, out) -> None:
    """As ``distances_of_one_word`` for signatures of any length."""
    count, words = rows.shape[0], planes.shape[1] // 2
    plus, minus = np.empty((words, LANES), np.uint64), np.empty((words, LANES), np.uint64)
    high, low = np.empty((words, LANES), np.uint64), np.empty((words, LANES), np.uint64)
    rise, fall = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    score, best = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    last_bit, top_bit = np.uint64((length - 1) % 64), np.uint64(63)
    first = U0 if ends[0] else U1
    for base in range(0, count, LANES):
        lanes = min(LANES, count - base)
        for word in range(words):
            for lane in range(LANES):
                row = rows[base + (lane if lane < lanes else 0)]
                high[word, lane] = planes[row, 2 * word]
                low[word, lane] = planes[row, 2 * word + 1]
                plus[word, lane] = U0 if ends[2] else FULL
                minus[word, lane] = U0
        for lane in range(LANES):
            score[lane] = 0 if ends[2] else length
            best[lane] = score[lane]
        for j in range(codes.shape[0]):
            turn_high = U0 if codes[j] & 2 else FULL
            turn_low = U0 if codes[j] & 1 else FULL
            any_base = FULL if codes[j] == 4 else U0
            for lane in range(LANES):
                rise[lane] = first
                fall[lane] = U0
            for word in range(words):
                for lane in range(LANES):
                    equal = ((high[word, lane] ^ turn_high) & (low[word, lane] ^ turn_low)) | any_base
                    grow, shrink = plus[word, lane], minus[word, lane]
                    vertical = equal | shrink
                    equal |= fall[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = shrink | ~(horizontal | grow)
                    down = grow & horizontal
                    if word == words - 1:
                        score[lane] += np.int64((up >> last_bit) & U1) - np.int64((down >> last_bit) & U1)
                    next_up = (up << U1) | rise[lane]
                    next_down = (down << U1) | fall[lane]
                    rise[lane] = up >> top_bit
                    fall[lane] = down >> top_bit
                    plus[word, lane] = next_down | ~(vertical | next_up)
                    minus[word, lane] = next_up & vertical
            if ends[1]:
                for lane in range(LANES):
                    best[lane] = min(best[lane], score[lane])
        for lane in range(lanes):
            here = score[lane]
            if ends[3]:
                least = here
                for place in range(length - 1, -1, -1):
                    shift = np.uint64(place % 64)
                    here -= np.int64((plus[place // 64, lane] >> shift) & U1)
                    here += np.int64((minus[place // 64, lane] >> shift) & U1)
                    least = min(least, here)
                out[base + lane] = least
            else:
                out[base + lane] = best[lane] if ends[1] else here


@njit(**OPTIONS)
def nearest_of_rows(planes, rows, length, codes, ends, most, near, nearest, edits):
    """The rows of the smallest distances, at most ``most`` and within ``near`` edits of the least, nearest first.

    Fills ``nearest`` and ``edits`` and returns how many there are; a row that stands twice in ``rows`` is given once.
    """
    distance = np.empty(_BLOCK, np.int16)
    count = 0
    for base in range(0, rows.shape[0], _BLOCK):
        part = rows[base : base + _BLOCK]
        _measure(planes, part, length, codes, ends, distance)
        for index in range(part.shape[0]):
            count = _keep(part[index], distance[index], most, near, nearest, edits, count)
    return count


@njit(**OPTIONS)
def nearest_of_all(planes, first, last, length, codes, ends, most, near, nearest, edits):
    """As ``nearest_of_rows`` for every row from ``first`` to ``last`` (exclusive)."""
    distance = np.empty(_BLOCK, np.int16)
    rows = np.empty(_BLOCK, np.uint32)
    count = 0
    for base in range(first, last, _BLOCK):
        size = min(_BLOCK, last - base)
        for index in range(size):
            rows[index] = base + index
        _measure(planes, rows[:size], length, codes, ends, distance)
        for index in range(size):
            count = _keep(rows[index], distance[index], most, near, nearest, edits, count)
    return count


@njit(inline="always", **OPTIONS)
def _measure(planes, rows, length, codes, ends, out) -> None:
    if length <= 64:
        distances_of_one_word(planes, rows, length, codes, ends, out)
    else:
        distances_of_words(planes, rows, length, codes, ends, out)


@njit(inline="always", **OPTIONS)
def _keep(row, distance, most, near, nearest, edits, count):
    """Insert a row into the sorted nearest, if it belongs there; how many there are then."""
    if count and (distance > edits[0] + near or (count == most and distance >= edits[count - 1])):
        return count
    for index in range(count):
        if nearest[index] == row:
            return count
    at = min(count, most - 1)
    while at > 0 and edits[at - 1] > distance:
        nearest[at], edits[at] = nearest[at - 1], edits[at - 1]
        at -= 1
    nearest[at], edits[at] = row, distance
    count = min(count + 1, most)
    while edits[count - 1] > edits[0] + near:
        count -= 1
    return count


@njit(**OPTIONS)
def lay(mark, codes, error, background, ends, scales, weights, shares, limits, steps):
    """The likeliest alignment of a read along a signature into ``steps``: its length, log likelihood ratio and stretch.

    The stretch, two numbers, is the part of the signature along which the read lies.
    ``mark`` (m,) and ``codes`` (n,) are bases, ``error`` (n,) the promised error of each base, ``background`` (m, 4).
    ``ends`` as in ``distances_of_one_word``; ``scales`` and ``weights`` average over wrong qualities; ``shares`` are
    those of substitution, insertion and deletion; ``limits`` the least and the largest error believed. ``steps``
    (m + n, 2) takes (place read or -1, place in the mark or -1), last step first.
    """
    length, size = mark.shape[0], codes.shape[0]
    error = np.minimum(np.maximum(error, limits[0]), limits[1])
    table = np.empty((length + 1, size + 1), np.float64)
    came = np.zeros((length + 1, size + 1), np.uint8)
    right, wrong, added = np.empty(size), np.empty(size), np.empty(size)
    for j in range(size):
        right[j] = np.log((1 - error[j]) / 0.25)
        wrong[j] = np.log(shares[0] * error[j] / 0.75)
        added[j] = np.log(shares[1] * error[j])
    table[0, 0] = 0.0
    for j in range(1, size + 1):
        table[0, j] = 0.0 if ends[0] else table[0, j - 1] + added[j - 1]
        came[0, j] = 2
    for i in range(1, length + 1):
        base = mark[i - 1]
        lost_here = np.log(shares[2] * error[0]) if size else 0.0
        table[i, 0] = 0.0 if ends[2] else table[i - 1, 0] + lost_here
        came[i, 0] = 1
        for j in range(1, size + 1):
            code = codes[j - 1]
            gain = 0.0 if code == 4 else (right[j - 1] if code == base else wrong[j - 1])
            best, way = table[i - 1, j - 1] + gain, 0
            other = table[i - 1, j] + added[j - 1]
            if other > best:
                best, way = other, 1
            other = table[i, j - 1] + added[j - 1]
            if other > best:
                best, way = other, 2
            table[i, j] = best
            came[i, j] = way
    i, j = length, size
    if ends[1]:
        for place in range(size + 1):
            if table[length, place] > table[i, j]:
                j = place
    if ends[3]:
        for place in range(length + 1):
            if table[place, size] > table[i, j]:
                i = place
    sums = np.log(weights)
    count, stop = 0, i
    while (i > 0 or j > 0) and not (i == 0 and ends[0]) and not (j == 0 and ends[2]):
        way = came[i, j]
        p = error[max(j - 1, 0)] if size else 0.5
        for scale in range(scales.shape[0]):
            e = min(max(p * scales[scale], limits[0]), limits[1])
            if way == 1:
                sums[scale] += np.log(shares[2] * e)
            elif way == 2:
                sums[scale] += np.log(shares[1] * e)
            elif codes[j - 1] < 4:
                share = background[i - 1, codes[j - 1]]
                off = shares[0] * e / 3
                seen = 1 - e if codes[j - 1] == mark[i - 1] else off
                sums[scale] += np.log(seen / (share * (1 - e) + (1 - share) * off))
        steps[count, 0] = -1 if way == 1 else j - 1
        steps[count, 1] = -1 if way == 2 else i - 1
        count += 1
        i -= way != 2
        j -= way != 1
    top = sums.max()
    return count, top + np.log(np.exp(sums - top).sum()), i, stop
