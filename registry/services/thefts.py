"""Thefts that residents report, with the police's number, and withdraw when a thing is found again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound, ReportedStolen, TooLong
from registry.models.accounts import Account
from registry.models.items import Item
from registry.models.thefts import TheftReport
from registry.services import audit, letters
from registry.services.actor import Actor

__all__ = ["OwnTheft", "Theft", "own", "police_number", "report", "withdraw"]

# Swedish police: the number of the authority's unit, K and a running number, the year, e.g. 5000-K123456-26.
_POLICE_NUMBER = re.compile(r"(\d{4})-?K-?(\d{1,7})-?(\d{2})")
_LONGEST_PLACE = 200
_LONGEST_ACCOUNT = 2000


@dataclass(frozen=True, slots=True)
class Theft:
    """What an owner tells of a theft: the police's number, the day, the place, how it came about."""

    police_number: str
    occurred_on: date | None = None
    place: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class OwnTheft:
    """A report in its owner's list: one row an item."""

    id: int
    item_id: int
    item: str
    police_number: str
    occurred_on: date | None
    place: str
    reported_at: datetime
    withdrawn_at: datetime | None


def police_number(text: str) -> str:
    """The police's number in its one written form, ``5000-K123456-26``; raises InvalidInput for another shape."""
    found = _POLICE_NUMBER.fullmatch("".join(text.upper().split()))
    if found is None:
        raise InvalidInput(field="police_number", value=repr(text[:40]), allowed="a number such as 5000-K123456-26")
    return "{}-K{}-{}".format(*found.groups())


def report(session: Session, actor: Actor, item_ids: Sequence[int], theft: Theft) -> Sequence[int]:
    """Report own items stolen, all or none, and return the reports' ids in the order of ``item_ids``.

    Raises NotFound when one is not the actor's, ReportedStolen when one is reported already, InvalidInput naming the
    field otherwise.
    """
    owner_id = actor.own_owner("report a theft")
    number = police_number(theft.police_number)
    place, account = _checked(theft)
    wanted = list(dict.fromkeys(item_ids))
    if not wanted:
        raise InvalidInput(field="items", value="0", allowed="at least one item")
    own_items = set(
        session.scalars(
            select(Item.id).where(Item.id.in_(wanted), Item.owner_id == owner_id, Item.removed_at.is_(None))
        )
    )
    for item_id in wanted:
        if item_id not in own_items:
            raise NotFound(what="item", which=item_id)
    rows = [
        TheftReport(
            item_id=item_id,
            police_number=number,
            occurred_on=theft.occurred_on,
            place=place,
            account=account,
            reported_by_id=actor.account_id,
            reported_at=clock.now(),
        )
        for item_id in wanted
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        # The partial unique index lets an item have one report that is not withdrawn.
        raise ReportedStolen from None
    for row in rows:
        audit.record(session, actor, audit.Action.THEFT_REPORTED, f"theft:{row.id}", details={"item": row.item_id or 0})
    if actor.account_id is not None:
        letters.theft_reported(session, session.get_one(Account, actor.account_id), number)
    return [row.id for row in rows]


def withdraw(session: Session, actor: Actor, theft_id: int) -> None:
    """Withdraw a report of an own item, e.g. found again; a second time changes nothing."""
    held = session.execute(
        select(TheftReport.id, TheftReport.withdrawn_at)
        .join(Item, Item.id == TheftReport.item_id)
        .where(TheftReport.id == theft_id, Item.owner_id == actor.own_owner("withdraw a report"))
    ).one_or_none()
    if held is None:
        raise NotFound(what="theft report", which=theft_id)
    changed = session.execute(
        update(TheftReport)
        .where(TheftReport.id == theft_id, TheftReport.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .returning(TheftReport.id)
    ).scalar_one_or_none()
    if changed is not None:
        audit.record(session, actor, audit.Action.THEFT_WITHDRAWN, f"theft:{theft_id}")


def own(session: Session, actor: Actor) -> Sequence[OwnTheft]:
    """The reports of the actor's items, newest first, withdrawn ones too."""
    rows = session.execute(
        select(TheftReport, Item.id, Item.name)
        .join(Item, Item.id == TheftReport.item_id)
        .where(Item.owner_id == actor.own_owner("see thefts"))
        .order_by(TheftReport.id.desc())
    )
    return [
        OwnTheft(
            row.id, item_id, item, row.police_number, row.occurred_on, row.place, row.reported_at, row.withdrawn_at
        )
        for row, item_id, item in rows
    ]


def _checked(theft: Theft) -> tuple[str, str]:
    place, account = " ".join(theft.place.split()), theft.account.strip().replace("\r\n", "\n")
    for field, text, longest in (("place", place, _LONGEST_PLACE), ("account", account, _LONGEST_ACCOUNT)):
        if len(text) > longest:
            raise TooLong(field=field, count=len(text), longest=longest)
        if not text.replace("\n", " ").isprintable():
            raise InvalidInput(field=field, value=repr(text[:20]), allowed="printable characters")
    if theft.occurred_on is not None and not date(2000, 1, 1) <= theft.occurred_on <= clock.today():
        raise InvalidInput(field="occurred_on", value=theft.occurred_on.isoformat(), allowed="today or earlier")
    return place, account
