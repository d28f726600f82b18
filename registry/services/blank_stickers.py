"""Blank stickers: numbers given out and printed before there is a thing for them, linked to one later.

They belong to the owner who ordered them, who alone can link or cancel them. Until then they tell the public what any
sticker tells that is on no stolen thing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels import markcode
from labels.designs import design_named
from labels.errors import MarkCodeError
from labels.language import Language
from labels.pdf import LabelContent
from registry import clock
from registry.errors import HasSticker, InvalidInput, NotFound, StickerSpent
from registry.models.items import CancelReason, Item, Sticker, StickerStatus
from registry.services import audit, label_jobs, sheet_packages, stickers
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.label_jobs import Job, JobWish
from registry.services.stickers import Sheet

__all__ = [
    "DESIGN",
    "MOST_AT_ONCE",
    "MOST_HELD",
    "BlankOrder",
    "BlankWish",
    "cancel",
    "held",
    "is_own",
    "link",
    "numbers_of",
    "order_labels",
    "print_labels",
]

DESIGN: Final = design_named("blank-sticker")
MOST_AT_ONCE: Final = 500
MOST_HELD: Final = 2000
"""Numbers without a thing that an owner may have; more are lost sheets, or a program that runs wild."""


@dataclass(frozen=True, slots=True)
class BlankWish:
    """How many new numbers; stock by code, first free place of the sheet (from 1), places to leave out.

    ``again`` names numbers given out before, to be printed once more instead of new ones.
    """

    count: int
    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    language: Language = Language.SWEDISH
    package: str = ""
    again: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class BlankOrder:
    """The numbers of one order that are on no thing yet, in the order in which they lie on the sheets."""

    issued_at: datetime
    numbers: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What names the order among those of its owner."""
        return self.issued_at.isoformat()


@dataclass(frozen=True, slots=True)
class _Prepared:
    plain: JobWish
    labels: list[LabelContent]
    order: BlankOrder


def order_labels(
    session: Session, actor: Actor, wish: BlankWish, *, key: str | None = None, body_hash: bytes | None = None
) -> Job:
    """Order blank stickers, as a job; the numbers are given out at once, and logged.

    Raises InvalidInput naming the field (count, stock, start, skip, package), NotFound for a number to print again that
    is no blank of the actor's own, and what ``label_jobs.order`` raises, to which ``key`` and ``body_hash`` go.
    """
    ready = _prepare(session, actor, wish)
    job = label_jobs.order(session, actor, ready.plain, ready.labels, key=key, body_hash=body_hash)
    _log(session, actor, wish, ready)
    return job


def print_labels(session: Session, actor: Actor, wish: BlankWish) -> tuple[BlankOrder, Sheet]:
    """The same as a PDF, and its numbers: for whoever waits for it and has no account to keep a job for.

    Raises as ``order_labels`` does, and UnprintableLabel.
    """
    ready = _prepare(session, actor, wish)
    sheet = label_jobs.print_at_once(session, ready.plain, ready.labels)
    _log(session, actor, wish, ready, pages=sheet.pages)
    return ready.order, sheet


def _prepare(session: Session, actor: Actor, wish: BlankWish) -> _Prepared:
    owner_id = actor.own_owner("print stickers")
    stock = sheet_packages.checked_places(stickers.stocks_for(DESIGN), wish.stock, wish.start, wish.skip)
    package = sheet_packages.tidy(wish.package)
    if package:
        sheet_packages.check_name(package)
    numbers = _again(session, actor, wish.again) if wish.again else _new(session, actor, wish.count)
    issued_at = session.scalars(select(Sticker.issued_at).where(Sticker.number == numbers[0])).one()
    order, settings = BlankOrder(issued_at, list(numbers)), settings_of(session)
    labels = [
        LabelContent(url=markcode.url(settings.public_url, number), number=markcode.grouped(number))
        for number in numbers
    ]
    plain = JobWish(
        DESIGN.name, stock.code, wish.start, sorted(wish.skip), 1, wish.language.value, settings.authority,
        package, owner_id, order.key,
    )  # fmt: skip
    return _Prepared(plain, labels, order)


def _log(session: Session, actor: Actor, wish: BlankWish, ready: _Prepared, **details: int) -> None:
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"owner:{ready.plain.owner_id}",
        details={
            "blank": len(ready.labels),
            "again": bool(wish.again),
            "stock": ready.plain.stock,
            "design": DESIGN.name,
            **details,
        },
    )


def held(session: Session, actor: Actor) -> list[BlankOrder]:
    """The actor's numbers that are on no thing yet, by order, the newest order first."""
    orders: dict[datetime, BlankOrder] = {}
    rows = session.execute(select(Sticker.number, Sticker.issued_at).where(_blank(actor)).order_by(Sticker.id))
    for number, issued_at in rows:
        orders.setdefault(issued_at, BlankOrder(issued_at)).numbers.append(number)
    return list(reversed(orders.values()))


def numbers_of(session: Session, actor: Actor, orders: Collection[str]) -> list[str]:
    """The numbers of these own orders, by key, that are on no thing yet.

    Raises NotFound for an order that is somebody else's, or has no such number (any more).
    """
    own = {order.key: order.numbers for order in held(session, actor)} if orders else {}
    for key in orders:
        if key not in own:
            raise NotFound(what="order", which=key[:32])
    return [number for key in dict.fromkeys(orders) for number in own[key]]


def is_own(session: Session, actor: Actor, number: str) -> bool:
    """Whether the number is the actor's own and on no thing yet."""
    return bool(session.scalar(select(exists().where(_blank(actor), Sticker.number == number))))


def link(session: Session, actor: Actor, number: str, item_id: int) -> None:
    """Put an own blank number on an own thing; logged.

    Of two at once one wins, whether they want the same number or the same thing: the thing is locked, the number
    changes hands only while it is on none, and the database refuses a second number that counts. Raises NotFound for
    what is not the actor's own, HasSticker, and StickerSpent for a number that was cancelled or linked.
    """
    owner_id = actor.own_owner("link stickers")
    try:
        number = markcode.parse(number)
    except MarkCodeError:
        raise NotFound(what="sticker", which=number[:20]) from None
    own_item = select(Item.id).where(Item.id == item_id, Item.owner_id == owner_id, Item.removed_at.is_(None))
    if session.scalar(own_item.with_for_update()) is None:
        raise NotFound(what="item", which=item_id)
    if session.scalar(select(exists().where(Sticker.item_id == item_id, Sticker.status == StickerStatus.ISSUED))):
        raise HasSticker
    taken = update(Sticker).where(_blank(actor), Sticker.number == number).values(item_id=item_id)
    try:
        with session.begin_nested():
            linked = session.execute(taken.returning(Sticker.id)).scalar_one_or_none()
    except IntegrityError:
        raise HasSticker from None
    if linked is None:
        if session.scalar(select(exists().where(Sticker.number == number, Sticker.owner_id == owner_id))):
            raise StickerSpent
        raise NotFound(what="sticker", which=markcode.grouped(number))
    audit.record(session, actor, audit.Action.STICKER_LINKED, f"sticker:{linked}", details={"item": item_id})


def cancel(session: Session, actor: Actor, numbers: Collection[str], reason: CancelReason) -> None:
    """These blank numbers of the actor's own count no more, e.g. of a lost sheet; all or none, logged.

    They stay for ever and tell nobody anything. Raises InvalidInput (field orders) for none, and StickerSpent when one
    of them is no blank of the actor's own (any more).
    """
    owner_id, wanted = actor.own_owner("cancel stickers"), set(numbers)
    if not wanted:
        raise InvalidInput(field="orders", value="0", allowed="at least one number")
    cancelled = session.scalars(
        update(Sticker)
        .where(_blank(actor), Sticker.number.in_(wanted))
        .values(status=StickerStatus.CANCELLED, cancelled_at=clock.now(), cancel_reason=reason)
        .returning(Sticker.id)
    ).all()
    if len(cancelled) != len(wanted):
        raise StickerSpent
    audit.record(
        session,
        actor,
        audit.Action.STICKER_CANCELLED,
        f"owner:{owner_id}",
        details={"stickers": sorted(cancelled), "reason": reason.value},
    )


def _new(session: Session, actor: Actor, count: int) -> list[str]:
    if not 1 <= count <= MOST_AT_ONCE:
        raise InvalidInput(field="count", value=str(count), allowed="1 to 500 stickers at once")
    owner_id = actor.own_owner("print stickers")
    before = session.scalar(select(func.count()).select_from(Sticker).where(_blank(actor))) or 0
    if before + count > MOST_HELD:
        raise InvalidInput(
            field="count", value=str(count), allowed="2000 numbers without a thing; link or cancel some first"
        )
    numbers = stickers.new_numbers(session, owner_id, [None] * count)
    audit.record(session, actor, audit.Action.STICKERS_ISSUED, f"owner:{owner_id}", details={"blank": count})
    return numbers


def _again(session: Session, actor: Actor, numbers: Collection[str]) -> Sequence[str]:
    """The same numbers in the order in which they were given out."""
    wanted = set(numbers)
    own = session.scalars(
        select(Sticker.number).where(_blank(actor), Sticker.number.in_(wanted)).order_by(Sticker.id)
    ).all()
    if len(own) != len(wanted):
        raise NotFound(what="sticker", which=next(iter(sorted(wanted - set(own)))))
    return own


def _blank(actor: Actor) -> ColumnElement[bool]:
    return (
        (Sticker.owner_id == actor.own_owner("see stickers"))
        & Sticker.item_id.is_(None)
        & (Sticker.status == StickerStatus.ISSUED)
    )
