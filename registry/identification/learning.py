"""A reader's habits learnt from readings whose kit was confirmed otherwise.

Each confirmed reading is laid along its code; what was read for what is counted beside what a plain reader would do,
so that few readings change little and many decide.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from registry.identification.glyphs import UNREADABLE, ReaderModel, clean_dot, encode_glyphs, fold
from registry.identification.lattice import Lattice, most_likely_path

__all__ = ["learn"]

IMAGINED_ERRORS = 20.0
"""Wrong characters, spread as a plain reader's, that every glyph starts with."""
IMAGINED_PLACES = 1000.0
"""Places of imagined readings that the chances of lost, added and swapped characters start with."""


def learn(confirmed: Iterable[tuple[str, str]], start: ReaderModel | None = None) -> ReaderModel:
    """A model of one kind of reader from pairs (text as read, code it was confirmed to be).

    Only pairs in which both hold something readable count. ``start`` is what was believed before, by default the plain
    reader.
    """
    model = start or ReaderModel.plain()
    counts = model.confusion * IMAGINED_ERRORS
    places, lost, extra, swapped = (
        IMAGINED_PLACES,
        model.lost * IMAGINED_PLACES,
        model.extra * IMAGINED_PLACES,
        model.swapped * IMAGINED_PLACES,
    )
    for text, code in confirmed:
        dot, meant = clean_dot(text), encode_glyphs(fold(code))
        if not dot.readable or not len(meant) or (meant == UNREADABLE).any():
            continue
        path = most_likely_path(Lattice.of(dot, model), meant)
        crossed = {mark for (one, mark), (other, _) in pairwise(path) if 0 <= other < one}
        places += len(meant)
        swapped += len(crossed)
        for read, mark in path:
            lost += read < 0
            extra += mark < 0
            if read >= 0 and mark >= 0 and dot.glyphs[read] not in {UNREADABLE, meant[mark]}:
                counts[meant[mark], dot.glyphs[read]] += 1
    np.fill_diagonal(counts, 0.0)
    confusion = counts / counts.sum(axis=1, keepdims=True)
    # What a reader takes for something else although it is sure follows its habits, at the same rate a glyph.
    slip = confusion * model.slip.sum(axis=1, keepdims=True)
    return replace(
        model, confusion=confusion, slip=slip, lost=lost / places, extra=extra / places, swapped=swapped / places
    )
