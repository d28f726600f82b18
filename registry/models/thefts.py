"""Theft reports: of registered items, and of things that police lists name."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["TheftReport"]

_ACTIVE = text("withdrawn_at IS NULL AND item_id IS NOT NULL")


class TheftReport(Base):
    """A theft with the police's number.

    Either of a registered item (``item_id``), or from an imported list, known there by ``reference`` and described by
    maker, model, colour and so on. An item has at most one report that is not withdrawn.
    """

    __tablename__ = "theft_report"
    __table_args__ = (
        Index("uq_theft_report_active", "item_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        UniqueConstraint("organisation_id", "source", "reference"),
        CheckConstraint("item_id IS NOT NULL OR (source <> '' AND reference <> '')", name="subject"),
        CheckConstraint("length(police_number) > 0", name="police_number"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    police_number: Mapped[str] = mapped_column(String(60), index=True)
    occurred_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    account: Mapped[str] = mapped_column(String(2000), default="")
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    source: Mapped[str] = mapped_column(String(60), default="")
    reference: Mapped[str | None] = mapped_column(String(80))
    goods: Mapped[str] = mapped_column(String(120), default="")
    maker: Mapped[str] = mapped_column(String(120), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    serial_folded: Mapped[str] = mapped_column(String(80), default="", index=True)
    colour: Mapped[str] = mapped_column(String(60), default="")
    value: Mapped[int | None]
    reported_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
