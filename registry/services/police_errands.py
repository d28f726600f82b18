"""What an officer should do next, so that the starting page need not be searched for it."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.accounts import Role
from registry.models.cases import Case, SeizedItem, SeizedItemStatus
from registry.models.readings import Attachment, CandidateRow, Identification, Reading, Reveal, VerdictWord
from registry.services.actor import Actor
from registry.services.handovers import LEAST_GRADE

__all__ = ["Errand", "ErrandKind", "next_errand"]


class ErrandKind(StrEnum):
    """What is to be done."""

    OPEN_CASE = "open_case"
    ATTACH = "attach"
    REVEAL = "reveal"
    HAND_OVER = "hand_over"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Errand:
    """The next thing to do, and where; ``thing`` is the reading or the seized item."""

    kind: ErrandKind
    case_id: int = 0
    case_number: str = ""
    reading_id: int = 0
    seized_item_id: int = 0
    thing: str = ""


def next_errand(session: Session, actor: Actor) -> Errand:
    """The first of: hand over what is ready, find the owner, sort a reading, read more, open a case."""
    organisation_id = actor.organisation_as(Role.OFFICER, "police work")
    identified = (
        select(Case.id, Case.number, Reading.id, Reading.reading_number)
        .join(Reading, Reading.case_id == Case.id)
        .join(Identification, Identification.reading_id == Reading.id)
        .where(
            Case.organisation_id == organisation_id,
            Case.closed_at.is_(None),
            Identification.verdict == VerdictWord.IDENTIFIED,
        )
        .order_by(Reading.id.desc())
        .limit(1)
    )
    held = (
        identified.join(Attachment, Attachment.reading_id == Reading.id)
        .join(SeizedItem, SeizedItem.id == Attachment.seized_item_id)
        .join(CandidateRow, CandidateRow.identification_id == Identification.id)
        .where(SeizedItem.status == SeizedItemStatus.HELD, CandidateRow.rank == 1, CandidateRow.grade >= LEAST_GRADE)
        .add_columns(SeizedItem.id, SeizedItem.description)
    )
    shown = select(Reveal.id).where(Reveal.identification_id == Identification.id).exists()
    for kind, query in ((ErrandKind.HAND_OVER, held.where(shown)), (ErrandKind.REVEAL, held.where(~shown))):
        row = session.execute(query).first()
        if row is not None:
            return Errand(kind, row[0], row[1], row[2], row[4], row[5])
    sorted_in = select(Attachment.id).where(Attachment.reading_id == Reading.id).exists()
    row = session.execute(identified.where(~sorted_in)).first()
    if row is not None:
        return Errand(ErrandKind.ATTACH, row[0], row[1], row[2], thing=row[3])
    newest = session.execute(
        select(Case.id, Case.number)
        .where(Case.organisation_id == organisation_id, Case.closed_at.is_(None))
        .order_by(Case.id.desc())
    ).first()
    return Errand(ErrandKind.READ, newest[0], newest[1]) if newest else Errand(ErrandKind.OPEN_CASE)
