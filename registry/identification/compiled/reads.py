"""Compiled loops over reads: their distances to signatures, and the nearest."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.bits import FULL, LANES, U0, U1, ones
from registry.identification.compiled.options import OPTIONS

__all__ = ["distances_of_one_word", "distances_of_words", "nearest_of_all", "nearest_of_rows"]

_BLOCK = 4096
"""Rows whose distances are measured at a time."""
_APART = 8
"""Places of a free end from one that is looked at to the next, where bounds will do."""


@njit(**OPTIONS)
def distances_of_one_word(planes, rows, length, codes, ends, out):
    """Edits between a read and the signatures ``planes[rows]`` of at most 64 bases, into ``out``.

    ``ends`` holds read_start, read_end, mark_start, mark_end as 0 or 1, as in ``distance.Ends``.
    """
    count, size = rows.shape[0], codes.shape[0]
    # Where each base stands in each signature; what was not called, the fifth, stands everywhere.
    stands = np.full((5, LANES), FULL, np.uint64)
    plus, minus = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    score, best = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    mask, last_bit = FULL >> np.uint64(64 - length), np.uint64(length - 1)
    top = U0 if ends[0] else U1
    for base in range(0, count, LANES):
        lanes = min(LANES, count - base)
        _begin(planes, rows[base : base + lanes], U0 if ends[2] else FULL, stands, plus, minus)
        score[:] = 0 if ends[2] else length
        best[:] = score
        for j in range(size):
            equal = stands[codes[j]]
            if ends[1]:
                for lane in range(LANES):
                    up, down, plus[lane], minus[lane] = _column(equal[lane], plus[lane], minus[lane], top)
                    score[lane] += np.int64((up >> last_bit) & U1) - np.int64((down >> last_bit) & U1)
                    best[lane] = _least(best[lane], score[lane])
            else:
                for lane in range(LANES):
                    _up, _down, plus[lane], minus[lane] = _column(equal[lane], plus[lane], minus[lane], top)
        if not ends[1]:
            for lane in range(LANES):
                score[lane] = (0 if ends[0] else size) + ones(plus[lane] & mask) - ones(minus[lane] & mask)
                best[lane] = score[lane]
        if ends[3]:
            for place in range(length - 1, -1, -1):
                shift = np.uint64(place)
                for lane in range(LANES):
                    score[lane] += np.int64((minus[lane] >> shift) & U1) - np.int64((plus[lane] >> shift) & U1)
                    best[lane] = _least(best[lane], score[lane])
        for lane in range(lanes):
            out[base + lane] = best[lane]


@njit(**OPTIONS)
def _bounds_of_one_word(planes, rows, length, codes, ends, out):
    """At most the edits that ``distances_of_one_word`` finds, sooner: of a free end only each so manieth place is seen.

    From place to place the edits change by one at the most, so that between two that are seen they are at most half as
    many fewer as those lie apart.
    """
    count, size = rows.shape[0], codes.shape[0]
    stands = np.full((5, LANES), FULL, np.uint64)
    plus, minus = np.empty(LANES, np.uint64), np.empty(LANES, np.uint64)
    best = np.empty(LANES, np.int64)
    mask, top = FULL >> np.uint64(64 - length), U0 if ends[0] else U1
    for base in range(0, count, LANES):
        lanes = min(LANES, count - base)
        _begin(planes, rows[base : base + lanes], U0 if ends[2] else FULL, stands, plus, minus)
        best[:] = 0 if ends[2] else length
        for j in range(size):
            equal = stands[codes[j]]
            for lane in range(LANES):
                _up, _down, plus[lane], minus[lane] = _column(equal[lane], plus[lane], minus[lane], top)
            if ends[1] and (size - 1 - j) % _APART == 0:
                for lane in range(LANES):
                    score = (0 if ends[0] else j + 1) + ones(plus[lane] & mask) - ones(minus[lane] & mask)
                    best[lane] = _least(best[lane], score)
        if ends[3]:
            best[:] = 0 if ends[0] else size
            for place in range(length, 0, -_APART):
                mask = FULL >> np.uint64(64 - place)
                for lane in range(LANES):
                    score = (0 if ends[0] else size) + ones(plus[lane] & mask) - ones(minus[lane] & mask)
                    best[lane] = _least(best[lane], score)
        for lane in range(lanes):
            out[base + lane] = best[lane] - _APART // 2


@njit(inline="always", **OPTIONS)
def _begin(planes, rows, start, stands, plus, minus) -> None:
    """The first column for some signatures of one word, and where each base stands in them; idle lanes repeat one."""
    for lane in range(LANES):
        row = rows[lane if lane < rows.shape[0] else 0]
        high, low = planes[row, 0], planes[row, 1]
        stands[0, lane], stands[1, lane] = ~(high | low), ~high & low
        stands[2, lane], stands[3, lane] = high & ~low, high & low
        plus[lane] = start
        minus[lane] = U0


@njit(inline="always", **OPTIONS)
def _column(equal, plus, minus, top):
    """From where a base agrees to the rows that grow and shrink by it, and the column's vertical differences."""
    horizontal = (((equal & plus) + plus) ^ plus) | equal
    up = minus | ~(horizontal | plus)
    down = plus & horizontal
    shifted = (up << U1) | top
    vertical = equal | minus
    return up, down, (down << U1) | ~(vertical | shifted), shifted & vertical


@njit(inline="always", **OPTIONS)
def _least(one, other):
    """The smaller of two small numbers without a branch, which would become a store under a mask: a slow thing."""
    difference = other - one
    return one + (difference & (difference >> np.int64(63)))


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
                    best[lane] = _least(best[lane], score[lane])
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
def nearest_of_rows(planes, rows, length, codes, ends, near, nearest):
    """The rows of the smallest distances within ``near`` edits of the least, nearest first.

    Fills ``nearest`` (most, 2) with row and edits and returns how many there are; a row that stands twice in ``rows``
    is given once.
    """
    distance = np.empty(_BLOCK, np.int16)
    count = 0
    for base in range(0, rows.shape[0], _BLOCK):
        part = rows[base : base + _BLOCK]
        _measure(planes, part, length, codes, ends, distance)
        for index in range(part.shape[0]):
            count = _keep(part[index], distance[index], near, nearest, count)
    return count


@njit(**OPTIONS)
def nearest_of_all(planes, first, last, length, codes, ends, near, nearest):
    """As ``nearest_of_rows`` for every row from ``first`` to ``last`` (exclusive)."""
    distance = np.empty(_BLOCK, np.int16)
    rows = np.empty(_BLOCK, np.uint32)
    count = 0
    for base in range(first, last, _BLOCK):
        size = min(_BLOCK, last - base)
        for index in range(size):
            rows[index] = base + index
        if length <= 64 and (ends[1] or ends[3]) and count == nearest.shape[0]:
            # Nearly all are farther than those that are kept already, and a bound tells it.
            _bounds_of_one_word(planes, rows[:size], length, codes, ends, distance)
            limit, found = min(nearest[count - 1, 1] - 1, nearest[0, 1] + near), 0
            for index in range(size):
                rows[found] = base + index
                found += distance[index] <= limit
            size = found
        _measure(planes, rows[:size], length, codes, ends, distance)
        for index in range(size):
            count = _keep(rows[index], distance[index], near, nearest, count)
    return count


@njit(inline="always", **OPTIONS)
def _measure(planes, rows, length, codes, ends, out) -> None:
    if length <= 64:
        distances_of_one_word(planes, rows, length, codes, ends, out)
    else:
        distances_of_words(planes, rows, length, codes, ends, out)


@njit(inline="always", **OPTIONS)
def _keep(row, distance, near, nearest, count):
    """Insert a row into the sorted nearest, if it belongs there; how many there are then."""
    most = nearest.shape[0]
    if count and (distance > nearest[0, 1] + near or (count == most and distance >= nearest[count - 1, 1])):
        return count
    for index in range(count):
        if nearest[index, 0] == row:
            return count
    at = min(count, most - 1)
    while at > 0 and nearest[at - 1, 1] > distance:
        nearest[at, 0], nearest[at, 1] = nearest[at - 1, 0], nearest[at - 1, 1]
        at -= 1
    nearest[at, 0], nearest[at, 1] = row, distance
    count = min(count + 1, most)
    while nearest[count - 1, 1] > nearest[0, 1] + near:
        count -= 1
    return count
