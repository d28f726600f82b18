"""How strongly a reading speaks for a kit: likelihood ratios, posterior, grade, and what chance would do.

The model, with its sources, is written down in docs/identification.md. In short, with natural logarithms:

- ``log_ratio`` of one observation and one kit is ln P(observation | this kit) / P(observation | a mark made at random
  like the register's marks).
- Observations of one reading are added over each kit, each first mixed with a small chance of being astray.
- The weight of "no kit of this register" is N (1 - prior) / prior, because each of N kits had prior / N; it grows with
  the register, so the bar rises by itself, and with ``shared``, what several reads of one unknown mark have in common.
- V compares the kit that a search picked out with every other source, in the register or not, and pays for the
  search: V = e^L / (sum over other kits of e^L + N).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import Alignment, Verdict

__all__ = [
    "ASTRAY",
    "BY_CHANCE",
    "CERTAIN",
    "PRIOR",
    "SHOWN",
    "Columns",
    "Hit",
    "Weighed",
    "frame_background",
    "shared_by_chance",
    "stands_out",
    "verdict_of",
    "weigh",
    "with_astray",
]

PRIOR = 0.5
"""That the source of a reading is in the register at all, before the reading. Even odds favour neither side."""

CERTAIN = 0.99
"""Posterior from which a kit is identified, unless chance would find as good a one (``BY_CHANCE``)."""

BY_CHANCE = 0.001
"""Marks expected to agree as well by chance, up to which a kit is identified. With the posterior alone three of 10^6
reads of unknown molecules were, among ten million kits; one in a million is allowed."""

ASTRAY = 0.01
"""Chance that an observation belongs to another thing than the rest of its reading: barcode switches and chimeras are
0.3 % each (Wick et al. 2018, PLoS Computational Biology 14:e1006583), a dot of another item as likely; rounded up."""

SHOWN = 3
"""Candidates in an answer. A reading that fits many more kits than these tells too little to be called ambiguous."""

ABSENT_IN_MARK = 0.05
"""Chance that an unknown mark has no character where a candidate has one, or has one where it has none."""


@dataclass(frozen=True, eq=False)
class Columns:
    """One observation in the frame of one mark.

    ``likelihood[row, symbol]`` is P(what was seen | symbol); the last symbol is "none". Odd rows are the places of the
    mark, even rows the gaps between them. ``background`` is P(symbol) in a random mark, ``mark`` the mark's symbols.
    """

    likelihood: NDArray[np.float64]
    background: NDArray[np.float64]
    mark: NDArray[np.intp]
    placements: float = 0.0
    """Ln of the number of ways in which the observation could have been laid along a mark."""


class Hit(Protocol):
    """A kit that an index compared with one observation."""

    @property
    def kit_id(self) -> int:
        """The kit."""

    @property
    def log_ratio(self) -> float:
        """Natural logarithm of P(observation | this kit) / P(observation | a random mark)."""

    @property
    def distance(self) -> float:
        """Edits between observation and mark."""

    def alignment(self) -> Alignment:
        """The observation laid along the mark."""

    def columns(self) -> Columns:
        """The observation as likelihoods in the frame of the mark."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A kit's place after the search: its posterior, log10 of V, and marks expected to agree as well by chance."""

    kit_id: int
    posterior: float
    log10_ratio: float
    chance_matches: float


def with_astray(log_ratio: float) -> float:
    """A log ratio that allows for an observation that went astray: ln((1 - a) e^L + a)."""
    return float(np.logaddexp(math.log1p(-ASTRAY) + log_ratio, math.log(ASTRAY)))


def weigh(log_ratios: Mapping[int, float], size: int, shared: float = 0.0, prior: float = PRIOR) -> list[Weighed]:
    """The kits of a search, best first.

    ``log_ratios`` holds the summed log ratio of each kit that was compared closely; the others are too far off to
    matter. ``size`` is the number of kits in the register. ``shared`` (from ``shared_by_chance``) raises the weight of
    an unknown source for what several observations of it have in common.
    """
    if not log_ratios or size < 1:
        return []
    ranked = sorted(log_ratios.items(), key=lambda item: -item[1])
    rivals = math.log(size) + shared
    outside = rivals + math.log1p(-prior) - math.log(prior)
    top = max(ranked[0][1], outside)
    shares = [math.exp(ratio - top) for _, ratio in ranked]
    everyone = math.fsum(shares)
    weighed = []
    for place, ((kit_id, ratio), share) in enumerate(zip(ranked, shares, strict=True)):
        # Beside a share that dominates the others are summed anew: a difference would cancel.
        others = math.fsum(shares[1:]) if place == 0 else everyone - share
        against = math.exp(rivals - top) + others
        log_against = math.log(against) if against > 0 else rivals - top
        log10_ratio = (ratio - top - log_against) / math.log(10)
        posterior = share / (everyone + math.exp(outside - top))
        chance = math.exp(min(math.log(size), rivals - ratio))
        weighed.append(Weighed(kit_id, posterior, log10_ratio, chance))
    return weighed


def stands_out(log_ratios: Iterable[float], size: int) -> float:
    """log10 of V of the best of some kits, as ``weigh`` gives it, without weighing the others."""
    ranked = sorted(log_ratios, reverse=True)
    if not ranked:
        return -math.inf
    against = math.log(max(size, 1))
    for ratio in ranked[1:]:
        # Beyond 40 the smaller of two addends is lost in the last digit anyway.
        if ratio > against - 40:
            against = max(against, ratio) + math.log1p(math.exp(-abs(against - ratio)))
    return (ranked[0] - against) / math.log(10)


def shared_by_chance(log_ratios: Sequence[float], observations: Sequence[Columns]) -> float:
    """What several observations of one unknown mark have in common, as a logarithm, at least 0.

    ``log_ratios`` are those of one candidate, ``observations`` the same observations in its frame. Reads of one mark
    agree with each other whether or not it is registered, so their ratios against random marks may not simply be
    added: an unknown mark explains each row with the sum over symbols of background times the product of likelihoods.
    The joint ratio against it is at most what one perfect reading of the mark would give.
    """
    if len(observations) < 2:
        return 0.0
    first = observations[0]
    logs = sum((np.log(np.maximum(one.likelihood, 1e-12)) for one in observations), np.zeros_like(first.likelihood))
    unknown = np.logaddexp.reduce(logs + np.log(np.maximum(first.background, 1e-12)), axis=1)
    joint = float((logs[np.arange(len(logs)), first.mark] - unknown).sum())
    joint -= max(one.placements for one in observations)
    return max(0.0, math.fsum(log_ratios) - joint)


def frame_background(symbols: NDArray[np.float64]) -> NDArray[np.float64]:
    """Background of a frame from P(symbol) at each place, shape (places, symbols) to (2 places + 1, symbols + 1)."""
    places, count = symbols.shape
    frame = np.empty((2 * places + 1, count + 1))
    frame[0::2, :count] = ABSENT_IN_MARK * symbols.mean(axis=0)
    frame[0::2, count] = 1 - ABSENT_IN_MARK
    frame[1::2, :count] = (1 - ABSENT_IN_MARK) * symbols
    frame[1::2, count] = ABSENT_IN_MARK
    return frame


def verdict_of(
    weighed: Sequence[Weighed], size: int, information: Callable[[], float], *, conflict: bool, prior: float = PRIOR
) -> Verdict:
    """What a search came to.

    ``information`` tells the log ratio that the right kit would be expected to reach with a reading like this one;
    ``conflict`` says that parts of the reading speak firmly for different kits.
    """
    if weighed and weighed[0].posterior >= CERTAIN and weighed[0].chance_matches <= BY_CHANCE and not conflict:
        return Verdict.IDENTIFIED
    if weighed and (conflict or sum(one.posterior for one in weighed[:SHOWN]) >= 0.5):
        return Verdict.AMBIGUOUS
    needed = math.log(max(size, 1)) + math.log1p(-prior) - math.log(prior) - math.log(BY_CHANCE)
    return Verdict.NOT_REGISTERED if information() >= needed else Verdict.UNREADABLE
