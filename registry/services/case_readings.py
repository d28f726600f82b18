"""The readings of a case as an officer sees them: what was read, what it came to and why, and the items. Never owners.

Everything is rebuilt from what was stored when the reading came in, so that it can be explained years later; only the
items and their theft reports are as they are now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, NotFound
from registry.identification.answer import Alignment
from registry.models.accounts import Station
from registry.models.cases import SeizedItem, Seizure
from registry.models.items import Sticker
from registry.models.kits import Kit
from registry.models.readings import Attachment, CandidateRow, Identification, Reading, Reveal
from registry.models.tag_marks import TagCandidate, TagKind, TagMark
from registry.services import (
    audit,
    cases,
    code_families,
    evidence_lines,
    identifications,
    item_weighings,
    marked_items,
    readings,
    seizures,
)
from registry.services.actor import Actor
from registry.services.code_families import LikelyFamily, SupplierContact
from registry.services.evidence_lines import Evidence
from registry.services.marked_items import MarkedItem
from registry.services.readings import Observed
from registry.services.tag_numbers import shown

__all__ = [
    "CandidateLine",
    "ReadingLine",
    "StickerLine",
    "TagHitLine",
    "attach",
    "newest_id",
    "of_case",
    "of_seized_item",
    "one_of_case",
]

SHOWN = 50
"""Readings on one page of a case, newest first."""


Revealed = set[tuple[int, int | None, int | None]]
"""Identifications with the kit or the number of a tag (neither for a sticker) whose owner was shown in a case."""


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A kit that may be the source, how it agrees with the reading, and the items it marks.

    ``shows_items`` is False where the evidence supports nothing: then neither items nor owner may be shown.
    """

    rank: int
    kit_id: int
    kit_code: str
    grade: int
    log10_likelihood_ratio: float
    posterior: float
    distance: float
    alignments: tuple[Alignment, ...]
    evidence: Evidence | None
    """What each observation adds; None for answers of versions that did not keep it."""
    shows_items: bool
    activated: bool
    items: tuple[MarkedItem, ...]
    revealed: bool


@dataclass(frozen=True, slots=True)
class StickerLine:
    """The sticker whose number was read, and the item it stands on."""

    sticker_id: int
    number: str
    item: MarkedItem | None
    revealed: bool


@dataclass(frozen=True, slots=True)
class TagHitLine:
    """A registered number of a tag or a vehicle that may be the one read, and the item it stands for.

    ``item`` is None where the evidence supports nothing, and once the number does not count any more (``counts``).
    """

    tag_mark_id: int
    kind: TagKind
    number: str
    exact: bool
    differences: int
    grade: int
    log10_likelihood_ratio: float
    posterior: float
    shows_items: bool
    counts: bool
    item: MarkedItem | None
    revealed: bool


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """A reading with its identification; ``station`` is empty when an officer typed it."""

    id: int
    number: str
    station: str
    reader: dict[str, Any]
    raw: bytes
    read_at: datetime
    received_at: datetime
    observed: tuple[Observed, ...]
    identification_id: int
    verdict: str
    candidates: tuple[CandidateLine, ...]
    tags: tuple[TagHitLine, ...]
    sticker: StickerLine | None
    supplier: SupplierContact | None
    family: LikelyFamily | None
    """Whose code it looks like, where no kit is named or its check character fails."""
    searched: int
    expected_chance_matches: float
    prior: float
    tiers: tuple[str, ...]
    engine_version: str
    attached_to: seizures.SeizedItemLine | None = field(default=None)

    @property
    def best(self) -> CandidateLine | None:
        """The candidate that stands first, if its items may be shown."""
        return next((candidate for candidate in self.candidates if candidate.shows_items), None)


def newest_id(session: Session, actor: Actor, case_id: int) -> int:
    """The number of the case's newest reading, 0 when it has none; it tells nothing else, so it is not logged."""
    cases.of_officer(session, actor, case_id)
    return session.scalar(select(func.max(Reading.id)).where(Reading.case_id == case_id)) or 0


def of_case(session: Session, case_id: int, *, after: int = 0, before: int | None = None) -> list[ReadingLine]:
    """The newest readings of a case, newest first; the caller has logged that the case is read."""
    wanted = Reading.id > after
    if before is not None:
        wanted &= Reading.id < before
    return _lines(session, case_id, wanted, SHOWN)


def of_seized_item(session: Session, case_id: int, seized_item_id: int) -> list[ReadingLine]:
    """All readings whose newest attachment is to this item; the caller has logged that the case is read."""
    mine = select(Attachment.reading_id).where(Attachment.seized_item_id == seized_item_id)
    lines = _lines(session, case_id, Reading.id.in_(mine), None)
    return [line for line in lines if line.attached_to is not None and line.attached_to.id == seized_item_id]


def _lines(session: Session, case_id: int, wanted: ColumnElement[bool], limit: int | None) -> list[ReadingLine]:
    rows = session.execute(
        select(Reading, Station.name, Identification)
        .outerjoin(Station, Station.id == Reading.station_id)
        .join(Identification, Identification.reading_id == Reading.id)
        .where(Reading.case_id == case_id, wanted)
        .order_by(Reading.id.desc())
        .limit(limit)
    ).all()
    identifications_by_id = {identification.id: identification for _, _, identification in rows}
    observed = readings.observed_in(session, [reading.id for reading, _, _ in rows])
    revealed = _revealed(session, case_id)
    candidates = _candidates(session, identifications_by_id, observed, revealed)
    tags = _tags(session, identifications_by_id, revealed)
    attached = _attached(session, [reading.id for reading, _, _ in rows])
    return [
        ReadingLine(
            id=reading.id,
            number=reading.reading_number,
            station=station or "",
            reader=reading.reader or {},
            raw=reading.raw,
            read_at=reading.read_at,
            received_at=reading.received_at,
            observed=tuple(observed[reading.id]),
            identification_id=identification.id,
            verdict=identification.verdict.value,
            candidates=tuple(candidates.get(identification.id, ())),
            tags=tuple(tags.get(identification.id, ())),
            sticker=_sticker(session, identification, revealed),
            supplier=code_families.contact(session, identification.supplier_id),
            family=code_families.stored(identification.basis.get("family")),
            searched=identification.searched,
            expected_chance_matches=identification.expected_chance_matches,
            prior=identification.prior,
            tiers=tuple(identification.tiers),
            engine_version=identification.engine_version,
            attached_to=attached.get(reading.id),
        )
        for reading, station, identification in rows
    ]


def one_of_case(session: Session, case_id: int, reading_id: int) -> ReadingLine:
    """One reading of this very case; raises NotFound for any other."""
    found = of_case(session, case_id, after=reading_id - 1, before=reading_id + 1)
    if not found:
        raise NotFound(what="reading", which=reading_id)
    return found[0]


def attach(session: Session, actor: Actor, case_id: int, reading_id: int, seized_item_id: int) -> None:
    """Put a reading with a seized item of the same case. The newest attachment counts; none is ever changed."""
    case = cases.of_officer(session, actor, case_id, still_open=True)
    item = seizures.item_of_case(session, case_id, seized_item_id)
    if item.handed_over:
        raise Conflict(what=item.label, reason="it has been handed over")
    if session.scalar(select(Reading.id).where(Reading.id == reading_id, Reading.case_id == case_id)) is None:
        raise NotFound(what="reading", which=reading_id)
    session.add(
        Attachment(
            reading_id=reading_id,
            seized_item_id=seized_item_id,
            attached_by_id=actor.own_account("police work"),
            attached_at=clock.now(),
        )
    )
    session.flush()
    audit.record(
        session,
        actor,
        audit.Action.READING_ATTACHED,
        f"reading:{reading_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"seized_item": seized_item_id},
    )
    item_weighings.weigh_where_put(session, actor, case, reading_id)


def _candidates(
    session: Session, of: dict[int, Identification], observed: Mapping[int, Sequence[Observed]], revealed: Revealed
) -> dict[int, list[CandidateLine]]:
    rows = session.execute(
        select(CandidateRow, Kit.code, Kit.owner_id)
        .join(Kit, Kit.id == CandidateRow.kit_id)
        .where(CandidateRow.identification_id.in_(of), CandidateRow.grade >= 0)
        .order_by(CandidateRow.identification_id, CandidateRow.rank)
    ).all()
    showing = {
        (row.identification_id, row.kit_id)
        for row, _, _ in rows
        if identifications.shows_items(of[row.identification_id].verdict, row.grade, row.posterior)
    }
    items = marked_items.of_kits(session, {kit_id for _, kit_id in showing})
    found: dict[int, list[CandidateLine]] = {}
    best = {row.identification_id: row for row, _, _ in reversed(rows)}
    for row, code, owner_id in rows:
        shows = (row.identification_id, row.kit_id) in showing
        found.setdefault(row.identification_id, []).append(
            CandidateLine(
                rank=row.rank,
                kit_id=row.kit_id,
                kit_code=code,
                grade=row.grade,
                log10_likelihood_ratio=row.log10_likelihood_ratio,
                posterior=row.posterior,
                distance=row.distance,
                alignments=identifications.as_alignments(row.alignments),
                evidence=_evidence(row, best[row.identification_id], of[row.identification_id], observed),
                shows_items=shows,
                activated=owner_id is not None,
                items=tuple(items[row.kit_id]) if shows else (),
                revealed=(row.identification_id, row.kit_id, None) in revealed,
            )
        )
    return found


def _evidence(
    row: CandidateRow, best: CandidateRow, identification: Identification, observed: Mapping[int, Sequence[Observed]]
) -> Evidence | None:
    if not row.contributions or "log10_shared" not in identification.basis:
        return None
    return evidence_lines.account(
        observed[identification.reading_id],
        [(kind, ratio) for kind, ratio in row.contributions],
        row.log10_likelihood_ratio,
        best=[(kind, ratio) for kind, ratio in best.contributions],
        log10_shared=identification.basis["log10_shared"],
        searched=identification.searched,
    )


def _tags(session: Session, of: dict[int, Identification], revealed: Revealed) -> dict[int, list[TagHitLine]]:
    rows = session.execute(
        select(TagCandidate, TagMark)
        .join(TagMark, TagMark.id == TagCandidate.tag_mark_id)
        .where(TagCandidate.identification_id.in_(of))
        .order_by(TagCandidate.identification_id, TagCandidate.rank)
    ).all()
    showing = {
        row.id: identifications.shows_items(of[row.identification_id].verdict, row.grade, row.posterior)
        for row, _ in rows
    }
    items = marked_items.of_tags(session, {mark.id for row, mark in rows if showing[row.id]})
    found: dict[int, list[TagHitLine]] = {}
    for row, mark in rows:
        found.setdefault(row.identification_id, []).append(
            TagHitLine(
                tag_mark_id=mark.id,
                kind=mark.kind,
                number=shown(mark.kind, mark.number),
                exact=row.differences == 0 and "?" not in row.read,
                differences=row.differences,
                grade=row.grade,
                log10_likelihood_ratio=row.log10_likelihood_ratio,
                posterior=row.posterior,
                shows_items=showing[row.id],
                counts=mark.removed_at is None,
                item=items.get(mark.id) if showing[row.id] else None,
                revealed=(row.identification_id, None, mark.id) in revealed,
            )
        )
    return found


def _revealed(session: Session, case_id: int) -> Revealed:
    rows = session.execute(
        select(Reveal.identification_id, Reveal.kit_id, Reveal.tag_mark_id)
        .join(Identification, Identification.id == Reveal.identification_id)
        .join(Reading, Reading.id == Identification.reading_id)
        .where(Reading.case_id == case_id)
    )
    return {(row.identification_id, row.kit_id, row.tag_mark_id) for row in rows}


def _sticker(session: Session, identification: Identification, revealed: Revealed) -> StickerLine | None:
    if identification.sticker_id is None:
        return None
    return StickerLine(
        sticker_id=identification.sticker_id,
        number=session.get_one(Sticker, identification.sticker_id).number,
        item=marked_items.of_sticker(session, identification.sticker_id),
        revealed=(identification.id, None, None) in revealed,
    )


def _attached(session: Session, reading_ids: Sequence[int]) -> dict[int, seizures.SeizedItemLine]:
    newest = (
        select(func.max(Attachment.id).label("id"))
        .where(Attachment.reading_id.in_(reading_ids))
        .group_by(Attachment.reading_id)
        .subquery()
    )
    rows = session.execute(
        select(Attachment.reading_id, Attachment.seized_item_id, Seizure.case_id)
        .join(newest, newest.c.id == Attachment.id)
        .join(SeizedItem, SeizedItem.id == Attachment.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
    )
    return {row.reading_id: seizures.item_of_case(session, row.case_id, row.seized_item_id) for row in rows}
