"""Access tokens: what a program of an account's holder signs in to the API with, until it expires or is revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import AccessScope, AccessToken, Account
from registry.services import accounts, audit
from registry.services.actor import Actor

__all__ = [
    "LONGEST_DAYS",
    "LONGEST_NAME",
    "MOST",
    "AccessScope",
    "Held",
    "actor_for",
    "give",
    "give_own",
    "needs_note",
    "note_use",
    "own",
    "revoke",
    "revoke_own",
]

LONGEST_DAYS: Final = 366
LONGEST_NAME: Final = 80
MOST: Final = 20
"""Tokens that count at the same time, of each account: enough for every program, few enough to look through."""
_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A token as its holder sees it; what it is itself was shown once."""

    id: int
    name: str
    scope: AccessScope
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def counts(self) -> bool:
        """Whether programs get in with it."""
        return self.revoked_at is None and self.expires_at > clock.now()


def own(session: Session, actor: Actor) -> list[Held]:
    """The tokens of the actor's account: those that count first, then the newest first."""
    rows = session.scalars(
        select(AccessToken)
        .where(AccessToken.account_id == actor.own_account("see access tokens"))
        .order_by(AccessToken.id.desc())
    )
    held = [
        Held(row.id, row.name, row.scope, row.created_at, row.expires_at, row.used_at, row.revoked_at) for row in rows
    ]
    return sorted(held, key=lambda one: not one.counts)


def give_own(session: Session, actor: Actor, name: str, days: int, password: str) -> str:
    """Give the actor's own account a token for a program; it is shown once and kept nowhere in clear.

    It outlives the session it is made in, so the password is asked for again. Raises InvalidInput naming the field
    (name, days), and what ``accounts.confirm_password`` raises.
    """
    account = accounts.confirm_password(session, actor, password)
    name = _tidy(name)
    counting = select(AccessToken.name).where(
        AccessToken.account_id == account.id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > clock.now()
    )
    names = session.scalars(counting).all()
    if name in names:
        raise InvalidInput(field="name", value=repr(name[:20]), allowed="a name that none of your tokens has")
    if len(names) >= MOST:
        raise InvalidInput(field="name", value=str(len(names)), allowed="20 tokens at the same time; revoke one first")
    return _made(session, actor, account, name, days)


def revoke_own(session: Session, actor: Actor, token_id: int) -> None:
    """Stop a token of the actor's own account at once; raises NotFound for another's and for one stopped already."""
    account_id = actor.own_account("revoke an access token")
    stopped = session.execute(
        update(AccessToken)
        .where(AccessToken.id == token_id, AccessToken.account_id == account_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(AccessToken.id)
    ).scalar()
    if stopped is None:
        raise NotFound(what="access token", which=token_id)
    audit.record(session, actor, audit.Action.ACCESS_REVOKED, f"account:{account_id}", details={"tokens": [stopped]})


def give(session: Session, actor: Actor, email: str, name: str, days: int) -> str:
    """Give the account with this address a token for a program; it is shown once and kept nowhere in clear.

    Raises InvalidInput naming the field (name, days) and NotFound for an unknown or disabled account.
    """
    account = accounts.find_by_email(session, email)
    if account is None or account.disabled_at is not None:
        raise NotFound(what="account", which=email)
    return _made(session, actor, account, _tidy(name), days)


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _made(session: Session, actor: Actor, account: Account, name: str, days: int) -> str:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput(field="name", value=repr(name[:20]), allowed="1 to 80 characters")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(field="days", value=str(days), allowed="1 to 366 days")
    token, now = secrets.token_urlsafe(32), clock.now()
    row = AccessToken(
        token_hash=accounts.token_hash(token),
        account_id=account.id,
        name=name,
        scope=AccessScope.LABELS,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        audit.Action.ACCESS_GIVEN,
        f"account:{account.id}",
        details={"token": row.id, "days": days, "scope": row.scope.value},
    )
    return token


def revoke(session: Session, actor: Actor, email: str, name: str) -> int:
    """Stop all tokens of this name of the account; their next request is refused. Raises NotFound when none is left."""
    account = accounts.find_by_email(session, email)
    stopped = session.scalars(
        update(AccessToken)
        .where(
            AccessToken.account_id == (account.id if account else None),
            AccessToken.name == name,
            AccessToken.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(AccessToken.id)
    ).all()
    if account is None or not stopped:
        raise NotFound(what="access token", which=name)
    audit.record(
        session, actor, audit.Action.ACCESS_REVOKED, f"account:{account.id}", details={"tokens": sorted(stopped)}
    )
    return len(stopped)


def actor_for(session: Session, token: str, scope: AccessScope = AccessScope.LABELS) -> Actor | None:
    """The holder of this token, with roles as they are now.

    None when it is unknown, expired, revoked, for something else than ``scope``, or its holder is shut out.
    """
    account = session.scalar(
        select(Account)
        .join(AccessToken, AccessToken.account_id == Account.id)
        .where(*_in_force(token), AccessToken.scope == scope, Account.disabled_at.is_(None))
    )
    return None if account is None else accounts.actor_of(session, account)


def needs_note(session: Session, token: str) -> bool:
    """Whether the use of this token is worth a write: the last one noted is a minute old or more."""
    stale = or_(AccessToken.used_at.is_(None), AccessToken.used_at < clock.now() - _NOTED_EVERY)
    return bool(session.scalar(select(func.count()).select_from(AccessToken).where(*_in_force(token), stale)))


def note_use(session: Session, token: str) -> None:
    """Note that a program got in with this token now, so that its holder sees which ones are still needed."""
    session.execute(update(AccessToken).where(*_in_force(token)).values(used_at=clock.now()))


def _in_force(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AccessToken.token_hash == accounts.token_hash(token),
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > clock.now(),
    )
