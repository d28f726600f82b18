"""Numbers of hidden tags and vehicles as marks: registered on an item, and found again by a reading."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = ["TagCandidate", "TagKind", "TagMark"]

_LIVING = text("removed_at IS NULL")


class TagKind(StrEnum):
    """What carries the number: an EM4100 tag, an ISO 11784 tag (FDX-B, HDX), or a vehicle with its dots and plates."""

    EM4100 = "em4100"
    ISO11784 = "iso11784"
    VIN = "vin"


class TagMark(Base):
    """A number that stands for one item. Triggers keep it as it was registered; only ``removed_at`` is ever set.

    ``number`` is the normal form: 10 hexadecimal digits (the first two ``?`` where a card shows only the other eight),
    15 decimal digits, or the 17 characters of a VIN. A number that counts stands for one item alone.
    """

    __tablename__ = "tag_mark"
    __table_args__ = (
        CheckConstraint(
            "length(number) = CASE kind WHEN 'em4100' THEN 10 WHEN 'iso11784' THEN 15 ELSE 17 END", name="number_length"
        ),
        CheckConstraint("number = upper(number)", name="number_in_capitals"),
        Index("uq_tag_mark_number_living", "number", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    kind: Mapped[TagKind] = mapped_column(words_of(TagKind, "kind"))
    number: Mapped[str] = mapped_column(String(17))
    registered_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class TagCandidate(Base):
    """A registered number that may be the one read, and how sure that is. Never changed.

    ``read`` is the number as it was read, ``?`` for a character that was not legible.
    """

    __tablename__ = "tag_candidate"
    __table_args__ = (
        UniqueConstraint("identification_id", "rank"),
        CheckConstraint("grade BETWEEN -4 AND 4", name="grade"),
        CheckConstraint("posterior BETWEEN 0 AND 1", name="posterior"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    identification_id: Mapped[int] = mapped_column(ForeignKey("identification.id"))
    rank: Mapped[int]
    tag_mark_id: Mapped[int] = mapped_column(ForeignKey("tag_mark.id"))
    read: Mapped[str] = mapped_column(String(17))
    differences: Mapped[int]
    log10_likelihood_ratio: Mapped[float]
    posterior: Mapped[float]
    grade: Mapped[int]
