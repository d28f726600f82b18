"""What the engine takes and what it answers: plain values, without storage, pages or clocks.

A reading of a thing gives observations (a dot's text, a base-called read); a search of the register's marks gives an
answer with candidates, each with the likelihood ratio that court and police reason with.
"""

import math
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

__all__ = [
    "AlignedColumn",
    "Alignment",
    "Answer",
    "Candidate",
    "ColumnKind",
    "Contribution",
    "Grade",
    "Mark",
    "MarkKind",
    "Observation",
    "PrimerPair",
    "Verdict",
]


class MarkKind(StrEnum):
    """How a mark is carried, or what was read of it."""

    DOT = "dot"
    DNA = "dna"
    UV = "uv"
    """The tracer's glow: the same for all kits of a maker's batch."""


class Grade(IntEnum):
    """The scale of the Swedish National Forensic Centre (NFC utlåtandeskala), from -4 to +4.

    The limits are likelihood ratios V = P(reading | this kit) / P(reading | another source): +4 from 10^6,
    +3 from 6 000, +2 from 100, +1 from 6, 0 from 1/6, and the mirror image below. Source: Nordgaard et al. 2012,
    "Scale of conclusions for the value of evidence", Law, Probability and Risk 11(1).
    """

    PLUS_4 = 4
    PLUS_3 = 3
    PLUS_2 = 2
    PLUS_1 = 1
    ZERO = 0
    MINUS_1 = -1
    MINUS_2 = -2
    MINUS_3 = -3
    MINUS_4 = -4

    @classmethod
    def of(cls, log10_likelihood_ratio: float) -> "Grade":
        """The grade of a likelihood ratio given as its base-10 logarithm."""
        size = abs(log10_likelihood_ratio)
        limits = (math.log10(6), 2.0, math.log10(6000), 6.0)
        steps = sum(size >= limit for limit in limits)
        return cls(steps if log10_likelihood_ratio >= 0 else -steps)


class Verdict(StrEnum):
    """What a search of the whole register came to."""

    IDENTIFIED = "identified"
    """One kit stands out: posterior at least 0.99, and less than 0.001 marks agree as well by chance."""
    AMBIGUOUS = "ambiguous"
    """Several kits, or one that does not stand out enough; more reads of the mark can settle it."""
    NOT_REGISTERED = "not_registered"
    """No kit in this register explains the reading better than chance does."""
    UNREADABLE = "unreadable"
    """The reading holds too little to tell any kit from another."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A kit's marks as the engine indexes them. ``signature`` is upper-case A, C, G, T or empty.

    ``emission_nm`` is the peak at which the tracer glows, 0 without a tracer.
    """

    kit_id: int
    code: str
    signature: str = ""
    emission_nm: int = 0


@dataclass(frozen=True, slots=True)
class PrimerPair:
    """Primers that flank a supplier's signatures: forward, signature, reverse, all in the direction read."""

    forward: str
    reverse: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing read off a mark: a dot's text (``?`` for unreadable) or a read's bases, with Phred+33 quality.

    A UV finding has no text but ``glow`` and, when it glows, ``peak_nm``.
    """

    kind: MarkKind
    text: str = ""
    quality: str = ""
    reader: str = ""
    """The kind of reader, when the engine holds what it learnt of it; others are read as by a plain reader."""
    glow: bool | None = None
    peak_nm: int | None = None


class ColumnKind(StrEnum):
    """How one place of the reading stands against one place of the mark."""

    MATCH = "match"
    MISMATCH = "mismatch"
    LOOKALIKE = "lookalike"
    """Different glyphs that are easily taken for each other, such as O and 0."""
    UNREADABLE = "unreadable"
    EXTRA = "extra"
    """In the reading, not in the mark."""
    MISSING = "missing"
    """In the mark, not in the reading."""


@dataclass(frozen=True, slots=True)
class AlignedColumn:
    """One place: the character read (empty when missing), the mark's (empty when extra), and how they agree."""

    read: str
    mark: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Alignment:
    """A reading laid along a mark, place by place. ``reverse_strand`` tells that the read was turned round."""

    columns: tuple[AlignedColumn, ...]
    reverse_strand: bool = False

    @property
    def matches(self) -> int:
        """Places where reading and mark agree."""
        return sum(column.kind is ColumnKind.MATCH for column in self.columns)

    @property
    def edits(self) -> int:
        """Places where they differ or one has nothing; what could not be read does not count."""
        # Members are told by identity: an answer has hundreds of columns, and to compare them as texts takes longer.
        match, unreadable = ColumnKind.MATCH, ColumnKind.UNREADABLE
        return sum([column.kind is not match and column.kind is not unreadable for column in self.columns])


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one observation, or the tracer, adds to the base-10 logarithm of a kit's likelihood ratio.

    The ratio is against a mark made at random like the register's, before the search is paid for.
    """

    kind: MarkKind
    log10_ratio: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kit that may be the source of a reading."""

    kit_id: int
    log10_likelihood_ratio: float
    posterior: float
    """Probability that this kit is the source, given the stated prior and all candidates (0 to 1)."""
    distance: float
    """Edits between reading and mark; unreadable characters do not count."""
    alignments: tuple[Alignment, ...] = ()
    """One for each observation that speaks of this kit, in the order of the observations."""
    contributions: tuple[Contribution, ...] = ()
    """What each line of evidence adds, in the order of the observations, the tracer last."""

    @property
    def grade(self) -> Grade:
        """The likelihood ratio on the NFC scale."""
        return Grade.of(self.log10_likelihood_ratio)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register says of a reading."""

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    """Best first, three at the most."""
    searched: int
    """Marks the reading was compared with."""
    expected_chance_matches: float
    """How many marks would agree as well as the best candidate does by chance alone."""
    prior: float
    """The probability, before the reading, that its source is in the register at all."""
    tiers: tuple[str, ...] = field(default=())
    """The searches that were run, from fast to exhaustive."""
    log10_shared: float = 0.0
    """What the observations have in common with any mark that gave them, registered or not; it weakens all kits."""
