"""Reading stations: invited by an administrator, known by a token and a key of their own, stopped at once when revoked.

A station becomes one with a code that an administrator reads to whoever sits at the machine: the machine makes a key
(Ed25519), sends its public half with the code, and gets a token. The station keeps its place when it is enrolled again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import CodeRefused, InvalidInput, NotFound, NotPermitted
from registry.models.accounts import Organisation, OrganisationKind, Station, StationSegment
from registry.services import accounts, audit
from registry.services.actor import Actor

__all__ = [
    "CODE_HOURS",
    "Enrolled",
    "StationLine",
    "actor_for",
    "check_signature",
    "enrol",
    "enrol_with_code",
    "every",
    "invite",
    "name_and_organisation",
    "renew",
    "revoke",
    "seen",
]

CODE_HOURS = 24
"""How long an enrolment code may be used."""
_TOUCH_EVERY = timedelta(seconds=30)
# Capital letters and digits that are not mistaken for one another; 16 of 30 give 78 bits.
_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class StationLine:
    """A station in a list."""

    id: int
    name: str
    organisation: str
    created_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None
    signs: bool
    """Whether it has a key of its own, with which it signs what it sends."""
    invited: bool
    """Whether a code for it may still be used."""
    missing: int
    """Messages that it has numbered and that are not here (yet)."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a machine is told when it becomes a station; the token is shown once and kept nowhere in clear."""

    token: str
    name: str
    organisation: str


def enrol(session: Session, actor: Actor, organisation_id: int, name: str) -> str:
    """Enrol a station of a police authority at once; returns its token, shown once and kept nowhere in clear.

    Such a station has no key of its own and does not sign.
    """
    token = secrets.token_urlsafe(32)
    row = _new(session, organisation_id, name, token)
    audit.record(session, actor, audit.Action.STATION_ENROLLED, f"station:{row.id}", organisation_id=organisation_id)
    return token


def invite(session: Session, actor: Actor, organisation_id: int, name: str) -> str:
    """Make a place for a station; returns the code by which a machine takes it, once, within ``CODE_HOURS``."""
    # Nobody is told this token: the place cannot be used before a machine has taken it.
    row = _new(session, organisation_id, name, secrets.token_urlsafe(32))
    return _invited(session, actor, row)


def renew(session: Session, actor: Actor, station_id: int) -> str:
    """A code by which a machine takes the place of this station, also of one that was stopped."""
    row = session.get(Station, station_id)
    if row is None:
        raise NotFound(what="station", which=station_id)
    return _invited(session, actor, row)


def enrol_with_code(session: Session, code: str, public_key: bytes) -> Enrolled:
    """Make the machine with this public key (Ed25519, 32 bytes) the station that the code was given for.

    Of several who use a code at once, one wins. Raises CodeRefused when it is unknown, used or too old.
    """
    token = secrets.token_urlsafe(32)
    station_id = session.execute(
        update(Station)
        .where(Station.enrolment_hash == _code_hash(code), Station.enrolment_expires_at > clock.now())
        .values(
            enrolment_hash=None,
            enrolment_expires_at=None,
            token_hash=accounts.token_hash(token),
            public_key=public_key,
            revoked_at=None,
        )
        .returning(Station.id)
    ).scalar_one_or_none()
    if station_id is None:
        raise CodeRefused(hours=CODE_HOURS)
    name, organisation = name_and_organisation(session, station_id)
    station = Actor(label=f"station:{station_id}", station_id=station_id)
    audit.record(session, station, audit.Action.STATION_ENROLLED, f"station:{station_id}")
    return Enrolled(token, name, organisation)


def check_signature(session: Session, station_id: int, content: bytes, signature: bytes) -> None:
    """Raise NotPermitted unless ``content`` is signed with the station's key; one without a key need not sign."""
    public_key = session.execute(select(Station.public_key).where(Station.id == station_id)).scalar_one()
    if public_key is None:
        return
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except InvalidSignature:
        raise NotPermitted(act="deliver what another key has signed") from None


def _new(session: Session, organisation_id: int, name: str, token: str) -> Station:
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind is not OrganisationKind.POLICE:
        raise InvalidInput(field="organisation", value=str(organisation_id), allowed="a police authority")
    row = Station(
        organisation_id=organisation_id,
        name=name.strip(),
        token_hash=accounts.token_hash(token),
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise InvalidInput(field="name", value=repr(name), allowed="a name no other station here has") from None
    return row


def _invited(session: Session, actor: Actor, row: Station) -> str:
    code = "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))
    row.enrolment_hash = _code_hash(code)
    row.enrolment_expires_at = clock.now() + timedelta(hours=CODE_HOURS)
    session.flush()
    audit.record(session, actor, audit.Action.STATION_INVITED, f"station:{row.id}", organisation_id=row.organisation_id)
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def _code_hash(code: str) -> bytes:
    """A code is typed by hand: case, blanks and hyphens do not matter."""
    return accounts.token_hash("".join(sign for sign in code.upper() if sign.isalnum()))


def revoke(session: Session, actor: Actor, station_id: int) -> None:
    """Stop a station: its next request is refused, and a code for it no longer works."""
    changed = session.execute(
        update(Station)
        .where(Station.id == station_id, Station.revoked_at.is_(None))
        .values(revoked_at=clock.now(), enrolment_hash=None, enrolment_expires_at=None)
        .returning(Station.id)
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound(what="station", which=station_id)
    audit.record(session, actor, audit.Action.STATION_REVOKED, f"station:{station_id}")


def actor_for(session: Session, token: str) -> Actor | None:
    """The station with this token as an actor; None when it is unknown or revoked."""
    row = session.execute(
        select(Station.id).where(Station.token_hash == accounts.token_hash(token), Station.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else Actor(label=f"station:{row.id}", station_id=row.id)


def name_and_organisation(session: Session, station_id: int) -> tuple[str, str]:
    """A station's name and the name of its authority."""
    row = session.execute(
        select(Station.name, Organisation.name)
        .join(Organisation, Organisation.id == Station.organisation_id)
        .where(Station.id == station_id)
    ).one()
    return row[0], row[1]


def seen(session: Session, station_id: int) -> None:
    """Note that a station was heard of now, at most twice a minute."""
    now = clock.now()
    session.execute(
        update(Station)
        .where(Station.id == station_id, (Station.seen_at.is_(None)) | (Station.seen_at < now - _TOUCH_EVERY))
        .values(seen_at=now)
    )


def every(session: Session) -> list[StationLine]:
    """All stations, newest first."""
    missing = (
        select(func.coalesce(func.sum(StationSegment.highest - StationSegment.received), 0))
        .where(StationSegment.station_id == Station.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Station, Organisation.name, missing)
        .join(Organisation, Organisation.id == Station.organisation_id)
        .order_by(Station.id.desc())
    )
    now = clock.now()
    return [
        StationLine(
            row.id,
            row.name,
            organisation,
            row.created_at,
            row.seen_at,
            row.revoked_at,
            signs=row.public_key is not None,
            invited=row.enrolment_expires_at is not None and row.enrolment_expires_at > now,
            missing=int(absent),
        )
        for row, organisation, absent in rows
    ]
