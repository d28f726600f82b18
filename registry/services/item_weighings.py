"""The readings put with a seized item and the UV findings noted of it, weighed together by the engine.

A colour that somebody saw tells kits of different makers apart, so it belongs to the marks that were read on the same
thing. Whenever a reading is put with an item, or a finding is noted or corrected, what counts then is weighed anew and
kept; what was weighed before stays. Items and owners are shown with the readings, not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
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
    notes = session.scalars(_counting([seized_item_id])).all()
    if not notes:
        return None
    attached = session.scalars(
        select(Reading)
        .where(Reading.id.in_(_attached([seized_item_id]).with_only_columns(Attachment.reading_id)))
        .order_by(Reading.id)
    ).all()
    observed = readings.observed_in(session, [reading.id for reading in attached])
    observations: list[Observation] = []
    learnt = {}
    for reading in attached:
        kind = reader_models.kind_of(reading.reader)
        found = reader_models.current(session, kind)
        if found is not None:
            learnt[kind] = found.model
        observations += identifications.marks_in(observed[reading.id], kind)
    if not any(one.text for one in observations):
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
    of_case = select(SeizedItem.id).join(Seizure, Seizure.id == SeizedItem.seizure_id).where(Seizure.case_id == case_id)
    newest = (
        select(func.max(ItemWeighing.id))
        .where(ItemWeighing.seized_item_id.in_(of_case))
        .group_by(ItemWeighing.seized_item_id)
    )
    rows = session.scalars(select(ItemWeighing).where(ItemWeighing.id.in_(newest))).all()
    kits = {one["kit_id"] for row in rows for one in row.candidates}
    codes = {row.id: row.code for row in session.execute(select(Kit.id, Kit.code).where(Kit.id.in_(kits)))}
    items = [row.seized_item_id for row in rows]
    notes = _by_item(session, _counting(items).with_only_columns(UvNote.seized_item_id, UvNote.id))
    readings_now = _by_item(session, _attached(items))
    return {
        row.seized_item_id: _weighing(row, codes)
        for row in rows
        if row.basis["readings"] == readings_now.get(row.seized_item_id, [])
        and row.basis["notes"] == notes.get(row.seized_item_id, [])
    }


def _by_item(session: Session, pairs: Select[int, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for seized_item_id, number in session.execute(pairs):
        found.setdefault(seized_item_id, []).append(number)
    return found


def _weighing(row: ItemWeighing, codes: dict[int, str]) -> Weighing:
    kits = [_kit(one, codes) for one in row.candidates if one["grade"] >= Grade.ZERO]
    basis = row.basis
    return Weighing(row.verdict.value, tuple(kits), len(basis["readings"]), len(basis["notes"]), row.made_at)


def _kit(one: dict[str, Any], codes: dict[int, str]) -> WeighedKit:
    colours = [ratio for kind, ratio in one["contributions"] if kind == "uv"]
    return WeighedKit(codes[one["kit_id"]], one["grade"], one["posterior"], colours[0] if colours else None)


def _counting(items: Sequence[int]) -> Select[UvNote]:
    """The notes of items that no other note corrects and that say that something was found."""
    later = aliased(UvNote)
    return (
        select(UvNote)
        .outerjoin(later, later.corrects_id == UvNote.id)
        .where(UvNote.seized_item_id.in_(items), later.id.is_(None), ~UvNote.withdrawn)
        .order_by(UvNote.id)
    )


def _attached(items: Sequence[int]) -> Select[int, int]:
    """Items with the readings whose newest attachment is to them."""
    ever = select(Attachment.reading_id).where(Attachment.seized_item_id.in_(items))
    newest = select(func.max(Attachment.id)).where(Attachment.reading_id.in_(ever)).group_by(Attachment.reading_id)
    return (
        select(Attachment.seized_item_id, Attachment.reading_id)
        .where(Attachment.id.in_(newest), Attachment.seized_item_id.in_(items))
        .order_by(Attachment.reading_id)
    )
