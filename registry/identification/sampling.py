"""Rows of a large shelf that stand for all of it."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["drawn"]

_SEED = 20261128


def drawn(count: int, most: int) -> NDArray[np.int64]:
    """Rows out of ``count`` drawn by lot, ascending, the same each time: about ``most``, or all when there are no more.

    Every hundredth, say, would not stand for all: numbers are given one after the other, and makers take turns.
    """
    if count <= most:
        return np.arange(count)
    return np.unique(np.random.default_rng(_SEED).integers(0, count, most))
