"""Printing labels: jobs that make a PDF in the background, and packages of sheets that are begun."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["LabelJob", "LabelJobState", "SheetPackage"]


class LabelJobState(StrEnum):
    """Where a job is; a finished one keeps its row when its PDF has expired."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class LabelJob(Base):
    """A PDF of labels that is made after the request that ordered it.

    ``wish`` holds design, stock, places, copies and language; ``labels`` what stands on each label, numbers included,
    which were given out when it was ordered. ``uid`` is random and part of the link. At ``expires_at`` the link ends
    and labels and PDF are wiped. ``replaced_characters`` says that letters the typeface lacks became question marks.
    """

    __tablename__ = "label_job"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("account_id", "idempotency_key"),
        CheckConstraint("made >= 0 AND made <= total", name="made"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    body_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[LabelJobState] = mapped_column(words_of(LabelJobState, "state"))
    wish: Mapped[dict[str, Any]] = mapped_column(JSON)
    labels: Mapped[list[Any]] = mapped_column(JSON)
    total: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    next_start: Mapped[int] = mapped_column(default=1)
    replaced_characters: Mapped[bool] = mapped_column(default=False, server_default=false())
    fault: Mapped[str] = mapped_column(String(500), default="")
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SheetPackage(Base):
    """An opened package of label sheets of an owner: its stock and the used places of the sheet begun last."""

    __tablename__ = "sheet_package"
    __table_args__ = (UniqueConstraint("owner_id", "name"), CheckConstraint("length(name) > 0", name="name"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    name: Mapped[str] = mapped_column(String(60))
    stock: Mapped[str] = mapped_column(String(40))
    used: Mapped[list[int]] = mapped_column(JSON)
    changed_at: Mapped[datetime]
