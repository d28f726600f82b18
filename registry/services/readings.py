"""Readings as stations send them: raw bytes and observations, stored once and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import IdempotencyConflict, NotPermitted
from registry.models.readings import ObservationKind, ObservationRow, Reading
from registry.services import audit, cases
from registry.services.actor import Actor
from registry.services.cases import CaseHead

__all__ = ["ObservationKind", "Observed", "Received", "Submission", "observed_in", "receive", "typed"]


@dataclass(frozen=True, slots=True)
class Observed:
    """One thing observed. ``text`` is a dot's text, a read's bases or a number; UV findings use the last three."""

    kind: ObservationKind
    text: str = ""
    quality: str = ""
    symbology: str = ""
    glow: bool | None = None
    peak_nm: int | None = None
    intensity: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A reading as a station sends it, already checked for form."""

    case_number: str
    idempotency_key: str
    body_hash: bytes
    reading_number: str
    reader: dict[str, Any] | None
    raw: bytes
    read_at: datetime
    observations: Sequence[Observed] = field(default=())
    purpose: str = ""
    """Why this look-up is made, where it says more than the case's own purpose."""


@dataclass(frozen=True, slots=True)
class Received:
    """The stored reading; ``duplicate`` when it had been received before, ``repeated`` when under another key."""

    reading_id: int
    duplicate: bool
    repeated: bool = False


def receive(session: Session, actor: Actor, submission: Submission, *, forgetful: bool = False) -> Received:
    """Store a reading for an open case of the station's authority, once for each key of the station.

    A ``forgetful`` station seals what it stores. If it lost its power between storing and acknowledging, it is sent the
    reading again and cannot know it; so from it the same reading id of the same reader, with the same observations, in
    the same case is the same reading.

    Raises NotFound when there is no such open case, IdempotencyConflict when the key came with another body before.
    """
    if actor.station_id is None:
        raise NotPermitted(act="deliver readings")
    mine = Reading.station_id == actor.station_id
    known = _delivered(session, mine, submission)
    if known is not None:
        return Received(known, duplicate=True)
    case = cases.open_for_station(session, actor, submission.case_number)
    repeated = _repeated(session, actor.station_id, case.id, submission) if forgetful else None
    if repeated is not None:
        audit.record(
            session,
            actor,
            audit.Action.READING_REPEATED,
            f"reading:{repeated}",
            case_number=case.number,
            organisation_id=case.organisation_id,
            details={"body_sha256": submission.body_hash.hex()},
        )
        return Received(repeated, duplicate=True, repeated=True)
    reading = Reading(station_id=actor.station_id, reader=submission.reader)
    return _store(session, actor, case, reading, submission, mine)


def typed(session: Session, actor: Actor, case_id: int, submission: Submission) -> Received:
    """Store what an officer typed off a thing, once for each key of the officer; as a station's reading otherwise.

    Raises NotFound or Conflict when the officer's authority has no such open case, IdempotencyConflict as ``receive``.
    """
    account_id = actor.own_account("police work")
    case = cases.of_officer(session, actor, case_id, still_open=True)
    mine = Reading.made_by_id == account_id
    known = _delivered(session, mine, submission)
    if known is not None:
        return Received(known, duplicate=True)
    cases.hold_open(session, case_id)
    return _store(session, actor, case, Reading(made_by_id=account_id), submission, mine)


def _store(
    session: Session,
    actor: Actor,
    case: CaseHead,
    reading: Reading,
    submission: Submission,
    mine: ColumnElement[bool],
) -> Received:
    """Store and log a reading that says who made it; ``mine`` are the readings among which its key is one's own."""
    reading.case_id = case.id
    reading.idempotency_key, reading.body_hash = submission.idempotency_key, submission.body_hash
    reading.reading_number, reading.raw = submission.reading_number, submission.raw
    reading.read_at, reading.received_at = submission.read_at, clock.now()
    try:
        with session.begin_nested():
            session.add(reading)
    except IntegrityError:
        # The same reading came in twice at the same moment, and the other transaction was first.
        known = _delivered(session, mine, submission)
        if known is None:
            raise
        return Received(known, duplicate=True)
    session.add_all(
        ObservationRow(
            reading_id=reading.id,
            position=position,
            kind=observed.kind,
            text=observed.text,
            quality=observed.quality,
            symbology=observed.symbology,
            glow=observed.glow,
            peak_nm=observed.peak_nm,
            intensity=observed.intensity,
        )
        for position, observed in enumerate(submission.observations)
    )
    session.flush()
    audit.record(
        session,
        actor,
        audit.Action.READING_RECEIVED,
        f"reading:{reading.id}",
        case_number=case.number,
        reason=submission.purpose or case.purpose,
        organisation_id=case.organisation_id,
        details={"observations": len(submission.observations), "body_sha256": submission.body_hash.hex()},
    )
    return Received(reading.id, duplicate=False)


def observed_in(session: Session, reading_ids: Sequence[int]) -> dict[int, list[Observed]]:
    """What was observed in each reading, in the order it was sent."""
    found: dict[int, list[Observed]] = {reading_id: [] for reading_id in reading_ids}
    rows = session.scalars(
        select(ObservationRow)
        .where(ObservationRow.reading_id.in_(found))
        .order_by(ObservationRow.reading_id, ObservationRow.position)
    )
    for row in rows:
        found[row.reading_id].append(
            Observed(row.kind, row.text, row.quality, row.symbology, row.glow, row.peak_nm, row.intensity)
        )
    return found


def _delivered(session: Session, mine: ColumnElement[bool], submission: Submission) -> int | None:
    reading = session.scalar(select(Reading).where(mine, Reading.idempotency_key == submission.idempotency_key))
    if reading is None:
        return None
    if bytes(reading.body_hash) != submission.body_hash:
        raise IdempotencyConflict(key=submission.idempotency_key)
    return reading.id


def _repeated(session: Session, station_id: int, case_id: int, submission: Submission) -> int | None:
    """The reading that this one repeats under another key; only a reader that says who it is numbers its readings."""
    if submission.reader is None:
        return None
    earlier = session.scalars(
        select(Reading)
        .where(
            Reading.case_id == case_id,
            Reading.reading_number == submission.reading_number,
            Reading.station_id == station_id,
        )
        .order_by(Reading.id)
    ).all()
    seen = observed_in(session, [reading.id for reading in earlier])
    serial_number = submission.reader["serial_number"]
    return next(
        (
            reading.id
            for reading in earlier
            if reading.reader is not None
            and reading.reader["serial_number"] == serial_number
            and seen[reading.id] == list(submission.observations)
        ),
        None,
    )
