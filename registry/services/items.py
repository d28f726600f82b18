"""Residents' items: added, described, changed and removed by their own owner alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound, ReportedStolen, TooLong
from registry.models.items import CancelReason, Category, Item, Marking, MarkPoint, Photo, Sticker, StickerStatus
from registry.models.owners import OwnershipPeriod
from registry.models.tag_marks import TagMark
from registry.models.thefts import TheftReport
from registry.services import audit, tag_marks
from registry.services.actor import Actor
from registry.services.folding import folded_serial

__all__ = ["Category", "ItemLine", "ItemText", "OwnItem", "add", "change", "one", "own", "remove"]

MOST_ITEMS = 2000
"""An owner's items; more is no household."""

HIGHEST_VALUE = 100_000_000
_LENGTHS = {"name": 120, "maker": 120, "model": 120, "serial_number": 80, "description": 2000}


@dataclass(frozen=True, slots=True)
class ItemText:
    """What an owner writes about an item; ``value_sek`` is what it is worth in whole kronor."""

    name: str
    category: Category
    maker: str = ""
    model: str = ""
    serial_number: str = ""
    value_sek: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in its owner's list."""

    id: int
    name: str
    category: Category
    maker: str
    model: str
    value_sek: int | None
    mark_points: int
    sticker_number: str
    photo_uid: str
    stolen: bool


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An item as its owner sees it on its own page."""

    id: int
    text: ItemText
    created_at: datetime
    sticker_number: str
    stolen: bool


def add(session: Session, actor: Actor, text: ItemText) -> int:
    """Add an item to the actor's own and return its id; raises InvalidInput naming the field."""
    owner_id = actor.own_owner("add an item")
    text = _checked(text)
    held = session.scalar(
        select(func.count()).select_from(Item).where(Item.owner_id == owner_id, Item.removed_at.is_(None))
    )
    if held is not None and held >= MOST_ITEMS:
        raise InvalidInput(field="name", value=str(held + 1), allowed="2000 items an owner")
    now = clock.now()
    item = Item(owner_id=owner_id, created_at=now, **_columns(text))
    session.add(item)
    session.flush()
    session.add(OwnershipPeriod(item_id=item.id, owner_id=owner_id, starts_at=now))
    session.flush()
    audit.record(session, actor, audit.Action.ITEM_ADDED, f"item:{item.id}")
    return item.id


def change(session: Session, actor: Actor, item_id: int, text: ItemText) -> None:
    """Describe an own item anew; raises NotFound for somebody else's, InvalidInput naming the field."""
    columns = _columns(_checked(text))
    changed = session.execute(
        update(Item).where(*_own(actor), Item.id == item_id).values(**columns).returning(Item.id)
    ).scalar_one_or_none()
    if changed is None:
        raise _nothing(item_id)
    audit.record(session, actor, audit.Action.ITEM_CHANGED, f"item:{item_id}")


def remove(session: Session, actor: Actor, item_id: int) -> None:
    """Take an own item off the list; its stickers and tags count no more.

    One that is reported stolen stays (ReportedStolen).
    """
    stolen = exists().where(TheftReport.item_id == item_id, TheftReport.withdrawn_at.is_(None))
    now = clock.now()
    gone = session.execute(
        update(Item).where(*_own(actor), Item.id == item_id, ~stolen).values(removed_at=now).returning(Item.id)
    ).scalar_one_or_none()
    if gone is None:
        one(session, actor, item_id)
        raise ReportedStolen
    session.execute(
        update(Sticker)
        .where(Sticker.item_id == item_id, Sticker.status == StickerStatus.ISSUED)
        .values(status=StickerStatus.CANCELLED, cancelled_at=now, cancel_reason=CancelReason.ITEM_REMOVED)
    )
    session.execute(
        update(OwnershipPeriod)
        .where(OwnershipPeriod.item_id == item_id, OwnershipPeriod.ends_at.is_(None))
        .values(ends_at=now)
    )
    tag_marks.take_off(session, TagMark.item_id == item_id)
    audit.record(session, actor, audit.Action.ITEM_REMOVED, f"item:{item_id}")


def own(session: Session, actor: Actor) -> Sequence[ItemLine]:
    """The actor's items, newest first."""
    points = (
        select(func.count())
        .select_from(MarkPoint)
        .join(Marking, Marking.id == MarkPoint.marking_id)
        .where(Marking.item_id == Item.id)
        .scalar_subquery()
    )
    photo = select(Photo.uid).where(Photo.item_id == Item.id).order_by(Photo.id).limit(1).scalar_subquery()
    rows = session.execute(
        select(Item, points, photo, _sticker_of_item(), _stolen())
        .where(*_own(actor))
        .order_by(Item.created_at.desc(), Item.id.desc())
    )
    return [
        ItemLine(
            id=item.id,
            name=item.name,
            category=item.category,
            maker=item.maker,
            model=item.model,
            value_sek=item.value_sek,
            mark_points=count,
            sticker_number=number or "",
            photo_uid=uid or "",
            stolen=stolen,
        )
        for item, count, uid, number, stolen in rows
    ]


def one(session: Session, actor: Actor, item_id: int) -> OwnItem:
    """An own item; raises NotFound for one that is not there or somebody else's, alike."""
    row = session.execute(
        select(Item, _sticker_of_item(), _stolen()).where(*_own(actor), Item.id == item_id)
    ).one_or_none()
    if row is None:
        raise _nothing(item_id)
    item, number, stolen = row
    text = ItemText(
        name=item.name,
        category=item.category,
        maker=item.maker,
        model=item.model,
        serial_number=item.serial_number,
        value_sek=item.value_sek,
        description=item.description,
    )
    return OwnItem(item.id, text, item.created_at, number or "", stolen)


def _own(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (Item.owner_id == actor.own_owner("see items"), Item.removed_at.is_(None))


def _sticker_of_item() -> ScalarSelect[str]:
    return (
        select(Sticker.number)
        .where(Sticker.item_id == Item.id, Sticker.status == StickerStatus.ISSUED)
        .order_by(Sticker.id)
        .limit(1)
        .scalar_subquery()
    )


def _stolen() -> ColumnElement[bool]:
    return exists().where(TheftReport.item_id == Item.id, TheftReport.withdrawn_at.is_(None))


def _nothing(item_id: int) -> NotFound:
    return NotFound(what="item", which=item_id)


def _checked(text: ItemText) -> ItemText:
    cleaned = replace(
        text,
        name=" ".join(text.name.split()),
        maker=" ".join(text.maker.split()),
        model=" ".join(text.model.split()),
        serial_number=" ".join(text.serial_number.split()),
        description=text.description.strip().replace("\r\n", "\n"),
    )
    if not cleaned.name:
        raise InvalidInput(field="name", value="''", allowed="1 to 120 characters")
    for field, longest in _LENGTHS.items():
        value = getattr(cleaned, field)
        if len(value) > longest:
            raise TooLong(field=field, count=len(value), longest=longest)
        if not value.replace("\n", " ").isprintable():
            raise InvalidInput(field=field, value=repr(value[:20]), allowed="printable characters")
    if cleaned.value_sek is not None and not 0 <= cleaned.value_sek <= HIGHEST_VALUE:
        raise InvalidInput(field="value_sek", value=str(cleaned.value_sek), allowed="0 to 100 000 000 kronor")
    return cleaned


def _columns(text: ItemText) -> dict[str, Any]:
    return {
        "name": text.name,
        "category": text.category,
        "maker": text.maker,
        "model": text.model,
        "serial_number": text.serial_number,
        "serial_folded": folded_serial(text.serial_number),
        "value_sek": text.value_sek,
        "description": text.description,
    }
