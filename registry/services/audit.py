"""The audit log: who did what to what, when and why, in a chain of hashes.

Grammar of an action: ``noun:verb in the past`` of what happened, e.g. ``owner:revealed``. Subjects are
``noun:id``. Details hold numbers and codes that explain the act, never a name, an address, a PIN or a token.

Each event's hash is SHA-256 over the previous hash and the event as canonical JSON (RFC 8785 in effect: sorted keys,
no spaces, UTF-8, only strings, integers, booleans, lists and maps), so that an event cannot be changed, removed,
inserted or moved without the chain breaking behind it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.models.audit import AuditEvent, AuditHead
from registry.services.actor import Actor

__all__ = ["Action", "Event", "Verification", "newest", "record", "verify"]


class Action(StrEnum):
    """Everything the log can say."""

    ACCOUNT_CREATED = "account:created"
    ACCOUNT_CONFIRMED = "account:confirmed"
    ACCOUNT_DISABLED = "account:disabled"
    ACCOUNT_CHANGED = "account:changed"
    ACCOUNTS_LISTED = "accounts:listed"
    DELIVERIES_LISTED = "deliveries:listed"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105 - the name of an act, no password
    PASSWORD_REFUSED = "password:refused"  # noqa: S105 - as above
    ROLE_GRANTED = "role:granted"
    SESSION_STARTED = "session:started"
    SESSION_REFUSED = "session:refused"
    SESSION_ENDED = "session:ended"
    STATION_INVITED = "station:invited"
    STATION_ENROLLED = "station:enrolled"
    STATION_REVOKED = "station:revoked"
    STOLEN_LIST_GIVEN = "stolen_list:given"
    ACCESS_GIVEN = "access:given"
    ACCESS_REVOKED = "access:revoked"
    ORGANISATION_CREATED = "organisation:created"
    SUPPLIERS_IMPORTED = "suppliers:imported"
    KITS_IMPORTED = "kits:imported"
    BATCH_REVOKED = "batch:revoked"
    KIT_ACTIVATED = "kit:activated"
    KIT_REFUSED = "kit:refused"
    OWNER_CREATED = "owner:created"
    OWNER_CHANGED = "owner:changed"
    OWNER_REVEALED = "owner:revealed"
    OWNER_WITHHELD = "owner:withheld"
    ITEM_ADDED = "item:added"
    ITEM_CHANGED = "item:changed"
    ITEM_REMOVED = "item:removed"
    ITEM_MARKED = "item:marked"
    UV_NOTED = "uv:noted"
    UV_CORRECTED = "uv:corrected"
    TAG_REGISTERED = "tag:registered"
    TAG_REFUSED = "tag:refused"
    TAG_REMOVED = "tag:removed"
    PHOTO_ADDED = "photo:added"
    PHOTO_REMOVED = "photo:removed"
    PHOTO_SHOWN = "photo:shown"
    STICKERS_ISSUED = "stickers:issued"
    STICKER_LINKED = "sticker:linked"
    STICKER_CANCELLED = "sticker:cancelled"
    THEFT_REPORTED = "theft:reported"
    THEFT_WITHDRAWN = "theft:withdrawn"
    THEFTS_IMPORTED = "thefts:imported"
    CASE_OPENED = "case:opened"
    CASE_CLOSED = "case:closed"
    CASE_READ = "case:read"
    SEIZURE_ADDED = "seizure:added"
    SAMPLE_TAKEN = "sample:taken"
    SAMPLE_ANSWERED = "sample:answered"
    READER_LEARNT = "reader:learnt"
    READING_RECEIVED = "reading:received"
    READING_REPEATED = "reading:repeated"
    READING_ATTACHED = "reading:attached"
    IDENTIFICATION_MADE = "identification:made"
    LOOKUP_MADE = "lookup:made"
    HANDOVER_MADE = "handover:made"
    RECEIPT_PRINTED = "receipt:printed"
    EQUIPMENT_IMPORTED = "equipment:imported"
    EQUIPMENT_LISTED = "equipment:listed"
    LABELS_PRINTED = "labels:printed"
    HOUSE_STYLE_CHANGED = "house_style:changed"
    EXPORT_MADE = "export:made"
    LOG_READ = "log:read"


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the log as its readers see it."""

    sequence: int
    happened_at: datetime
    actor: str
    action: str
    subject: str
    case_number: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the whole chain found."""

    events: int
    head: str
    """The last hash in hexadecimal: publish it outside the database, since who owns the database can rewrite it all."""
    broken_at: int | None
    """Sequence number of the first event that does not fit; None when all do."""
    problem: str
    published_at: int | None = None
    """Sequence number of the event whose hash was published before; None when no event has it."""


def record(
    session: Session,
    actor: Actor,
    action: Action,
    subject: str,
    *,
    case_number: str = "",
    reason: str = "",
    organisation_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Write one event in the caller's transaction and return its sequence number.

    Must be called before the answer that it speaks of is built: if it raises, nothing may be shown or changed.
    """
    head = session.execute(select(AuditHead.sequence, AuditHead.hash).with_for_update()).one()
    sequence: int = head.sequence + 1
    row = {
        "sequence": sequence,
        "happened_at": clock.now(),
        "actor": actor.label,
        "organisation_id": organisation_id,
        "action": action.value,
        "subject": subject,
        "case_number": case_number,
        "reason": reason,
        "details": dict(details or {}),
    }
    row_hash = _hash(head.hash, row)
    session.execute(insert(AuditEvent).values(**row, previous_hash=head.hash, hash=row_hash))
    session.execute(update(AuditHead).values(sequence=sequence, hash=row_hash))
    return sequence


def verify(
    session: Session, progress: Callable[[int], None] = lambda _done: None, *, published: str = ""
) -> Verification:
    """Walk the chain from its first event; stops at the first that does not fit.

    ``published`` is a head (hexadecimal) that was made known outside the database earlier; the log has grown since, so
    it is looked for in the whole chain. ``progress`` is called with the events walked so far, every thousand.
    """
    previous, count, published_at = bytes(32), 0, None
    columns = AuditEvent.__table__.columns
    rows = session.execute(select(*columns).order_by(AuditEvent.sequence).execution_options(yield_per=1000))
    for row in rows.mappings():
        count += 1
        if row["sequence"] != count:
            return Verification(count - 1, previous.hex(), count, f"event {count} is missing")
        if bytes(row["previous_hash"]) != previous or bytes(row["hash"]) != _hash(previous, dict(row)):
            return Verification(count - 1, previous.hex(), count, f"event {count} was changed")
        previous = bytes(row["hash"])
        if previous.hex() == published.strip().lower():
            published_at = count
        if count % 1000 == 0:
            progress(count)
    head = session.execute(select(AuditHead.sequence, AuditHead.hash)).one_or_none()
    if head is None or head.sequence != count or bytes(head.hash) != previous:
        return Verification(count, previous.hex(), count + 1, f"events after {count} are missing")
    return Verification(count, previous.hex(), None, "", published_at)


def newest(
    session: Session,
    *,
    limit: int = 100,
    before: int | None = None,
    subject: str = "",
    action: str = "",
    who: str = "",
) -> list[Event]:
    """The newest events, optionally of one subject, action or actor, and older than ``before``."""
    query = select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEvent.sequence < before)
    if subject:
        query = query.where(AuditEvent.subject == subject)
    if action:
        query = query.where(AuditEvent.action == action)
    if who:
        query = query.where(AuditEvent.actor == who)
    return [
        Event(
            sequence=row.sequence,
            happened_at=row.happened_at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            case_number=row.case_number,
            reason=row.reason,
            details=row.details,
        )
        for row in session.scalars(query)
    ]


def _hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    content = {
        "sequence": row["sequence"],
        "happened_at": row["happened_at"].isoformat(timespec="microseconds"),
        "actor": row["actor"],
        "organisation_id": row["organisation_id"],
        "action": row["action"],
        "subject": row["subject"],
        "case_number": row["case_number"],
        "reason": row["reason"],
        "details": row["details"],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"markdna audit 1\n" + previous + canonical.encode()).digest()
