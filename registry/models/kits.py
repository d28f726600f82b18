"""Kits: containers of marking fluid, each with a code, a PIN and a DNA signature of its own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["Kit"]

_HAS_SIGNATURE = text("signature <> ''")
_REVOKED = text("revoked_at IS NOT NULL")


class Kit(Base):
    """A kit belongs to nobody until its owner activates it with code and PIN.

    ``code_folded`` is the code with look-alike glyphs made one (O and 0, I and 1 …), for search; ``pin_hash`` is a
    keyed hash; ``signature`` is upper-case A, C, G, T or empty for a supplier without DNA. Owner and moment of
    activation come and go together. Rows are numbered in order of arrival, so "newer than" is "id greater than".
    """

    __tablename__ = "kit"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("(owner_id IS NULL) = (activated_at IS NULL)", name="owner_with_activation"),
        CheckConstraint("length(code) BETWEEN 4 AND 20", name="code_length"),
        CheckConstraint("length(signature) = 0 OR length(signature) BETWEEN 20 AND 128", name="signature_length"),
        CheckConstraint("marks > 0", name="marks"),
        # Two kits with one signature could never be told apart in court.
        Index(
            "uq_kit_signature",
            "signature",
            unique=True,
            sqlite_where=_HAS_SIGNATURE,
            postgresql_where=_HAS_SIGNATURE,
        ),
        # Every look-up counts the revoked kits, to see whether the engine in memory is up to date.
        Index("ix_kit_revoked", "id", sqlite_where=_REVOKED, postgresql_where=_REVOKED),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    code: Mapped[str] = mapped_column(String(20))
    code_folded: Mapped[str] = mapped_column(String(20), index=True)
    pin_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[str] = mapped_column(String(128))
    emission_nm: Mapped[int | None]
    best_before: Mapped[date | None]
    marks: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    activated_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
