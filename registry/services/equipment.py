"""A municipality's equipment: what there is, where it is, and what remains to be done. Only for its own staff.

A list that was opened is logged, with the filter as numbers and never with the words that were searched for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.errors import NotFound
from registry.models.equipment import Department, Equipment, Location
from registry.models.items import Item, Sticker, StickerStatus
from registry.models.thefts import TheftReport
from registry.services import audit, tag_marks
from registry.services.actor import Actor, Role
from registry.services.csv_export import csv_lines
from registry.services.folding import folded_serial
from registry.services.inventory_rows import HEADER
from registry.services.tag_numbers import kind_of, shown

__all__ = [
    "PAGE_SIZE",
    "Card",
    "Label",
    "Line",
    "Listing",
    "Marking",
    "Order",
    "Overview",
    "Wish",
    "export",
    "item_ids",
    "listing",
    "municipality",
    "one",
    "overview",
]

PAGE_SIZE: Final = 50
# What stands in an inventory's column for a thing that is not marked against theft.
_UNMARKED: Final = ("", "nej", "Nej", "NEJ", "no", "ej märkt")

_room = aliased(Location, name="room")
_building = aliased(Location, name="building")
_BUILDING_NAME = func.coalesce(_building.name, _room.name)


class Marking(StrEnum):
    """Whether a thing is marked against theft."""

    ANY = ""
    MARKED = "marked"
    UNMARKED = "unmarked"


class Label(StrEnum):
    """Whether a label was made for a thing."""

    ANY = ""
    WITH = "with"
    WITHOUT = "without"


class Order(StrEnum):
    """By what a list is sorted."""

    NUMBER = "number"
    NAME = "name"
    DEPARTMENT = "department"
    PLACE = "place"
    PURCHASED = "purchased"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to list: words, department, place (a building with its rooms, or a room), marking, label, order."""

    text: str = ""
    department: int | None = None
    place: int | None = None
    marking: Marking = Marking.ANY
    label: Label = Label.ANY
    order: Order = Order.NUMBER
    items: tuple[int, ...] = ()
    """When not empty: only these items."""


@dataclass(frozen=True, slots=True)
class Line:
    """A thing in the list."""

    item_id: int
    inventory_number: str
    name: str
    maker: str
    model: str
    department: str
    building: str
    room: str
    marked: bool
    theft_marking: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Card:
    """A thing with all that is known of it."""

    line: Line
    serial_number: str
    custodian: str
    purchased_on: date | None
    price_ore: int | None
    note: str
    imported_at: datetime
    sticker_number: str
    stolen: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures for the starting page."""

    total: int
    marked: int
    labelled: int
    stolen: int
    departments: int


def municipality(actor: Actor) -> int:
    """The municipality whose equipment the actor manages; raises NotPermitted."""
    return actor.organisation_as(Role.ASSET_MANAGER, "see equipment")


def listing(session: Session, actor: Actor, wish: Wish, page: int = 1) -> Listing:
    """A page of the equipment of the actor's own municipality, logged; a page beyond the last is the last."""
    where = _where(actor, wish)
    total = session.scalar(_counted(where)) or 0
    pages = max(1, ceil(total / PAGE_SIZE))
    page = min(max(page, 1), pages)
    _log(session, actor, audit.Action.EQUIPMENT_LISTED, wish, page=page, found=total)
    rows = session.execute(_lines(where, wish.order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Listing(tuple(_line(row) for row in rows), total, page, pages)


def one(session: Session, actor: Actor, item_id: int) -> Card:
    """A thing of the actor's own municipality, logged; raises NotFound for any other."""
    query = _lines(_where(actor, Wish(items=(item_id,))), Order.NUMBER).add_columns(Equipment, Item.serial_number)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(what="equipment", which=item_id)
    organisation_id = municipality(actor)
    audit.record(session, actor, audit.Action.EQUIPMENT_LISTED, f"item:{item_id}", organisation_id=organisation_id)
    sticker = session.scalar(
        select(Sticker.number).where(Sticker.item_id == item_id, Sticker.status == StickerStatus.ISSUED).limit(1)
    )
    stolen = session.scalar(select(exists().where(TheftReport.item_id == item_id, TheftReport.withdrawn_at.is_(None))))
    kept: Equipment = row.Equipment
    return Card(
        line=_line(row),
        serial_number=row.serial_number,
        custodian=kept.custodian,
        purchased_on=kept.purchased_on,
        price_ore=kept.price_ore,
        note=kept.note,
        imported_at=kept.imported_at,
        sticker_number=sticker or "",
        stolen=bool(stolen),
    )


def overview(session: Session, actor: Actor) -> Overview:
    """Figures of the actor's own municipality."""
    organisation_id = municipality(actor)
    own = Equipment.organisation_id == organisation_id
    row = session.execute(
        select(
            func.count(),
            func.count().filter(_is_marked()),
            func.count().filter(_has_label()),
            func.count().filter(
                exists().where(TheftReport.item_id == Equipment.item_id, TheftReport.withdrawn_at.is_(None))
            ),
        ).where(own)
    ).one()
    count = select(func.count()).where(Department.organisation_id == organisation_id)
    return Overview(*row, departments=session.scalar(count) or 0)


def item_ids(session: Session, actor: Actor, wish: Wish, most: int) -> list[int]:
    """The items of a filtered list in its order, at most ``most`` and one more (to notice that there are too many)."""
    rows = session.execute(_lines(_where(actor, wish), wish.order).limit(most + 1))
    return [row.item_id for row in rows]


def export(session: Session, actor: Actor, wish: Wish) -> Iterator[str]:
    """The filtered list as CSV lines, safe in a spreadsheet, in the form that the import reads; logged before."""
    where = _where(actor, wish)
    _log(session, actor, audit.Action.EXPORT_MADE, wish, found=session.scalar(_counted(where)) or 0)
    query = _lines(where, wish.order).add_columns(Equipment, Item.serial_number)
    rows = session.execute(query.execution_options(yield_per=1000))
    tags = tag_marks.of_organisation(session, municipality(actor))
    return csv_lines(HEADER, (_exported(row, tags.get(row.item_id, ())) for row in rows))


def _exported(row: Any, tags: Sequence[str]) -> tuple[str | date | None, ...]:
    kept: Equipment = row.Equipment
    price = "" if kept.price_ore is None else f"{kept.price_ore // 100},{kept.price_ore % 100:02d}"
    return (
        kept.inventory_number,
        row.name,
        row.maker,
        row.model,
        row.serial_number,
        kept.theft_marking,
        row.department or "",
        row.building or "",
        row.room if row.has_room else "",
        kept.custodian,
        kept.purchased_on,
        price,
        " / ".join(shown(kind_of(tag), tag) for tag in sorted(tags)),
        kept.note,
    )


def _lines(where: ColumnElement[bool], order: Order) -> Any:
    return (
        select(
            Equipment.item_id,
            Equipment.inventory_number,
            Item.name.label("name"),
            Item.maker,
            Item.model,
            Department.name.label("department"),
            _BUILDING_NAME.label("building"),
            _room.name.label("room"),
            _building.id.is_not(None).label("has_room"),
            Equipment.theft_marking,
        )
        .join(Item, Item.id == Equipment.item_id)
        .outerjoin(Department, Department.id == Equipment.department_id)
        .outerjoin(_room, _room.id == Equipment.location_id)
        .outerjoin(_building, _building.id == _room.parent_id)
        .where(where)
        .order_by(*_ordered(order), Equipment.inventory_number)
    )


def _ordered(order: Order) -> tuple[Any, ...]:
    columns: dict[Order, tuple[Any, ...]] = {
        Order.NUMBER: (),
        Order.NAME: (Item.name,),
        Order.DEPARTMENT: (Department.name,),
        Order.PLACE: (_BUILDING_NAME, _room.name),
        Order.PURCHASED: (Equipment.purchased_on.desc(),),
    }
    return columns[order]


def _counted(where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Equipment).join(Item, Item.id == Equipment.item_id).where(where)


def _where(actor: Actor, wish: Wish) -> ColumnElement[bool]:
    condition = (Equipment.organisation_id == municipality(actor)) & Item.removed_at.is_(None)
    if wish.department is not None:
        condition &= Equipment.department_id == wish.department
    if wish.place is not None:
        rooms = select(Location.id).where((Location.id == wish.place) | (Location.parent_id == wish.place))
        condition &= Equipment.location_id.in_(rooms)
    if wish.marking is not Marking.ANY:
        condition &= _is_marked() if wish.marking is Marking.MARKED else ~_is_marked()
    if wish.label is not Label.ANY:
        condition &= _has_label() if wish.label is Label.WITH else ~_has_label()
    if wish.items:
        condition &= Equipment.item_id.in_(wish.items)
    for word in wish.text.split()[:8]:
        condition &= _holds(word)
    return condition


def _holds(word: str) -> ColumnElement[bool]:
    # SQLite folds the case of a to z only, so Swedish letters are searched in each case that people write.
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    columns = (Equipment.inventory_number, Item.name, Item.maker, Item.model)
    matches = [column.icontains(spelling, autoescape=True) for column in columns for spelling in sorted(spellings)]
    serial = folded_serial(word)
    if serial:
        matches.append(Item.serial_folded.contains(serial, autoescape=True))
    return or_(*matches)


def _is_marked() -> ColumnElement[bool]:
    return Equipment.theft_marking.not_in(_UNMARKED)


def _has_label() -> ColumnElement[bool]:
    return exists().where(Sticker.item_id == Equipment.item_id, Sticker.status == StickerStatus.ISSUED)


def _line(row: Any) -> Line:
    return Line(
        item_id=row.item_id,
        inventory_number=row.inventory_number,
        name=row.name,
        maker=row.maker,
        model=row.model,
        department=row.department or "",
        building=row.building or "",
        room=row.room if row.has_room else "",
        marked=row.theft_marking not in _UNMARKED,
        theft_marking=row.theft_marking,
    )


def _log(session: Session, actor: Actor, action: audit.Action, wish: Wish, **figures: int) -> None:
    details: dict[str, Any] = {**figures, "searched": bool(wish.text)}
    for name in ("department", "place"):
        value = getattr(wish, name)
        if value is not None:
            details[name] = value
    for name in ("marking", "label"):
        if getattr(wish, name):
            details[name] = getattr(wish, name).value
    organisation_id = municipality(actor)
    audit.record(
        session,
        actor,
        action,
        f"organisation:{organisation_id}",
        organisation_id=organisation_id,
        details=details,
    )
