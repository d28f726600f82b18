"""Files that were imported, so that the same file again changes nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["ImportedFile"]

_FOR_THE_REGISTER = text("organisation_id IS NULL")


class ImportedFile(Base):
    """A file taken whole: its hash, what kind of import, and the report that was shown."""

    __tablename__ = "imported_file"
    __table_args__ = (
        UniqueConstraint("kind", "organisation_id", "content_hash"),
        Index(
            "uq_imported_file_register",
            "kind",
            "content_hash",
            unique=True,
            sqlite_where=_FOR_THE_REGISTER,
            postgresql_where=_FOR_THE_REGISTER,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    imported_at: Mapped[datetime]
