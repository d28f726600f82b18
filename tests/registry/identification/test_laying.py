"""The compiled laying of a read along a signature: the likeliest way, and what that way is worth."""

import math
from dataclasses import replace

import numpy as np
import pytest

from registry.identification import kernels, likelihood
from registry.identification.bases import ERROR_CEILING, UNKNOWN, Read, encode
from registry.identification.distance import Ends
from registry.identification.likelihood import DELETED, ERROR_SCALES, INSERTED, SCALE_WEIGHTS, SUBSTITUTED, score
from registry.identification.parts import read_only
from registry.identification.primers import Region
from registry.identification.signature_background import even_profile

pytestmark = pytest.mark.usefixtures("numba")

ENDS = {
    "both ends fixed": Ends(),
    "the read hangs over": Ends(read_start=True, read_end=True),
    "the read hangs over at its end": Ends(read_end=True),
    "the signature hangs over": Ends(mark_start=True, mark_end=True),
    "the signature hangs over at its start": Ends(mark_start=True),
}


@pytest.fixture
def pairs(dice):
    """Signatures with damaged reads of them, some bases not called, every quality its own."""
    made = []
    for _ in range(25):
        mark = dice.integers(0, 4, int(dice.integers(20, 40))).astype(np.uint8)
        codes = mark[int(dice.integers(4)) :].copy()
        codes[dice.integers(0, len(codes), 4)] = dice.integers(0, 5, 4)
        codes = np.insert(
            np.delete(codes, dice.integers(0, len(codes), 2)), 5, dice.integers(0, 4, int(dice.integers(4)))
        )
        made.append((mark, Read(codes, dice.uniform(0.011, 0.3, len(codes)))))
    return made


def laid(mark, read, ends, background):
    steps = np.empty((len(mark) + len(read), 2), dtype=np.intp)
    count, log_ratio, start, stop = kernels.compiled().lay(
        mark,
        read.codes,
        read.promised,
        read_only(background),
        ends.flags,
        ERROR_SCALES,
        likelihood._largest_scale(read),
        SCALE_WEIGHTS,
        likelihood._SHARES,
        likelihood._LIMITS,
        steps,
    )
    return steps[:count][::-1].tolist(), log_ratio, start, stop


def worth(read, mark, in_read, in_mark):
    """What one step along the table is worth; a base that is missing takes the mean quality of the read."""
    if in_read < 0:
        return math.log(DELETED * read.believed.mean())
    error = read.believed[in_read]
    if in_mark >= 0:
        if read.codes[in_read] == UNKNOWN:
            return 0.0
        agrees = read.codes[in_read] == mark[in_mark]
        return math.log((1 - error) / 0.25) if agrees else math.log(SUBSTITUTED * error / 0.75)
    return math.log(INSERTED * error)


def best_worth(mark, read, ends):
    """The worth of the likeliest way, by the plainest table there is."""
    table = np.zeros((len(mark) + 1, len(read) + 1))
    for i in range(len(mark) + 1):
        for j in range(len(read) + 1):
            ways = [
                table[i - 1, j - 1] + worth(read, mark, j - 1, i - 1) if i and j else -math.inf,
                table[i - 1, j] + worth(read, mark, -1, i - 1) if i else -math.inf,
                table[i, j - 1] + worth(read, mark, j - 1, -1) if j else -math.inf,
            ]
            free = (i == 0 and ends.read_start) or (j == 0 and ends.mark_start)
            table[i, j] = 0.0 if free or i == j == 0 else max(ways)
    last = [table[-1, -1]]
    return max(last + list(table[-1]) * ends.read_end + list(table[:, -1]) * ends.mark_end)


@pytest.mark.parametrize("case", ENDS)
def test_the_way_is_the_likeliest(pairs, case):
    ends = ENDS[case]
    for mark, read in pairs:
        steps, _, start, stop = laid(mark, read, ends, np.full((len(mark), 4), 0.25))
        total = sum(worth(read, mark, in_read, in_mark) for in_read, in_mark in steps)
        assert total == pytest.approx(best_worth(mark, read, ends))
        along = [in_mark for _, in_mark in steps if in_mark >= 0]
        assert (start, stop) == (along[0], along[-1] + 1)


@pytest.mark.parametrize("case", ENDS)
@pytest.mark.parametrize("quality", [1.0, 0.05])
def test_the_ratio_is_that_of_the_model_along_that_way(pairs, dice, case, quality):
    for mark, read in pairs:
        background = dice.dirichlet(np.ones(4), len(mark))
        promised = replace(read, error=read.error * quality)
        steps, log_ratio, *_ = laid(mark, promised, ENDS[case], background)
        expected = likelihood._log_ratio(np.array(steps), mark, promised, background)
        assert log_ratio == pytest.approx(expected)


def test_an_empty_read_misses_every_base():
    steps, log_ratio, *_ = laid(encode("ACGTACGTAC"), Read(encode(""), np.empty(0)), Ends(), np.full((10, 4), 0.25))
    assert [in_read for in_read, _ in steps] == [-1] * 10
    errors = np.minimum(ERROR_SCALES * ERROR_CEILING, ERROR_CEILING)
    assert log_ratio == pytest.approx(math.log((SCALE_WEIGHTS * (DELETED * errors) ** 10).sum()))


@pytest.mark.parametrize("fast", [True, False])
def test_a_missing_base_costs_the_same_whatever_the_quality_of_its_neighbours(fast):
    mark = encode("ACGTTGCAAGCTTACGGATC")
    codes = np.delete(mark, 10)
    ratios = []
    for doubtful in (1, 9, 10, 17):
        error = np.full(len(codes), 0.02)
        error[doubtful] = 0.3
        region = Region(Read(codes, error), left=True, right=True, reverse=False, oriented=True)
        ratios.append(score(0, mark, even_profile(len(mark)), region, fast=fast).log_ratio)
    assert ratios == pytest.approx([ratios[0]] * 4)
