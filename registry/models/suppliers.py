"""Suppliers of kits: how their codes look, which primers flank their signatures, whom to call."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["Batch", "CodeCheck", "CodeFamily", "Primer", "Supplier"]


class CodeCheck(StrEnum):
    """The check characters that a family's codes carry; the words of registry.identification.checks.Check."""

    NONE = "none"
    VIN = "vin"
    LUHN = "luhn"
    MOD_11_2 = "mod11-2"
    MOD_97_10 = "mod97-10"
    MOD_37_2 = "mod37-2"
    MOD_37_36 = "mod37-36"
    STICKER = "sticker"


class Supplier(Base):
    """A maker of kits. ``emission_nm`` is the peak at which its tracer glows, if it has one."""

    __tablename__ = "supplier"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("emission_nm IS NULL OR emission_nm BETWEEN 300 AND 900", name="emission"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200))
    emission_nm: Mapped[int | None]
    created_at: Mapped[datetime]


class CodeFamily(Base):
    """The shape of a supplier's kit codes, a regular expression over the whole code, and the check that they carry."""

    __tablename__ = "code_family"
    __table_args__ = (UniqueConstraint("supplier_id", "pattern"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    pattern: Mapped[str] = mapped_column(String(200))
    code_check: Mapped[CodeCheck] = mapped_column(words_of(CodeCheck, "code_check"), default=CodeCheck.NONE)


class Primer(Base):
    """Primers that flank a supplier's signatures in a read: forward, signature, reverse, in the direction read."""

    __tablename__ = "primer"
    __table_args__ = (UniqueConstraint("supplier_id", "forward", "reverse"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    forward: Mapped[str] = mapped_column(String(60))
    reverse: Mapped[str] = mapped_column(String(60))


class Batch(Base):
    """A delivery of kits; a revoked one can no longer be activated."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("supplier_id", "number"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    number: Mapped[str] = mapped_column(String(60))
    imported_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
