"""The audit log: events in a hash chain, guarded by the database against change."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["AuditEvent", "AuditHead"]


class AuditEvent(Base):
    """What somebody did, to what, when and why. Never updated, never deleted: triggers refuse it.

    ``hash`` covers the event and the hash before it. No foreign key leads away from here, so that no deletion
    elsewhere can cascade into the log or be hindered by it.
    """

    __tablename__ = "audit_event"
    __table_args__ = (CheckConstraint("length(action) > 0", name="action"),)

    sequence: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    happened_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80), index=True)
    organisation_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    case_number: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """The end of the chain, one row; locking it orders writers on PostgreSQL."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
