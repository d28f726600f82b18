"""Compiled loop of the bulk comparison of signatures: who stands near whom."""

# ruff: noqa: ANN001, C901, PLR0912, PLR0915, PLR0917
# mypy: ignore-errors
# numba infers the types, and calls cost where a loop is short: this function is long and untyped on purpose.

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS
from registry.identification.compiled.reads import distances_of_one_word, distances_of_words

__all__ = ["nearest_rows"]


@njit(**OPTIONS)
def nearest_rows(
    planes, length, numbers, offsets, places, rows, size, reads, read_numbers, limit, few, sample, edits, others
) -> None:
    """Compare each of ``reads`` (q, bases) with the indexed signatures that share a seed at a place that may matter.

    ``offsets``, ``places`` and ``rows`` list the seeds of ``planes`` by seed, then place. Lists longer than ``few``
    are sampled: ``sample`` of them, another part for each read. A read of the same file (number above 0) counts only
    for rows with a greater number. ``edits`` and ``others`` (n,) keep the smallest distance up to ``limit`` and whose
    it is.
    """
    count, bases = reads.shape
    found = np.empty(planes.shape[0], np.uint32)
    distance = np.empty(planes.shape[0], np.int16)
    seen = np.zeros(planes.shape[0], np.uint32)
    ends = np.zeros(4, np.uint8)
    surplus = bases - length
    spare = (limit - abs(surplus)) // 2
    least_shift, most_shift = min(0, surplus) - spare, max(0, surplus) + spare
    mask = (1 << (2 * size)) - 1
    for q in range(count):
        stamp, own, amount, seed = np.uint32(q + 1), read_numbers[q], 0, 0
        for end in range(bases):
            seed = ((seed << 2) | reads[q, end]) & mask
            place = end - size + 1
            if place < 0:
                continue
            start, stop = np.int64(offsets[seed]), np.int64(offsets[seed + 1])
            low, high = place - most_shift, place - least_shift
            if stop - start > few:
                left, right = start, stop
                while left < right:
                    middle = (left + right) // 2
                    if places[middle] < low:
                        left = middle + 1
                    else:
                        right = middle
                start, right = left, stop
                while left < right:
                    middle = (left + right) // 2
                    if places[middle] <= high:
                        left = middle + 1
                    else:
                        right = middle
                stop = left
                if stop - start > sample:
                    start += (q * 7919 + place * 104729) % (stop - start - sample + 1)
                    stop = start + sample
            for at in range(start, stop):
                if low <= places[at] <= high:
                    row = rows[at]
                    if seen[row] != stamp and (own == 0 or numbers[row] > own):
                        seen[row] = stamp
                        found[amount] = row
                        amount += 1
        if amount:
            if length <= 64:
                distances_of_one_word(planes, found[:amount], length, reads[q], ends, distance)
            else:
                distances_of_words(planes, found[:amount], length, reads[q], ends, distance)
            for at in range(amount):
                row = found[at]
                if distance[at] <= limit and distance[at] < edits[row]:
                    edits[row] = distance[at]
                    others[row] = own
