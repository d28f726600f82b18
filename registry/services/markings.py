"""Which kit's fluid sits on an item and where: what an owner has marked, and with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound, TooLong
from registry.models.items import Item, Marking, MarkPoint
from registry.models.kits import Kit
from registry.services import audit
from registry.services.actor import Actor

__all__ = ["ADVISED_POINTS", "MOST_POINTS", "OwnMarking", "mark", "of_item"]

ADVISED_POINTS = range(3, 6)
"""How many mark points an item should have (domain: marking)."""

MOST_POINTS = 20
_LONGEST_PLACE = 120


@dataclass(frozen=True, slots=True)
class OwnMarking:
    """The fluid of one kit on one item; ``places`` in the owner's words, in order."""

    kit_id: int
    kit_code: str
    marked_on: date
    places: tuple[str, ...]


def mark(session: Session, actor: Actor, item_id: int, kit_id: int, places: Sequence[str], marked_on: date) -> None:
    """Say where an own item is marked with an own kit; what was said before of this pair is replaced.

    Blank places are left out; with none left the marking is taken away. Raises NotFound for an item or a kit that is
    not the actor's, InvalidInput for a place, their number or a day in the future.
    """
    owner_id = actor.own_owner("mark an item")
    kept = _checked(places, marked_on)
    item = session.scalar(
        select(Item.id).where(Item.id == item_id, Item.owner_id == owner_id, Item.removed_at.is_(None))
    )
    if item is None:
        raise NotFound(what="item", which=item_id)
    if session.scalar(select(Kit.id).where(Kit.id == kit_id, Kit.owner_id == owner_id)) is None:
        raise NotFound(what="kit", which=kit_id)
    _take_away(session, item_id, kit_id)
    if kept:
        marking = Marking(item_id=item_id, kit_id=kit_id, marked_on=marked_on, created_at=clock.now())
        session.add(marking)
        session.flush()
        session.add_all(
            MarkPoint(marking_id=marking.id, position=position, place=place)
            for position, place in enumerate(kept, start=1)
        )
        session.flush()
    audit.record(
        session,
        actor,
        audit.Action.ITEM_MARKED,
        f"item:{item_id}",
        details={"kit": kit_id, "mark_points": len(kept)},
    )


def of_item(session: Session, actor: Actor, item_id: int) -> Sequence[OwnMarking]:
    """The markings of an own item, in order of the day; empty for somebody else's."""
    rows = session.execute(
        select(Marking, Kit.code)
        .join(Kit, Kit.id == Marking.kit_id)
        .join(Item, Item.id == Marking.item_id)
        .where(Item.id == item_id, Item.owner_id == actor.own_owner("see markings"), Item.removed_at.is_(None))
        .order_by(Marking.marked_on, Marking.id)
    ).all()
    return [OwnMarking(marking.kit_id, code, marking.marked_on, _places(session, marking.id)) for marking, code in rows]


def _places(session: Session, marking_id: int) -> tuple[str, ...]:
    query = select(MarkPoint.place).where(MarkPoint.marking_id == marking_id).order_by(MarkPoint.position)
    return tuple(session.scalars(query))


def _take_away(session: Session, item_id: int, kit_id: int) -> None:
    old = select(Marking.id).where(Marking.item_id == item_id, Marking.kit_id == kit_id).with_for_update()
    for marking_id in session.scalars(old).all():
        session.execute(delete(MarkPoint).where(MarkPoint.marking_id == marking_id))
        session.execute(delete(Marking).where(Marking.id == marking_id))


def _checked(places: Sequence[str], marked_on: date) -> list[str]:
    kept = [cleaned for place in places if (cleaned := " ".join(place.split()))]
    if len(kept) > MOST_POINTS:
        raise InvalidInput(field="places", value=str(len(kept)), allowed="at most 20 mark points")
    for place in kept:
        if len(place) > _LONGEST_PLACE:
            raise TooLong(field="places", count=len(place), longest=_LONGEST_PLACE)
        if not place.isprintable():
            raise InvalidInput(field="places", value=repr(place[:20]), allowed="printable characters")
    # The day is the owner's local one, which may be ahead of UTC.
    if marked_on > clock.today():
        raise InvalidInput(field="marked_on", value=marked_on.isoformat(), allowed="today or earlier")
    return kept
