"""Police cases: what was seized, where it is kept, and to whom it was handed over."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["Case", "Handover", "Sample", "SeizedItem", "SeizedItemStatus", "Seizure", "StoragePlace"]


class SeizedItemStatus(StrEnum):
    """Where a seized item is in its life."""

    HELD = "held"
    HANDED_OVER = "handed_over"


class Case(Base):
    """A police case; nothing is looked up without one, and its purpose is stated when it is opened."""

    __tablename__ = "police_case"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        CheckConstraint("length(purpose) > 0", name="purpose"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(500))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StoragePlace(Base):
    """A shelf, room or vault where seized items lie."""

    __tablename__ = "storage_place"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))


class Seizure(Base):
    """A numbered group of things taken in one case at one time and place."""

    __tablename__ = "seizure"
    __table_args__ = (UniqueConstraint("case_id", "number"), CheckConstraint("number > 0", name="number"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("police_case.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(String(200))
    seized_at: Mapped[datetime]
    seized_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class SeizedItem(Base):
    """One thing of a seizure."""

    __tablename__ = "seized_item"
    __table_args__ = (
        UniqueConstraint("seizure_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("length(description) > 0", name="description"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    seizure_id: Mapped[int] = mapped_column(ForeignKey("seizure.id"))
    number: Mapped[int]
    description: Mapped[str] = mapped_column(String(500))
    storage_place_id: Mapped[int | None] = mapped_column(ForeignKey("storage_place.id"))
    status: Mapped[SeizedItemStatus] = mapped_column(words_of(SeizedItemStatus, "status"))
    created_at: Mapped[datetime]


class Sample(Base):
    """A scrape taken from a seized item, sealed and numbered for the laboratory; by an officer or at a station.

    ``corrected_at`` is set when the number was a mistake: there is no such sample.
    """

    __tablename__ = "sample"
    __table_args__ = (
        UniqueConstraint("seal_number"),
        CheckConstraint("(taken_by_id IS NULL) = (station_id IS NOT NULL)", name="by_one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    seized_item_id: Mapped[int] = mapped_column(ForeignKey("seized_item.id"), index=True)
    seal_number: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    answered_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]


class Handover(Base):
    """A seized item given back to its owner, once, with a receipt."""

    __tablename__ = "handover"
    __table_args__ = (UniqueConstraint("seized_item_id"), UniqueConstraint("receipt_number"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    seized_item_id: Mapped[int] = mapped_column(ForeignKey("seized_item.id"))
    identification_id: Mapped[int] = mapped_column(ForeignKey("identification.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    receipt_number: Mapped[str] = mapped_column(String(20))
    handed_over_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    identity_checked: Mapped[str] = mapped_column(String(200))
    handed_over_at: Mapped[datetime]
