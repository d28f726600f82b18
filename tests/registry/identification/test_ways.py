"""The number of ways in which a read may be laid along a signature, against the sum over all alignments."""

import math

import numpy as np
import pytest

from registry.identification.alignment import base_path
from registry.identification.bases import ERROR_CEILING, ERROR_FLOOR, clean_read, decode, encode
from registry.identification.distance import Ends
from registry.identification.likelihood import (
    DELETED,
    ERROR_SCALES,
    INSERTED,
    SCALE_WEIGHTS,
    SLIP,
    SLIP_BASES,
    SUBSTITUTED,
    WAYS,
    _log_placements,
    _log_ratio,
    _scales,
)
from registry.identification.primers import Region
from registry.identification.signature_background import even_profile


def log_sums(mark, read, ends, *, random):
    """Ln of the sum over all alignments, for each scale of the errors: a pair hidden Markov model's forward algorithm.

    Of a random mark every pair counts one, which is what it counts on average (Durbin et al. 1998, chapter 4).
    """
    error = np.clip(read.believed * _scales(read)[:, None], ERROR_FLOOR, ERROR_CEILING)
    lost = DELETED * np.clip(read.believed.mean() * _scales(read), ERROR_FLOOR, ERROR_CEILING)
    length, size, scales = len(mark), len(read), len(ERROR_SCALES)
    table = np.zeros((length + 1, size + 1, scales))
    for i in range(length + 1):
        for j in range(size + 1):
            cell = np.full(scales, 1.0 if i == j == 0 else 0.0)
            if i and j:
                right, wrong = 1 - error[:, j - 1], SUBSTITUTED * error[:, j - 1] / 3
                seen = right if mark[i - 1] == read.codes[j - 1] else wrong
                cell += table[i - 1, j - 1] * (1.0 if random else seen / (0.25 * right + 0.75 * wrong))
            if i:
                cell += table[i - 1, j] * lost if j or not ends.mark_start else 1.0
            if j:
                cell += table[i, j - 1] * INSERTED * error[:, j - 1] if i or not ends.read_start else 1.0
            table[i, j] = cell
    total = table[length, size].copy()
    total += table[length, :size].sum(axis=0) if ends.read_end else 0.0
    total += table[:length, size].sum(axis=0) if ends.mark_end else 0.0
    return np.log(total)


def counted(mark, read):
    """Ln of how much more the best alignment tells than all of them do beside all of a random mark."""
    ends = Ends.between(len(mark), len(read), left=False, right=False)
    steps = np.array(base_path(decode(mark), read.text, ends), dtype=np.intp).reshape(-1, 2)
    alone = _log_ratio(steps, mark, read, even_profile(len(mark)))
    ratios = log_sums(mark, read, ends, random=False) - log_sums(mark, read, ends, random=True)
    return alone - float(np.logaddexp.reduce(ratios + np.log(SCALE_WEIGHTS)))


def told(mark, read):
    """The same as the engine has it, both strands apart."""
    return _log_placements(len(mark), Region(read, left=False, right=False, reverse=False, oriented=True))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.15])
def test_ways_grow_with_the_length_as_the_sum_over_all_alignments_does(random_bases, sequence, rate):
    differences = {}
    for length in (SLIP_BASES, 60):
        pairs = []
        for _ in range(12):
            signature = random_bases(length)
            pairs.append((encode(signature), clean_read(*sequence(signature, rate))))
        differences[length] = np.mean([told(mark, read) - counted(mark, read) for mark, read in pairs])
    assert differences[60] == pytest.approx(differences[SLIP_BASES], abs=1.0)


def test_a_short_read_is_laid_in_as_many_ways_as_its_free_ends_allow(random_bases):
    short = clean_read(random_bases(SLIP_BASES))
    assert told(encode(short.text), short) == pytest.approx(math.log(SLIP))
    assert told(encode(short.text + "ACG"), short) == pytest.approx(math.log(SLIP + 3))


def test_a_read_that_lost_an_end_counts_the_bases_it_has(random_bases):
    mark, read = encode(random_bases(64)), clean_read(random_bases(40))
    slips = SLIP * math.exp(WAYS * math.sqrt(read.mean_error) * (40 - SLIP_BASES))
    assert told(mark, read) == pytest.approx(math.log(64 - 40 + slips))
