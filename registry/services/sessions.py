"""Signing in and out: sessions live on the server, the cookie holds only a random token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2.exceptions import VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import SignInRefused
from registry.models.accounts import Account, Role, SignInSession
from registry.services import accounts, audit, throttle
from registry.services.actor import PUBLIC, Actor
from registry.services.context import settings_of
from registry.services.throttle import Limit

__all__ = ["SignedIn", "end", "end_all", "resume", "sign_in", "start"]

_STAFF_HOURS = 8
_TOUCH_EVERY = timedelta(seconds=60)
# Two servers of one register may disagree on the time by so much.
_CLOCKS_DIFFER = timedelta(seconds=60)
# Compared with when the address is unknown, so that the answer takes as long as for a wrong password.
_NOBODY = accounts.HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: who acts, and in which language."""

    session_id: int
    actor: Actor
    language: str
    needs_touch: bool


def sign_in(session: Session, email: str, password: str, address: str) -> str:
    """Start a session and return its token for the cookie.

    Raises TooManyAttempts when slowed, SignInRefused otherwise; wrong tries are counted for the account's address
    and for the network ``address``. The caller commits also when it is refused, so that the count survives.
    """
    throttle.check(session, Limit.SIGN_IN_ADDRESS, address)
    throttle.check(session, Limit.SIGN_IN_ACCOUNT, email)
    account = accounts.find_by_email(session, email)
    try:
        accounts.HASHER.verify(account.password_hash if account else _NOBODY, password)
        # An unconfirmed address may be somebody else's. Letting its maker in would also tell which addresses were free.
        right = account is not None and account.disabled_at is None and account.email_confirmed_at is not None
    except VerificationError:
        right = False
    if not right or account is None:
        throttle.count(session, Limit.SIGN_IN_ADDRESS, address)
        throttle.count(session, Limit.SIGN_IN_ACCOUNT, email)
        subject = f"account:{account.id}" if account else "account:unknown"
        audit.record(session, PUBLIC, audit.Action.SESSION_REFUSED, subject)
        raise SignInRefused
    throttle.clear(session, Limit.SIGN_IN_ACCOUNT, email)
    if accounts.HASHER.check_needs_rehash(account.password_hash):
        account.password_hash = accounts.HASHER.hash(password)
    return start(session, account)


def start(session: Session, account: Account) -> str:
    """Start a session for an account that has proved who it is; returns the token."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = SignInSession(token_hash=accounts.token_hash(token), account_id=account.id, created_at=now, seen_at=now)
    session.add(row)
    session.flush()
    actor = accounts.actor_of(session, account)
    audit.record(session, actor, audit.Action.SESSION_STARTED, f"session:{row.id}")
    return token


def resume(session: Session, token: str) -> SignedIn | None:
    """Who the token belongs to, with roles as they are now; None when it is unknown, ended or too old."""
    row = session.execute(
        select(SignInSession, Account)
        .join(Account, Account.id == SignInSession.account_id)
        .where(SignInSession.token_hash == accounts.token_hash(token), SignInSession.ended_at.is_(None))
    ).one_or_none()
    if row is None or row.Account.disabled_at is not None:
        return None
    actor = accounts.actor_of(session, row.Account)
    if _too_old(session, actor, row.SignInSession.created_at, row.SignInSession.seen_at):
        return None
    return SignedIn(
        session_id=row.SignInSession.id,
        actor=actor,
        language=row.Account.language,
        needs_touch=clock.now() - row.SignInSession.seen_at > _TOUCH_EVERY,
    )


def touch(session: Session, session_id: int) -> None:
    """Note that a session was used now."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None), SignInSession.seen_at < clock.now())
        .values(seen_at=clock.now())
    )


def end(session: Session, actor: Actor, session_id: int) -> None:
    """End a session for good."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    audit.record(session, actor, audit.Action.SESSION_ENDED, f"session:{session_id}")


def end_all(session: Session, actor: Actor, *, but: int | None = None) -> int:
    """End all the actor's sessions, except ``but``; returns how many."""
    ended = session.scalars(
        update(SignInSession)
        .where(
            SignInSession.account_id == actor.own_account("end sessions"),
            SignInSession.ended_at.is_(None),
            SignInSession.id != (but or 0),
        )
        .values(ended_at=clock.now())
        .returning(SignInSession.id)
    ).all()
    for session_id in ended:
        audit.record(session, actor, audit.Action.SESSION_ENDED, f"session:{session_id}")
    return len(ended)


def _too_old(session: Session, actor: Actor, created_at: datetime, seen_at: datetime) -> bool:
    settings = settings_of(session)
    staff = bool(actor.role_names - {Role.RESIDENT})
    idle = timedelta(minutes=settings.session_idle_minutes) / (2 if staff else 1)
    whole = timedelta(hours=min(settings.session_hours, _STAFF_HOURS) if staff else settings.session_hours)
    now = clock.now()
    # A clock that was set back must not lengthen a session: one that was used "later than now" is over.
    return now - seen_at > idle or now - created_at > whole or seen_at - now > _CLOCKS_DIFFER
