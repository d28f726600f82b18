"""A municipality's inventory taken into the register.

A file that cannot be trusted (mixed encodings, NUL bytes, an unclosed quotation mark, a header without number or name)
is refused whole. Otherwise every row that is right is taken and every other is refused and told, with its line, column,
value and reason: a municipality should not have to repair 400 rows to get 395 of them marked. ``strict`` turns that
off: then one refused row refuses the file.

The inventory number knows a thing again. A number that stands twice with the same content is taken once; with other
content the first row is taken and the later one refused. A row that is in the register with the same content changes
nothing; with other content it is refused, unless ``update`` says that the file is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from registry import clock
from registry.errors import AskedForOthers, Conflict, RefusedFile
from registry.models.equipment import Department, Equipment, Location
from registry.models.items import Category, Item
from registry.models.owners import OwnershipPeriod
from registry.services import audit, owners, tag_marks
from registry.services.actor import Actor
from registry.services.departments import PlaceBook
from registry.services.folding import folded_serial
from registry.services.inventory_rows import InventoryRow, InventoryRows, check_header
from registry.services.inventory_tags import with_free_tags
from registry.services.tables.encoding import Encoding
from registry.services.tables.reading import read_rows
from registry.services.tables.remarks import Reason, Remarks
from registry.services.tables.results import ImportResult, conclude, counted
from registry.services.tables.source import Progress, Source, no_progress

__all__ = ["ImportWishes", "import_file"]

_KEPT_REMARKS = 100_000
_CHUNK = 500
_CATEGORIES = {
    Category.BICYCLE: ("cykel", "elcykel", "lådcykel", "trehjuling"),
    Category.BOAT: ("båt", "båtmotor", "kajak", "kanot", "roddbåt"),
    Category.VEHICLE: ("bil", "moped", "släp", "släpvagn", "traktor", "åkgräsklippare", "snöskoter"),
    Category.TOOL: ("motorsåg", "röjsåg", "slagborrmaskin", "snöslunga", "borrmaskin", "skruvdragare", "gräsklippare"),
    Category.ELECTRONICS: ("bärbar dator", "dator", "kamera", "projektor", "surfplatta", "mobiltelefon", "skärm"),
    Category.INSTRUMENT: ("trumset", "gitarr", "piano", "keyboard", "fiol"),
    Category.MEDICAL: ("hjärtstartare", "rullstol", "rollator", "defibrillator"),
    Category.FURNITURE: ("bord", "stol", "soffa", "skåp"),
    Category.ART: ("tavla", "skulptur", "konstverk"),
    Category.SPORTS: ("skidor", "hockeymål", "löpband"),
}
_CATEGORY_OF = {word: category for category, words in _CATEGORIES.items() for word in words}


@dataclass(frozen=True, slots=True)
class ImportWishes:
    """How the person who imports wants it done."""

    encoding: Encoding = Encoding.AUTO
    strict: bool = False
    update: bool = False


def import_file(
    session: Session,
    actor: Actor,
    source: Source,
    organisation_id: int,
    wishes: ImportWishes | None = None,
    progress: Progress = no_progress,
) -> ImportResult:
    """Take an inventory for an organisation; raises RefusedFile when the file as a whole is refused.

    Of these AskedForOthers keeps its trace. The caller has checked that the actor may act for the organisation.
    """
    wishes = wishes or ImportWishes()
    mendings, refusals = Remarks(_KEPT_REMARKS), Remarks(_KEPT_REMARKS)
    rows, count = _read(source, wishes, mendings, refusals, progress)
    # What a file asks for that is refused whatever its numbers are would leave no trace, so it asks for nothing.
    if refusals.fatal:
        refusals.raise_if_any(source.name)
    held = _held(session, organisation_id)
    rows, asked = with_free_tags(
        session, actor, organisation_id, rows, {number: row for number, (_, row) in held.items()}, refusals
    )
    new = [(line, row) for line, row in rows if row.inventory_number not in held]
    changed = []
    for line, row in rows:
        known = held.get(row.inventory_number)
        if known is None or _same(known[1], row):
            continue
        if wishes.update:
            changed.append((known[0], row))
        else:
            columns = _different_columns(known[1], row)
            refusals.add(line, "Inventarienummer", row.inventory_number, Reason.DIFFERS_FROM_REGISTER, columns=columns)
    if wishes.strict:
        refusals.raise_if_any(source.name, AskedForOthers if asked else RefusedFile)
    if new or changed:
        _write(session, actor, organisation_id, [row for _, row in new], changed)
    refused = len({remark.line for remark in refusals.kept})
    result = ImportResult(
        "equipment",
        source.name,
        rows=count,
        taken=len(new),
        changed=len(changed),
        already=count - len(new) - len(changed) - refused,
        refused=refused,
        mended=len(mendings),
        refusals=tuple(sorted(refusals.kept, key=lambda remark: remark.line)),
        mendings=tuple(sorted(mendings.kept, key=lambda remark: remark.line)),
        counts=counted(refusals, mendings),
    )
    return conclude(session, actor, audit.Action.EQUIPMENT_IMPORTED, result, source.fingerprint(), organisation_id)


def _read(
    source: Source, wishes: ImportWishes, mendings: Remarks, refusals: Remarks, progress: Progress
) -> tuple[list[tuple[int, InventoryRow]], int]:
    """The rows that can be taken, each number once, and how many rows the file has."""
    checker = InventoryRows(mendings, refusals, clock.now().date())
    seen: dict[str, tuple[int, InventoryRow]] = {}
    count = 0
    for row in read_rows(source, check_header(mendings), refusals, encoding=wishes.encoding, progress=progress):
        count += 1
        checked = checker.checked(row)
        if checked is None:
            continue
        first = seen.setdefault(checked.inventory_number, (row.line, checked))
        if first[0] == row.line:
            continue
        number = checked.inventory_number
        if first[1] == checked:
            mendings.add(row.line, "Inventarienummer", number, Reason.SAME_ROW_AGAIN, taken=number, first=first[0])
        else:
            reason = Reason.REPEATED_WITH_OTHER_CONTENT
            refusals.add(row.line, "Inventarienummer", number, reason, first=first[0])
    broken = sum(times for (_, reason), times in refusals.counts.items() if reason is Reason.CELL_COUNT)
    return list(seen.values()), count + broken


def _held(session: Session, organisation_id: int) -> dict[str, tuple[int, InventoryRow]]:
    """What the register holds already: inventory number to equipment id and content."""
    room, building = aliased(Location), aliased(Location)
    tags = tag_marks.of_organisation(session, organisation_id)
    rows = session.execute(
        select(Equipment, Item, Department.name, room.name, building.name)
        .join(Item, Item.id == Equipment.item_id)
        .outerjoin(Department, Department.id == Equipment.department_id)
        .outerjoin(room, room.id == Equipment.location_id)
        .outerjoin(building, building.id == room.parent_id)
        .where(Equipment.organisation_id == organisation_id)
    )
    return {
        equipment.inventory_number: (
            equipment.id,
            InventoryRow(
                inventory_number=equipment.inventory_number,
                name=item.name,
                maker=item.maker,
                model=item.model,
                serial_number=item.serial_number,
                theft_marking=equipment.theft_marking,
                department=department or "",
                building=(parent or place) or "",
                room=place or "" if parent else "",
                custodian=equipment.custodian,
                purchased_on=equipment.purchased_on,
                price_ore=equipment.price_ore,
                note=equipment.note,
                tag_numbers=tuple(sorted(tags.get(item.id, ()))),
            ),
        )
        for equipment, item, department, place, parent in rows
    }


def _same(held: InventoryRow, given: InventoryRow) -> bool:
    return not _different_columns(held, given)


def _different_columns(held: InventoryRow, given: InventoryRow) -> str:
    """The columns that differ; a file without a column for tags says nothing of them."""
    said = [name for name in InventoryRow.__slots__ if name != "tag_numbers" or given.tag_numbers is not None]
    return ", ".join(name for name in said if getattr(held, name) != getattr(given, name))


def _write(
    session: Session,
    actor: Actor,
    organisation_id: int,
    new: Sequence[InventoryRow],
    changed: Sequence[tuple[int, InventoryRow]],
) -> None:
    owner_id = owners.of_organisation(session, actor, organisation_id)
    places = PlaceBook(session, organisation_id)
    try:
        for start in range(0, len(new), _CHUNK):
            _add(session, organisation_id, owner_id, places, new[start : start + _CHUNK])
    except IntegrityError as refused:
        raise Conflict(what="The inventory", reason="somebody else imports it now; try again") from refused
    for equipment_id, row in changed:
        item_id = session.execute(
            update(Equipment)
            .where(Equipment.id == equipment_id)
            .values(_equipment_values(row, places))
            .returning(Equipment.item_id)
        ).scalar_one()
        session.execute(update(Item).where(Item.id == item_id).values(_item_values(row)))
        if row.tag_numbers is not None:
            _put_tags(session, item_id, row)


def _add(
    session: Session, organisation_id: int, owner_id: int, places: PlaceBook, rows: Sequence[InventoryRow]
) -> None:
    now = clock.now()
    shared = {"owner_id": owner_id, "organisation_id": organisation_id, "created_at": now}
    item_ids = list(
        session.scalars(
            insert(Item).returning(Item.id, sort_by_parameter_order=True),
            [{**shared, **_item_values(row)} for row in rows],
        )
    )
    session.execute(
        insert(OwnershipPeriod),
        [{"item_id": item_id, "owner_id": owner_id, "starts_at": now} for item_id in item_ids],
    )
    session.execute(
        insert(Equipment),
        [
            {
                "item_id": item_id,
                "organisation_id": organisation_id,
                "inventory_number": row.inventory_number,
                "imported_at": now,
                **_equipment_values(row, places),
            }
            for item_id, row in zip(item_ids, rows, strict=True)
        ],
    )
    for item_id, row in zip(item_ids, rows, strict=True):
        if row.tag_numbers:
            tag_marks.put(session, item_id, row.tag_numbers)


def _put_tags(session: Session, item_id: int, row: InventoryRow) -> None:
    try:
        tag_marks.put(session, item_id, row.tag_numbers or ())
    except IntegrityError as refused:
        raise Conflict(what="The inventory", reason="somebody else imports it now; try again") from refused


def _item_values(row: InventoryRow) -> dict[str, object]:
    return {
        "name": row.name,
        "category": _CATEGORY_OF.get(row.name.casefold(), Category.OTHER),
        "maker": row.maker,
        "model": row.model,
        "serial_number": row.serial_number,
        "serial_folded": folded_serial(row.serial_number),
        "value_sek": None if row.price_ore is None else round(row.price_ore / 100),
    }


def _equipment_values(row: InventoryRow, places: PlaceBook) -> dict[str, object]:
    return {
        "department_id": places.department(row.department),
        "location_id": places.place(row.building, row.room),
        "custodian": row.custodian,
        "theft_marking": row.theft_marking,
        "purchased_on": row.purchased_on,
        "price_ore": row.price_ore,
        "note": row.note,
    }
