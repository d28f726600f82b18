"""The identification engine: what was read off a thing, compared with every mark of the register.

Pure: marks and observations in, an answer out. One engine holds one register; ``identify`` takes the observations of
one reading of one thing and fuses them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.identification.answer import (
    Alignment,
    Answer,
    Candidate,
    Contribution,
    Mark,
    MarkKind,
    Observation,
    PrimerPair,
    Verdict,
)
from registry.identification.bases import clean_read
from registry.identification.codes import CodeIndex
from registry.identification.enrolment import Enrolment, check
from registry.identification.evidence import (
    PRIOR,
    SHOWN,
    Hit,
    shared_by_chance,
    stands_out,
    verdict_of,
    weigh,
    with_astray,
)
from registry.identification.glyphs import clean_dot
from registry.identification.layers import Layer
from registry.identification.likelihood import SignatureHit, agreement
from registry.identification.lookup import search_read
from registry.identification.reader_model import ReaderModel
from registry.identification.signatures import SignatureIndex
from registry.identification.tracer import GlowEvidence, Tracers

__all__ = ["Engine"]

FUSED = 24
"""Best kits of each observation that every other observation is compared with too."""
MOST_OBSERVATIONS = 1000
"""Observations of one reading that are looked at; far fewer settle any question."""
FIRM = 0.99
"""Posterior from which one observation alone speaks for a kit."""
STRAY_SHARE = 0.2
"""Largest share of firm observations for another kit that still passes as strays of a clean reading."""
SETTLED = 4.0
"""log10 of V from which a search for one read goes no further: what it may have missed is 10^4 times less likely."""


BLOCKS, EVERY_CODE = "codes: shared blocks", "codes: every one"
"""Tiers of the search for a code."""


@dataclass(frozen=True, eq=False)
class _Line:
    """One observation after its search: what it says of any kit, and how much it could have said."""

    kind: MarkKind
    hits: Mapping[int, Hit]
    information: Callable[[], float]
    compare: Callable[[int], Hit | None]


class Engine:
    """Identifies readings among the marks of one register.

    The base is built once; kits added since stand in a delta that is searched exhaustively while it is small, and
    revoked or replaced kits are passed over. ``merged`` makes one base of all again.
    """

    def __init__(
        self, base: Layer, primers: Sequence[PrimerPair] = (), readers: Mapping[str, ReaderModel] | None = None
    ) -> None:
        self._base = base
        self._primers = tuple(primers)
        self._readers = dict(readers or {})
        self._dead: set[int] = set()
        self._base.without(self._dead)
        nm, kits = base.tracers
        self._emissions = nm.tolist(), kits.tolist()
        self._delta: dict[int, Mark] = {}
        self._index(Layer.of(()))

    @classmethod
    def build(
        cls,
        marks: Iterable[Mark],
        primers: Sequence[PrimerPair] = (),
        readers: Mapping[str, ReaderModel] | None = None,
    ) -> "Engine":
        """An engine over these marks; a kit given twice counts once, as given last.

        ``readers`` holds what was learnt of kinds of readers, by the name that observations carry.
        """
        return cls(Layer.of(marks), primers, readers)

    def __len__(self) -> int:
        return self._size

    def add(self, marks: Iterable[Mark]) -> None:
        """Take in new kits; one that is known already is replaced."""
        for mark in marks:
            self._delta[mark.kit_id] = mark
            if mark.kit_id in self._base:
                self._dead.add(mark.kit_id)
        self._index(Layer.of(self._delta.values()))

    def revoke(self, kit_ids: Iterable[int]) -> None:
        """Forget kits; unknown ones are none of our business."""
        for kit_id in kit_ids:
            self._delta.pop(kit_id, None)
            if kit_id in self._base:
                self._dead.add(kit_id)
        self._index(Layer.of(self._delta.values()))

    def merged(self) -> "Engine":
        """A new engine with base and delta made one; this one goes on answering meanwhile."""
        return Engine(self._base.merged(Layer.of(self._delta.values()), self._dead), self._primers, self._readers)

    def check(self, mark: Mark) -> Enrolment:
        """How near a new mark stands to those of the register: good, to be flagged, or to be refused."""
        return check(mark, self._signatures, self._codes)

    @property
    def base(self) -> Layer:
        """The marks the engine was built with, for ``index.save``."""
        return self._base

    def identify(
        self,
        observations: Sequence[Observation],
        *,
        exhaustive: bool = False,
        readers: Mapping[str, ReaderModel] | None = None,
    ) -> Answer:
        """Which kit the observations of one reading come from.

        Whatever the content, there is an answer: a reading that tells nothing is UNREADABLE. An observation that is
        given twice, letter for letter, counts once: it is the same read sent again. ``exhaustive`` compares a read
        that no kit stands out for with every signature: the proof that its kit is not registered. ``readers`` are
        models of kinds of readers for this reading; without them those that the engine was built with count.
        """
        distinct = list(dict.fromkeys(observations))[:MOST_OBSERVATIONS]
        tiers: dict[str, None] = {}
        models = self._readers if readers is None else readers
        marks = [one for one in distinct if one.kind is not MarkKind.UV]
        lines = [line for one in marks if (line := self._read(one, tiers, models, exhaustive=exhaustive)) is not None]
        if not lines:
            return Answer(Verdict.UNREADABLE, (), len(self), 0.0, PRIOR, tuple(tiers))
        return self._fuse(lines, tuple(tiers), self._tracers.evidence(distinct))

    def _index(self, delta: Layer) -> None:
        self._size = len(self._base) - len(self._dead) + len(self._delta)
        kits = Counter(dict(zip(*self._emissions, strict=True)))
        kits.update(mark.emission_nm for mark in self._delta.values() if mark.emission_nm)
        self._tracers = Tracers(kits)
        self._codes = CodeIndex((*self._base.codes, *delta.codes))
        known = {shelf.length: shelf.background for shelf in self._base.signatures}
        for shelf in delta.signatures:
            # A few new kits do not tell what signatures of their length look like.
            if shelf.length in known:
                shelf.background = known[shelf.length]
        self._signatures = SignatureIndex((*self._base.signatures, *delta.signatures), self._primers)

    def _read(
        self, one: Observation, tiers: dict[str, None], models: Mapping[str, ReaderModel], *, exhaustive: bool
    ) -> _Line | None:
        """One observation searched; None when nothing of it could be read."""
        if one.kind is MarkKind.DOT:
            dot = clean_dot(one.text, one.quality)
            if not dot.readable:
                return None
            codes, model = self._codes, models.get(one.reader)
            search = codes.search(dot, model=model)
            if exhaustive and not search.complete and not self._settled(_ratios(search.hits)):
                tiers[BLOCKS] = None
                search = codes.search(dot, model=model, exhaustive=True)
            tiers[EVERY_CODE if search.complete else BLOCKS] = None
            found = {hit.kit_id: hit for hit in reversed(search.hits)}
            return _Line(one.kind, found, lambda: codes.expected_log_ratio(dot), search.compare)
        read = clean_read(one.text, one.quality)
        if not read.called:
            return None
        reads = search_read(self._signatures, read, self._settled, exhaustive=exhaustive)
        tiers.update(dict.fromkeys(reads.tiers))
        return _Line(one.kind, reads.hits, reads.information, reads.compare)

    def _settled(self, ratios: Mapping[int, float]) -> bool:
        return stands_out(ratios.values(), len(self)) >= SETTLED

    def _glow(self, kit_id: int, glow: GlowEvidence) -> float:
        mark = self._delta.get(kit_id)
        return glow.log_ratio(mark.emission_nm if mark else self._base.emission_of(kit_id))

    def _fuse(self, lines: Sequence[_Line], tiers: tuple[str, ...], glow: GlowEvidence | None) -> Answer:
        kits: dict[int, None] = {}
        for line in lines:
            # All that stand near a dot alone are weighed: numbered codes have dozens of neighbours.
            most = None if len(lines) == 1 and line.kind is MarkKind.DOT else FUSED
            kits.update(dict.fromkeys(sorted(line.hits, key=lambda kit: -line.hits[kit].log_ratio)[:most]))
        compared = {kit: [line.hits.get(kit) or line.compare(kit) for line in lines] for kit in kits}
        ratios = {kit: self._log_ratio(hits, alone=len(lines) == 1) for kit, hits in compared.items()}
        glows = {kit: self._glow(kit, glow) for kit in ratios} if glow else {}
        ratios = {kit: ratio + glows.get(kit, 0.0) for kit, ratio in ratios.items()}
        shared = 0.0
        if ratios:
            best = max(ratios, key=ratios.__getitem__)
            # An unknown mark may be of the same maker: against it a tracer that fits does not count.
            shared = max(0.0, glows.get(best, 0.0))
            shared += self._shared(lines, compared[best]) if len(lines) > 1 else 0.0
        weighed = weigh(ratios, len(self), shared)
        verdict = verdict_of(
            weighed, len(self), lambda: sum(line.information() for line in lines), conflict=self._conflict(lines)
        )
        return Answer(
            verdict,
            tuple(
                Candidate(
                    one.kit_id,
                    one.log10_ratio,
                    one.posterior,
                    *_picture(compared[one.kit_id]),
                    _contributions(lines, compared[one.kit_id], glows.get(one.kit_id)),
                )
                for one in weighed[:SHOWN]
            ),
            len(self),
            weighed[0].chance_matches if weighed else 0.0,
            PRIOR,
            tiers,
            shared / math.log(10),
        )

    @staticmethod
    def _log_ratio(hits: Sequence[Hit | None], *, alone: bool) -> float:
        """The observations added; a kit without such a mark neither gains nor loses by the observation."""
        ratios = [hit.log_ratio for hit in hits if hit is not None]
        return sum(ratios) if alone else sum(with_astray(ratio) for ratio in ratios)

    def _shared(self, lines: Sequence[_Line], hits: Sequence[Hit | None]) -> float:
        """What the reads of each kind have in common anyway; a dot and a DNA read of one kit are independent."""
        shared = 0.0
        for kind in MarkKind:
            speaking = [
                hit
                for line, hit in zip(lines, hits, strict=True)
                if line.kind is kind and hit is not None and hit.log_ratio > 0
            ]
            in_frame = shared_by_chance([hit.log_ratio for hit in speaking], [hit.columns() for hit in speaking])
            reads = [hit for hit in speaking if isinstance(hit, SignatureHit)]
            among_reads = agreement(reads, fast=self._signatures.fast) if len(reads) > 1 else 0.0
            shared += max(in_frame, among_reads)
        return shared

    def _conflict(self, lines: Sequence[_Line]) -> bool:
        """Whether observations alone speak firmly for different kits, beyond a stray among many."""
        firm: Counter[int] = Counter()
        for line in lines if len(lines) > 1 else ():
            weighed = weigh({kit: hit.log_ratio for kit, hit in line.hits.items()}, len(self))
            if weighed and weighed[0].posterior >= FIRM:
                firm[weighed[0].kit_id] += 1
        return len(firm) > 1 and firm.most_common(2)[1][1] > STRAY_SHARE * firm.total()


def _ratios(hits: Iterable[Hit]) -> dict[int, float]:
    ratios: dict[int, float] = {}
    for hit in hits:
        ratios[hit.kit_id] = max(hit.log_ratio, ratios.get(hit.kit_id, hit.log_ratio))
    return ratios


def _contributions(lines: Sequence[_Line], hits: Sequence[Hit | None], glow: float | None) -> tuple[Contribution, ...]:
    """What each observation that speaks of a kit adds, and the tracer when it was looked at."""
    added = [
        (line.kind, with_astray(hit.log_ratio) if len(lines) > 1 else hit.log_ratio)
        for line, hit in zip(lines, hits, strict=True)
        if hit is not None
    ]
    if glow is not None:
        added.append((MarkKind.UV, glow))
    return tuple(Contribution(kind, ratio / math.log(10)) for kind, ratio in added)


def _picture(hits: Sequence[Hit | None]) -> tuple[float, tuple[Alignment, ...]]:
    """The distance over all observations, and the alignment of each that speaks of the kit."""
    alignments = tuple(hit.alignment() for hit in hits if hit is not None)
    return float(sum(alignment.edits for alignment in alignments)), alignments
