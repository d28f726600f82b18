"""The likelihood of a damaged text under many codes at once, over every way it may have been damaged.

A text of n characters and a code of m form a lattice of (m + 1) (n + 1) cells, as in a pair hidden Markov model
(Durbin et al. 1998, Biological Sequence Analysis, ch. 4): a step along both is a character read rightly or wrongly,
along the code one that was lost, along the text one that was added; two places at once are neighbours swapped.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from registry.identification.glyphs import DotText
from registry.identification.kernels import compiled
from registry.identification.reader_model import ReaderModel

__all__ = ["Lattice", "code_likelihoods", "most_likely_path", "profile_likelihoods", "quick_scores"]


@dataclass(frozen=True, eq=False)
class Lattice:
    """A text of n characters with its emissions (n, 36), and what a reader's other mistakes cost.

    ``logs`` are ln of the emissions; ``added`` (n,) is the chance that each character of the text was added, with
    ``log_added`` its logarithm; ``fast`` tells whether compiled loops are worth loading.
    """

    dot: DotText
    model: ReaderModel
    emissions: NDArray[np.float64]
    logs: NDArray[np.float64]
    added: NDArray[np.float64]
    log_added: NDArray[np.float64]
    fast: bool = False

    @classmethod
    def of(cls, dot: DotText, model: ReaderModel, *, fast: bool = False) -> "Lattice":
        """The lattice of a text read by this kind of reader."""
        emissions, added = model.emissions(dot), model.extra * model.extra_emissions(dot)
        return cls(dot, model, emissions, np.log(np.maximum(emissions, 1e-30)), added, np.log(added), fast)

    @property
    def log_lost(self) -> float:
        """Ln of the chance that a character of a code was lost."""
        return math.log(self.model.lost)

    @property
    def log_swapped(self) -> float:
        """Ln of the chance that two neighbours changed places."""
        return math.log(self.model.swapped)


def code_likelihoods(lattice: Lattice, glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """P(text | code) for codes (k, m), shape (k,), summed over every path."""
    kernel = compiled() if lattice.fast else None
    if kernel is None:
        return _path_sums(lattice, lattice.emissions.T[glyphs])
    sums = np.empty(len(glyphs))
    kernel.code_sums(glyphs, lattice.emissions, lattice.added, lattice.model.lost, lattice.model.swapped, sums)
    return sums


def profile_likelihoods(lattice: Lattice, profiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(text | a random code) for P(glyph) at each of its places, shape (k, m, 36) to (k,)."""
    kernel = compiled() if lattice.fast else None
    if kernel is None:
        return _path_sums(lattice, profiles @ lattice.emissions.T)
    sums = np.empty(len(profiles))
    kernel.profile_sums(profiles, lattice.emissions, lattice.added, lattice.model.lost, lattice.model.swapped, sums)
    return sums


def _path_sums(lattice: Lattice, emitted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums over every path for P(text j | place i), shape (k, m, n) to (k,)."""
    count, length, size = emitted.shape
    added, lost, swapped = lattice.added, lattice.model.lost, lattice.model.swapped
    cells = np.ascontiguousarray(np.moveaxis(emitted, 0, 2))
    table = np.zeros((length + 1, size + 1, count))
    table[0, 0] = 1.0
    for j in range(1, size + 1):
        table[0, j] = table[0, j - 1] * added[j - 1]
    for i in range(1, length + 1):
        table[i, 0] = table[i - 1, 0] * lost
        for j in range(1, size + 1):
            cell = table[i - 1, j - 1] * cells[i - 1, j - 1] + table[i - 1, j] * lost
            cell += table[i, j - 1] * added[j - 1]
            if i > 1 and j > 1:
                cell += table[i - 2, j - 2] * (swapped * cells[i - 1, j - 2] * cells[i - 2, j - 1])
            table[i, j] = cell
    whole: NDArray[np.float64] = table[length, size]
    return whole


def quick_scores(lattice: Lattice, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Log likelihood of the best path near the diagonal for codes (n, m), shape (n,); swaps count as two errors.

    It ranks candidates for the full sum; paths keep within one place beyond the difference of the lengths.
    """
    count, length = glyphs.shape
    size = len(lattice.dot)
    difference = size - length
    shifts = range(min(0, difference) - 1, max(0, difference) + 2)
    logs, added, lost = (
        lattice.logs.astype(np.float32),
        lattice.log_added.astype(np.float32),
        np.float32(lattice.log_lost),
    )
    # here[shift][code] is the best path that has used i places of the code and i + shift of the text.
    never = np.float32(-1e9)
    here = {shift: np.full(count, never, dtype=np.float32) for shift in shifts}
    start = np.float32(0.0)
    for shift in range(shifts.stop):
        if shift <= size:
            here[shift] = np.full(count, start, dtype=np.float32)
            start += added[shift] if shift < size else never
    for i in range(length):
        column = glyphs[:, i]
        following: dict[int, NDArray[np.float32]] = {}
        for shift in shifts:
            j = i + shift
            step = here[shift] + logs[j][column] if 0 <= j < size else np.full(count, never, dtype=np.float32)
            if shift + 1 in here:
                step = np.maximum(step, here[shift + 1] + lost)
            if shift - 1 in following and 0 <= j < size:
                step = np.maximum(step, following[shift - 1] + added[j])
            following[shift] = step
        here = following
    return here[difference]


def most_likely_path(lattice: Lattice, code: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """The most likely way one code became the text: steps (place read or -1, place in the code or -1).

    Swapped neighbours appear as two steps with differing characters.
    """
    length, size = len(code), len(lattice.dot)
    added, lost, swapped = lattice.log_added, lattice.log_lost, lattice.log_swapped
    kernel = compiled() if lattice.fast else None
    if kernel:
        steps = np.empty((length + size, 2), dtype=np.int64)
        taken = kernel.best_path(code, lattice.logs, added, lost, swapped, steps)
        return [(read, mark) for read, mark in steps[:taken][::-1].tolist()]
    logs = lattice.logs[:, code].T
    best = np.full((length + 1, size + 1), -np.inf)
    came = np.zeros((length + 1, size + 1, 2), dtype=np.intp)
    best[0, 0] = 0.0
    for i in range(length + 1):
        for j in range(size + 1):
            ways = []
            if i and j:
                ways.append((best[i - 1, j - 1] + logs[i - 1, j - 1], 1, 1))
            if i:
                ways.append((best[i - 1, j] + lost, 1, 0))
            if j:
                ways.append((best[i, j - 1] + added[j - 1], 0, 1))
            if i > 1 and j > 1:
                crossed = logs[i - 1, j - 2] + logs[i - 2, j - 1] + swapped
                ways.append((best[i - 2, j - 2] + crossed, 2, 2))
            if ways:
                best[i, j], *came[i, j] = max(ways, key=lambda way: way[0])
    return _steps_back(came, length, size)


def _steps_back(came: NDArray[np.intp], length: int, size: int) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    i, j = length, size
    while i or j:
        down, across = came[i, j].tolist()
        if down == 2:
            steps += [(j - 1, i - 1), (j - 2, i - 2)]
        else:
            steps.append((j - 1 if across else -1, i - 1 if down else -1))
        i, j = i - down, j - across
    return steps[::-1]
