"""Photos of items: decoded, turned upright, made smaller, written anew without any metadata, and sealed.

A photo from a telephone carries the place where it was taken, often a home, in EXIF, XMP and embedded thumbnails
(threat T18). So nothing of the file that was sent is kept: only its pixels go into a new JPEG. How many pixels it has
is read from its header and refused before anything is decoded, since a small file can unpack to gigabytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotAPhoto, NotFound, PhotoTooLarge
from registry.models.items import Item, Photo
from registry.models.owners import Owner
from registry.services import audit
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.sealing import new_uid, sealer

__all__ = ["MOST_PHOTOS", "OwnPhoto", "add", "clean", "content", "of_item", "remove"]

MOST_PHOTOS: Final = 6
"""Photos an item may have."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE: Final = 2000
_THUMBNAIL_SIDE: Final = 480
_QUALITY: Final = 84
_MEGA: Final = 1_000_000
_ORIENTATION: Final = 0x0112
"""Exif 2.32, table 4: how the camera was held."""
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own limit would only warn at the sizes that the setting may allow; ours is checked before decoding.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    """A photo in its owner's list; the pixels come with ``content``."""

    id: int
    uid: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A photo as it is kept: two JPEG files without metadata."""

    width: int
    height: int
    full: bytes
    thumbnail: bytes


def add(session: Session, actor: Actor, item_id: int, uploaded: bytes) -> OwnPhoto:
    """Add a photo to an own item; raises NotFound for somebody else's, InvalidInput for what is no fit photo."""
    owner = _owner_of_own_item(session, actor, item_id)
    held = session.scalar(select(func.count()).select_from(Photo).where(Photo.item_id == item_id))
    if held is not None and held >= MOST_PHOTOS:
        raise InvalidInput(field="photo", value=str(held + 1), allowed="at most 6 photos of an item")
    cleaned = clean(uploaded, settings_of(session).photo_megapixels)
    uid = new_uid()
    seal = sealer(session, "photo", uid, owner.data_key_id)
    photo = Photo(
        uid=uid,
        item_id=item_id,
        width=cleaned.width,
        height=cleaned.height,
        content_sealed=seal.seal_bytes("content", cleaned.full),
        thumbnail_sealed=seal.seal_bytes("thumbnail", cleaned.thumbnail),
        added_at=clock.now(),
    )
    session.add(photo)
    session.flush()
    audit.record(session, actor, audit.Action.PHOTO_ADDED, f"photo:{photo.id}", details={"item": item_id})
    return OwnPhoto(photo.id, uid, cleaned.width, cleaned.height)


def remove(session: Session, actor: Actor, uid: str) -> int:
    """Delete a photo of an own item and return the item's id."""
    photo = _own_photo(session, actor, uid)[0]
    session.execute(delete(Photo).where(Photo.id == photo.id))
    audit.record(session, actor, audit.Action.PHOTO_REMOVED, f"photo:{photo.id}", details={"item": photo.item_id})
    return photo.item_id


def of_item(session: Session, actor: Actor, item_id: int) -> Sequence[OwnPhoto]:
    """The photos of an own item in the order they were added."""
    rows = session.execute(
        select(Photo.id, Photo.uid, Photo.width, Photo.height)
        .join(Item, Item.id == Photo.item_id)
        .where(Item.id == item_id, Item.owner_id == actor.own_owner("see photos"), Item.removed_at.is_(None))
        .order_by(Photo.id)
    )
    return [OwnPhoto(*row) for row in rows]


def content(session: Session, actor: Actor, uid: str, *, thumbnail: bool = False) -> bytes:
    """The JPEG file of a photo of an own item, whole or small."""
    photo, owner = _own_photo(session, actor, uid)
    seal = sealer(session, "photo", photo.uid, owner.data_key_id)
    if thumbnail:
        return seal.open_bytes("thumbnail", photo.thumbnail_sealed)
    return seal.open_bytes("content", photo.content_sealed)


def clean(uploaded: bytes, megapixels: int) -> CleanPhoto:
    """The photo as it is kept, made from the pixels of ``uploaded`` alone.

    Raises NotAPhoto for a file that is no JPEG, PNG or WebP or is cut short, PhotoTooLarge for more ``megapixels``.
    """
    try:
        picture = _decoded(uploaded, megapixels)
    except (InvalidInput, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - what a decoder answers a broken file with has no common root
        raise NotAPhoto(field="photo") from None
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return CleanPhoto(picture.width, picture.height, _jpeg(picture), _jpeg(small))


def _decoded(uploaded: bytes, megapixels: int) -> Image.Image:
    with Image.open(io.BytesIO(uploaded), formats=_FORMATS) as source:
        if source.width * source.height > megapixels * _MEGA:
            raise PhotoTooLarge(field="photo", width=source.width, height=source.height, megapixels=megapixels)
        # A JPEG can be decoded smaller at once; other formats ignore this.
        source.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
        bare = _bare(source)
        turn = _UPRIGHT.get(_orientation(source))
        return bare if turn is None else bare.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """How the camera was held; 1 when it does not say so in a way that can be read."""
    try:
        told = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged metadata answers with anything, and the pixels are sound all the same
        return 1
    return told if isinstance(told, int) else 1


def _bare(image: Image.Image) -> Image.Image:
    """A new picture with the pixels of ``image`` on white and nothing else: no EXIF, XMP, profile or comment."""
    bare = Image.new("RGB", image.size, "white")
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        bare.paste(layer, mask=layer.getchannel("A"))
    else:
        bare.paste(image.convert("RGB"))
    return bare


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return written.getvalue()


def _owner_of_own_item(session: Session, actor: Actor, item_id: int) -> Owner:
    owner = session.scalar(
        select(Owner)
        .join(Item, Item.owner_id == Owner.id)
        .where(Item.id == item_id, Item.owner_id == actor.own_owner("add a photo"), Item.removed_at.is_(None))
    )
    if owner is None:
        raise NotFound(what="item", which=item_id)
    return owner


def _own_photo(session: Session, actor: Actor, uid: str) -> tuple[Photo, Owner]:
    row = session.execute(
        select(Photo, Owner)
        .join(Item, Item.id == Photo.item_id)
        .join(Owner, Owner.id == Item.owner_id)
        .where(Photo.uid == uid, Item.owner_id == actor.own_owner("see a photo"), Item.removed_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound(what="photo", which="")
    return row[0], row[1]
