"""From what was read to what is drawn: which reading an alignment shows, and where its reader was unsure.

An alignment holds characters and no qualities. The reading it was made of is found again by its text, which stands in
it in one piece, so pictures of answers that were stored long ago show the qualities too.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import Alignment, MarkKind, Observation
from registry.identification.bases import clean_read
from registry.identification.glyphs import clean_dot
from registry.identification.picture.frame import Reading
from registry.identification.picture.words import Speech

__all__ = ["readings_of"]

UNSURE = 0.1
"""Chance of being wrong (Phred 10) above which a character is drawn faint."""


def readings_of(alignments: Sequence[Alignment], observations: Sequence[Observation], speech: Speech) -> list[Reading]:
    """The alignments of one candidate, each numbered in the order of the observations, with its unsure columns."""
    waiting = list(observations)
    readings = []
    for number, alignment in enumerate(alignments, start=1):
        name = speech.gettext("Reading {number}").format(number=number)
        unsure: frozenset[int] = frozenset()
        for observation in waiting:
            error = _error_along(alignment, observation)
            if error is not None:
                waiting.remove(observation)
                unsure = _columns(alignment, error) if observation.quality else unsure
                break
        readings.append(Reading(alignment, name, unsure))
    return readings


def _error_along(alignment: Alignment, observation: Observation) -> NDArray[np.float64] | None:
    """The error of each character that the alignment holds; None when it was not made of this observation."""
    text = "".join(column.read for column in alignment.columns)
    if observation.kind is MarkKind.DOT:
        dot = clean_dot(observation.text, observation.quality)
        whole, error = dot.text, dot.error
    else:
        read = clean_read(observation.text, observation.quality)
        read = read.reversed_complement if alignment.reverse_strand else read
        whole, error = read.text, read.error
    start = whole.find(text) if text else -1
    return error[start : start + len(text)] if start >= 0 else None


def _columns(alignment: Alignment, error: NDArray[np.float64]) -> frozenset[int]:
    read = [at for at, column in enumerate(alignment.columns) if column.read]
    return frozenset(at for at, chance in zip(read, error.tolist(), strict=True) if chance > UNSURE)
