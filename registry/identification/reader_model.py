"""How a kind of reader damages codes: what it takes for what, what it loses and adds, what its qualities are worth."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.errors import RegistryError
from registry.identification.glyphs import ERROR_WITHOUT_QUALITY, GLYPHS, LOOKALIKES, UNREADABLE, DotText

__all__ = ["QUALITY_BANDS", "ReaderModel", "ReaderModelError"]

QUALITY_BANDS = (5.0, 10.0, 15.0, 20.0, 30.0)
"""Phred values that part the bands of quality: 0 to 5, 5 to 10 and so on, and a band for characters without."""
_BANDS = len(QUALITY_BANDS) + 2
_RATES = ("lost", "extra", "swapped", "error_floor", "error_ceiling")


class ReaderModelError(RegistryError):
    """What was stored of a kind of reader is no model of one, e.g. it was cut short."""

    template = "The stored model of a reader cannot be used: {reason}. Learn it again from confirmed readings."


@dataclass(frozen=True, eq=False)
class ReaderModel:
    """How a kind of reader damages codes. ``confusion[meant, seen]`` tells what a wrong character turns into.

    Each row of ``confusion`` (36, 36) sums to 1 with a zero diagonal; ``slip[meant, seen]`` is the chance that a
    character is taken for another however sure the reader was. ``lost`` and ``extra`` are chances a character,
    ``swapped`` a pair of neighbours. ``doubt`` is, for each band of quality, what the chance of error that the reader
    told is to be multiplied by; the last is for characters without quality.
    """

    confusion: NDArray[np.float64]
    slip: NDArray[np.float64]
    lost: float = 0.01
    extra: float = 0.01
    swapped: float = 0.003
    error_floor: float = 0.005
    error_ceiling: float = 0.9
    doubt: NDArray[np.float64] = field(default_factory=lambda: np.ones(_BANDS))

    @classmethod
    def plain(cls, lookalike_share: float = 0.5, slip: float = 0.01) -> "ReaderModel":
        """A reader nobody has learnt yet: half of the wrong characters are look-alikes, the rest spread evenly."""
        count = len(GLYPHS)
        confusion = np.full((count, count), 1.0 / (count - 1))
        slips = np.zeros((count, count))
        for glyph, others in LOOKALIKES.items():
            meant = GLYPHS.index(glyph)
            seen = [GLYPHS.index(other) for other in others]
            confusion[meant] *= 1 - lookalike_share
            confusion[meant, seen] += lookalike_share / len(seen)
            slips[meant, seen] = slip / len(seen)
        np.fill_diagonal(confusion, 0.0)
        return cls(confusion / confusion.sum(axis=1, keepdims=True), slips)

    @staticmethod
    def bands(dot: DotText) -> NDArray[np.intp]:
        """The band of quality of each character, shape (n,)."""
        if not dot.has_quality:
            return np.full(len(dot), _BANDS - 1)
        return np.searchsorted(QUALITY_BANDS, -10 * np.log10(np.maximum(dot.error, 1e-9)), side="right")

    def errors(self, dot: DotText) -> NDArray[np.float64]:
        """The chance that each character is wrong, as this kind of reader is known, shape (n,)."""
        told = np.maximum(dot.error, self.error_floor)
        return np.minimum(told * self.doubt[self.bands(dot)], self.error_ceiling)

    def emissions(self, dot: DotText) -> NDArray[np.float64]:
        """P(character seen | glyph meant) for each place of a reading, shape (n, 36).

        A place that could not be read says nothing: 1 for every glyph.
        """
        if not dot.has_quality:
            return self._without_quality[dot.glyphs]
        error = self.errors(dot)[:, None]
        wrong, sure = self._by_seen
        table: NDArray[np.float64] = error * wrong[dot.glyphs] + (1 - error) * sure[dot.glyphs]
        return table

    @cached_property
    def _without_quality(self) -> NDArray[np.float64]:
        """P(seen | meant) where the reader told no quality, shape (37 seen, 36 meant)."""
        told = max(ERROR_WITHOUT_QUALITY, self.error_floor)
        error = min(told * float(self.doubt[-1]), self.error_ceiling)
        wrong, sure = self._by_seen
        return error * wrong + (1 - error) * sure

    @cached_property
    def _by_seen(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(seen | meant) when it is an error, and when it is none, both of shape (37 seen, 36 meant)."""
        nothing = np.ones((1, len(GLYPHS)))
        sure = self.slip + np.diag(1 - self.slip.sum(axis=1))
        return np.concatenate([self.confusion.T, nothing]), np.concatenate([sure.T, nothing])

    @staticmethod
    def extra_emissions(dot: DotText) -> NDArray[np.float64]:
        """P(character seen | it belongs to no glyph), shape (n,)."""
        return np.where(dot.glyphs == UNREADABLE, 1.0, 1.0 / len(GLYPHS))

    def as_json(self) -> str:
        """The model as a text to store, about 20 kB; ``from_json`` gives it back to six digits."""
        values: dict[str, Any] = {"glyphs": GLYPHS, "bands": QUALITY_BANDS}
        values |= {rate: getattr(self, rate) for rate in _RATES}
        for table in ("confusion", "slip", "doubt"):
            values[table] = [float(f"{one:.6g}") for one in getattr(self, table).ravel().tolist()]
        return json.dumps(values, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ReaderModel":
        """A stored model. Raises ReaderModelError when the text is none, or one over other characters."""
        try:
            values = json.loads(text)
            if values["glyphs"] != GLYPHS or tuple(values["bands"]) != QUALITY_BANDS:
                raise ReaderModelError(reason="it was made for other characters or bands of quality")
            square = (len(GLYPHS), len(GLYPHS))
            confusion, slip = (
                np.array(values[table], dtype=np.float64).reshape(square) for table in ("confusion", "slip")
            )
            doubt = np.array(values["doubt"], dtype=np.float64).reshape(_BANDS)
            rates = {rate: float(values[rate]) for rate in _RATES}
        except (ValueError, KeyError, TypeError) as problem:
            raise ReaderModelError(reason="it is incomplete") from problem
        likely = (confusion >= 0).all() and np.allclose(confusion.sum(axis=1), 1, atol=1e-3) and (slip >= 0).all()
        if not (
            likely and (slip.sum(axis=1) < 1).all() and (doubt > 0).all() and all(0 < r < 1 for r in rates.values())
        ):
            raise ReaderModelError(reason="its numbers are no chances")
        return cls(confusion / confusion.sum(axis=1, keepdims=True), slip, doubt=doubt, **rates)
