"""Seizures of a case: numbered groups of seized items, each item described and with a place where it lies."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, InvalidInput, NotFound
from registry.models.cases import Case, Handover, SeizedItem, SeizedItemStatus, Seizure, StoragePlace
from registry.services import audit, cases
from registry.services.actor import Actor
from registry.services.text import one_line

__all__ = [
    "SeizedItemLine",
    "SeizureLine",
    "add",
    "add_item",
    "item_of_case",
    "of_case",
    "storage_places",
]

_ACT = "police work"
_EARLIEST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class SeizedItemLine:
    """One seized thing; ``label`` is how it is spoken of, seizure and number: ``2:1``."""

    id: int
    seizure_number: int
    number: int
    description: str
    storage_place: str
    handed_over: bool
    handover_id: int | None

    @property
    def label(self) -> str:
        """Number of the seizure and of the item in it."""
        return f"{self.seizure_number}:{self.number}"


@dataclass(frozen=True, slots=True)
class SeizureLine:
    """A seizure with its items in their order."""

    id: int
    number: int
    place: str
    seized_at: datetime
    items: tuple[SeizedItemLine, ...]


def add(session: Session, actor: Actor, case_id: int, place: str, seized_at: datetime) -> int:
    """Add the case's next seizure and return its id; raises Conflict when the case is closed."""
    case = cases.of_officer(session, actor, case_id, still_open=True)
    if seized_at > clock.now() + timedelta(minutes=1) or seized_at.year < _EARLIEST_YEAR:
        raise InvalidInput(
            field="seized_at", value=f"{seized_at:%Y-%m-%d}", allowed="a time that has passed, from 2000 on"
        )
    _lock(session, case_id)
    number = (session.scalar(select(func.max(Seizure.number)).where(Seizure.case_id == case_id)) or 0) + 1
    row = Seizure(
        case_id=case_id,
        number=number,
        place=one_line("place", place, 2, 200),
        seized_at=seized_at,
        seized_by_id=actor.own_account(_ACT),
    )
    session.add(row)
    session.flush()
    _log(session, actor, case, f"seizure:{row.id}")
    return row.id


def add_item(
    session: Session, actor: Actor, case_id: int, seizure_id: int, description: str, storage_place: str
) -> int:
    """Add the next item of a seizure and return its id; a storage place that is new to the authority is kept."""
    case = cases.of_officer(session, actor, case_id, still_open=True)
    if session.scalar(select(Seizure.id).where(Seizure.id == seizure_id, Seizure.case_id == case_id)) is None:
        raise NotFound(what="seizure", which=seizure_id)
    _lock(session, case_id)
    greatest = session.scalar(select(func.max(SeizedItem.number)).where(SeizedItem.seizure_id == seizure_id))
    row = SeizedItem(
        seizure_id=seizure_id,
        number=(greatest or 0) + 1,
        description=one_line("description", description, 2, 500),
        storage_place_id=_storage_place(session, case.organisation_id, storage_place),
        status=SeizedItemStatus.HELD,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    _log(session, actor, case, f"seized_item:{row.id}")
    return row.id


def of_case(session: Session, case_id: int) -> list[SeizureLine]:
    """The seizures of a case in their order; the caller has logged that the case is read."""
    rows = session.execute(
        select(SeizedItem, Seizure.number, StoragePlace.name, Handover.id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .outerjoin(StoragePlace, StoragePlace.id == SeizedItem.storage_place_id)
        .outerjoin(Handover, Handover.seized_item_id == SeizedItem.id)
        .where(Seizure.case_id == case_id)
        .order_by(SeizedItem.number)
    )
    items: dict[int, list[SeizedItemLine]] = {}
    for item, number, place, handover_id in rows:
        items.setdefault(item.seizure_id, []).append(_line(item, number, place, handover_id))
    seizures = session.scalars(select(Seizure).where(Seizure.case_id == case_id).order_by(Seizure.number))
    return [SeizureLine(row.id, row.number, row.place, row.seized_at, tuple(items.get(row.id, ()))) for row in seizures]


def item_of_case(session: Session, case_id: int, seized_item_id: int) -> SeizedItemLine:
    """A seized item of this very case; raises NotFound for any other."""
    row = session.execute(
        select(SeizedItem, Seizure.number, StoragePlace.name, Handover.id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .outerjoin(StoragePlace, StoragePlace.id == SeizedItem.storage_place_id)
        .outerjoin(Handover, Handover.seized_item_id == SeizedItem.id)
        .where(Seizure.case_id == case_id, SeizedItem.id == seized_item_id)
    ).one_or_none()
    if row is None:
        raise NotFound(what="seized item", which=seized_item_id)
    return _line(*row)


def storage_places(session: Session, organisation_id: int) -> list[str]:
    """Names of the authority's storage places, for the form to offer."""
    return list(
        session.scalars(
            select(StoragePlace.name).where(StoragePlace.organisation_id == organisation_id).order_by(StoragePlace.name)
        )
    )


def _line(item: SeizedItem, seizure_number: int, place: str | None, handover_id: int | None) -> SeizedItemLine:
    return SeizedItemLine(
        id=item.id,
        seizure_number=seizure_number,
        number=item.number,
        description=item.description,
        storage_place=place or "",
        handed_over=item.status is SeizedItemStatus.HANDED_OVER,
        handover_id=handover_id,
    )


def _lock(session: Session, case_id: int) -> None:
    """Hold the case's row, so that two officers never take the same next number, nor add to a case that closes."""
    closed_at = session.execute(select(Case.number, Case.closed_at).where(Case.id == case_id).with_for_update()).one()
    if closed_at.closed_at is not None:
        raise Conflict(what=closed_at.number, reason="it is closed")


def _storage_place(session: Session, organisation_id: int, name: str) -> int | None:
    if not name.strip():
        return None
    wanted = one_line("storage_place", name, 1, 120)
    query = select(StoragePlace.id).where(StoragePlace.organisation_id == organisation_id, StoragePlace.name == wanted)
    found = session.scalar(query)
    if found is not None:
        return found
    row = StoragePlace(organisation_id=organisation_id, name=wanted)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another officer named the same place at the same moment.
        return session.scalars(query).one()
    return row.id


def _log(session: Session, actor: Actor, case: cases.CaseHead, subject: str) -> None:
    audit.record(
        session,
        actor,
        audit.Action.SEIZURE_ADDED,
        subject,
        case_number=case.number,
        organisation_id=case.organisation_id,
    )
