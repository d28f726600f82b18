"""Labels for a municipality's own equipment: whose it is, its inventory number, and a code that leads a finder right.

The code holds the address of the thing's sticker page (registry.services.stickers): random, so that it tells nothing
of the mark. The number that people read is the inventory number.
"""

import importlib.util
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels import markcode
from labels.designs import design_named
from labels.language import Language
from labels.pdf import Design, LabelContent, write_sheets
from labels.stock import Stock
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import Organisation
from registry.models.equipment import Equipment
from registry.models.items import Item
from registry.models.owners import Owner
from registry.services import audit, equipment, label_jobs, owners, sheet_packages, stickers
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.equipment import Wish
from registry.services.house_style import house_style
from registry.services.label_jobs import Job, JobWish
from registry.services.sheet_packages import Package
from registry.services.stickers import MOST_COPIES, Sheet

__all__ = [
    "AT_ONCE",
    "MOST_LABELS",
    "LabelWish",
    "acting",
    "as_owner",
    "cancel",
    "designs",
    "item_ids_of",
    "order_labels",
    "packages",
    "print_labels",
]

MOST_LABELS: Final = 20_000
"""So many things in one job; a larger municipality prints a department at a time."""
AT_ONCE: Final = 500
"""Up to so many things the answer is the PDF itself; more are made after it, as a job."""
_DESIGNS: Final = ("asset-label", "asset-tag", "warning-sticker")


@dataclass(frozen=True, slots=True)
class LabelWish:
    """Design and stock by code, first free place of a part-used sheet (from 1), places of it to leave out."""

    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    language: Language = Language.SWEDISH
    design: str = "asset-label"
    copies: int = 1
    package: str = ""


@dataclass(frozen=True, slots=True)
class _Prepared:
    organisation_id: int
    owner: Actor
    style_name: str
    design: Design
    stock: Stock
    numbers: dict[int, str]
    labels: list[LabelContent]


def designs() -> Sequence[Design]:
    """What equipment can be labelled with; the tag with a Data Matrix only where the library for it is installed."""
    possible = [design_named(name) for name in _DESIGNS]
    return [one for one in possible if one.name != "asset-tag" or importlib.util.find_spec("zxingcpp")]


def as_owner(session: Session, actor: Actor) -> Actor:
    """The one who owns the things and gives out their numbers, for whom the manager acts."""
    return replace(actor, owner_id=owners.of_organisation(session, actor, equipment.municipality(actor)))


def acting(session: Session, actor: Actor) -> Actor | None:
    """The same without making the municipality an owner by looking: None while it is none."""
    owner_id = session.scalar(select(Owner.id).where(Owner.organisation_id == equipment.municipality(actor)))
    return None if owner_id is None else replace(actor, owner_id=owner_id)


def packages(session: Session, actor: Actor) -> list[Package]:
    """The begun packages of sheets of the actor's municipality; looking makes no owner of it."""
    owner = acting(session, actor)
    return [] if owner is None else sheet_packages.every(session, owner.own_owner("see packages"))


def print_labels(session: Session, actor: Actor, wish: Wish, sheet: LabelWish) -> Sheet:
    """A PDF with the labels of the wished equipment, in the order of the list; logged.

    A label printed again carries the same code. Raises InvalidInput naming the field: items, design, stock, start,
    skip or copies.
    """
    ready = _prepare(session, actor, wish, sheet, AT_ONCE)
    printed = io.BytesIO()
    with stickers.explained_refusals():
        report = write_sheets(
            printed,
            ready.labels,
            stock=ready.stock,
            design=ready.design,
            language=sheet.language,
            start_position=sheet.start,
            skip=sheet.skip,
            copies=sheet.copies,
            style=house_style(session, ready.style_name),
            tagged=True,
        )
    stickers.count_printed(session, ready.numbers.values(), sheet.copies)
    if sheet.package:
        owner_id = ready.owner.own_owner("print labels")
        sheet_packages.use(session, owner_id, sheet.package, ready.stock, report.used_positions)
    _log(session, actor, ready, pages=report.pages)
    return Sheet(printed.getvalue(), report.labels, report.pages, report.next_position, report.replaced_characters)


def order_labels(
    session: Session,
    actor: Actor,
    wish: Wish,
    sheet: LabelWish,
    *,
    key: str | None = None,
    body_hash: bytes | None = None,
) -> Job:
    """Order the same as a job; raises as ``print_labels`` and ``label_jobs.order`` do. Logged when ordered."""
    ready = _prepare(session, actor, wish, sheet, MOST_LABELS)
    plain = JobWish(
        ready.design.name, ready.stock.code, sheet.start, sorted(sheet.skip), sheet.copies, sheet.language.value,
        ready.style_name, sheet.package, ready.owner.own_owner("print labels"),
    )  # fmt: skip
    job = label_jobs.order(session, actor, plain, ready.labels, key=key, body_hash=body_hash)
    _log(session, actor, ready)
    return job


def cancel(session: Session, actor: Actor, item_id: int, reason: stickers.CancelReason) -> None:
    """The label of a thing of the own municipality counts no more; raises as ``stickers.cancel`` does."""
    stickers.cancel(session, as_owner(session, actor), item_id, reason)


def item_ids_of(session: Session, actor: Actor, inventory_numbers: Sequence[str]) -> list[int]:
    """The things with these inventory numbers, in their order; raises NotFound for one that is not the own."""
    found = {
        row.inventory_number: row.item_id
        for row in session.execute(
            select(Equipment.inventory_number, Equipment.item_id)
            .join(Item, Item.id == Equipment.item_id)
            .where(
                Equipment.organisation_id == equipment.municipality(actor),
                Equipment.inventory_number.in_(inventory_numbers),
                Item.removed_at.is_(None),
            )
        )
    }
    for number in inventory_numbers:
        if number not in found:
            raise NotFound(what="equipment", which=number[:40])
    return [found[number] for number in dict.fromkeys(inventory_numbers)]


def _prepare(session: Session, actor: Actor, wish: Wish, sheet: LabelWish, most: int) -> _Prepared:
    design = next((design for design in designs() if design.name == sheet.design), None)
    if design is None:
        raise InvalidInput(field="design", value=repr(sheet.design[:20]), allowed="a design of the list")
    stock = sheet_packages.checked_places(stickers.stocks_for(design), sheet.stock, sheet.start, sheet.skip)
    if not 1 <= sheet.copies <= MOST_COPIES:
        raise InvalidInput(field="copies", value=str(sheet.copies), allowed="1 to 20 copies")
    items = equipment.item_ids(session, actor, wish, most)
    if not items:
        raise InvalidInput(field="items", value="0", allowed="at least one thing")
    if len(items) > most:
        raise InvalidInput(field="items", value=f"> {most}", allowed="at most 20000 things at once")
    organisation_id, owner = equipment.municipality(actor), as_owner(session, actor)
    numbers = stickers.issue(session, owner, items)
    name = session.get_one(Organisation, organisation_id).name
    labels = _contents(session, organisation_id, design, items, numbers)
    return _Prepared(organisation_id, owner, name, design, stock, numbers, labels)


def _log(session: Session, actor: Actor, ready: _Prepared, **details: int) -> None:
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"organisation:{ready.organisation_id}",
        organisation_id=ready.organisation_id,
        details={"things": len(ready.labels), "stock": ready.stock.code, "design": ready.design.name, **details},
    )


def _contents(
    session: Session, organisation_id: int, design: Design, items: Sequence[int], numbers: dict[int, str]
) -> list[LabelContent]:
    base = settings_of(session).public_url
    rows = session.execute(
        select(Equipment.item_id, Equipment.inventory_number, Item.name, Item.maker, Item.model)
        .join(Item, Item.id == Equipment.item_id)
        .where(Equipment.organisation_id == organisation_id, Equipment.item_id.in_(items))
    )
    for_finders = design.name == "warning-sticker"
    labels = {
        row.item_id: LabelContent(
            url=markcode.url(base, numbers[row.item_id]),
            number=markcode.grouped(numbers[row.item_id]) if for_finders else row.inventory_number,
            name=" ".join(part for part in (row.name, row.maker, row.model) if part),
        )
        for row in rows
    }
    return [labels[item_id] for item_id in items]
