"""What each observation of a reading adds to a candidate, and how it is counted: an account that sums up to V.

log10 V = what the observations add, less what they have in common with any mark that gave them, less log10 of the marks
that were searched, less what other kits near it explain as well (docs/identification.md). Every line of the account
says whether it counts as independent of the others and, if it does not, why.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from registry.identification.answer import MarkKind
from registry.identification.bases import clean_read
from registry.identification.glyphs import clean_dot

__all__ = ["Counted", "Evidence", "EvidenceLine", "EvidenceSum", "Seen", "account"]


class Counted(StrEnum):
    """How an observation is counted."""

    INDEPENDENT = "independent"
    """The only one of its kind: a dot and a DNA signature are made apart, so each counts whole."""
    SAME_MARK = "same_mark"
    """One of several reads of one mark: they agree whether it is registered or not, so what they share is taken off."""
    MAKERS_ONLY = "makers_only"
    """A tracer is its maker's: it tells kits of two makers apart and never speaks against an unregistered mark."""
    SAME_FLUID = "same_fluid"
    """Several looks at one glow count once."""
    REPEATED = "repeated"
    """The same reading sent again, letter for letter."""
    NO_SUCH_MARK = "no_such_mark"
    """The kit carries no mark of this kind that it could be compared with."""
    NOTHING_READ = "nothing_read"
    """Nothing of it could be read."""
    NO_EVIDENCE = "no_evidence"
    """The number of a sticker: it can be moved to another thing."""


class Seen(Protocol):
    """An observation as services or the engine hold it; ``kind`` is dot, dna, uv or number."""

    @property
    def kind(self) -> StrEnum:
        """What was observed."""

    @property
    def text(self) -> str:
        """A dot's text, a read's bases or a number."""

    @property
    def quality(self) -> str:
        """Phred+33, or empty."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """What one observation adds. ``observation`` is its place in the reading, from 1; 0 where it cannot be told.

    ``log10_ratio`` is None for what is not counted.
    """

    kind: str
    observation: int
    log10_ratio: float | None
    counted: Counted


@dataclass(frozen=True, slots=True)
class EvidenceSum:
    """Several observations of one kind that are counted alike."""

    kind: str
    counted: Counted
    count: int
    log10_ratio: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The account of one candidate; all figures are base-10 logarithms."""

    lines: tuple[EvidenceLine, ...]
    shared_by_reads: float
    """Taken off: what several reads of one mark have in common, whichever mark it is."""
    shared_by_tracer: float
    """Taken off: an unregistered mark may be of the same maker and glow as well."""
    searched: float
    """Taken off: the best of so many marks was picked out."""
    log10_ratio: float
    """V."""

    @property
    def added(self) -> float:
        """What all observations add."""
        return math.fsum(line.log10_ratio or 0.0 for line in self.lines)

    @property
    def others(self) -> float:
        """Taken off: other kits explain the reading nearly as well."""
        rest = self.added - self.shared_by_reads - self.shared_by_tracer - self.searched - self.log10_ratio
        return max(0.0, rest)

    def summed(self) -> list[EvidenceSum]:
        """The lines for the eye: those of one kind that are counted alike, as one, in the order of the reading."""
        sums: dict[tuple[str, Counted], EvidenceSum] = {}
        for line in self.lines:
            key = (line.kind, line.counted)
            before = sums.get(key, EvidenceSum(line.kind, line.counted, 0, None if line.log10_ratio is None else 0.0))
            added = None if line.log10_ratio is None else (before.log10_ratio or 0.0) + line.log10_ratio
            sums[key] = EvidenceSum(line.kind, line.counted, before.count + 1, added)
        return list(sums.values())

    def content(self) -> dict[str, Any]:
        """The account as JSON."""
        return {
            "lines": [
                {
                    "kind": line.kind,
                    "observation": line.observation,
                    "log10_ratio": None if line.log10_ratio is None else round(line.log10_ratio, 4),
                    "counted": line.counted.value,
                }
                for line in self.lines
            ],
            "log10_shared_by_reads": round(self.shared_by_reads, 4),
            "log10_shared_by_tracer": round(self.shared_by_tracer, 4),
            "log10_searched": round(self.searched, 4),
            "log10_other_kits": round(self.others, 4),
        }


def account(
    observed: Sequence[Seen],
    added: Sequence[tuple[str, float]],
    log10_ratio: float,
    *,
    best: Sequence[tuple[str, float]],
    log10_shared: float,
    searched: int,
) -> Evidence:
    """The account of a candidate.

    ``added`` holds kind and log10 ratio of each of its contributions as the engine gave them, ``best`` those of the
    candidate that stands first, ``log10_shared`` what the engine took off for all, ``searched`` the marks compared.
    """
    tracer = min(log10_shared, max(0.0, *(ratio for kind, ratio in best if kind == MarkKind.UV), 0.0))
    return Evidence(
        tuple(_lines(observed, added)), log10_shared - tracer, tracer, math.log10(max(searched, 1)), log10_ratio
    )


def _lines(observed: Sequence[Seen], added: Sequence[tuple[str, float]]) -> Iterator[EvidenceLine]:
    ratios = {kind: [ratio for of, ratio in added if of == kind] for kind in MarkKind}
    counted = _how_counted(observed)
    speaking = {
        kind: [at for at, how in counted.items() if how is None and observed[at].kind == kind] for kind in ratios
    }
    for at, one in enumerate(observed):
        how = counted[at]
        if how is not None:
            yield EvidenceLine(one.kind.value, at + 1, None, how)
            continue
        kind = MarkKind(one.kind.value)
        known, places = ratios[kind], speaking[kind]
        if len(known) != len(places):
            # Some of them could be compared with the kit and some could not; the engine does not tell which.
            if not known:
                silent = Counted.NOTHING_READ if kind is MarkKind.UV else Counted.NO_SUCH_MARK
                yield EvidenceLine(kind.value, at + 1, None, silent)
            elif at == places[0]:
                yield from (EvidenceLine(kind.value, 0, ratio, _way(kind, len(known))) for ratio in known)
            continue
        ratio = known[places.index(at)]
        if kind is MarkKind.UV and not ratio:
            yield EvidenceLine(kind.value, at + 1, None, Counted.NO_SUCH_MARK)
        else:
            yield EvidenceLine(kind.value, at + 1, ratio, _way(kind, len(known)))


def _way(kind: MarkKind, count: int) -> Counted:
    if kind is MarkKind.UV:
        return Counted.MAKERS_ONLY
    return Counted.SAME_MARK if count > 1 else Counted.INDEPENDENT


def _how_counted(observed: Sequence[Seen]) -> dict[int, Counted | None]:
    """Why an observation is not counted, by its place; None for one that speaks."""
    found: dict[int, Counted | None] = {}
    seen: set[tuple[str, str, str]] = set()
    glowing = False
    for at, one in enumerate(observed):
        key = (one.kind.value, one.text, one.quality)
        if one.kind.value not in list(MarkKind):
            found[at] = Counted.NO_EVIDENCE
        elif one.kind == MarkKind.UV:
            found[at] = Counted.SAME_FLUID if glowing else None
            glowing = True
        elif key in seen:
            found[at] = Counted.REPEATED
        elif not _readable(one):
            found[at] = Counted.NOTHING_READ
        else:
            found[at] = None
        seen.add(key)
    return found


def _readable(one: Seen) -> bool:
    if one.kind == MarkKind.DOT:
        return clean_dot(one.text, one.quality).readable > 0
    return clean_read(one.text, one.quality).called
