"""Readings put with seized items at a station: by what is written on the thing, also when the registry was away.

What a station says comes later than it was done, so it names the reading by the message it came in, and the item by its
label (``2:1``). Like an officer's, such an attachment is never changed: a later one counts instead.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, InvalidInput, NotPermitted
from registry.models.readings import Attachment, Reading
from registry.services import audit, cases, item_weighings, seizures
from registry.services.actor import Actor
from registry.services.seizures import SeizedItemLine

__all__ = ["Wish", "attach", "items"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody at a station wants attached to what."""

    case_number: str
    reading_key: str
    """The key under which the station delivered the reading."""
    reading_number: str
    """The reader's own number for it, for a reading that had come under another key before."""
    label: str
    """The seized item, as seizure and number: ``2:1``."""


def items(session: Session, actor: Actor, case_number: str) -> list[SeizedItemLine]:
    """The seized items of an open case of the station's authority; that they were asked for is logged."""
    case = cases.open_for_station(session, actor, case_number)
    audit.record(
        session,
        actor,
        audit.Action.CASE_READ,
        f"case:{case.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
    )
    return _items(session, case.id)


def attach(session: Session, actor: Actor, key: str, wish: Wish) -> tuple[int, bool]:
    """Attach, once for each ``key``: the attachment's number, and whether it had been made before.

    Raises NotFound when there is no such open case, InvalidInput for a reading or an item that it does not have, and
    Conflict for an item that has been handed over.
    """
    if actor.station_id is None:
        raise NotPermitted(act="deliver readings")
    known = _known(session, actor.station_id, key)
    if known is not None:
        return known, True
    case = cases.open_for_station(session, actor, wish.case_number)
    reading_id = _reading(session, actor.station_id, case.id, wish)
    item = next((one for one in _items(session, case.id) if one.label == wish.label), None)
    if item is None:
        raise InvalidInput(field="seized_item", value=wish.label, allowed="the label of an item of this case, as 2:1")
    if item.handed_over:
        raise Conflict(what=item.label, reason="it has been handed over")
    row = Attachment(
        reading_id=reading_id,
        seized_item_id=item.id,
        station_id=actor.station_id,
        message_key=key,
        attached_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        known = _known(session, actor.station_id, key)
        if known is None:
            raise
        return known, True
    audit.record(
        session,
        actor,
        audit.Action.READING_ATTACHED,
        f"reading:{reading_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"seized_item": item.id},
    )
    item_weighings.weigh_where_put(session, actor, case, reading_id)
    return row.id, False


def _items(session: Session, case_id: int) -> list[SeizedItemLine]:
    return [item for seizure in seizures.of_case(session, case_id) for item in seizure.items]


def _known(session: Session, station_id: int, key: str) -> int | None:
    return session.scalar(
        select(Attachment.id).where(Attachment.station_id == station_id, Attachment.message_key == key)
    )


def _reading(session: Session, station_id: int, case_id: int, wish: Wish) -> int:
    mine = select(Reading.id).where(Reading.station_id == station_id, Reading.case_id == case_id)
    found = session.scalar(mine.where(Reading.idempotency_key == wish.reading_key)) or session.scalar(
        mine.where(Reading.reading_number == wish.reading_number).order_by(Reading.id.desc()).limit(1)
    )
    if found is None:
        raise InvalidInput(
            field="reading_key", value=wish.reading_key, allowed="a reading that this station delivered to this case"
        )
    return found
