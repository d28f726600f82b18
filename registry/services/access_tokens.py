"""Access tokens: what a program of an account's holder signs in to the API with, until it expires or is revoked."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import AccessToken, Account
from registry.services import accounts, audit
from registry.services.actor import Actor

__all__ = ["LONGEST_DAYS", "actor_for", "give", "revoke"]

LONGEST_DAYS: Final = 366


def give(session: Session, actor: Actor, email: str, name: str, days: int) -> str:
    """Give the account with this address a token for a program; it is shown once and kept nowhere in clear.

    Raises InvalidInput naming the field (name, days) and NotFound for an unknown or disabled account.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise InvalidInput(field="name", value=repr(name[:20]), allowed="1 to 80 characters")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(field="days", value=str(days), allowed="1 to 366 days")
    account = accounts.find_by_email(session, email)
    if account is None or account.disabled_at is not None:
        raise NotFound(what="account", which=email)
    token, now = secrets.token_urlsafe(32), clock.now()
    row = AccessToken(
        token_hash=accounts.token_hash(token),
        account_id=account.id,
        name=name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor, audit.Action.ACCESS_GIVEN, f"account:{account.id}", details={"token": row.id, "days": days}
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


def actor_for(session: Session, token: str) -> Actor | None:
    """The holder of this token, with roles as they are now; None when it is unknown, expired, revoked or shut out."""
    account = session.scalar(
        select(Account)
        .join(AccessToken, AccessToken.account_id == Account.id)
        .where(
            AccessToken.token_hash == accounts.token_hash(token),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > clock.now(),
            Account.disabled_at.is_(None),
        )
    )
    return None if account is None else accounts.actor_of(session, account)
