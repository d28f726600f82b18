"""Compiled loops over reads: distances, seeds and the laying of a read along a signature."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912, PLR0915, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = [
    "count_seeds",
    "distances_of_one_word",
    "distances_of_words",
    "gather_seeds",
    "lay",
    "place_seeds",
]

_LANES = 64
_U0 = np.uint64(0)
_U1 = np.uint64(1)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(inline="always", **OPTIONS)
def _ones(x):
    x -= (x >> _U1) & np.uint64(0x5555555555555555)
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(**OPTIONS)
def distances_of_one_word(planes, rows, length, codes, ends, out):
    """Edits between a read and the signatures ``planes[rows]`` of at most 64 bases, into ``out``.

    ``ends`` holds read_start, read_end, mark_start, mark_end as 0 or 1, as in ``distance.Ends``.
    """
    count, size = rows.shape[0], codes.shape[0]
    high, low = np.empty(_LANES, np.uint64), np.empty(_LANES, np.uint64)
    plus, minus = np.empty(_LANES, np.uint64), np.empty(_LANES, np.uint64)
    score, best = np.empty(_LANES, np.int64), np.empty(_LANES, np.int64)
    flip_high, flip_low, anything = np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, np.uint64)
    for j in range(size):
        flip_high[j] = _U0 if codes[j] & 2 else _FULL
        flip_low[j] = _U0 if codes[j] & 1 else _FULL
        anything[j] = _FULL if codes[j] == 4 else _U0
    mask, last_bit = _FULL >> np.uint64(64 - length), np.uint64(length - 1)
    top = _U0 if ends[0] else _U1
    start = _U0 if ends[2] else _FULL
    for base in range(0, count, _LANES):
        lanes = min(_LANES, count - base)
        for lane in range(_LANES):
            row = rows[base + (lane if lane < lanes else 0)]
            high[lane] = planes[row, 0]
            low[lane] = planes[row, 1]
            plus[lane] = start
            minus[lane] = _U0
            score[lane] = 0 if ends[2] else length
            best[lane] = score[lane]
        for j in range(size):
            turn_high, turn_low, any_base = flip_high[j], flip_low[j], anything[j]
            if ends[1]:
                for lane in range(_LANES):
                    equal = ((high[lane] ^ turn_high) & (low[lane] ^ turn_low)) | any_base
                    grow, shrink = plus[lane], minus[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = shrink | ~(horizontal | grow)
                    down = grow & horizontal
                    score[lane] += np.int64((up >> last_bit) & _U1) - np.int64((down >> last_bit) & _U1)
                    best[lane] = min(best[lane], score[lane])
                    up = (up << _U1) | top
                    vertical = equal | shrink
                    plus[lane] = (down << _U1) | ~(vertical | up)
                    minus[lane] = up & vertical
            else:
                for lane in range(_LANES):
                    equal = ((high[lane] ^ turn_high) & (low[lane] ^ turn_low)) | any_base
                    grow, shrink = plus[lane], minus[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = ((shrink | ~(horizontal | grow)) << _U1) | top
                    down = (grow & horizontal) << _U1
                    vertical = equal | shrink
                    plus[lane] = down | ~(vertical | up)
                    minus[lane] = up & vertical
        for lane in range(lanes):
            if ends[1]:
                out[base + lane] = best[lane]
                continue
            here = (0 if ends[0] else size) + _ones(plus[lane] & mask) - _ones(minus[lane] & mask)
            least = here
            if ends[3]:
                for place in range(length - 1, -1, -1):
                    shift = np.uint64(place)
                    here += np.int64((minus[lane] >> shift) & _U1) - np.int64((plus[lane] >> shift) & _U1)
                    least = min(least, here)
            out[base + lane] = least


@njit(**OPTIONS)
def distances_of_words(planes, rows, length, codes, ends, out) -> None:
    """As ``distances_of_one_word`` for signatures of any length."""
    count, words = rows.shape[0], planes.shape[1] // 2
    plus, minus = np.empty((words, _LANES), np.uint64), np.empty((words, _LANES), np.uint64)
    high, low = np.empty((words, _LANES), np.uint64), np.empty((words, _LANES), np.uint64)
    rise, fall = np.empty(_LANES, np.uint64), np.empty(_LANES, np.uint64)
    score, best = np.empty(_LANES, np.int64), np.empty(_LANES, np.int64)
    last_bit, top_bit = np.uint64((length - 1) % 64), np.uint64(63)
    first = _U0 if ends[0] else _U1
    for base in range(0, count, _LANES):
        lanes = min(_LANES, count - base)
        for word in range(words):
            for lane in range(_LANES):
                row = rows[base + (lane if lane < lanes else 0)]
                high[word, lane] = planes[row, 2 * word]
                low[word, lane] = planes[row, 2 * word + 1]
                plus[word, lane] = _U0 if ends[2] else _FULL
                minus[word, lane] = _U0
        for lane in range(_LANES):
            score[lane] = 0 if ends[2] else length
            best[lane] = score[lane]
        for j in range(codes.shape[0]):
            turn_high = _U0 if codes[j] & 2 else _FULL
            turn_low = _U0 if codes[j] & 1 else _FULL
            any_base = _FULL if codes[j] == 4 else _U0
            for lane in range(_LANES):
                rise[lane] = first
                fall[lane] = _U0
            for word in range(words):
                for lane in range(_LANES):
                    equal = ((high[word, lane] ^ turn_high) & (low[word, lane] ^ turn_low)) | any_base
                    grow, shrink = plus[word, lane], minus[word, lane]
                    vertical = equal | shrink
                    equal |= fall[lane]
                    horizontal = (((equal & grow) + grow) ^ grow) | equal
                    up = shrink | ~(horizontal | grow)
                    down = grow & horizontal
                    if word == words - 1:
                        score[lane] += np.int64((up >> last_bit) & _U1) - np.int64((down >> last_bit) & _U1)
                    next_up = (up << _U1) | rise[lane]
                    next_down = (down << _U1) | fall[lane]
                    rise[lane] = up >> top_bit
                    fall[lane] = down >> top_bit
                    plus[word, lane] = next_down | ~(vertical | next_up)
                    minus[word, lane] = next_up & vertical
            if ends[1]:
                for lane in range(_LANES):
                    best[lane] = min(best[lane], score[lane])
        for lane in range(lanes):
            here = score[lane]
            if ends[3]:
                least = here
                for place in range(length - 1, -1, -1):
                    shift = np.uint64(place % 64)
                    here -= np.int64((plus[place // 64, lane] >> shift) & _U1)
                    here += np.int64((minus[place // 64, lane] >> shift) & _U1)
                    least = min(least, here)
                out[base + lane] = least
            else:
                out[base + lane] = best[lane] if ends[1] else here


@njit(inline="always", **OPTIONS)
def _seed(planes, row, start, size, spread):
    """The ``size`` bases from ``start`` of a packed signature as a number, first base most significant."""
    word, bit = start // 64, np.uint64(start % 64)
    high, low = planes[row, 2 * word] >> bit, planes[row, 2 * word + 1] >> bit
    if start % 64 + size > 64:
        rest = np.uint64(64) - bit
        high |= planes[row, 2 * word + 2] << rest
        low |= planes[row, 2 * word + 3] << rest
    mask = np.uint64((1 << size) - 1)
    return 2 * spread[np.int64(high & mask)] + spread[np.int64(low & mask)]


@njit(**OPTIONS)
def count_seeds(planes, start, size, spread, offsets) -> None:
    """First pass of a counting sort: ``offsets[seed + 1]`` becomes the end of each seed's list."""
    for row in range(planes.shape[0]):
        offsets[_seed(planes, row, start, size, spread) + 1] += np.uint32(1)
    for seed in range(offsets.shape[0] - 1):
        offsets[seed + 1] += offsets[seed]


@njit(**OPTIONS)
def place_seeds(planes, start, size, spread, cursor, rows) -> None:
    """Second pass: rows in the order of their seeds. ``cursor`` starts as the lists' starts and is used up."""
    for row in range(planes.shape[0]):
        seed = _seed(planes, row, start, size, spread)
        rows[cursor[seed]] = row
        cursor[seed] += np.uint32(1)


@njit(**OPTIONS)
def gather_seeds(offsets, rows, seed_size, codes, size, first, last, longest, votes, table, epoch, found):
    """Rows that share at least ``votes`` seeds of ``size`` bases with a read, each once, into ``found``.

    ``offsets`` (slots, 4**seed_size + 1) and ``rows`` (slots, n) are the index; a seed shorter than ``seed_size`` is
    a range of its prefix. Place p of the read is looked up in slots ``first[p]`` to ``last[p]`` (exclusive). Lists
    longer than ``longest`` are skipped. ``table`` (a power of two) counts votes, marked with ``epoch`` so that it need
    not be cleared. Returns rows found, lists skipped, lists looked up; rows found is -1 when ``found`` or ``table`` is
    full.
    """
    mask = np.uint64(table.shape[0] - 1)
    stamp = np.uint64(epoch) << np.uint64(40)
    shift = 2 * (seed_size - size)
    count, skipped, looked, used = 0, 0, 0, 0
    for place in range(codes.shape[0] - size + 1):
        if first[place] >= last[place]:
            continue
        seed, whole = 0, True
        for i in range(size):
            base = codes[place + i]
            whole = whole and base < 4
            seed = seed * 4 + np.int64(base)
        if not whole:
            continue
        for slot in range(first[place], last[place]):
            start = np.int64(offsets[slot, seed << shift])
            stop = np.int64(offsets[slot, (seed + 1) << shift])
            looked += 1
            if stop - start > longest:
                skipped += 1
                continue
            for posting in range(start, stop):
                row = rows[slot, posting]
                entry = stamp | (np.uint64(row) << np.uint64(8))
                at = (np.uint64(row) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & mask
                while table[at] >= stamp and (table[at] >> np.uint64(8)) != (entry >> np.uint64(8)):
                    at = (at + _U1) & mask
                if table[at] < stamp:
                    table[at] = entry
                    used += 1
                    if used * 2 > table.shape[0]:
                        return -1, skipped, looked
                seen = (table[at] & np.uint64(255)) + _U1
                if seen < np.uint64(255):
                    table[at] += _U1
                if seen == np.uint64(votes):
                    if count == found.shape[0]:
                        return -1, skipped, looked
                    found[count] = row
                    count += 1
    return count, skipped, looked


@njit(**OPTIONS)
def lay(mark, codes, error, background, ends, scales, weights, shares, limits, steps):
    """The likeliest alignment of a read along a signature into ``steps``, its length, and its log likelihood ratio.

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
    count = 0
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
    return count, top + np.log(np.exp(sums - top).sum())
