"""The compiled search for the codes nearest to a text through the lists of their blocks, as in nearest.py."""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0912, PLR0915, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: these functions are long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.codes import score_code
from registry.identification.compiled.costs import agreed, least_cost, pair_costs, place_costs
from registry.identification.compiled.options import OPTIONS

__all__ = ["near_codes"]

_RADIX = np.uint64(37)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_INFINITE = 1e9
_ROUNDING = 1e-3
"""What sums of single precision may be off."""
_AGREEING, _THE_BEST, _ALL_NEAR = 0, 1, 2
"""What lists are read for: codes near one that agrees in all, the best score, or every code near the best."""


@njit(**OPTIONS)
def near_codes(
    bounds, offsets, rows, places, rest, glyphs, present, text, logs, added, lost, swapped, limits, kept, scores, most
):
    """The nearest codes into ``kept`` (rows) and ``scores`` (best path), each once; returns how many, at most ``most``.

    ``text`` (n,) holds glyph numbers, 36 unreadable; ``logs``, ``added`` and ``lost`` are as in ``score_codes``,
    ``swapped`` the log chance that two neighbours were; ``present`` (length, 36) tells which glyphs stand at each
    place; ``limits`` is ``nearest.LIMITS``. ``kept`` and ``scores`` have room for many more than ``most``, so that
    they are seldom sorted.
    """
    most_ways, cheap, crowded, most_rows, margin, far, crowd, doubt = limits
    size, length = text.shape[0], glyphs.shape[1]
    difference = size - length
    states = abs(difference) + 1
    step = 1 if difference >= 0 else -1
    blocks = bounds.shape[0] - 1
    bits = 0
    while (offsets.shape[1] - 1) >> bits > 1:
        bits += 1
    peak = np.empty(size, np.float64)
    agreeing = agreed(difference, logs, added, lost, peak)
    costs = np.zeros((states, length, 32), np.float32)
    place_costs(step, logs, peak, costs)

    tables = (offsets, rows, places, rest, bits)
    reading = (glyphs, logs, peak, added, lost, costs, agreeing, far)
    tables_of_costs = (np.empty((6, 32), np.float32), np.empty((3, 32, 32), np.float32))
    workspace = (tables_of_costs, np.empty(states, np.float64), np.empty(length, np.int64))
    done = np.zeros((2, blocks, states), np.bool_)
    done_cost = np.zeros((2, blocks, states), np.float64)
    block_cost = np.empty(blocks, np.float64)
    choices = np.empty((length, 36), np.int64)
    counts = np.empty(length, np.int64)
    read_at = np.empty(length, np.int64)
    listed = np.empty(blocks * states, np.int64)
    guessed = np.zeros(blocks * states, np.bool_)
    pieces = np.empty(blocks * states, np.int64)
    # Loops that are called are compiled once more for a number that is written out: so it is given its type.
    found = (np.int64(0), -_INFINITE, -_INFINITE)
    total, settled, straight = 0, False, np.int64(0)

    for tier in range(2):
        if settled:
            break
        count = 0
        for block in range(blocks):
            first, last = bounds[block], bounds[block + 1]
            for state in range(states):
                shift = state * step
                if first + shift < 0 or last + shift > size:
                    done[tier, block, state], done_cost[tier, block, state] = True, -_INFINITE
                    continue
                _lay(first, last, shift, straight, read_at)
                ways, cost = _choices(first, last, read_at, text, logs, peak, present, doubt * tier, choices, counts)
                done_cost[tier, block, state] = cost
                if tier and done[0, block, state] and cost == done_cost[0, block, state]:
                    done[tier, block, state] = True  # Nothing was doubtful: its lists are read already.
                    continue
                if ways < 1 or ways > most_ways:
                    done[tier, block, state] = ways < 1
                    continue
                # Counting hundreds of lists costs more than reading a few: that they are long is told without.
                listed[count] = ways * (rows.shape[1] / _possible(first, last, present))
                guessed[count] = listed[count] > crowded
                if not guessed[count]:
                    listed[count] = _listed(first, last, ways, offsets[block], bits, choices, counts, workspace[2])
                pieces[count] = block * states + state
                count += 1
        for turn in range(count):
            smallest = turn + np.argmin(listed[turn:count])
            listed[turn], listed[smallest] = listed[smallest], listed[turn]
            pieces[turn], pieces[smallest] = pieces[smallest], pieces[turn]
            guessed[turn], guessed[smallest] = guessed[smallest], guessed[turn]
            block, state = pieces[turn] // states, pieces[turn] % states
            first, last, shift = bounds[block], bounds[block + 1], state * step
            taken, best, _ = found
            if guessed[turn]:
                settled = agreeing + _unseen(done, done_cost, block_cost, abs(difference)) <= best - margin
                if settled:
                    break
            _lay(first, last, shift, straight, read_at)
            ways, _ = _choices(first, last, read_at, text, logs, peak, present, doubt * tier, choices, counts)
            if guessed[turn]:
                listed[turn] = _listed(first, last, ways, offsets[block], bits, choices, counts, workspace[2])
            if total and total + listed[turn] > most_rows:
                return _compacted(kept, scores, taken, most)
            if tier or total + listed[turn] > cheap:
                unseen = agreeing + _unseen(done, done_cost, block_cost, abs(difference))
                alone = tier or total + listed[turn] > crowded or _crowd(scores, taken, best) <= crowd
                settled = unseen <= best - margin and alone
                if settled:
                    break
            total += listed[turn]
            done[tier, block, state] = True
            piece = (block, first, last, state, step, ways, choices, counts)
            found = _read_lists(piece, tables, reading, workspace, found, kept, scores, most)
    # Two neighbours that were swapped across two blocks spoil both, and one wrong, lost or added character a third.
    spoilt = swapped + (done_cost[0].max() if difference == 0 else 0.0)
    if agreeing + spoilt <= found[1] - margin:
        return _compacted(kept, scores, found[0], most)
    for block in range(blocks):
        first, last = bounds[block], bounds[block + 1]
        for state in range(states):
            shift = state * step
            for side in (-1, 1):
                outside = (first - 1 if side < 0 else last) + shift
                if first + shift < 0 or last + shift > size or not 0 <= outside < size:
                    continue
                if not 0 <= outside - shift < length or text[outside] == text[outside - side]:
                    continue
                _lay(first, last, shift, side, read_at)
                ways, _ = _choices(first, last, read_at, text, logs, peak, present, 0.0, choices, counts)
                if ways < 1 or ways > most_ways:
                    continue
                total += _listed(first, last, ways, offsets[block], bits, choices, counts, workspace[2])
                if total > most_rows:
                    return _compacted(kept, scores, found[0], most)
                piece = (block, first, last, state, step, ways, choices, counts)
                found = _read_lists(piece, tables, reading, workspace, found, kept, scores, most)
    return _compacted(kept, scores, found[0], most)


@njit(**OPTIONS)
def _lay(first, last, shift, side, read_at):
    """Which place of the text belongs to each place of a block; of ``side``, -1 or 1, its end was swapped over."""
    for i in range(first, last):
        read_at[i] = i + shift
    if side < 0:
        read_at[first] = first - 1 + shift
    elif side > 0:
        read_at[last - 1] = last + shift


@njit(**OPTIONS)
def _read_lists(piece, tables, reading, workspace, found, kept, scores, most):
    """Read the lists of all ways to fill a block; ``found`` is how many rows are kept, the best score and the bar."""
    block, first, last, state, step, ways, choices, counts = piece
    offsets, rows, places, rest, bits = tables
    glyphs, logs, peak, added, lost, costs, agreeing, far = reading
    (singles, pairs), best_of, at = workspace
    taken, best, bar = found
    straight, shift = costs.shape[0] == 1, state * step
    free = pair_costs(costs, places[block], first, state, step, singles, pairs)
    before = 0
    while before < 6 and 0 <= places[block, before] < first:
        before += 1
    used = before
    while used < 6 and places[block, used] >= 0:
        used += 1
    # With nothing found yet, first what would matter beside a code that agrees in all; mostly there is one. Else the
    # best for itself: what is far behind it need not be fetched from all over memory then.
    hoped = agreeing - far if best <= -_INFINITE else _INFINITE
    for reading_for in (_AGREEING, _THE_BEST, _ALL_NEAR):
        if reading_for == _AGREEING:
            if hoped == _INFINITE:
                continue
            above = max(bar, hoped)
        elif reading_for == _THE_BEST:
            if best > -_INFINITE:
                continue
            above = best
        else:
            if hoped < _INFINITE and best >= agreeing - 2 * _ROUNDING:
                continue
            above = bar
        at[first:last] = 0
        for _ in range(ways):
            key = _key(first, last, choices, at, bits)
            allowed = agreeing + _ROUNDING
            for i in range(first, last):
                allowed += logs[i + shift, choices[i, at[i]]] - peak[i + shift]
            _next_way(first, last, counts, at)
            short = np.float32(above - allowed - free)
            for place in range(np.int64(offsets[block, key]), np.int64(offsets[block, key + 1])):
                told = rest[block, place]
                cost = pairs[0, (told >> 5) & 31, told & 31] + pairs[1, (told >> 15) & 31, (told >> 10) & 31]
                if cost <= short or cost + pairs[2, (told >> 25) & 31, (told >> 20) & 31] <= short:
                    continue
                if not straight:
                    cost = least_cost(costs, places[block], told, before, used, state, step, best_of)
                    if cost <= short + free:
                        continue
                score = score_code(glyphs, rows[block, place], logs, added, lost, best_of)
                if score <= above or (reading_for == _ALL_NEAR and score > hoped):
                    continue
                best = max(best, score)
                if reading_for == _THE_BEST:
                    above = best
                else:
                    kept[taken], scores[taken] = rows[block, place], score
                    taken += 1
                    if taken == kept.shape[0]:
                        taken = _compacted(kept, scores, taken, most)
                        if taken == most:
                            bar = max(bar, scores[:taken].min())
                    above = max(above, bar, best - far)
                short = np.float32(above - allowed - free)
        bar = max(bar, best - far)
    return taken, best, bar


@njit(**OPTIONS)
def _possible(first, last, present):
    """In how many ways a block may be filled by glyphs that stand at its places in any code, at least 1."""
    ways = 1.0
    for i in range(first, last):
        ways *= max(present[i].sum(), 1)
    return ways


@njit(**OPTIONS)
def _listed(first, last, ways, offsets, bits, choices, counts, at):
    """How many rows stand on the lists of all ways to fill a block."""
    total = 0
    at[first:last] = 0
    for _ in range(ways):
        key = _key(first, last, choices, at, bits)
        total += np.int64(offsets[key + 1]) - np.int64(offsets[key])
        _next_way(first, last, counts, at)
    return total


@njit(**OPTIONS)
def _compacted(kept, scores, taken, most):
    """Leave each row once and the best ``most`` of them; returns how many."""
    order = np.argsort(kept[:taken])
    rows, logs = kept[:taken][order], scores[:taken][order]
    count = 0
    for one in range(taken):
        if count == 0 or kept[count - 1] != rows[one]:
            kept[count], scores[count] = rows[one], logs[one]
            count += 1
    if count <= most:
        return count
    least = np.sort(scores[:count])[count - most]
    ties = most - (scores[:count] > least).sum()
    left = 0
    for one in range(count):
        tied = scores[one] == least
        if scores[one] > least or (tied and ties > 0):
            kept[left], scores[left] = kept[one], scores[one]
            left += 1
            ties -= tied
    return left


@njit(**OPTIONS)
def _choices(first, last, read_at, text, logs, peak, present, doubt, choices, counts):
    """What may stand at each place of a block: number of ways, and the cost of the cheapest that is left out."""
    ways, cheapest = 1, -_INFINITE
    for i in range(first, last):
        j = read_at[i]
        counts[i] = 0
        for glyph in range(36):
            if not present[i, glyph]:
                continue
            cost = logs[j, glyph] - peak[j]
            if text[j] == 36 or glyph == text[j] or (doubt > 0 and cost >= -doubt):
                choices[i, counts[i]] = glyph
                counts[i] += 1
            else:
                cheapest = max(cheapest, cost)
        ways *= counts[i]
    return ways, cheapest


@njit(**OPTIONS)
def _key(first, last, choices, at, bits):
    """The list of a way, as ``blocks.hashed``."""
    key = np.uint64(0)
    for i in range(first, last):
        key = key * _RADIX + np.uint64(choices[i, at[i]])
    return np.int64((key * _MULTIPLIER) >> np.uint64(64 - bits))


@njit(**OPTIONS)
def _next_way(first, last, counts, at):
    for i in range(last - 1, first - 1, -1):
        at[i] += 1
        if at[i] < counts[i]:
            return
        at[i] = 0


@njit(**OPTIONS)
def _unseen(done, done_cost, block_cost, moved):
    """How little a code may fall short that is on no list opened so far.

    It differs in each block opened, but in those that hold the characters lost or added.
    """
    blocks, states = block_cost.shape[0], done.shape[2]
    for block in range(blocks):
        block_cost[block] = -_INFINITE
        for state in range(states):
            cost = 0.0
            for tier in range(2):
                if done[tier, block, state]:
                    cost = done_cost[tier, block, state]
            block_cost[block] = max(block_cost[block], cost)
    block_cost.sort()
    return block_cost[moved:].sum()


@njit(**OPTIONS)
def _crowd(scores, taken, best):
    """What the codes behind the best weigh together, beside its 1."""
    weight = 0.0
    for one in range(taken):
        if scores[one] < best - 1.5:
            weight += np.exp(scores[one] - best)
    return weight
