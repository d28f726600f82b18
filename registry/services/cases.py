"""Police cases: nothing is looked up without one, and nobody sees another authority's."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, InvalidInput, NotFound
from registry.models.accounts import Role, Station
from registry.models.cases import Case, SeizedItem, SeizedItemStatus, Seizure
from registry.models.readings import Identification, Reading, VerdictWord
from registry.services import audit
from registry.services.actor import Actor
from registry.services.text import one_line

__all__ = [
    "CASE_NUMBERS",
    "CaseHead",
    "CaseLine",
    "close",
    "closed_cases",
    "find",
    "head",
    "hold_open",
    "number_from",
    "of_officer",
    "open_case",
    "open_cases",
    "open_for_station",
    "read",
]

_ACT = "police work"
_LONGEST_PURPOSE = 500
_SHORTEST_PURPOSE = 5
_SHOWN_CLOSED = 20
CASE_NUMBERS = "a K number such as 5000-K123456-26, or a diary number such as A123.456/2026"
# Polisen's crime reports are numbered unit-K-running number-year; its diary numbers series-number/year.
_K_NUMBER = re.compile(r"\d{4}-K\d{1,7}-\d{2}")
_DIARY_NUMBER = re.compile(r"[A-ZÅÄÖ]{0,4}\d{1,7}(?:\.\d{1,4})?/\d{2,4}|[A-ZÅÄÖ]{0,4}\d{4}[-/]\d{1,7}")


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A case as its page is headed."""

    id: int
    number: str
    purpose: str
    organisation_id: int
    opened_at: datetime
    opened_by_me: bool
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether readings and seizures can still be added."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list, with what has happened in it."""

    id: int
    number: str
    purpose: str
    opened_at: datetime
    closed_at: datetime | None
    readings: int
    identified: int
    held: int
    handed_over: int


def number_from(text: str) -> str:
    """A case number in its one written form; raises InvalidInput for anything else."""
    number = re.sub(r"\s+", "", text).upper().translate(str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----"))
    if not (_K_NUMBER.fullmatch(number) or _DIARY_NUMBER.fullmatch(number)):
        raise InvalidInput(field="case_number", value=repr(text[:60]), allowed=CASE_NUMBERS)
    return number


def open_case(session: Session, actor: Actor, number: str, purpose: str) -> int:
    """Open a case of the officer's authority and return its id.

    Raises InvalidInput for a number that is none, a purpose that says nothing, or a number the authority used before.
    """
    organisation_id = actor.organisation_as(Role.OFFICER, _ACT)
    purpose = one_line("purpose", purpose, _SHORTEST_PURPOSE, _LONGEST_PURPOSE)
    case = Case(
        organisation_id=organisation_id,
        number=number_from(number),
        purpose=purpose,
        opened_by_id=actor.own_account(_ACT),
        opened_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(case)
    except IntegrityError:
        raise InvalidInput(
            field="case_number", value=case.number, allowed="a number that your authority has not opened before"
        ) from None
    audit.record(
        session,
        actor,
        audit.Action.CASE_OPENED,
        f"case:{case.id}",
        case_number=case.number,
        reason=purpose,
        organisation_id=organisation_id,
    )
    return case.id


def close(session: Session, actor: Actor, case_id: int) -> None:
    """Close a case: it takes no more readings, seizures or reveals. Raises Conflict when it is closed already."""
    case = of_officer(session, actor, case_id)
    closed = session.execute(
        update(Case)
        .where(Case.id == case_id, Case.closed_at.is_(None))
        .values(closed_at=clock.now())
        .returning(Case.id)
    ).scalar_one_or_none()
    if closed is None:
        raise Conflict(what=case.number, reason="it is closed")
    audit.record(
        session,
        actor,
        audit.Action.CASE_CLOSED,
        f"case:{case_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
    )


def of_officer(session: Session, actor: Actor, case_id: int, *, still_open: bool = False) -> CaseHead:
    """A case of the officer's own authority; another's is not found. Does not log: the caller says what was done.

    Raises Conflict for a closed case when it must be ``still_open``.
    """
    organisation_id = actor.organisation_as(Role.OFFICER, _ACT)
    case = session.scalar(select(Case).where(Case.id == case_id, Case.organisation_id == organisation_id))
    if case is None:
        raise NotFound(what="case", which=case_id)
    session.refresh(case)
    if still_open and case.closed_at is not None:
        raise Conflict(what=case.number, reason="it is closed")
    return head(case, actor)


def head(case: Case, actor: Actor) -> CaseHead:
    """The plain value of a case."""
    return CaseHead(
        id=case.id,
        number=case.number,
        purpose=case.purpose,
        organisation_id=case.organisation_id,
        opened_at=case.opened_at,
        opened_by_me=case.opened_by_id == actor.account_id,
        closed_at=case.closed_at,
    )


def read(session: Session, actor: Actor, case_id: int) -> CaseHead:
    """A case for its page; that it was read is logged before anything of it is shown."""
    case = of_officer(session, actor, case_id)
    audit.record(
        session,
        actor,
        audit.Action.CASE_READ,
        f"case:{case_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
    )
    return case


def find(session: Session, actor: Actor, number: str) -> int:
    """The authority's case with exactly this number, the search logged; raises InvalidInput or NotFound."""
    organisation_id = actor.organisation_as(Role.OFFICER, _ACT)
    wanted = number_from(number)
    case_id = session.scalar(select(Case.id).where(Case.organisation_id == organisation_id, Case.number == wanted))
    if case_id is None:
        raise NotFound(what="case", which=wanted)
    read(session, actor, case_id)
    return case_id


def hold_open(session: Session, case_id: int) -> None:
    """Hold a case's row, so that it cannot close before what is being added is stored; raises Conflict when it has.

    Readings of a case also become visible in the order of their numbers by this (see ``open_for_station``).
    """
    case = session.execute(select(Case.number, Case.closed_at).where(Case.id == case_id).with_for_update()).one()
    if case.closed_at is not None:
        raise Conflict(what=case.number, reason="it is closed")


def open_for_station(session: Session, actor: Actor, number: str) -> CaseHead:
    """The open case of the station's authority with this number; raises NotFound when there is none that is open."""
    wanted = number_from(number)
    case = session.scalar(
        select(Case)
        .join(Station, Station.organisation_id == Case.organisation_id)
        .where(Station.id == actor.station_id, Case.number == wanted, Case.closed_at.is_(None))
        # The case must not close before the reading is stored, and readings of a case must become visible in the
        # order of their numbers: an open page asks only for what is newer than the newest it shows.
        .with_for_update(of=Case)
    )
    if case is None:
        raise NotFound(what="open case", which=wanted)
    return head(case, actor)


def open_cases(session: Session, actor: Actor) -> list[CaseLine]:
    """The authority's open cases, the one with the newest reading first."""
    return _lines(session, actor, closed=False)


def closed_cases(session: Session, actor: Actor) -> list[CaseLine]:
    """The authority's cases that were closed last."""
    return _lines(session, actor, closed=True)[:_SHOWN_CLOSED]


def _lines(session: Session, actor: Actor, *, closed: bool) -> list[CaseLine]:
    organisation_id = actor.organisation_as(Role.OFFICER, _ACT)
    readings = (
        select(
            Reading.case_id.label("case_id"),
            func.count(Reading.id).label("readings"),
            func.count(Identification.id).filter(Identification.verdict == VerdictWord.IDENTIFIED).label("identified"),
            func.max(Reading.id).label("newest"),
        )
        .outerjoin(Identification, Identification.reading_id == Reading.id)
        .group_by(Reading.case_id)
        .subquery()
    )
    items = (
        select(
            Seizure.case_id.label("case_id"),
            func.count(SeizedItem.id).filter(SeizedItem.status == SeizedItemStatus.HELD).label("held"),
            func.count(SeizedItem.id).filter(SeizedItem.status == SeizedItemStatus.HANDED_OVER).label("handed_over"),
        )
        .join(SeizedItem, SeizedItem.seizure_id == Seizure.id)
        .group_by(Seizure.case_id)
        .subquery()
    )
    rows = session.execute(
        select(Case, readings.c.readings, readings.c.identified, items.c.held, items.c.handed_over)
        .outerjoin(readings, readings.c.case_id == Case.id)
        .outerjoin(items, items.c.case_id == Case.id)
        .where(
            Case.organisation_id == organisation_id,
            Case.closed_at.is_not(None) if closed else Case.closed_at.is_(None),
        )
        .order_by(Case.closed_at.desc() if closed else func.coalesce(readings.c.newest, 0).desc(), Case.id.desc())
    )
    return [
        CaseLine(
            id=case.id,
            number=case.number,
            purpose=case.purpose,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            readings=counted or 0,
            identified=identified or 0,
            held=held or 0,
            handed_over=handed_over or 0,
        )
        for case, counted, identified, held, handed_over in rows
    ]
