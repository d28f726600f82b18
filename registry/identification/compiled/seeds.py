"""Compiled loops over the seed index: building it, and screening what shares a seed with a read."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.bits import LANES, U0, U1, ones
from registry.identification.compiled.options import OPTIONS
from registry.identification.compiled.prefetch import prefetch
from registry.identification.neighbourhoods import SEED_KNOWN, WIDTH

__all__ = ["count_seeds", "note_nearby", "place_seeds", "screen_seeds"]

_BLOCK = 512
"""Rows of a list whose neighbourhoods are compared at a time."""
_WAITING = 1024
"""Rows whose signatures are on their way before they are compared."""

_U2 = np.uint64(2)
_u32 = np.uint32
_U62, _U63 = np.uint64(62), np.uint64(63)


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
def _lists(offsets, near, places, seed_size, codes, size, order, first, last, longest, most):
    """The lists that a read opens: (start, stop, slot, diagonal) of each, shape (lists, 4), and what was left out."""
    total, shift = 0, 2 * (seed_size - size)
    seeds = np.empty(first.shape[0], np.int64)
    for place in order:
        seed, whole = 0, True
        for i in range(size):
            base = codes[place + i]
            whole = whole and base < 4
            seed = seed * 4 + np.int64(base)
        seeds[place] = seed << shift if whole else -1
        for slot in range(first[place], last[place] if whole else 0):
            prefetch(offsets, slot, seeds[place])
            total += 1
    lists = np.empty((total, 4), np.int64)
    count, skipped, looked, listed = 0, 0, 0, 0
    for place in order:
        seed = seeds[place]
        for slot in range(first[place], last[place] if seed >= 0 else 0):
            start, stop = np.int64(offsets[slot, seed]), np.int64(offsets[slot, seed + (1 << shift)])
            looked += 1
            if stop - start > longest:
                skipped += 1
            elif stop > start and listed < most:
                listed += stop - start
                lists[count, 0], lists[count, 1], lists[count, 2] = start, stop, slot
                lists[count, 3] = places[slot] - place
                count += 1
                if near.shape[0]:
                    prefetch(near, slot, start)
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


@njit(inline="always", **OPTIONS)
def _part(plane, start):
    """32 bits of a plane (words,) from ``start``."""
    word, bit = start // 64, np.uint64(start % 64)
    bits = plane[word] >> bit
    if bit and word + 1 < plane.shape[0]:
        bits |= plane[word + 1] << (np.uint64(64) - bit)
    return np.uint32(bits & np.uint64(0xFFFFFFFF))


@njit(inline="always", **OPTIONS)
def _runs(high, low, turn_high, turn_low, there):
    """Which of 32 bases begin a run of three that agrees. Casts keep the lanes at 32 bits, where numba would widen."""
    equal = _u32(~_u32(_u32(high ^ turn_high) | _u32(low ^ turn_low)) & there)
    return _u32(equal & _u32(_u32(equal >> _u32(1)) & _u32(equal >> _u32(2))))


@njit(**OPTIONS)
def _agree_nearby(near, laid, first, seed, known, width, turns, counts) -> None:
    """How many bases begin a run of three that agrees with the read, for the neighbourhoods ``near`` (n,) of a list.

    ``laid`` (3, words, 3) is the read on the seed's diagonal and one to either side; the window of ``width`` bases
    begins at ``first`` of the signature, the seed at ``seed`` of the window; ``known`` (2,) are the seed's bits.
    ``turns`` (3, 3) is room for the read's bits.
    """
    high, low, there = turns[0], turns[1], turns[2]
    window = np.uint32((np.uint64(1) << np.uint64(width)) - U1)
    for side in range(3):
        high[side], low[side] = _part(laid[side, :, 0], first), _part(laid[side, :, 1], first)
        there[side] = _part(laid[side, :, 2], first) & window
    high0, high1, high2 = high[0], high[1], high[2]
    low0, low1, low2 = low[0], low[1], low[2]
    there0, there1, there2 = there[0], there[1], there[2]
    before = _u32((1 << seed) - 1)
    behind, gap = _u32(0xFFFF & ~((1 << seed) - 1)), _u32(SEED_KNOWN)
    known_high, known_low = known[0], known[1]
    for lane in range(near.shape[0]):
        bits = near[lane]
        upper, lower = _u32(bits >> _u32(16)), bits
        upper = _u32(_u32(_u32(upper & before) | known_high) | _u32(_u32(upper & behind) << gap))
        lower = _u32(_u32(_u32(lower & before) | known_low) | _u32(_u32(lower & behind) << gap))
        agree = _runs(upper, lower, high0, low0, there0)
        agree = _u32(agree | _runs(upper, lower, high1, low1, there1))
        agree = _u32(agree | _runs(upper, lower, high2, low2, there2))
        # The count of ones, as in ``bits.ones`` but in 32 bits.
        agree = _u32(agree - _u32(_u32(agree >> _u32(1)) & _u32(0x55555555)))
        agree = _u32(_u32(agree & _u32(0x33333333)) + _u32(_u32(agree >> _u32(2)) & _u32(0x33333333)))
        agree = _u32(_u32(agree + _u32(agree >> _u32(4))) & _u32(0x0F0F0F0F))
        counts[lane] = _u32(_u32(agree * _u32(0x01010101)) >> _u32(24))


@njit(**OPTIONS)
def _agree(planes, rows, laid, room) -> None:
    """Which bases of the signatures ``planes[rows]`` begin such a run, into ``room[2]`` of shape (words, lanes)."""
    words, lanes = planes.shape[1] // 2, rows.shape[0]
    high, low, agree = room[0], room[1], room[2]
    for lane in range(lanes):
        for word in range(words):
            high[word, lane] = planes[rows[lane], 2 * word]
            low[word, lane] = planes[rows[lane], 2 * word + 1]
    agree[:] = U0
    for side in range(laid.shape[0]):
        if words == 1:
            turn_high, turn_low, there = laid[side, 0, 0], laid[side, 0, 1], laid[side, 0, 2]
            for lane in range(LANES):
                equal = ~((high[0, lane] ^ turn_high) | (low[0, lane] ^ turn_low)) & there
                agree[0, lane] |= equal & (equal >> U1) & (equal >> _U2)
        else:
            for lane in range(LANES):
                behind = U0
                for word in range(words - 1, -1, -1):
                    unlike = (high[word, lane] ^ laid[side, word, 0]) | (low[word, lane] ^ laid[side, word, 1])
                    equal = ~unlike & laid[side, word, 2]
                    second = (equal >> U1) | (behind << _U63)
                    third = (equal >> _U2) | (behind << _U62)
                    agree[word, lane] |= equal & second & third
                    behind = equal


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
def _take_agreeing(planes, all_rows, waiting, size, laid, needed, room, table, mask, stamp, used, found, count):
    """Add to ``found`` those of the first ``size`` waiting rows whose signatures agree enough with the read.

    ``waiting`` names them by their places on the lists of all slots, and takes the rows themselves.
    """
    flat = all_rows.reshape(-1)
    for at in range(size):
        row = np.int64(flat[waiting[at]])
        waiting[at] = row
        prefetch(planes, row, 0)
    for first in range(0, size, LANES):
        rows = waiting[first : min(first + LANES, size)]
        _agree(planes, rows, laid, room)
        for lane in range(rows.shape[0]):
            if _total(room[2], lane) >= needed:
                used, count = _take(rows[lane], table, mask, stamp, used, found, count)
    return used, count


@njit(**OPTIONS)
def screen_seeds(
    planes,
    length,
    places,
    offsets,
    rows,
    near,
    seed_size,
    codes,
    size,
    order,
    first,
    last,
    sides,
    needed,
    needed_nearby,
    longest,
    most,
    table,
    epoch,
    found,
):
    """Rows that share a seed of ``size`` bases with a read and agree with it around that diagonal, into ``found``.

    ``planes`` (n, 2 * words) are the signatures of ``length`` bases; ``places`` (slots,), ``offsets``
    (slots, 4**seed_size + 1), ``rows`` and ``near`` (slots, n; ``near`` may be empty) their index; a seed shorter than
    ``seed_size`` is a range of its prefix. The places ``order`` of the read are looked up in turn, place p in slots
    ``first[p]`` to ``last[p]`` (exclusive), until ``most`` rows are listed; lists longer than ``longest`` are skipped.
    A row passes when at least ``needed`` of its bases begin a run of three that agrees with the read on the seed's
    diagonal or one of ``sides`` to either side; before that ``needed_nearby`` of its neighbourhood, with one diagonal
    to either side. ``table`` (a power of two) remembers, marked with ``epoch``, which rows passed; when it is half full
    a row may be given twice. Returns rows found (-1: more than ``found`` takes), lists skipped and looked up.
    """
    lists, skipped, looked, listed = _lists(
        offsets, near, places, seed_size, codes, size, order, first, last, longest, most
    )
    if lists.shape[0] == 0:
        return 0, skipped, looked
    lowest, highest = lists[0, 3], lists[0, 3]
    for index in range(lists.shape[0]):
        lowest, highest = min(lowest, lists[index, 3]), max(highest, lists[index, 3])
    diagonals = highest - lowest + 1
    lists, begins = _by_diagonal(lists, lowest, diagonals)
    words = planes.shape[1] // 2
    laid = np.zeros((diagonals + 2 * sides, words, 3), np.uint64)
    done = np.zeros(diagonals + 2 * sides, np.bool_)
    waiting = np.empty(_WAITING, np.int64)
    room = np.empty((3, words, LANES), np.uint64)
    # Without neighbourhoods these counts stay, and every row passes.
    counts, picked = np.full(_BLOCK, 255, np.uint8), np.empty(_BLOCK, np.int64)
    known, turns = np.empty(2, np.uint32), np.empty((3, 3), np.uint32)
    width = min(WIDTH, length)
    mask = np.uint64(min(table.shape[0], max(1024, 1 << np.int64(np.log2(listed + 1)))) - 1)
    stamp = np.uint64(epoch) << np.uint64(32)
    # Loops that are called are compiled once more for a number that is written out: so it is given its type.
    nothing = np.int64(0)
    count, used = nothing, nothing
    for diagonal in range(diagonals):
        if begins[diagonal] == begins[diagonal + 1]:
            continue
        for side in range(diagonal, diagonal + 2 * sides + 1):
            if not done[side]:
                done[side] = True
                _lay(codes, length, lowest - sides + side, laid[side])
        around = laid[diagonal : diagonal + 2 * sides + 1]
        lanes = nothing
        for index in range(begins[diagonal], begins[diagonal + 1]):
            posting, stop, slot = lists[index, 0], lists[index, 1], lists[index, 2]
            window = _window(places[slot], length)
            seed = places[slot] - window
            for plane in range(2):
                known[plane] = np.uint32(0)
                for i in range(SEED_KNOWN):
                    bit = codes[places[slot] - lowest - diagonal + i] >> (1 - plane) & 1
                    known[plane] |= np.uint32(bit) << np.uint32(seed + i)
            while posting < stop:
                taken = min(stop - posting, _BLOCK)
                if near.shape[0]:
                    _agree_nearby(
                        near[slot, posting : posting + taken],
                        around[sides - 1 : sides + 2],
                        window,
                        seed,
                        known,
                        width,
                        turns,
                        counts,
                    )
                # Without a branch: one that goes either way would keep the processor from reading ahead.
                passing = 0
                for lane in range(taken):
                    picked[passing] = posting + lane
                    passing += counts[lane] >= needed_nearby
                for index_ in range(passing):
                    waiting[lanes] = slot * rows.shape[1] + picked[index_]
                    prefetch(rows, slot, picked[index_])
                    lanes += 1
                    if lanes == _WAITING:
                        if count + lanes > found.shape[0]:
                            return -1, skipped, looked
                        used, count = _take_agreeing(
                            planes, rows, waiting, lanes, around, needed, room, table, mask, stamp, used, found, count
                        )
                        lanes = nothing
                posting += taken
        if count + lanes > found.shape[0]:
            return -1, skipped, looked
        used, count = _take_agreeing(
            planes, rows, waiting, lanes, around, needed, room, table, mask, stamp, used, found, count
        )
    return count, skipped, looked


@njit(inline="always", **OPTIONS)
def _total(agree, lane):
    total = 0
    for word in range(agree.shape[0]):
        total += ones(agree[word, lane])
    return total


@njit(inline="always", **OPTIONS)
def _window(place, length):
    """Where the neighbourhood of a seed at ``place`` begins: eight bases before it where the signature has them."""
    return min(max(place - 8, 0), max(length - WIDTH, 0))


@njit(**OPTIONS)
def note_nearby(planes, length, place, rows, near) -> None:
    """The neighbourhoods of a slot's rows into ``near``: 16 bases around the seed's first six, high bits above low."""
    window = _window(place, length)
    width = min(WIDTH, length)
    mask = np.uint32((np.uint64(1) << np.uint64(width)) - U1)
    seed = np.uint32(place - window)
    before, gap = np.uint32((1 << (place - window)) - 1), np.uint32(place - window + SEED_KNOWN)
    for posting in range(rows.shape[0]):
        row = rows[posting]
        high = _part(planes[row, 0::2], window) & mask
        low = _part(planes[row, 1::2], window) & mask
        high = (high & before) | ((high >> gap) << seed)
        low = (low & before) | ((low >> gap) << seed)
        near[posting] = (high << np.uint32(16)) | low
