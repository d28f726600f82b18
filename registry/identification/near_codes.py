"""Which of many new codes read the same as another, or nearly: new against registered and against each other.

Every code has a sum of random 64-bit numbers, one a place and character (Zobrist 1970). Equal codes have equal sums;
with the number of one place taken off, so have codes that differ in that place alone; with look-alikes counted as one
character, so have codes that differ in look-alikes alone. So sorting finds all of them, and no pair is compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from registry.identification.codes import LONGEST_CODE
from registry.identification.glyphs import GLYPHS, LOOKALIKES, UNREADABLE

__all__ = ["CodeNeighbours", "Likeness", "near_codes"]

_NUMBERS = np.random.default_rng(20261122).integers(1, 2**63, (LONGEST_CODE, len(GLYPHS) + 1), dtype=np.uint64)
_LIKENESS = np.array(
    [min(GLYPHS.index(other) for other in glyph + LOOKALIKES.get(glyph, "")) for glyph in GLYPHS] + [UNREADABLE],
    dtype=np.uint8,
)


_PORTION = 8192


class Likeness(StrEnum):
    """How a code is like another."""

    SAME = "same"
    """Both read the same once separators are left out."""
    TWIN = "twin"
    """They differ in look-alike characters alone, such as 0 and O."""
    NEIGHBOUR = "neighbour"
    """They differ in one character, as codes that are numbered in sequence do."""


@dataclass(frozen=True, eq=False)
class CodeNeighbours:
    """The new codes of one length: for each likeness, whether there is such another and which, shape (n,).

    The other is an earlier line of the same file (above 0), or of the register (0); -1 is none. Of a neighbour any
    line counts, also a later one.
    """

    lines: NDArray[np.int32]
    others: dict[Likeness, NDArray[np.int32]]


def near_codes(
    new: NDArray[np.uint8], lines: NDArray[np.int32], registered: NDArray[np.uint8] | None = None
) -> CodeNeighbours:
    """New codes of one length, shape (n, length), against each other and those of the register, shape (m, length).

    ``lines`` (n,) are the lines of the new codes in their file, ascending. Codes are folded and encoded
    (``glyphs.encode_glyphs``). One kind of sum is sorted at a time, so that some 80 bytes a new code are in use.
    """
    found = CodeNeighbours(lines, {kind: np.full(len(new), -1, dtype=np.int32) for kind in Likeness})
    held = new[:0] if registered is None else registered
    for (kind, mine), (_, theirs) in zip(_sums(new), _sums(held), strict=True):
        order = np.argsort(mine, kind="stable").astype(np.uint32)
        sums = mine[order]
        others = found.others[kind]
        for rows, twins in _alike_among(kind, sums, order):
            wanted = (others[rows] < 0) & ~_told_already(kind, new, rows, new, twins)
            others[rows[wanted]] = lines[twins[wanted]]
        rows, at = _alike_between(sums, order, theirs)
        others[rows[~_told_already(kind, new, rows, held, at)]] = 0
    return found


def _alike_among(
    kind: Likeness, sums: NDArray[np.uint64], order: NDArray[np.uint32]
) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """Rows with the first row of the same sum; where the order does not matter also that one with its next."""
    start = np.flatnonzero(np.concatenate([[True], sums[1:] != sums[:-1]])).astype(np.int32)
    size = np.diff(start, append=np.int32(len(sums)))
    start, size = start[size > 1], size[size > 1] - 1
    later = np.repeat(start + 1 - (np.cumsum(size, dtype=np.int32) - size), size)
    later += np.arange(len(later), dtype=np.int32)
    yield order[later], order[np.repeat(start, size)]
    if kind is Likeness.NEIGHBOUR:
        yield order[start], order[start + 1]


def _alike_between(
    sums: NDArray[np.uint64], order: NDArray[np.uint32], theirs: NDArray[np.uint64]
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Pairs (new row, row of the register) of the same sum."""
    start = np.searchsorted(sums, theirs, side="left")
    shared = np.flatnonzero(sums[np.minimum(start, len(sums) - 1)] == theirs)
    start, theirs = start[shared], theirs[shared]
    amount = np.searchsorted(sums, theirs, side="right") - start
    at = np.arange(amount.sum()) - np.repeat(np.cumsum(amount) - amount - start, amount)
    return order[at], np.repeat(shared, amount)


def _told_already(
    kind: Likeness,
    mine: NDArray[np.uint8],
    rows: NDArray[np.integer],
    theirs: NDArray[np.uint8],
    others: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Which pairs ``mine[rows]`` and ``theirs[others]`` are like each other in a stronger sense than ``kind``."""
    same = np.zeros(len(rows), dtype=bool)
    if kind is Likeness.SAME:
        return same
    for start in range(0, len(rows), _PORTION):
        part = slice(start, start + _PORTION)
        one, other = mine[rows[part]], theirs[others[part]]
        if kind is Likeness.NEIGHBOUR:
            one, other = _LIKENESS[one], _LIKENESS[other]
        same[part] = (one == other).all(axis=1)
    return same


def _sums(codes: NDArray[np.uint8]) -> Iterator[tuple[Likeness, NDArray[np.uint64]]]:
    whole = _summed(codes)
    yield Likeness.SAME, whole
    yield Likeness.TWIN, _summed(_LIKENESS[codes])
    for place in range(codes.shape[1]):
        yield Likeness.NEIGHBOUR, whole - _NUMBERS[place, codes[:, place]]


def _summed(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    whole = np.zeros(len(codes), dtype=np.uint64)
    for place, column in enumerate(codes.T):
        whole += _NUMBERS[place, column]
    return whole
