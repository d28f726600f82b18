"""A reader's habits learnt from readings whose kit was confirmed otherwise.

Each confirmed reading is laid along its code, and what was read for what is counted. A character read for another was
either an error of the kind that qualities tell of, or one that the reader makes however sure it is; which of the two
is told apart by expectation and maximisation (Dempster, Laird and Rubin 1977, J. R. Stat. Soc. B 39:1), beside what a
plain reader would do, so that few readings change little and many decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from registry.identification.glyphs import GLYPHS, UNREADABLE, DotText, clean_dot, encode_glyphs, fold
from registry.identification.lattice import Lattice, most_likely_path
from registry.identification.reader_model import QUALITY_BANDS, ReaderModel

__all__ = ["learn"]

IMAGINED_ERRORS = 20.0
"""Wrong characters, spread as a plain reader's, that every glyph starts with."""
IMAGINED_PLACES = 1000.0
"""Places of imagined readings that the chances of lost, added and swapped characters start with."""
IMAGINED_LOOKS = 30.0
"""Imagined looks at each glyph and in each band of quality."""
UNHEARD_OF = 0.002
"""Chance at which a plain reader is imagined to take a glyph, however sure, for something that looks unlike it."""
ROUNDS, LAYINGS = 60, 2
"""Rounds of expectation and maximisation, and how often the readings are laid along their codes, each time better."""
MANY = 500
"""Readings from which compiled loops are worth loading."""
_COUNT = len(GLYPHS)


@dataclass(eq=False)
class _Counts:
    """What was read: ``seen[meant, seen, band]``, the chances of error told in each band, and what moved."""

    seen: NDArray[np.float64] = field(default_factory=lambda: np.zeros((_COUNT, _COUNT, len(QUALITY_BANDS) + 2)))
    told: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(QUALITY_BANDS) + 2))
    places: int = 0
    lost: int = 0
    extra: int = 0
    swapped: int = 0

    def note(self, dot: DotText, meant: NDArray[np.uint8], path: list[tuple[int, int]], floor: float) -> None:
        """Count one reading along its path."""
        bands = ReaderModel.bands(dot).tolist()
        seen = dot.glyphs.tolist()
        crossed = _crossed(path, seen, meant.tolist())
        self.places += len(meant)
        self.swapped += len(crossed) // 2
        for read, mark in path:
            self.lost += read < 0
            self.extra += mark < 0
            if read >= 0 and mark >= 0 and seen[read] != UNREADABLE and mark not in crossed:
                self.seen[meant[mark], seen[read], bands[read]] += 1
                self.told[bands[read]] += max(float(dot.error[read]), floor)


def learn(confirmed: Iterable[tuple[str, str] | tuple[str, str, str]], start: ReaderModel | None = None) -> ReaderModel:
    """A model of one kind of reader from confirmed readings: (text as read, code it was confirmed to be[, quality]).

    Only those in which both hold something readable count; ``quality`` is Phred+33 as readers send it. ``start`` is
    what was believed before, by default the plain reader.
    """
    believed = start or ReaderModel.plain()
    readings = []
    for text, code, *quality in confirmed:
        dot, meant = clean_dot(text, *quality), encode_glyphs(fold(code))
        if dot.readable and len(meant) and not (meant == UNREADABLE).any():
            readings.append((dot, meant))
    model = believed
    for _ in range(LAYINGS):
        counts = _Counts()
        for dot, meant in readings:
            path = most_likely_path(Lattice.of(dot, model, fast=len(readings) > MANY), meant)
            counts.note(dot, meant, path, believed.error_floor)
        model = _fitted(counts, believed)
    return model


def _crossed(path: list[tuple[int, int]], seen: list[int], meant: list[int]) -> set[int]:
    """Places of the code whose neighbours changed places; a path shows them as two steps with differing characters."""
    places: set[int] = set()
    for (read, mark), (next_read, next_mark) in pairwise(path):
        if min(read, mark, next_read, next_mark) < 0 or mark in places:
            continue
        here, there = meant[mark], meant[next_mark]
        if here != there and (seen[read], seen[next_read]) == (there, here):
            places |= {mark, next_mark}
    return places


def _fitted(counts: _Counts, believed: ReaderModel) -> ReaderModel:
    """The model under which what was counted, and what is imagined beside it, is likeliest."""
    wrong = counts.seen.copy()
    wrong[np.arange(_COUNT), np.arange(_COUNT)] = 0.0
    looks = counts.seen.sum(axis=(0, 1))
    told = np.where(looks > 0, counts.told / np.maximum(looks, 1), 0.05)
    imagined_slip = believed.slip + UNHEARD_OF * believed.confusion
    confusion, slip, doubt = believed.confusion, imagined_slip, believed.doubt
    for _ in range(ROUNDS):
        chance = np.minimum(told * doubt, believed.error_ceiling)
        as_error = confusion[:, :, None] * chance
        as_slip = slip[:, :, None] * (1 - chance)
        errors = wrong * (as_error / np.maximum(as_error + as_slip, 1e-300))
        confusion = believed.confusion * IMAGINED_ERRORS + errors.sum(axis=2)
        confusion = confusion / confusion.sum(axis=1, keepdims=True)
        sure = (counts.seen.sum(axis=1) - errors.sum(axis=1)).sum(axis=1)
        slip = (imagined_slip * IMAGINED_LOOKS + (wrong - errors).sum(axis=2)) / (IMAGINED_LOOKS + sure)[:, None]
        expected = told * believed.doubt * IMAGINED_LOOKS
        doubt = (expected + errors.sum(axis=(0, 1))) / (IMAGINED_LOOKS + looks) / told
    places = counts.places + IMAGINED_PLACES
    moved = {
        rate: float((getattr(counts, rate) + getattr(believed, rate) * IMAGINED_PLACES) / places)
        for rate in ("lost", "extra", "swapped")
    }
    return replace(believed, confusion=confusion, slip=slip, doubt=doubt, **moved)
