"""Reading stations: enrolled by an administrator, known by a token, stopped at once when revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import Organisation, OrganisationKind, Station
from registry.services import accounts, audit
from registry.services.actor import Actor

__all__ = ["StationLine", "actor_for", "enrol", "every", "name_and_organisation", "revoke", "seen"]

_TOUCH_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class StationLine:
    """A station in a list."""

    id: int
    name: str
    organisation: str
    created_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None


def enrol(session: Session, actor: Actor, organisation_id: int, name: str) -> str:
    """Enrol a station of a police authority; returns its token, which is shown once and kept nowhere in clear."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind is not OrganisationKind.POLICE:
        raise InvalidInput(field="organisation", value=str(organisation_id), allowed="a police authority")
    token = secrets.token_urlsafe(32)
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
    audit.record(session, actor, audit.Action.STATION_ENROLLED, f"station:{row.id}", organisation_id=organisation_id)
    return token


def revoke(session: Session, actor: Actor, station_id: int) -> None:
    """Stop a station: its next request is refused."""
    changed = session.execute(
        update(Station)
        .where(Station.id == station_id, Station.revoked_at.is_(None))
        .values(revoked_at=clock.now())
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
    rows = session.execute(
        select(Station, Organisation.name)
        .join(Organisation, Organisation.id == Station.organisation_id)
        .order_by(Station.id.desc())
    )
    return [
        StationLine(row.id, row.name, organisation, row.created_at, row.seen_at, row.revoked_at)
        for row, organisation in rows
    ]
