"""Owners: persons, households and organisations. Who they are and where they live is sealed per owner."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["Owner", "OwnerKind", "OwnershipPeriod"]

_OPEN = text("ends_at IS NULL")


class OwnerKind(StrEnum):
    """What kind of owner it is."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"


class Owner(Base):
    """An owner of kits and items. Sealed columns open with the owner's data key (registry.keyring)."""

    __tablename__ = "owner"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("organisation_id"),
        CheckConstraint("(kind = 'organisation') = (organisation_id IS NOT NULL)", name="organisation"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    kind: Mapped[OwnerKind] = mapped_column(words_of(OwnerKind, "kind"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    data_key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class OwnershipPeriod(Base):
    """From when to when an item belonged to an owner; at most one period of an item is open."""

    __tablename__ = "ownership_period"
    __table_args__ = (
        Index("uq_ownership_period_open", "item_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="order"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
