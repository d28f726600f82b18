"""Which items carry a kit's marks or a sticker, and whether they are reported stolen. Never whose they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.items import Category, Item, Marking, MarkPoint, Photo, Sticker
from registry.models.tag_marks import TagMark
from registry.models.thefts import TheftReport

__all__ = ["MarkedItem", "named", "of_kits", "of_sticker", "of_tags"]

_REPORTED = (TheftReport.item_id == Item.id) & TheftReport.withdrawn_at.is_(None)


@dataclass(frozen=True, slots=True)
class MarkedItem:
    """An item as an officer sees it first: the thing, never its owner."""

    item_id: int
    name: str
    category: Category
    maker: str
    model: str
    serial_number: str
    marked_on: date | None
    mark_points: tuple[str, ...]
    police_number: str
    """The police's number of the theft report; empty when it is not reported stolen."""
    stolen_on: date | None
    photo_uids: tuple[str, ...] = ()

    @property
    def reported_stolen(self) -> bool:
        """Whether a theft report that was not withdrawn names the item."""
        return bool(self.police_number)


def named(item: MarkedItem) -> str:
    """The item in a few words, e.g. ``Cykel, Crescent``; the maker is left out where the name says it already."""
    return f"{item.name}, {item.maker}" if item.maker and item.maker not in item.name else item.name


def of_kits(session: Session, kit_ids: Iterable[int]) -> dict[int, list[MarkedItem]]:
    """The items that each kit marks, those reported stolen first."""
    wanted = list(kit_ids)
    rows = session.execute(
        select(Marking, Item, TheftReport)
        .join(Item, Item.id == Marking.item_id)
        .outerjoin(TheftReport, _REPORTED)
        .where(Marking.kit_id.in_(wanted), Item.removed_at.is_(None))
    ).all()
    places = _mark_points(session, [row.Marking.id for row in rows])
    photos = _photos(session, [row.Item.id for row in rows])
    found: dict[int, list[MarkedItem]] = {kit_id: [] for kit_id in wanted}
    for marking, item, theft in rows:
        found[marking.kit_id].append(
            _marked_item(item, theft, marking.marked_on, places.get(marking.id, ()), photos.get(item.id, ()))
        )
    for items in found.values():
        items.sort(key=lambda one: (not one.reported_stolen, one.item_id))
    return found


def of_sticker(session: Session, sticker_id: int) -> MarkedItem | None:
    """The item a sticker stands on; None when it stands on none that is still registered."""
    row = session.execute(
        select(Item, TheftReport)
        .join(Sticker, Sticker.item_id == Item.id)
        .outerjoin(TheftReport, _REPORTED)
        .where(Sticker.id == sticker_id, Item.removed_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return _marked_item(row.Item, row.TheftReport, None, (), _photos(session, [row.Item.id]).get(row.Item.id, ()))


def of_tags(session: Session, tag_mark_ids: Iterable[int]) -> dict[int, MarkedItem]:
    """The item that each number of a tag or a vehicle stands for, while the number counts and the item is listed."""
    rows = session.execute(
        select(TagMark.id, Item, TheftReport)
        .join(Item, Item.id == TagMark.item_id)
        .outerjoin(TheftReport, _REPORTED)
        .where(TagMark.id.in_(list(tag_mark_ids)), TagMark.removed_at.is_(None), Item.removed_at.is_(None))
    ).all()
    photos = _photos(session, [row.Item.id for row in rows])
    return {tag_id: _marked_item(item, theft, None, (), photos.get(item.id, ())) for tag_id, item, theft in rows}


def _marked_item(
    item: Item,
    theft: TheftReport | None,
    marked_on: date | None,
    mark_points: tuple[str, ...],
    photo_uids: tuple[str, ...],
) -> MarkedItem:
    return MarkedItem(
        item_id=item.id,
        name=item.name,
        category=item.category,
        maker=item.maker,
        model=item.model,
        serial_number=item.serial_number,
        marked_on=marked_on,
        mark_points=mark_points,
        police_number=theft.police_number if theft else "",
        stolen_on=theft.occurred_on if theft else None,
        photo_uids=photo_uids,
    )


def _mark_points(session: Session, marking_ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(MarkPoint.marking_id, MarkPoint.place)
        .where(MarkPoint.marking_id.in_(marking_ids))
        .order_by(MarkPoint.marking_id, MarkPoint.position)
    )
    return _grouped((row[0], row[1]) for row in rows)


def _photos(session: Session, item_ids: list[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(Photo.item_id, Photo.uid).where(Photo.item_id.in_(item_ids)).order_by(Photo.item_id, Photo.id)
    )
    return _grouped((row[0], row[1]) for row in rows)


def _grouped(rows: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for key, value in rows:
        found[key] = (*found.get(key, ()), value)
    return found
