"""Labels for a municipality's own equipment: whose it is, its inventory number, and a code that leads a finder right.

The code holds the address of the thing's sticker page (registry.services.stickers): random, so that it tells nothing
of the mark. The number that people read is the inventory number.
"""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labels import markcode
from labels.designs import design_named
from labels.language import Language
from labels.pdf import HouseStyle, LabelContent, write_sheets
from labels.stock import STOCKS, Stock
from registry.errors import InvalidInput, NoSuchPlace
from registry.models.accounts import Organisation
from registry.models.equipment import Equipment
from registry.models.items import Item, Sticker
from registry.services import audit, equipment, owners, stickers
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.equipment import Wish
from registry.services.stickers import Sheet

__all__ = ["MOST_LABELS", "LabelWish", "print_labels", "stocks"]

MOST_LABELS: Final = 2000
"""So many things at once; a larger municipality prints a department at a time."""
_DESIGN: Final = "asset-label"


@dataclass(frozen=True, slots=True)
class LabelWish:
    """Stock by code, first free place of a part-used sheet (from 1), places of it to leave out."""

    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    language: Language = Language.SWEDISH


def stocks() -> Sequence[Stock]:
    """The sheets that asset labels can be printed on, the design's own first."""
    design = design_named(_DESIGN)
    fit = [
        stock
        for stock in STOCKS.values()
        if stock.positions > 1 and stock.label[0] >= design.smallest[0] and stock.label[1] >= design.smallest[1]
    ]
    return sorted(fit, key=lambda stock: design.stocks.index(stock.code) if stock.code in design.stocks else len(fit))


def print_labels(session: Session, actor: Actor, wish: Wish, sheet: LabelWish) -> Sheet:
    """A PDF with the labels of the wished equipment, in the order of the list; logged.

    A label printed again carries the same code. Raises InvalidInput naming the field: items, stock, start or skip.
    """
    stock = _checked_stock(sheet)
    items = equipment.item_ids(session, actor, wish, MOST_LABELS)
    if not items:
        raise InvalidInput(field="items", value="0", allowed="at least one thing")
    if len(items) > MOST_LABELS:
        raise InvalidInput(field="items", value=f"> {MOST_LABELS}", allowed="at most 2000 things at once")
    organisation_id = equipment.municipality(actor)
    # Numbers are given out by the one who owns the things, for whom the manager acts.
    owner = replace(actor, owner_id=owners.of_organisation(session, actor, organisation_id))
    numbers = stickers.issue(session, owner, items)
    printed = io.BytesIO()
    report = write_sheets(
        printed,
        _contents(session, organisation_id, items, numbers),
        stock=stock,
        design=design_named(_DESIGN),
        language=sheet.language,
        start_position=sheet.start,
        skip=sheet.skip,
        style=HouseStyle(organisation=session.get_one(Organisation, organisation_id).name),
    )
    counted = update(Sticker).where(Sticker.number.in_(numbers.values()))
    session.execute(counted.values(printed_count=Sticker.printed_count + 1))
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"organisation:{organisation_id}",
        organisation_id=organisation_id,
        details={"things": len(items), "pages": report.pages, "stock": stock.code},
    )
    return Sheet(printed.getvalue(), report.labels, report.pages, report.next_position)


def _contents(
    session: Session, organisation_id: int, items: Sequence[int], numbers: dict[int, str]
) -> list[LabelContent]:
    base = settings_of(session).public_url
    rows = session.execute(
        select(Equipment.item_id, Equipment.inventory_number, Item.name, Item.maker, Item.model)
        .join(Item, Item.id == Equipment.item_id)
        .where(Equipment.organisation_id == organisation_id, Equipment.item_id.in_(items))
    )
    labels = {
        row.item_id: LabelContent(
            url=markcode.url(base, numbers[row.item_id]),
            number=row.inventory_number,
            name=" ".join(part for part in (row.name, row.maker, row.model) if part),
        )
        for row in rows
    }
    return [labels[item_id] for item_id in items]


def _checked_stock(sheet: LabelWish) -> Stock:
    stock = next((stock for stock in stocks() if stock.code == sheet.stock), None)
    if stock is None:
        raise InvalidInput(field="stock", value=repr(sheet.stock[:20]), allowed="a stock of the list")
    if not 1 <= sheet.start <= stock.positions:
        raise NoSuchPlace(field="start", start=sheet.start, places=stock.positions)
    if any(not 1 <= place <= stock.positions for place in sheet.skip):
        raise NoSuchPlace(field="skip", start=max(sheet.skip), places=stock.positions)
    if all(place in sheet.skip for place in range(sheet.start, stock.positions + 1)):
        raise InvalidInput(field="skip", value="…", allowed="at least one free place")
    return stock
