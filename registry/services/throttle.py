"""Slowing down guessing: how often something may be tried in a window, counted in the database.

Counting in the database makes the limit hold over all worker processes and restarts. Keys are keyed hashes, so that the
table tells nobody which address or code was tried.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import TooManyAttempts
from registry.models.accounts import Throttle
from registry.services.context import keyring_of

__all__ = ["Limit", "check", "clear", "count"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """``free`` tries in ``window``; each one more blocks for twice as long, from ``first_block`` up to ``longest``."""

    free: int
    window: timedelta
    first_block: timedelta
    longest: timedelta


class Limit(Enum):
    """What is slowed, and how. There is no hard lock: anyone who knows an address or a code could set it off."""

    SIGN_IN_ACCOUNT = Allowance(5, timedelta(minutes=15), timedelta(seconds=5), timedelta(minutes=15))
    SIGN_IN_ADDRESS = Allowance(50, timedelta(minutes=15), timedelta(seconds=5), timedelta(minutes=15))
    KIT_PIN = Allowance(5, timedelta(hours=24), timedelta(seconds=10), timedelta(hours=1))
    KIT_ADDRESS = Allowance(20, timedelta(hours=1), timedelta(seconds=10), timedelta(hours=1))
    ACCOUNT_CREATION = Allowance(10, timedelta(hours=1), timedelta(minutes=1), timedelta(hours=1))
    MAIL = Allowance(5, timedelta(hours=1), timedelta(minutes=5), timedelta(hours=1))
    STICKER_ADDRESS = Allowance(60, timedelta(minutes=10), timedelta(seconds=5), timedelta(minutes=10))
    TAG_NUMBER = Allowance(10, timedelta(hours=24), timedelta(seconds=30), timedelta(hours=1))
    STATION_ENROLMENT = Allowance(10, timedelta(hours=1), timedelta(seconds=10), timedelta(hours=1))
    STATION_LIST = Allowance(20, timedelta(hours=1), timedelta(minutes=1), timedelta(minutes=15))
    STATION_READINGS = Allowance(6000, timedelta(minutes=1), timedelta(seconds=1), timedelta(seconds=30))


def check(session: Session, limit: Limit, key: str) -> None:
    """Raise TooManyAttempts while ``key`` is blocked under ``limit``; call it before the try."""
    row = _row(session, limit, key)
    if row is not None and row.blocked_until is not None and row.blocked_until > clock.now():
        seconds = int((row.blocked_until - clock.now()).total_seconds()) + 1
        raise TooManyAttempts(seconds=seconds)


def count(session: Session, limit: Limit, key: str) -> None:
    """Count a try (for PINs and passwords: a wrong one). The caller lets this survive its own refusal."""
    allowance, now = limit.value, clock.now()
    row = _row(session, limit, key) or _new_row(session, limit, key)
    if now - row.window_starts_at > allowance.window:
        row.count, row.window_starts_at, row.blocked_until = 0, now, None
    row.count += 1
    over = row.count - allowance.free
    if over >= 0:
        row.blocked_until = now + min(allowance.first_block * 2 ** min(over, 20), allowance.longest)
    session.flush()


def clear(session: Session, limit: Limit, key: str) -> None:
    """Forget the tries of ``key``, after a right one."""
    session.execute(delete(Throttle).where(Throttle.scope == limit.name.lower(), Throttle.key == _key(session, key)))


def _row(session: Session, limit: Limit, key: str) -> Throttle | None:
    return session.scalar(_query(session, limit, key))


def _new_row(session: Session, limit: Limit, key: str) -> Throttle:
    try:
        with session.begin_nested():
            row = Throttle(scope=limit.name.lower(), key=_key(session, key), count=0, window_starts_at=clock.now())
            session.add(row)
    except IntegrityError:
        # Another process counted the first try of this key at the same moment.
        return session.scalars(_query(session, limit, key)).one()
    return row


def _query(session: Session, limit: Limit, key: str) -> Select[Throttle]:
    return (
        select(Throttle)
        .where(Throttle.scope == limit.name.lower(), Throttle.key == _key(session, key))
        .with_for_update()
    )


def _key(session: Session, key: str) -> bytes:
    return keyring_of(session).blind_index("throttle", key)
