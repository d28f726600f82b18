"""Items, how they are marked, and the stickers on them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["CancelReason", "Category", "Item", "MarkPoint", "Marking", "Photo", "Sticker", "StickerStatus"]


class Category(StrEnum):
    """What sort of thing an item is."""

    BICYCLE = "bicycle"
    BOAT = "boat"
    VEHICLE = "vehicle"
    TOOL = "tool"
    ELECTRONICS = "electronics"
    JEWELLERY = "jewellery"
    ART = "art"
    INSTRUMENT = "instrument"
    SPORTS = "sports"
    MEDICAL = "medical"
    FURNITURE = "furniture"
    OTHER = "other"


class StickerStatus(StrEnum):
    """Where a sticker number is in its life; a number is never given out twice."""

    ISSUED = "issued"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why a sticker number stopped counting."""

    LOST = "lost"
    DAMAGED = "damaged"
    MISPRINTED = "misprinted"
    ITEM_REMOVED = "item_removed"


class Item(Base):
    """A thing with an owner. ``serial_folded`` is the serial number in capitals without separators, for search."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("value_sek IS NULL OR value_sek >= 0", name="value"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    category: Mapped[Category] = mapped_column(words_of(Category, "category"))
    maker: Mapped[str] = mapped_column(String(120), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    serial_number: Mapped[str] = mapped_column(String(80), default="")
    serial_folded: Mapped[str] = mapped_column(String(80), default="", index=True)
    value_sek: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Photo(Base):
    """A photo of an item, re-encoded without metadata and sealed with the owner's data key."""

    __tablename__ = "photo"
    __table_args__ = (UniqueConstraint("uid"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    width: Mapped[int]
    height: Mapped[int]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    thumbnail_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]


class Marking(Base):
    """The fluid of one kit on one item."""

    __tablename__ = "marking"
    __table_args__ = (UniqueConstraint("item_id", "kit_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kit_id: Mapped[int] = mapped_column(ForeignKey("kit.id"), index=True)
    marked_on: Mapped[date]
    created_at: Mapped[datetime]


class MarkPoint(Base):
    """A place on the item where the fluid sits, in the owner's words (joint, screw head, under the saddle)."""

    __tablename__ = "mark_point"
    __table_args__ = (UniqueConstraint("marking_id", "position"), CheckConstraint("length(place) > 0", name="place"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    marking_id: Mapped[int] = mapped_column(ForeignKey("marking.id"))
    position: Mapped[int]
    place: Mapped[str] = mapped_column(String(120))


class Sticker(Base):
    """A warning sticker with a random number that tells nothing about the kit.

    An item has at most one that counts; a cancelled number stays for ever and is never given out again.
    """

    __tablename__ = "sticker"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("status = 'cancelled' OR (cancelled_at IS NULL AND cancel_reason IS NULL)", name="cancelled"),
        CheckConstraint("printed_count >= 0", name="printed_count"),
        Index(
            "uq_sticker_item_id_issued",
            "item_id",
            unique=True,
            sqlite_where=text("status = 'issued'"),
            postgresql_where=text("status = 'issued'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    status: Mapped[StickerStatus] = mapped_column(words_of(StickerStatus, "status"))
    issued_at: Mapped[datetime]
    printed_count: Mapped[int] = mapped_column(default=0)
    printed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None] = mapped_column(words_of(CancelReason, "cancel_reason"))
