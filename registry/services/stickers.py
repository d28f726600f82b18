"""Stickers: numbers given out once and for ever, sheets of them to print, and what the public learns from one.

A number is random and says nothing of the kit (labels.markcode). An item has one; printing it again keeps it.
"""

import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels import markcode
from labels.designs import design_named
from labels.errors import LabelError
from labels.language import Language
from labels.pdf import Design, LabelContent, write_sheets
from labels.stock import STOCKS, Stock
from registry import clock
from registry.errors import InvalidInput, NotFound, ReportedStolen, Unavailable, UnprintableLabel
from registry.models.items import CancelReason, Item, Sticker, StickerStatus
from registry.models.thefts import TheftReport
from registry.services import audit, owners, sheet_packages, throttle
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.house_style import house_style
from registry.services.throttle import Limit

__all__ = [
    "DESIGNS",
    "MOST_COPIES",
    "CancelReason",
    "Print",
    "Sheet",
    "StickerLine",
    "cancel",
    "count_printed",
    "explained_refusals",
    "history",
    "is_reported_stolen",
    "issue",
    "new_numbers",
    "of_item",
    "print_sheet",
    "stocks",
    "stocks_for",
]

MOST_COPIES: Final = 20
_TRIES: Final = 5

DESIGNS: Final = tuple(
    design_named(name) for name in ("warning-sticker", "letterbox-sign", "window-sticker", "certificate")
)
"""What residents can print, the sticker on a thing first."""


@dataclass(frozen=True, slots=True)
class Print:
    """What to print: stock by code, the first free place of a part-used sheet (from 1), copies of each sticker.

    ``skip`` names further used places of the first sheet, ``package`` the package whose used places are remembered.
    """

    stock: str
    start: int = 1
    copies: int = 1
    language: Language = Language.SWEDISH
    design: str = "warning-sticker"
    skip: Collection[int] = frozenset()
    package: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed sheet as PDF; ``next_start`` is where the last sheet can go on, 1 for a new one.

    ``replaced`` tells that letters the typeface lacks were printed as question marks.
    """

    pdf: bytes
    stickers: int
    pages: int
    next_start: int
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class StickerLine:
    """A number that an item has or had, and what became of it."""

    number: str
    issued_at: datetime
    printed_count: int
    printed_at: datetime | None
    cancelled_at: datetime | None
    reason: CancelReason | None


def stocks_for(design: Design) -> Sequence[Stock]:
    """The stocks that a design can be printed on, its usual ones first, no rolls."""
    fit = [
        stock
        for stock in STOCKS.values()
        if not stock.roll
        and (stock.positions > 1 or stock.code in design.stocks)
        and stock.label[0] >= design.smallest[0]
        and stock.label[1] >= design.smallest[1]
    ]
    return sorted(fit, key=lambda stock: design.stocks.index(stock.code) if stock.code in design.stocks else len(fit))


def stocks() -> Sequence[Stock]:
    """The stocks that warning stickers can be printed on, A4 sheets first."""
    return stocks_for(DESIGNS[0])


def issue(session: Session, actor: Actor, item_ids: Collection[int]) -> dict[int, str]:
    """The sticker number of each own item, given out now where it had none; raises NotFound for somebody else's.

    The item rows are locked, so that two requests at once do not give one item two numbers; the database refuses a
    second number that counts in any case.
    """
    owner_id = actor.own_owner("print stickers")
    wanted = sorted(set(item_ids))
    _lock_own(session, owner_id, wanted)
    held = {
        item_id: number
        for item_id, number in session.execute(
            select(Sticker.item_id, Sticker.number).where(
                Sticker.item_id.in_(wanted), Sticker.status == StickerStatus.ISSUED
            )
        )
        if item_id is not None
    }
    new = _give_out(session, owner_id, [item_id for item_id in wanted if item_id not in held])
    if new:
        audit.record(session, actor, audit.Action.STICKERS_ISSUED, f"owner:{owner_id}", details={"items": sorted(new)})
    return {item_id: held.get(item_id) or new[item_id] for item_id in item_ids}


def new_numbers(session: Session, owner_id: int, items: Sequence[int | None]) -> list[str]:
    """A new number of the owner for each of these items, or for none yet (None); all or nothing."""
    issued_at = clock.now()
    for _ in range(_TRIES):
        numbers = [markcode.issue() for _ in items]
        rows = [
            {
                "number": number,
                "owner_id": owner_id,
                "item_id": item_id,
                "status": StickerStatus.ISSUED,
                "issued_at": issued_at,
                "printed_count": 0,
            }
            for number, item_id in zip(numbers, items, strict=True)
        ]
        try:
            with session.begin_nested():
                session.execute(insert(Sticker), rows)
        except IntegrityError:
            # Two random numbers of 65 bits were equal, or the random source is broken; the constraint noticed.
            continue
        return numbers
    raise Unavailable(what="The source of random numbers")


def cancel(session: Session, actor: Actor, item_id: int, reason: CancelReason) -> None:
    """The number of an own item's sticker counts no more; the next print gives the item a new one.

    The old number stays for ever and tells nobody anything. Raises NotFound for somebody else's item or one without a
    sticker, and ReportedStolen while the item is: the sticker that is out there must go on saying so.
    """
    _lock_own(session, actor.own_owner("cancel stickers"), [item_id])
    if session.scalar(select(exists().where(TheftReport.item_id == item_id, TheftReport.withdrawn_at.is_(None)))):
        raise ReportedStolen
    cancelled = session.execute(
        update(Sticker)
        .where(Sticker.item_id == item_id, Sticker.status == StickerStatus.ISSUED)
        .values(status=StickerStatus.CANCELLED, cancelled_at=clock.now(), cancel_reason=reason)
        .returning(Sticker.id)
    ).scalar_one_or_none()
    if cancelled is None:
        raise NotFound(what="sticker", which=item_id)
    audit.record(
        session,
        actor,
        audit.Action.STICKER_CANCELLED,
        f"sticker:{cancelled}",
        details={"item": item_id, "reason": reason.value},
    )


def history(session: Session, actor: Actor, item_id: int) -> list[StickerLine]:
    """All numbers that an own item has had, newest first; none for somebody else's."""
    rows = session.scalars(
        select(Sticker)
        .join(Item, Item.id == Sticker.item_id)
        .where(Item.id == item_id, Item.owner_id == actor.own_owner("see stickers"))
        .order_by(Sticker.id.desc())
    )
    return [
        StickerLine(row.number, row.issued_at, row.printed_count, row.printed_at, row.cancelled_at, row.cancel_reason)
        for row in rows
    ]


def count_printed(session: Session, numbers: Collection[str], copies: int) -> None:
    """Note that stickers with these numbers were printed now, ``copies`` of each."""
    session.execute(
        update(Sticker)
        .where(Sticker.number.in_(numbers))
        .values(printed_count=Sticker.printed_count + copies, printed_at=clock.now())
    )


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
    """A PDF with the stickers of own items, or with signs; a sticker printed again carries the same number.

    Raises NotFound for somebody else's item and InvalidInput naming the field: items, design, stock, start, skip or
    copies.
    """
    design, stock = _checked(item_ids, wish)
    owner_id = actor.own_owner("print stickers")
    numbers = issue(session, actor, item_ids) if "number" in design.needs else {}
    written = io.BytesIO()
    with explained_refusals():
        report = write_sheets(
            written,
            _contents(session, owner_id, design, numbers),
            stock=stock,
            design=design,
            language=wish.language,
            start_position=wish.start,
            skip=wish.skip,
            copies=wish.copies,
            style=house_style(session, settings_of(session).authority),
            tagged=True,
        )
    count_printed(session, numbers.values(), wish.copies)
    if wish.package:
        sheet_packages.use(session, owner_id, wish.package, stock, report.used_positions)
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"owner:{owner_id}",
        details={"items": sorted(numbers), "copies": wish.copies, "stock": stock.code, "design": design.name},
    )
    return Sheet(written.getvalue(), report.labels, report.pages, report.next_position, report.replaced_characters)


def _contents(session: Session, owner_id: int, design: Design, numbers: dict[int, str]) -> Iterator[LabelContent]:
    """What stands on each label; a sign has nothing of its own, a certificate names its owner to the owner alone."""
    if not numbers:
        yield LabelContent()
        return
    base = settings_of(session).public_url
    owner = owners.open_contact(session, owner_id).name if "owner" in design.needs else ""
    things = {
        item.id: item for item in session.scalars(select(Item).where(Item.id.in_(numbers), Item.owner_id == owner_id))
    }
    for item_id, number in numbers.items():
        thing = things[item_id]
        described = ", ".join(part for part in (thing.name, thing.maker, thing.model, thing.serial_number) if part)
        yield LabelContent(
            url=markcode.url(base, number),
            number=markcode.grouped(number),
            name=described if owner else "",
            owner=owner,
            date=clock.now().date().isoformat() if owner else "",
        )


@contextmanager
def explained_refusals() -> Iterator[None]:
    """What the label part refuses is told beside the stock: a larger one helps most, and the words say what else."""
    try:
        yield
    except LabelError as refused:
        raise UnprintableLabel("stock", refused) from None


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


def _checked(item_ids: Sequence[int], wish: Print) -> tuple[Design, Stock]:
    design = next((design for design in DESIGNS if design.name == wish.design), None)
    if design is None:
        raise InvalidInput(field="design", value=repr(wish.design[:20]), allowed="a design of the list")
    if not item_ids and "number" in design.needs:
        raise InvalidInput(field="items", value="0", allowed="at least one item")
    stock = sheet_packages.checked_places(stocks_for(design), wish.stock, wish.start, wish.skip)
    if not 1 <= wish.copies <= MOST_COPIES:
        raise InvalidInput(field="copies", value=str(wish.copies), allowed="1 to 20 copies")
    return design, stock


def _lock_own(session: Session, owner_id: int, item_ids: Sequence[int]) -> None:
    locked = session.scalars(
        select(Item.id)
        .where(Item.id.in_(item_ids), Item.owner_id == owner_id, Item.removed_at.is_(None))
        .order_by(Item.id)
        .with_for_update()
    ).all()
    for item_id in sorted(set(item_ids) - set(locked)):
        raise NotFound(what="item", which=item_id)


def _give_out(session: Session, owner_id: int, item_ids: Sequence[int]) -> dict[int, str]:
    """A new number for each of these items, all or none."""
    return dict(zip(item_ids, new_numbers(session, owner_id, item_ids), strict=True)) if item_ids else {}
