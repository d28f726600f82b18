"""Compiled loops over the seed index: building it, and screening what shares a seed with a read."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.agreement import SIDES
from registry.identification.bases import UNKNOWN
from registry.identification.compiled.bits import LANES, U0, U1, ones
from registry.identification.compiled.options import OPTIONS
from registry.identification.compiled.prefetch import prefetch

__all__ = ["count_seeds", "place_seeds", "screen_seeds"]

_WAITING = 1024
"""Rows whose signatures are on their way before they are compared."""

_DIAGONALS = 2 * SIDES + 1
# A run of ``agreement.RUN`` bases is written out below as shifts by one, two and three.
_U2, _U3 = np.uint64(2), np.uint64(3)
_U61, _U62, _U63 = np.uint64(61), np.uint64(62), np.uint64(63)


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


@njit(inline="always", **OPTIONS)
def _following(codes, place, count):
    """The ``count`` bases from ``place`` of a read as a number; 4**count where one is unknown or beyond its end."""
    number = 0
    for at in range(place, place + count):
        base = codes[at] if at < codes.shape[0] else UNKNOWN
        if base >= UNKNOWN:
            return 1 << (2 * count)
        number = 4 * number + np.int64(base)
    return number


@njit(inline="always", **OPTIONS)
def _lists(
    offsets,
    rows,
    places,
    seed_size,
    codes,
    size,
    runs,
    order,
    first,
    last,
    inner_first,
    inner_last,
    inner_sooner,
    longest,
    most,
):
    """The lists that a read opens: (start, stop, slot, diagonal) of each, shape (lists, 4), and what was left out."""
    total, more = 0, seed_size - size
    seeds = np.empty(first.shape[0], np.int64)
    goes_on = np.empty(first.shape[0], np.int64)
    for place in order:
        seeds[place] = _following(codes, place, size) << (2 * more)
        goes_on[place] = _following(codes, place + size, more + 1)
        if seeds[place] >> (2 * seed_size):
            seeds[place] = -1
            continue
        for slot in range(first[place], last[place]):
            prefetch(offsets, slot, seeds[place])
        total += max(last[place] - first[place], 0)
    lists = np.empty((total * runs.shape[1], 4), np.int64)
    count, skipped, looked, listed = 0, 0, 0, 0
    for turn in range(2):
        wanted = inner_sooner == (turn == 0)
        for place in order:
            seed = seeds[place]
            for slot in range(first[place], last[place] if seed >= 0 else 0):
                if (inner_first[place] <= slot < inner_last[place]) != wanted:
                    continue
                looked += 1
                if np.int64(offsets[slot, seed + (1 << (2 * more))]) - np.int64(offsets[slot, seed]) > longest:
                    skipped += 1
                    continue
                if listed >= most:
                    continue
                for run in range(runs.shape[1]):
                    begin, end = runs[goes_on[place], run, 0], runs[goes_on[place], run, 1]
                    start, stop = np.int64(offsets[slot, seed + begin]), np.int64(offsets[slot, seed + end])
                    if stop == start:
                        continue
                    listed += stop - start
                    lists[count, 0], lists[count, 1], lists[count, 2] = start, stop, slot
                    lists[count, 3] = places[slot] - place
                    count += 1
                    for posting in range(start, stop, 16):
                        prefetch(rows, slot, posting)
    return lists[:count], skipped, looked, listed


@njit(inline="always", **OPTIONS)
def _by_diagonal(lists, lowest, diagonals):
    """The lists in the order of their diagonals (a counting sort), and where each diagonal's begin."""
    begins = np.zeros(diagonals + 1, np.int64)
    for index in range(lists.shape[0]):
        begins[lists[index, 3] - lowest + 1] += 1
    for diagonal in range(diagonals):
        begins[diagonal + 1] += begins[diagonal]
    cursor = begins.copy()
    sorted_lists = np.empty_like(lists)
    for index in range(lists.shape[0]):
        at = cursor[lists[index, 3] - lowest]
        cursor[lists[index, 3] - lowest] += 1
        for part in range(4):
            sorted_lists[at, part] = lists[index, part]
    return sorted_lists, begins


@njit(**OPTIONS)
def _lay(codes, length, offset, laid) -> None:
    """The read on the diagonal ``offset`` of a signature: high bits, low bits, where there is a base; (words, 3)."""
    for place in range(max(0, -offset), min(codes.shape[0], length - offset)):
        base, at = codes[place], place + offset
        if base < 4:
            bit = U1 << np.uint64(at % 64)
            laid[at // 64, 2] |= bit
            if base & 2:
                laid[at // 64, 0] |= bit
            if base & 1:
                laid[at // 64, 1] |= bit


@njit(**OPTIONS)
def _count_in_word(planes, rows, laid, room, counts) -> None:
    """How many bases of the signatures ``planes[rows]`` begin a run of four that agrees with the read: ``counts``.

    ``laid`` (sides, 1, 3) is the read on each diagonal; ``room`` (4, lanes) takes the signatures. That the number of
    sides is written out lets the compiler lay them side by side in registers: a third faster.
    """
    high, low = room[0], room[1]
    for lane in range(rows.shape[0]):
        high[lane], low[lane] = planes[rows[lane], 0], planes[rows[lane], 1]
    for lane in range(LANES):
        begun = U0
        for side in range(_DIAGONALS):
            unlike = (high[lane] ^ laid[side, 0, 0]) | (low[lane] ^ laid[side, 0, 1])
            equal = ~unlike & laid[side, 0, 2]
            begun |= equal & (equal >> U1) & (equal >> _U2) & (equal >> _U3)
        counts[lane] = ones(begun)


@njit(**OPTIONS)
def _count_in_two_words(planes, rows, laid, room, counts) -> None:
    """The same for signatures of 65 to 128 bases; ``laid`` is (sides, 2, 3)."""
    high, low, next_high, next_low = room[0], room[1], room[2], room[3]
    for lane in range(rows.shape[0]):
        high[lane], low[lane] = planes[rows[lane], 0], planes[rows[lane], 1]
        next_high[lane], next_low[lane] = planes[rows[lane], 2], planes[rows[lane], 3]
    for lane in range(LANES):
        begun, next_begun = U0, U0
        for side in range(_DIAGONALS):
            unlike = (high[lane] ^ laid[side, 0, 0]) | (low[lane] ^ laid[side, 0, 1])
            next_unlike = (next_high[lane] ^ laid[side, 1, 0]) | (next_low[lane] ^ laid[side, 1, 1])
            equal, behind = ~unlike & laid[side, 0, 2], ~next_unlike & laid[side, 1, 2]
            begun |= (
                equal
                & ((equal >> U1) | (behind << _U63))
                & ((equal >> _U2) | (behind << _U62))
                & ((equal >> _U3) | (behind << _U61))
            )
            next_begun |= behind & (behind >> U1) & (behind >> _U2) & (behind >> _U3)
        counts[lane] = ones(begun) + ones(next_begun)


@njit(inline="always", **OPTIONS)
def _take(row, table, mask, stamp, used, found, count):
    """Add a row to ``found`` unless it is there; when the table is half full it is not asked any more."""
    if 2 * used <= mask:
        entry = stamp | np.uint64(row)
        at = (np.uint64(row) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & mask
        while table[at] >= stamp and table[at] != entry:
            at = (at + U1) & mask
        if table[at] == entry:
            return used, count
        table[at] = entry
        used += 1
    found[count] = row
    return used, count + 1


@njit(**OPTIONS)
def _take_agreeing(planes, waiting, laid, needed, room, counts, table, mask, stamp, used, found, count):
    """Add to ``found`` those of the waiting rows whose signatures agree enough with the read."""
    for first in range(0, waiting.shape[0], LANES):
        rows = waiting[first : min(first + LANES, waiting.shape[0])]
        if planes.shape[1] == 2:
            _count_in_word(planes, rows, laid, room, counts)
        else:
            _count_in_two_words(planes, rows, laid, room, counts)
        for lane in range(rows.shape[0]):
            if counts[lane] >= needed:
                used, count = _take(rows[lane], table, mask, stamp, used, found, count)
    return used, count


@njit(**OPTIONS)
def screen_seeds(
    planes,
    length,
    places,
    offsets,
    rows,
    seed_size,
    codes,
    size,
    runs,
    order,
    first,
    last,
    inner_first,
    inner_last,
    inner_sooner,
    needed,
    longest,
    most,
    table,
    epoch,
    found,
):
    """Rows that share a seed of ``size`` bases with a read and agree with it around that diagonal, into ``found``.

    ``planes`` (n, 2 * words) are the signatures of ``length`` bases; ``places`` (slots,), ``offsets``
    (slots, 4**seed_size + 1) and ``rows`` (slots, n) their index. A seed shorter than ``seed_size`` is a range of its
    prefix, of which the parts ``runs`` are opened, as ``continuations`` gives them. The places ``order`` of the read
    are looked up in turn, place p in slots ``first[p]`` to ``last[p]`` (exclusive), those from ``inner_first[p]`` to
    ``inner_last[p]`` before or after the others as ``inner_sooner`` tells, until ``most`` rows are listed; seeds of
    more than ``longest`` rows are skipped. A row passes when at least ``needed`` of its bases begin a run of four that
    agrees with the read on the seed's diagonal or one of ``SIDES`` to either side. ``table`` (a power of two)
    remembers, marked with ``epoch``, which rows passed; when it is half full a row may be given twice. Returns rows
    found (-1: more than ``found`` takes), seeds skipped and looked up.
    """
    lists, skipped, looked, listed = _lists(
        offsets,
        rows,
        places,
        seed_size,
        codes,
        size,
        runs,
        order,
        first,
        last,
        inner_first,
        inner_last,
        inner_sooner,
        longest,
        most,
    )
    if lists.shape[0] == 0:
        return 0, skipped, looked
    lowest, highest = lists[0, 3], lists[0, 3]
    for index in range(lists.shape[0]):
        lowest, highest = min(lowest, lists[index, 3]), max(highest, lists[index, 3])
    diagonals = highest - lowest + 1
    lists, begins = _by_diagonal(lists, lowest, diagonals)
    words = planes.shape[1] // 2
    laid = np.zeros((diagonals + 2 * SIDES, words, 3), np.uint64)
    done = np.zeros(diagonals + 2 * SIDES, np.bool_)
    waiting = np.empty(_WAITING, np.int64)
    room, counts = np.empty((4, LANES), np.uint64), np.empty(LANES, np.int64)
    mask = np.uint64(min(table.shape[0], max(1024, 1 << np.int64(np.log2(listed + 1)))) - 1)
    stamp = np.uint64(epoch) << np.uint64(32)
    # Loops that are called are compiled once more for a number that is written out: so it is given its type.
    nothing = np.int64(0)
    count, used = nothing, nothing
    for diagonal in range(diagonals):
        if begins[diagonal] == begins[diagonal + 1]:
            continue
        for side in range(diagonal, diagonal + 2 * SIDES + 1):
            if not done[side]:
                done[side] = True
                _lay(codes, length, lowest - SIDES + side, laid[side])
        around = laid[diagonal : diagonal + 2 * SIDES + 1]
        lanes = nothing
        for index in range(begins[diagonal], begins[diagonal + 1]):
            posting, stop, slot = lists[index, 0], lists[index, 1], lists[index, 2]
            while posting < stop:
                taken = min(stop - posting, _WAITING - lanes)
                for lane in range(taken):
                    waiting[lanes + lane] = rows[slot, posting + lane]
                    prefetch(planes, waiting[lanes + lane], 0)
                posting, lanes = posting + taken, lanes + taken
                if lanes < _WAITING and (posting < stop or index + 1 < begins[diagonal + 1]):
                    continue
                if count + lanes > found.shape[0]:
                    return -1, skipped, looked
                used, count = _take_agreeing(
                    planes, waiting[:lanes], around, needed, room, counts, table, mask, stamp, used, found, count
                )
                lanes = nothing
    return count, skipped, looked
