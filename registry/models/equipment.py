"""A municipality's own equipment: items with an inventory number, a department and a place."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["Department", "Equipment", "Location"]

_BUILDING = text("parent_id IS NULL")


class Department(Base):
    """A department of an organisation."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))


class Location(Base):
    """A place where equipment stands; a room lies in a building (``parent_id``)."""

    __tablename__ = "location"
    __table_args__ = (
        UniqueConstraint("organisation_id", "parent_id", "name"),
        # NULL is unequal to NULL, so buildings need an index of their own.
        Index(
            "uq_location_building",
            "organisation_id",
            "name",
            unique=True,
            sqlite_where=_BUILDING,
            postgresql_where=_BUILDING,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    name: Mapped[str] = mapped_column(String(120))


class Equipment(Base):
    """What an inventory says of an item: its number, where it is, who answers for it, what it cost."""

    __tablename__ = "equipment"
    __table_args__ = (UniqueConstraint("organisation_id", "inventory_number"), UniqueConstraint("item_id"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    inventory_number: Mapped[str] = mapped_column(String(60))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    custodian: Mapped[str] = mapped_column(String(120), default="")
    theft_marking: Mapped[str] = mapped_column(String(60), default="")
    purchased_on: Mapped[date | None]
    price_ore: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(2000), default="")
    imported_at: Mapped[datetime]
