"""The readings put with a seized item and the UV findings noted of it, weighed together by the engine.

A colour that somebody saw tells kits of different makers apart, so it belongs to the marks that were read on the same
thing. Whenever a reading is put with an item, or a finding is noted or corrected, what counts then is weighed anew and
kept; what was weighed before stays. Items and owners are shown with the readings, not here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from registry import clock
from registry.identification.answer import Grade, Observation
from registry.identification.constants import model_constants
from registry.models.cases import SeizedItem, Seizure
from registry.models.kits import Kit
from registry.models.readings import Attachment, Reading, VerdictWord
from registry.models.uv_findings import ItemWeighing, UvNote
from registry.services import audit, identifications, reader_models, readings, tracer_colours
from registry.services.actor import Actor
from registry.services.cases import CaseHead
from registry.services.search_engine import search_engine_of

__all__ = ["WeighedKit", "Weighing", "of_case", "weigh", "weigh_where_put"]


@dataclass(frozen=True, slots=True)
class WeighedKit:
    """A kit, its grade over all that was weighed, and what the colour added to it (base-10 logarithm, if it did)."""

    kit_code: str
    grade: int
    posterior: float
    log10_colour: float | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a thing's readings and findings came to together."""

    verdict: str
    kits: tuple[WeighedKit, ...]
    readings: int
    findings: int
    made_at: datetime


def weigh(session: Session, actor: Actor, case: CaseHead, seized_item_id: int) -> int | None:
    """Weigh what counts of an item now, log it, and keep it; None when there are not both marks and findings."""
    notes = _counting(session, seized_item_id)
    attached = _attached(session, seized_item_id)
    observed = readings.observed_in(session, [reading.id for reading in attached])
    observations: list[Observation] = []
    learnt = {}
    for reading in attached:
        kind = reader_models.kind_of(reading.reader)
        found = reader_models.current(session, kind)
        if found is not None:
            learnt[kind] = found.model
        observations += identifications.marks_in(observed[reading.id], kind)
    if not notes or not any(one.text for one in observations):
        return None
    observations += [tracer_colours.observation_of(session, note.colour) for note in notes]
    answer = search_engine_of(session).identify(session, observations, learnt)
    row = ItemWeighing(
        seized_item_id=seized_item_id,
        verdict=VerdictWord(answer.verdict.value),
        candidates=[
            {
                "kit_id": one.kit_id,
                "log10_likelihood_ratio": one.log10_likelihood_ratio,
                "posterior": one.posterior,
                "grade": int(one.grade),
                "contributions": [[part.kind.value, round(part.log10_ratio, 6)] for part in one.contributions],
            }
            for one in answer.candidates
        ],
        searched=answer.searched,
        basis={
            "readings": [reading.id for reading in attached],
            "notes": [note.id for note in notes],
            "constants": model_constants(),
        },
        engine_version=identifications.engine_version(),
        made_at=clock.now(),
    )
    audit.record(
        session,
        actor,
        audit.Action.IDENTIFICATION_MADE,
        f"seized_item:{seized_item_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={
            "verdict": row.verdict.value,
            "kits": [one.kit_id for one in answer.candidates],
            "readings": len(attached),
            "uv_notes": len(notes),
            "searched": answer.searched,
        },
    )
    session.add(row)
    session.flush()
    return row.id


def weigh_where_put(session: Session, actor: Actor, case: CaseHead, reading_id: int) -> None:
    """Weigh the item that a reading has just been put with, and the one that it was put with before."""
    newest = (
        select(Attachment.seized_item_id)
        .where(Attachment.reading_id == reading_id)
        .order_by(Attachment.id.desc())
        .limit(2)
    )
    for seized_item_id in set(session.scalars(newest)):
        weigh(session, actor, case, seized_item_id)


def of_case(session: Session, case_id: int) -> dict[int, Weighing]:
    """The weighing of each seized item of a case; the caller has logged that the case is read.

    None of an item whose readings or findings have since been put elsewhere or withdrawn: nothing is left to weigh.
    """
    newest = select(func.max(ItemWeighing.id)).group_by(ItemWeighing.seized_item_id)
    rows = session.scalars(
        select(ItemWeighing)
        .join(SeizedItem, SeizedItem.id == ItemWeighing.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .where(Seizure.case_id == case_id, ItemWeighing.id.in_(newest))
    ).all()
    kits = {one["kit_id"] for row in rows for one in row.candidates}
    codes = {row.id: row.code for row in session.execute(select(Kit.id, Kit.code).where(Kit.id.in_(kits)))}
    return {row.seized_item_id: _weighing(row, codes) for row in rows if _rests_on_what_counts(session, row)}


def _rests_on_what_counts(session: Session, row: ItemWeighing) -> bool:
    readings_now = [reading.id for reading in _attached(session, row.seized_item_id)]
    notes_now = [note.id for note in _counting(session, row.seized_item_id)]
    return bool(row.basis["readings"] == readings_now and row.basis["notes"] == notes_now)


def _weighing(row: ItemWeighing, codes: dict[int, str]) -> Weighing:
    kits = [_kit(one, codes) for one in row.candidates if one["grade"] >= Grade.ZERO]
    basis = row.basis
    return Weighing(row.verdict.value, tuple(kits), len(basis["readings"]), len(basis["notes"]), row.made_at)


def _kit(one: dict[str, Any], codes: dict[int, str]) -> WeighedKit:
    colours = [ratio for kind, ratio in one["contributions"] if kind == "uv"]
    return WeighedKit(codes[one["kit_id"]], one["grade"], one["posterior"], colours[0] if colours else None)


def _counting(session: Session, seized_item_id: int) -> list[UvNote]:
    """The notes of an item that no other note corrects and that say that something was found."""
    later = aliased(UvNote)
    return list(
        session.scalars(
            select(UvNote)
            .outerjoin(later, later.corrects_id == UvNote.id)
            .where(UvNote.seized_item_id == seized_item_id, later.id.is_(None), ~UvNote.withdrawn)
            .order_by(UvNote.id)
        )
    )


def _attached(session: Session, seized_item_id: int) -> list[Reading]:
    """The readings whose newest attachment is to this item."""
    mine = select(Attachment.reading_id).where(Attachment.seized_item_id == seized_item_id)
    newest = select(func.max(Attachment.id)).where(Attachment.reading_id.in_(mine)).group_by(Attachment.reading_id)
    return list(
        session.scalars(
            select(Reading)
            .join(Attachment, Attachment.reading_id == Reading.id)
            .where(Attachment.id.in_(newest), Attachment.seized_item_id == seized_item_id)
            .order_by(Reading.id)
        )
    )
