"""The tracer as evidence: at which wavelength a find glows, against what kits glow at and what glows anyway.

A tracer belongs to a maker, not to a kit, so a glow can tell kits of two makers apart and no two kits of one. Against
the unknown it never counts in favour: the unknown mark may be of the same maker. See docs/identification.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.identification.answer import MarkKind, Observation

__all__ = ["GlowEvidence", "Tracers", "tracer_constants"]

READER_NM, BATCH_NM = 5.0, 4.0
"""Standard deviations of a peak: of a portable reader's reading, and of a batch around what its maker states.
Assumptions until a maker states them; together 6.4 nm."""
OTHER_GLOW = 0.05
"""Chance that the peak of a marked spot is that of something else under the lamp."""
UNMARKED = 0.5
"""Share of glowing finds outside the register whose glow is no tracer's."""
DUST_SHARE, DUST_NM, DUST_SPREAD_NM = 0.7, 440.0, 30.0
"""Most of what glows anyway is blue: dust, paper and fabric with optical brighteners (domain: blue is poor because
dust glows blue); the rest lies anywhere in the visible."""
VISIBLE_NM = (380.0, 780.0)
POSSIBLE_NM = (300.0, 900.0)
"""Peaks outside are no findings."""
FADED = 0.2
"""Chance that a spot marked with a tracer is seen not to glow: marks wear and lamps differ. An assumption."""


def tracer_constants() -> dict[str, float]:
    """The constants of the model, to be kept with what was found by it."""
    names = ("READER_NM", "BATCH_NM", "OTHER_GLOW", "UNMARKED", "DUST_SHARE", "DUST_NM", "DUST_SPREAD_NM", "FADED")
    return {f"tracer_{name.lower()}": float(globals()[name]) for name in names}


@dataclass(frozen=True, slots=True)
class GlowEvidence:
    """What the UV findings of one reading say: the peak, or None for "looked at, and it does not glow"."""

    peak_nm: float | None
    chance: float
    """Density of such a peak on a find whose source is not known."""

    def log_ratio(self, emission_nm: int) -> float:
        """Ln P(finding | a kit with this emission) / P(finding | any source); 0 for a kit without a tracer (0 nm)."""
        if not emission_nm:
            return 0.0
        if self.peak_nm is None:
            return math.log(FADED)
        return math.log(_density_of_kit(self.peak_nm, emission_nm) / self.chance)


@dataclass(frozen=True, slots=True)
class Tracers:
    """How many kits of a register glow at which wavelength."""

    kits: Mapping[int, int]

    def evidence(self, observations: Sequence[Observation]) -> GlowEvidence | None:
        """The UV findings among the observations of one reading, as one; None when they tell nothing.

        Several findings are looks at one fluid and count once, by the middle of their peaks. One spot that glows
        outweighs others that do not.
        """
        findings = [one for one in observations if one.kind is MarkKind.UV and one.glow is not None]
        if not findings:
            return None
        low, high = POSSIBLE_NM
        peaks = sorted(one.peak_nm for one in findings if one.glow and one.peak_nm and low <= one.peak_nm <= high)
        if peaks:
            peak = peaks[(len(peaks) - 1) // 2]
            return GlowEvidence(peak, self._chance(peak))
        if findings and not any(one.glow for one in findings):
            return GlowEvidence(None, 1.0)
        return None

    def _chance(self, peak: float) -> float:
        total = sum(self.kits.values())
        if not total:
            return _density_anyway(peak)
        marked = sum(kits * _density_of_kit(peak, emission) for emission, kits in self.kits.items()) / total
        return (1 - UNMARKED) * marked + UNMARKED * _density_anyway(peak)


def _density_of_kit(peak: float, emission: float) -> float:
    spread = math.hypot(READER_NM, BATCH_NM)
    return (1 - OTHER_GLOW) * _normal(peak, emission, spread) + OTHER_GLOW * _density_anyway(peak)


def _density_anyway(peak: float) -> float:
    low, high = VISIBLE_NM
    # Outside the visible as much as at its edge: a density of nothing would make any peak there a proof.
    even = 1 / (high - low)
    return DUST_SHARE * _normal(peak, DUST_NM, DUST_SPREAD_NM) + (1 - DUST_SHARE) * even


def _normal(value: float, mean: float, spread: float) -> float:
    return math.exp(-0.5 * ((value - mean) / spread) ** 2) / (spread * math.sqrt(2 * math.pi))
