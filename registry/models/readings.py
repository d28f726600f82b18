"""Readings as a station sent them, and what the register made of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = [
    "Attachment",
    "CandidateRow",
    "Identification",
    "ObservationKind",
    "ObservationRow",
    "Reading",
    "Reveal",
    "VerdictWord",
]


class ObservationKind(StrEnum):
    """What was observed: glow under UV, a microdot's text, a base-called read, or a number (sticker, tag)."""

    UV = "uv"
    DOT = "dot"
    DNA = "dna"
    NUMBER = "number"


class VerdictWord(StrEnum):
    """What a search came to; the words of registry.identification.answer.Verdict."""

    IDENTIFIED = "identified"
    AMBIGUOUS = "ambiguous"
    NOT_REGISTERED = "not_registered"
    UNREADABLE = "unreadable"


class Reading(Base):
    """One physical reading: the raw bytes as received and when. Never changed afterwards.

    A station sent it, or an officer typed what stands on a thing (``made_by_id``). ``idempotency_key`` with
    ``body_hash`` makes a repeated delivery harmless; ``id`` gives the order of arrival.
    """

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("station_id", "idempotency_key"),
        UniqueConstraint("made_by_id", "idempotency_key"),
        CheckConstraint("(station_id IS NULL) = (made_by_id IS NOT NULL)", name="by_one"),
        # A reader repeats what a power cut kept it from hearing acknowledged; its number finds the first.
        Index("ix_reading_case_id_reading_number", "case_id", "reading_number"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("police_case.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    reading_number: Mapped[str] = mapped_column(String(64))
    reader: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    read_at: Mapped[datetime]
    received_at: Mapped[datetime]


class Attachment(Base):
    """A reading put with a seized item. The newest counts, so a mistake is corrected, not erased.

    An officer did it on the page, or somebody at a station; there ``message_key`` makes a repeated delivery harmless.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("station_id", "message_key"),
        CheckConstraint("(attached_by_id IS NULL) = (station_id IS NOT NULL)", name="by_one"),
        CheckConstraint("(station_id IS NULL) = (message_key IS NULL)", name="by_message"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"), index=True)
    seized_item_id: Mapped[int] = mapped_column(ForeignKey("seized_item.id"), index=True)
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    message_key: Mapped[str | None] = mapped_column(String(64))
    attached_at: Mapped[datetime]


class ObservationRow(Base):
    """One thing observed in a reading; which columns are filled depends on ``kind``."""

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("reading_id", "position"),
        CheckConstraint("(kind = 'uv') = (glow IS NOT NULL)", name="glow"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    position: Mapped[int]
    kind: Mapped[ObservationKind] = mapped_column(words_of(ObservationKind, "kind"))
    text: Mapped[str] = mapped_column(String(4096), default="")
    quality: Mapped[str] = mapped_column(String(4096), default="")
    symbology: Mapped[str] = mapped_column(String(40), default="")
    glow: Mapped[bool | None]
    peak_nm: Mapped[int | None]
    intensity: Mapped[int | None]


class Identification(Base):
    """What a search of the register made of a reading, with all that is needed to explain it years later.

    ``told`` is what the station was told, so that a repeated delivery gets exactly the first answer.
    """

    __tablename__ = "identification"
    __table_args__ = (UniqueConstraint("reading_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("reading.id"))
    verdict: Mapped[VerdictWord] = mapped_column(words_of(VerdictWord, "verdict"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    sticker_id: Mapped[int | None] = mapped_column(ForeignKey("sticker.id"))
    searched: Mapped[int]
    expected_chance_matches: Mapped[float]
    prior: Mapped[float]
    tiers: Mapped[list[str]] = mapped_column(JSON)
    engine_version: Mapped[str] = mapped_column(String(40))
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the figures rest on: constants of the model, versions of learnt readers, what the observations share."""
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]


class CandidateRow(Base):
    """A kit that may be the source, with its evidence and how it lies along the reading (``alignments``)."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("identification_id", "rank"),
        CheckConstraint("grade BETWEEN -4 AND 4", name="grade"),
        CheckConstraint("posterior BETWEEN 0 AND 1", name="posterior"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    identification_id: Mapped[int] = mapped_column(ForeignKey("identification.id"))
    rank: Mapped[int]
    kit_id: Mapped[int] = mapped_column(ForeignKey("kit.id"))
    log10_likelihood_ratio: Mapped[float]
    posterior: Mapped[float]
    grade: Mapped[int]
    distance: Mapped[float]
    contributions: Mapped[list[list[Any]]] = mapped_column(JSON)
    """Kind and base-10 logarithm of the ratio of each line of evidence, before the search is paid for."""
    alignments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Reveal(Base):
    """An owner shown to an officer, with the reason given; written before the answer is built.

    A kit led to the owner, or the number of a tag; with neither it was a sticker.
    """

    __tablename__ = "reveal"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("kit_id IS NULL OR tag_mark_id IS NULL", name="by_one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    identification_id: Mapped[int] = mapped_column(ForeignKey("identification.id"), index=True)
    kit_id: Mapped[int | None] = mapped_column(ForeignKey("kit.id"))
    tag_mark_id: Mapped[int | None] = mapped_column(ForeignKey("tag_mark.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(500))
    revealed_at: Mapped[datetime]
