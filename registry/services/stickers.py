"""Stickers: numbers given out once and for ever, sheets of them to print, and what the public learns from one.

A number is random and says nothing of the kit (labels.markcode). An item has one; printing it again keeps it.
"""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels import markcode
from labels.designs import design_named
from labels.language import Language
from labels.pdf import HouseStyle, LabelContent, write_sheets
from labels.stock import STOCKS, Stock
from registry import clock
from registry.errors import InvalidInput, NoSuchPlace, NotFound, Unavailable
from registry.models.items import Item, Sticker, StickerStatus
from registry.models.thefts import TheftReport
from registry.services import audit, throttle
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.throttle import Limit

__all__ = ["MOST_COPIES", "Print", "Sheet", "is_reported_stolen", "issue", "of_item", "print_sheet", "stocks"]

MOST_COPIES: Final = 20
_DESIGN: Final = "warning-sticker"
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Print:
    """What to print: stock by code, the first free place of a part-used sheet (from 1), copies of each sticker."""

    stock: str
    start: int = 1
    copies: int = 1
    language: Language = Language.SWEDISH


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed sheet as PDF; ``next_start`` is where the last sheet can go on, 1 for a new one."""

    pdf: bytes
    stickers: int
    pages: int
    next_start: int


def stocks() -> Sequence[Stock]:
    """The stocks that stickers can be printed on, A4 sheets first."""
    design = design_named(_DESIGN)
    fit = [
        stock
        for stock in STOCKS.values()
        if stock.positions > 1 and stock.label[0] >= design.smallest[0] and stock.label[1] >= design.smallest[1]
    ]
    return sorted(fit, key=lambda stock: design.stocks.index(stock.code) if stock.code in design.stocks else len(fit))


def issue(session: Session, actor: Actor, item_ids: Collection[int]) -> dict[int, str]:
    """The sticker number of each own item, given out now where it had none; raises NotFound for somebody else's.

    The item rows are locked, so that two requests at once do not give one item two numbers.
    """
    owner_id = actor.own_owner("print stickers")
    wanted = sorted(set(item_ids))
    locked = session.scalars(
        select(Item.id)
        .where(Item.id.in_(wanted), Item.owner_id == owner_id, Item.removed_at.is_(None))
        .order_by(Item.id)
        .with_for_update()
    ).all()
    for item_id in wanted:
        if item_id not in locked:
            raise NotFound(what="item", which=item_id)
    held = {
        item_id: number
        for item_id, number in session.execute(
            select(Sticker.item_id, Sticker.number).where(
                Sticker.item_id.in_(wanted), Sticker.status == StickerStatus.ISSUED
            )
        )
        if item_id is not None
    }
    new = {item_id: _new_number(session, owner_id, item_id) for item_id in wanted if item_id not in held}
    if new:
        audit.record(session, actor, audit.Action.STICKERS_ISSUED, f"owner:{owner_id}", details={"items": sorted(new)})
    return {item_id: held.get(item_id) or new[item_id] for item_id in item_ids}


def of_item(session: Session, actor: Actor, item_id: int) -> str:
    """The number of an own item's sticker, empty when none was printed yet."""
    number = session.scalar(
        select(Sticker.number)
        .join(Item, Item.id == Sticker.item_id)
        .where(
            Item.id == item_id,
            Item.owner_id == actor.own_owner("see stickers"),
            Sticker.status == StickerStatus.ISSUED,
        )
        .limit(1)
    )
    return number or ""


def print_sheet(session: Session, actor: Actor, item_ids: Sequence[int], wish: Print) -> Sheet:
    """A PDF with the stickers of own items; a sheet printed again carries the same numbers.

    Raises NotFound for somebody else's item and InvalidInput naming the field: stock, start or copies.
    """
    stock = _checked(item_ids, wish)
    numbers = issue(session, actor, item_ids)
    base = settings_of(session).public_url
    labels = [
        LabelContent(url=markcode.url(base, number), number=markcode.grouped(number)) for number in numbers.values()
    ]
    written = io.BytesIO()
    report = write_sheets(
        written,
        labels,
        stock=stock,
        design=design_named(_DESIGN),
        language=wish.language,
        start_position=wish.start,
        copies=wish.copies,
        style=HouseStyle(organisation=settings_of(session).authority),
    )
    session.execute(
        update(Sticker)
        .where(Sticker.number.in_(numbers.values()))
        .values(printed_count=Sticker.printed_count + wish.copies)
    )
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"owner:{actor.own_owner('print stickers')}",
        details={"items": sorted(numbers), "copies": wish.copies, "stock": stock.code},
    )
    return Sheet(written.getvalue(), report.labels, report.pages, report.next_position)


def is_reported_stolen(session: Session, number: str, address: str) -> bool:
    """Whether the thing with this sticker is reported stolen: the one bit that the public learns.

    ``number`` has passed its check characters (labels.markcode.parse), so that mistyping costs no look-up. One query
    answers for unknown, unused and registered numbers alike; tries are slowed by network ``address``.
    """
    throttle.check(session, Limit.STICKER_ADDRESS, address)
    throttle.count(session, Limit.STICKER_ADDRESS, address)
    stolen = (
        select(TheftReport.id)
        .join(Sticker, Sticker.item_id == TheftReport.item_id)
        .where(Sticker.number == number, Sticker.status == StickerStatus.ISSUED, TheftReport.withdrawn_at.is_(None))
    )
    return bool(session.scalar(select(exists(stolen))))


def _checked(item_ids: Sequence[int], wish: Print) -> Stock:
    if not item_ids:
        raise InvalidInput(field="items", value="0", allowed="at least one item")
    stock = next((stock for stock in stocks() if stock.code == wish.stock), None)
    if stock is None:
        raise InvalidInput(field="stock", value=repr(wish.stock[:20]), allowed="a stock of the list")
    if not 1 <= wish.start <= stock.positions:
        raise NoSuchPlace(field="start", start=wish.start, places=stock.positions)
    if not 1 <= wish.copies <= MOST_COPIES:
        raise InvalidInput(field="copies", value=str(wish.copies), allowed="1 to 20 copies")
    return stock


def _new_number(session: Session, owner_id: int, item_id: int) -> str:
    for _ in range(_TRIES):
        number = markcode.issue()
        try:
            with session.begin_nested():
                session.add(
                    Sticker(
                        number=number,
                        owner_id=owner_id,
                        item_id=item_id,
                        status=StickerStatus.ISSUED,
                        issued_at=clock.now(),
                    )
                )
        except IntegrityError:
            # Two random numbers of 65 bits were equal, or the random source is broken; the constraint noticed.
            continue
        return number
    raise Unavailable(what="The source of random numbers")
