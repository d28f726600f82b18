"""UV findings that people noted by hand, and what a thing's readings and findings come to together."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of
from registry.models.readings import VerdictWord

__all__ = ["ItemWeighing", "UvColour", "UvNote"]


class UvColour(StrEnum):
    """What was seen under the lamp: nothing glows, or a colour as people name it."""

    NONE = "none"
    VIOLET = "violet"
    BLUE = "blue"
    BLUE_GREEN = "blue-green"
    GREEN = "green"
    YELLOW_GREEN = "yellow-green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED_PINK = "red-pink"
    RED = "red"


class UvNote(Base):
    """What somebody saw under ultraviolet light at a spot of a seized item. Never changed, never deleted.

    A mistake is corrected by another note that names it (``corrects_id``), once; ``withdrawn`` when there was no
    finding at all. An officer noted it on the page, or somebody at a station; ``message_key`` makes a repetition
    harmless. The photo is sealed with a data key of its own.
    """

    __tablename__ = "uv_note"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("station_id", "message_key"),
        UniqueConstraint("noted_by_id", "message_key"),
        UniqueConstraint("corrects_id"),
        CheckConstraint("(noted_by_id IS NULL) = (station_id IS NOT NULL)", name="by_one"),
        CheckConstraint(
            "(data_key_id IS NULL) = (photo_sealed IS NULL) AND (data_key_id IS NULL) = (thumbnail_sealed IS NULL)",
            name="photo_with_key",
        ),
        CheckConstraint("length(spot) > 0", name="spot"),
        CheckConstraint("NOT withdrawn OR corrects_id IS NOT NULL", name="withdrawn_corrects"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    seized_item_id: Mapped[int] = mapped_column(ForeignKey("seized_item.id"), index=True)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    message_key: Mapped[str] = mapped_column(String(64))
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    colour: Mapped[UvColour] = mapped_column(words_of(UvColour, "colour"))
    spot: Mapped[str] = mapped_column(String(120))
    seal_number: Mapped[str] = mapped_column(String(40), default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("uv_note.id"))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    data_key_id: Mapped[int | None] = mapped_column(ForeignKey("data_key.id"))
    photo_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    thumbnail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    noted_at: Mapped[datetime]
    received_at: Mapped[datetime]


class ItemWeighing(Base):
    """What the readings put with a seized item and its UV notes came to together, at one moment. Never changed.

    ``basis`` names the readings and notes that were weighed, and the constants; ``candidates`` holds kit, V, posterior,
    grade and what each line of evidence added.
    """

    __tablename__ = "item_weighing"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    seized_item_id: Mapped[int] = mapped_column(ForeignKey("seized_item.id"), index=True)
    verdict: Mapped[VerdictWord] = mapped_column(words_of(VerdictWord, "verdict"))
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    searched: Mapped[int]
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    engine_version: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
