"""What V promises of unregistered reads is what comes true, and is told with its standard error."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from benchmarks.identification_promise import LIMITS, Promise


def chunks(spread, boast=0.0):
    """Registered reads whose ln V is normal, as an honest ratio's is for normal evidence; ``boast`` is added to it."""
    dice = np.random.default_rng(3)
    for _ in range(20):
        inverse = np.exp(-(dice.normal(spread**2 / 2, spread, 5000) + boast))
        reached = [inverse[inverse <= 10**-limit] for limit in LIMITS]
        squares = [float((part**2).sum()) for part in reached]
        yield {"cases": 5000, "promised": [float(part.sum()) for part in reached], "squares": squares}


def true_share(spread, limit):
    """Of unregistered reads: their ln V is normal with the same spread and the mean turned round."""
    return 1 - NormalDist(-(spread**2) / 2, spread).cdf(limit * math.log(10))


@pytest.mark.parametrize("limit", LIMITS.tolist())
def test_an_honest_ratio_promises_what_comes_true(limit):
    told = Promise.of(chunks(3.0))
    share, error = told.at(limit)
    assert told.reads == 100_000
    assert abs(share - true_share(3.0, limit)) < 4 * error
    assert error < 0.05 * share


def test_a_ratio_that_boasts_promises_too_little():
    """So the benchmark tells promised beside counted shares."""
    share, error = Promise.of(chunks(3.0, boast=1.0)).at(0.0)
    boasted = 1 - NormalDist(-4.5 + 1.0, 3.0).cdf(0.0)
    assert share + 4 * error < 0.7 * boasted


def test_no_reads_promise_nothing():
    assert Promise.of([]).at(3.0) == (0.0, 0.0)
