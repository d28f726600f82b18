"""Photos of marked items as an officer sees them: only for an item that a reading of the case led to, and logged."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.models.items import Item, Photo
from registry.models.owners import Owner
from registry.services import audit, case_readings, cases
from registry.services.actor import Actor
from registry.services.sealing import sealer

__all__ = ["show"]


def show(session: Session, actor: Actor, case_id: int, reading_id: int, photo_uid: str, *, thumbnail: bool) -> bytes:
    """A photo as JPEG; raises NotFound unless its item is shown with this reading of the officer's own case."""
    case = cases.of_officer(session, actor, case_id)
    reading = case_readings.one_of_case(session, case_id, reading_id)
    items = [item for candidate in reading.candidates for item in candidate.items]
    items += [tag.item for tag in reading.tags if tag.item is not None]
    if reading.sticker is not None and reading.sticker.item is not None:
        items.append(reading.sticker.item)
    if photo_uid not in {uid for item in items for uid in item.photo_uids}:
        raise NotFound(what="photo", which=photo_uid)
    photo, data_key_id = session.execute(
        select(Photo, Owner.data_key_id)
        .join(Item, Item.id == Photo.item_id)
        .join(Owner, Owner.id == Item.owner_id)
        .where(Photo.uid == photo_uid)
    ).one()
    audit.record(
        session,
        actor,
        audit.Action.PHOTO_SHOWN,
        f"photo:{photo.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"reading": reading_id, "thumbnail": thumbnail},
    )
    seal = sealer(session, "photo", photo.uid, data_key_id)
    column, sealed = ("thumbnail", photo.thumbnail_sealed) if thumbnail else ("content", photo.content_sealed)
    return seal.open_bytes(column, sealed)
