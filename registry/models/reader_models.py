"""What was learnt of kinds of readers from readings whose kit was confirmed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["ReaderModelRow"]


class ReaderModelRow(Base):
    """A learnt model of one kind of reader. Never changed: identifications name the version that they used."""

    __tablename__ = "reader_model"
    __table_args__ = (
        UniqueConstraint("reader", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("confirmed > 0", name="confirmed"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    reader: Mapped[str] = mapped_column(String(160))
    version: Mapped[int]
    confirmed: Mapped[int]
    """Confirmed dots it was learnt from."""
    model: Mapped[dict[str, Any]] = mapped_column(JSON)
    learnt_at: Mapped[datetime]
