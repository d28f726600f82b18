"""Samples: scrapes taken from seized items, sealed and numbered for the laboratory."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, InvalidInput
from registry.models.cases import Sample, SeizedItem, Seizure
from registry.services import audit, cases, seizures
from registry.services.actor import Actor
from registry.services.cases import CaseHead
from registry.services.text import one_line

__all__ = ["SampleLine", "answered", "bags_of_case", "enter", "of_case", "seal", "take"]

_ACT = "police work"


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A sample, whether the laboratory has answered, and whether its number was a mistake."""

    id: int
    seized_item_id: int
    seal_number: str
    taken_at: datetime
    answered_at: datetime | None
    corrected: bool = False


def take(session: Session, actor: Actor, case_id: int, seized_item_id: int, seal_number: str) -> int:
    """Note a sample of a held item and return its id; raises InvalidInput for a seal number that was used before."""
    case = cases.of_officer(session, actor, case_id, still_open=True)
    item = seizures.item_of_case(session, case_id, seized_item_id)
    if item.handed_over:
        raise Conflict(what=item.label, reason="it has been handed over")
    row = Sample(
        seized_item_id=seized_item_id,
        seal_number=seal(seal_number),
        taken_at=clock.now(),
        taken_by_id=actor.own_account(_ACT),
    )
    return enter(session, actor, case, row)


def seal(text: str) -> str:
    """The number of a seal as it is kept; raises InvalidInput."""
    return one_line("seal_number", text, 3, 40).upper()


def enter(session: Session, actor: Actor, case: CaseHead, row: Sample) -> int:
    """Keep and log a sample of an item of this case; raises InvalidInput for a seal number that was used before."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise InvalidInput(
            field="seal_number", value=row.seal_number, allowed="a seal number that was not used before"
        ) from None
    audit.record(
        session,
        actor,
        audit.Action.SAMPLE_TAKEN,
        f"sample:{row.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"seized_item": row.seized_item_id},
    )
    return row.id


def answered(session: Session, actor: Actor, case_id: int, sample_id: int) -> None:
    """Note that the laboratory's answer is here; raises Conflict when that was noted before."""
    case = cases.of_officer(session, actor, case_id, still_open=True)
    done = session.execute(
        update(Sample)
        .where(
            Sample.id == sample_id,
            Sample.answered_at.is_(None),
            Sample.corrected_at.is_(None),
            Sample.seized_item_id.in_(
                select(SeizedItem.id)
                .join(Seizure, Seizure.id == SeizedItem.seizure_id)
                .where(Seizure.case_id == case_id)
            ),
        )
        .values(answered_at=clock.now())
        .returning(Sample.id)
    ).scalar_one_or_none()
    if done is None:
        raise Conflict(what="The sample", reason="it is not waiting for an answer")
    audit.record(
        session,
        actor,
        audit.Action.SAMPLE_ANSWERED,
        f"sample:{sample_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
    )


def of_case(session: Session, case_id: int) -> dict[int, list[SampleLine]]:
    """The samples of a case by seized item, in the order they were taken."""
    rows = session.scalars(
        select(Sample)
        .join(SeizedItem, SeizedItem.id == Sample.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .where(Seizure.case_id == case_id)
        .order_by(Sample.id)
    )
    found: dict[int, list[SampleLine]] = {}
    for row in rows:
        line = SampleLine(
            row.id, row.seized_item_id, row.seal_number, row.taken_at, row.answered_at, row.corrected_at is not None
        )
        found.setdefault(row.seized_item_id, []).append(line)
    return found


def bags_of_case(session: Session, case_id: int) -> dict[int, list[SampleLine]]:
    """The samples of a case that there are, without numbers that were a mistake, by seized item."""
    found = {
        item_id: [line for line in lines if not line.corrected] for item_id, lines in of_case(session, case_id).items()
    }
    return {item_id: lines for item_id, lines in found.items() if lines}
