"""UV findings that people note by hand: colour, spot, photo and the seal of a sample, on the right seized item.

A note is never changed. A mistake is corrected by another note that takes its place once, and both are shown. What a
station says comes later than it was done and may come twice: its message's key makes it one note.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from registry import clock
from registry.errors import Conflict, IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from registry.models.accounts import Station
from registry.models.cases import Sample, SeizedItem, Seizure
from registry.models.uv_findings import UvColour, UvNote
from registry.services import audit, cases, item_weighings, photos, samples, seizures
from registry.services.actor import Actor
from registry.services.cases import CaseHead
from registry.services.context import settings_of
from registry.services.sealing import new_uid, sealer
from registry.services.seizures import SeizedItemLine
from registry.services.text import one_line

__all__ = ["Finding", "NoteLine", "UvColour", "note", "note_at_station", "of_case", "photo"]

_ACT = "police work"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen: ``photo`` is a JPEG, PNG or WebP file or empty; ``seal_number`` that of a sample, or empty.

    ``withdrawn`` says that there was no finding at all, of a note that is corrected.
    """

    colour: UvColour
    spot: str
    noted_at: datetime
    seal_number: str = ""
    photo: bytes = b""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note as the case's page shows it; ``station`` is empty for an officer's, ``corrected`` when another counts."""

    id: int
    seized_item_id: int
    colour: UvColour
    spot: str
    seal_number: str
    has_photo: bool
    station: str
    noted_at: datetime
    corrects_id: int | None
    corrected: bool
    withdrawn: bool

    @property
    def counts(self) -> bool:
        """Whether it is the last word and a finding."""
        return not (self.corrected or self.withdrawn)


def note(
    session: Session,
    actor: Actor,
    case_id: int,
    seized_item_id: int,
    key: str,
    finding: Finding,
    corrects_id: int | None = None,
) -> tuple[int, bool]:
    """Note a finding as an officer, once for each key: the note's number, and whether it had been made before.

    Raises NotFound or Conflict for a case, an item or a note that is not there, InvalidInput for spot, seal or photo.
    """
    account_id = actor.own_account(_ACT)
    body_hash = _hash(finding, seized_item_id, corrects_id)
    mine = UvNote.noted_by_id == account_id
    known = _known(session, mine, key, body_hash)
    if known is not None:
        return known, True
    case = cases.of_officer(session, actor, case_id, still_open=True)
    cases.hold_open(session, case_id)
    item = seizures.item_of_case(session, case_id, seized_item_id)
    row = UvNote(noted_by_id=account_id, message_key=key, body_hash=body_hash)
    return _store(session, actor, case, item, row, finding, corrects_id, mine)


def note_at_station(
    session: Session,
    actor: Actor,
    key: str,
    body_hash: bytes,
    case_number: str,
    label: str,
    finding: Finding,
    corrects_key: str = "",
) -> tuple[int, bool]:
    """Note a finding that somebody made at a station, once for each ``key``; the item by its label, as ``2:1``.

    ``corrects_key`` is the key of the message that brought the note which this one corrects.
    """
    if actor.station_id is None:
        raise NotPermitted(act="deliver readings")
    mine = UvNote.station_id == actor.station_id
    known = _known(session, mine, key, body_hash)
    if known is not None:
        return known, True
    case = cases.open_for_station(session, actor, case_number)
    items = [item for seizure in seizures.of_case(session, case.id) for item in seizure.items]
    item = next((one for one in items if one.label == label), None)
    if item is None:
        raise InvalidInput(field="seized_item", value=label, allowed="the label of an item of this case, as 2:1")
    corrects_id = None
    if corrects_key:
        corrects_id = session.scalar(select(UvNote.id).where(mine, UvNote.message_key == corrects_key))
        if corrects_id is None:
            raise InvalidInput(
                field="corrects", value=corrects_key, allowed="a finding that this station delivered to this case"
            )
    row = UvNote(station_id=actor.station_id, message_key=key, body_hash=body_hash)
    return _store(session, actor, case, item, row, finding, corrects_id, mine)


def of_case(session: Session, case_id: int) -> dict[int, list[NoteLine]]:
    """The notes of a case by seized item, in the order they came; the caller has logged that the case is read."""
    later = aliased(UvNote)
    rows = session.execute(
        select(UvNote, Station.name, later.id)
        .join(SeizedItem, SeizedItem.id == UvNote.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .outerjoin(Station, Station.id == UvNote.station_id)
        .outerjoin(later, later.corrects_id == UvNote.id)
        .where(Seizure.case_id == case_id)
        .order_by(UvNote.id)
    )
    found: dict[int, list[NoteLine]] = {}
    for row, station, later_id in rows:
        line = NoteLine(
            id=row.id,
            seized_item_id=row.seized_item_id,
            colour=row.colour,
            spot=row.spot,
            seal_number=row.seal_number,
            has_photo=row.data_key_id is not None,
            station=station or "",
            noted_at=row.noted_at,
            corrects_id=row.corrects_id,
            corrected=later_id is not None,
            withdrawn=row.withdrawn,
        )
        found.setdefault(row.seized_item_id, []).append(line)
    return found


def photo(session: Session, actor: Actor, case_id: int, note_id: int, *, thumbnail: bool) -> bytes:
    """The photo of a note of the officer's own case as JPEG; that it was shown is logged. Raises NotFound."""
    case = cases.of_officer(session, actor, case_id)
    row = session.scalar(
        select(UvNote)
        .join(SeizedItem, SeizedItem.id == UvNote.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .where(UvNote.id == note_id, Seizure.case_id == case_id)
    )
    if row is None or row.photo_sealed is None or row.thumbnail_sealed is None:
        raise NotFound(what="photo", which=note_id)
    audit.record(
        session,
        actor,
        audit.Action.PHOTO_SHOWN,
        f"uv_note:{row.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"thumbnail": thumbnail},
    )
    seal = sealer(session, "uv_note", row.uid, row.data_key_id)
    if thumbnail:
        return seal.open_bytes("thumbnail", row.thumbnail_sealed)
    return seal.open_bytes("photo", row.photo_sealed)


def _known(session: Session, mine: ColumnElement[bool], key: str, body_hash: bytes) -> int | None:
    """The note that came with this key before, among one's own."""
    row = session.scalar(select(UvNote).where(mine, UvNote.message_key == key))
    if row is None:
        return None
    if bytes(row.body_hash) != body_hash:
        raise IdempotencyConflict(key=key)
    return row.id


def _hash(finding: Finding, seized_item_id: int, corrects_id: int | None) -> bytes:
    said = [finding.colour.value, finding.spot, finding.seal_number, finding.withdrawn, seized_item_id, corrects_id]
    return hashlib.sha256(json.dumps(said).encode() + finding.photo).digest()


def _store(
    session: Session,
    actor: Actor,
    case: CaseHead,
    item: SeizedItemLine,
    row: UvNote,
    finding: Finding,
    corrects_id: int | None,
    mine: ColumnElement[bool],
) -> tuple[int, bool]:
    if item.handed_over:
        raise Conflict(what=item.label, reason="it has been handed over")
    if finding.withdrawn and corrects_id is None:
        raise InvalidInput(field="withdrawn", value="true", allowed="only of a note that is corrected")
    earlier = _corrected(session, case.id, corrects_id)
    row.uid = new_uid()
    row.seized_item_id = item.id
    row.colour = finding.colour
    row.spot = one_line("spot", finding.spot, 2, 120)
    row.seal_number = samples.seal(finding.seal_number) if finding.seal_number.strip() else ""
    row.corrects_id, row.withdrawn = corrects_id, finding.withdrawn
    row.noted_at, row.received_at = finding.noted_at, clock.now()
    if finding.photo:
        _seal_photo(session, row, finding.photo)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # The same note came in twice at the same moment, or somebody else corrected the same one.
        known = _known(session, mine, row.message_key, row.body_hash)
        if known is None:
            raise Conflict(what=item.label, reason="the note has been corrected before") from None
        return known, True
    _sample(session, actor, case, row, earlier)
    audit.record(
        session,
        actor,
        audit.Action.UV_CORRECTED if earlier else audit.Action.UV_NOTED,
        f"uv_note:{row.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"seized_item": item.id, "corrects": corrects_id or 0, "colour": row.colour.value},
    )
    for changed in sorted({item.id, earlier.seized_item_id if earlier else item.id}):
        item_weighings.weigh(session, actor, case, changed)
    return row.id, False


def _corrected(session: Session, case_id: int, corrects_id: int | None) -> UvNote | None:
    if corrects_id is None:
        return None
    earlier = session.scalar(
        select(UvNote)
        .join(SeizedItem, SeizedItem.id == UvNote.seized_item_id)
        .join(Seizure, Seizure.id == SeizedItem.seizure_id)
        .where(UvNote.id == corrects_id, Seizure.case_id == case_id)
    )
    if earlier is None:
        raise NotFound(what="note", which=corrects_id)
    if session.scalar(select(UvNote.id).where(UvNote.corrects_id == corrects_id)) is not None:
        raise Conflict(what="The note", reason="it has been corrected before")
    return earlier


def _seal_photo(session: Session, row: UvNote, uploaded: bytes) -> None:
    cleaned = photos.clean(uploaded, settings_of(session).photo_megapixels)
    seal = sealer(session, "uv_note", row.uid)
    row.data_key_id = seal.data_key_id
    row.photo_sealed = seal.seal_bytes("photo", cleaned.full)
    row.thumbnail_sealed = seal.seal_bytes("thumbnail", cleaned.thumbnail)


def _sample(session: Session, actor: Actor, case: CaseHead, row: UvNote, earlier: UvNote | None) -> None:
    """Note the sample whose seal the finding names, and let the one that a mistake named count no more."""
    if earlier is not None and earlier.seal_number and (row.withdrawn or earlier.seal_number != row.seal_number):
        session.execute(
            update(Sample)
            .where(
                Sample.seal_number == earlier.seal_number,
                Sample.seized_item_id == earlier.seized_item_id,
                Sample.answered_at.is_(None),
            )
            .values(corrected_at=clock.now())
        )
    if not row.seal_number or row.withdrawn:
        return
    known = session.scalar(select(Sample).where(Sample.seal_number == row.seal_number))
    if known is not None:
        if known.seized_item_id not in {row.seized_item_id, earlier.seized_item_id if earlier else row.seized_item_id}:
            raise InvalidInput(
                field="seal_number", value=row.seal_number, allowed="a seal number that was not used before"
            )
        known.seized_item_id, known.corrected_at = row.seized_item_id, None
        session.flush()
        return
    sample = Sample(
        seized_item_id=row.seized_item_id,
        seal_number=row.seal_number,
        taken_at=row.noted_at,
        taken_by_id=row.noted_by_id,
        station_id=row.station_id,
    )
    samples.enter(session, actor, case, sample)
