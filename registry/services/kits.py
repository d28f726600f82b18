"""Kits and the residents they belong to: registering a kit with its code and PIN, and listing one's own.

Of all who send the right code and PIN exactly one becomes the owner: the change is one guarded UPDATE. A wrong try is
counted per kit code and per network address and slows the next one; it never locks a kit for good, since anyone who has
read a dot could do that to its owner (threat T12).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import AlreadyActivated, InvalidInput, KitRecalled, WrongPin
from registry.models.accounts import Account
from registry.models.items import Item, Marking
from registry.models.kits import Kit
from registry.models.suppliers import Batch, Supplier
from registry.services import audit, letters, throttle
from registry.services.actor import Actor
from registry.services.context import keyring_of
from registry.services.folding import compact_code, folded_code
from registry.services.throttle import Limit

__all__ = ["Activation", "OwnKit", "activate", "own"]

_LONGEST_CODE = 20
_LONGEST_PIN = 20


@dataclass(frozen=True, slots=True)
class Activation:
    """A kit that now belongs to the actor. ``already`` says that it did before; ``past_best_before`` warns."""

    kit_id: int
    code: str
    marks: int
    best_before: date | None
    past_best_before: bool
    already: bool


@dataclass(frozen=True, slots=True)
class OwnKit:
    """A kit as its owner sees it; ``marked_items`` counts the things marked with it."""

    id: int
    code: str
    supplier: str
    activated_at: datetime
    best_before: date | None
    past_best_before: bool
    marks: int
    marked_items: int
    recalled: bool


def activate(session: Session, actor: Actor, code: str, pin: str, address: str) -> Activation:
    """Register a kit to the actor's owner.

    Code and PIN may be typed with blanks, hyphens and in small letters. Raises WrongPin for an unknown code and for a
    wrong PIN alike, TooManyAttempts when slowed, KitRecalled and AlreadyActivated only to who knows the PIN. The same
    kit sent again by its owner (a second click, a lost answer) is answered as the first time.
    """
    owner_id = actor.own_owner("register a kit")
    key, pin = folded_code(code), compact_code(pin)
    _check_lengths(code, key, pin)
    throttle.check(session, Limit.KIT_ADDRESS, address)
    throttle.check(session, Limit.KIT_PIN, key)
    kit = _opened_by(session, code, pin)
    if kit is None:
        throttle.count(session, Limit.KIT_ADDRESS, address)
        throttle.count(session, Limit.KIT_PIN, key)
        audit.record(session, actor, audit.Action.KIT_REFUSED, "kit:unknown")
        raise WrongPin
    if kit.owner_id == owner_id:
        return _activation(kit, already=True)
    if _recalled(session, kit):
        raise KitRecalled
    won = session.execute(
        update(Kit)
        .where(Kit.id == kit.id, Kit.owner_id.is_(None), Kit.revoked_at.is_(None))
        .values(owner_id=owner_id, activated_at=clock.now())
        .returning(Kit.id)
    ).scalar_one_or_none()
    if won is None:
        session.expire(kit)
        if session.get_one(Kit, kit.id).owner_id == owner_id:
            return _activation(kit, already=True)
        raise AlreadyActivated
    throttle.clear(session, Limit.KIT_PIN, key)
    audit.record(session, actor, audit.Action.KIT_ACTIVATED, f"kit:{kit.id}")
    if actor.account_id is not None:
        letters.kit_registered(session, session.get_one(Account, actor.account_id), kit.code)
    return _activation(kit, already=False)


def own(session: Session, actor: Actor) -> Sequence[OwnKit]:
    """The actor's kits, newest first."""
    counted = (
        select(Marking.kit_id, func.count().label("things"))
        .join(Item, Item.id == Marking.item_id)
        .where(Item.removed_at.is_(None))
        .group_by(Marking.kit_id)
        .subquery()
    )
    rows = session.execute(
        select(Kit, Supplier.name, Batch.revoked_at, counted.c.things)
        .join(Batch, Batch.id == Kit.batch_id)
        .join(Supplier, Supplier.id == Kit.supplier_id)
        .outerjoin(counted, counted.c.kit_id == Kit.id)
        .where(Kit.owner_id == actor.own_owner("see kits"))
        .order_by(Kit.activated_at.desc(), Kit.id.desc())
    )
    return [
        OwnKit(
            id=kit.id,
            code=kit.code,
            supplier=supplier,
            activated_at=kit.activated_at or clock.now(),
            best_before=kit.best_before,
            past_best_before=_past(kit.best_before),
            marks=kit.marks,
            marked_items=things or 0,
            recalled=kit.revoked_at is not None or batch_revoked_at is not None,
        )
        for kit, supplier, batch_revoked_at, things in rows
    ]


def _check_lengths(code: str, key: str, pin: str) -> None:
    if not 4 <= len(key) <= _LONGEST_CODE:
        raise InvalidInput(field="code", value=repr(code[:40]), allowed="4 to 20 letters and digits")
    if not 1 <= len(pin) <= _LONGEST_PIN:
        raise InvalidInput(field="pin", value="…", allowed="the PIN of 4 to 20 characters on the card")


def _opened_by(session: Session, code: str, pin: str) -> Kit | None:
    """The kit whose code and PIN these are; look-alikes in the code are tried, since the PIN decides."""
    keyring = keyring_of(session)
    same = session.scalars(select(Kit).where(Kit.code_folded == folded_code(code)).limit(20)).all()
    # One comparison is made even when there is no such kit, so that the clock does not tell.
    keyring.pin_hash(compact_code(code), pin)
    opened = [kit for kit in same if hmac.compare_digest(keyring.pin_hash(kit.code, pin), kit.pin_hash)]
    exact = [kit for kit in opened if compact_code(kit.code) == compact_code(code)]
    return next(iter(exact or opened), None)


def _recalled(session: Session, kit: Kit) -> bool:
    return kit.revoked_at is not None or session.get_one(Batch, kit.batch_id).revoked_at is not None


def _past(best_before: date | None) -> bool:
    return best_before is not None and best_before < clock.today()


def _activation(kit: Kit, *, already: bool) -> Activation:
    return Activation(kit.id, kit.code, kit.marks, kit.best_before, _past(kit.best_before), already)
