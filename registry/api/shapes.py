"""The shapes of requests and answers; the document at /api/openapi.json is generated from them.

Every field that comes in says under ``allowed`` what it may hold: the refusal and the document use the same words.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from registry import clock

__all__ = ["LARGEST_BODY", "Problem", "ReadingAnswer", "ReadingBody", "Shape", "Text", "moment"]

LARGEST_BODY = 1024 * 1024
_LARGEST_RAW = 512 * 1024
_LONGEST_READ = 4096
# An MDR sentence has at most 1024 bytes (docs: reader protocol), so nothing that a reader says is longer.
_LONGEST_TEXT = 1024
_MOST_OBSERVATIONS = 500
_CLOCK_SKEW = timedelta(days=1)
_QUALITY = r"^[!-~]*$"
_QUALITY_WORDS = "empty, or one Phred+33 character (! to ~) for each character read"


def moment(value: Any) -> datetime:
    """RFC 3339 with a time zone, not before 2000 and not more than a day ahead of the register's clock."""
    if not isinstance(value, str) or len(value) > 40 or not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        raise ValueError
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.year < 2000:
        raise ValueError
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError from None
    if moment > clock.now() + _CLOCK_SKEW:
        raise ValueError
    return moment


def _decoded(value: Any) -> bytes:
    """Strict base64 (RFC 4648, section 4) of at most ``_LARGEST_RAW`` bytes."""
    if not isinstance(value, str) or len(value) > _LARGEST_RAW * 4 // 3 + 4:
        raise ValueError
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError from None


def _no_nul(value: Any) -> Any:
    """PostgreSQL cannot keep NUL in a text; readers have no reason to send it."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError
    return value


Text = Annotated[str, BeforeValidator(_no_nul)]


class Shape(BaseModel):
    """Base of what comes in: exact types, no unknown field."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _words(allowed: str, **limits: Any) -> Any:
    return Field(json_schema_extra={"allowed": allowed}, **limits)


class Reader(Shape):
    """Who the reader says it is."""

    maker: Text = _words("text of at most 100 characters", max_length=100)
    model: Text = _words("text of at most 100 characters", max_length=100)
    serial_number: Text = _words("text of at most 100 characters", max_length=100)
    firmware: Text = _words("text of at most 100 characters", max_length=100)


class UvObservation(Shape):
    """Whether the tracer glows under ultraviolet light, and how."""

    kind: Literal["uv"]
    glow: bool = _words("true or false")
    peak_nm: int = _words("a whole number from 0 to 2000", ge=0, le=2000)
    intensity: int = _words("a whole number from 0 to 1000", ge=0, le=1000)


def _fits(quality: str, read: str) -> None:
    if quality and len(quality) != len(read):
        raise ValueError


class DotObservation(Shape):
    """The text of a microdot as seen; ``?`` stands for a character that could not be read."""

    kind: Literal["dot"]
    text: str = _words(
        "1 to 64 printable ASCII characters, ? for an unreadable one", min_length=1, max_length=64, pattern=r"^[ -~]+$"
    )
    quality: str = _words(_QUALITY_WORDS, default="", max_length=64, pattern=_QUALITY)

    @model_validator(mode="after")
    def _quality_fits(self) -> Self:
        _fits(self.quality, self.text)
        return self


class DnaObservation(Shape):
    """A base-called read, in either direction."""

    kind: Literal["dna"]
    bases: str = _words(
        "1 to 4096 of the letters A, C, G, T and N",
        min_length=1,
        max_length=_LONGEST_READ,
        pattern=r"^[ACGTNacgtn]+$",
    )
    quality: str = _words(_QUALITY_WORDS, default="", max_length=_LONGEST_READ, pattern=_QUALITY)

    @model_validator(mode="after")
    def _quality_fits(self) -> Self:
        _fits(self.quality, self.bases)
        return self


class NumberObservation(Shape):
    """A number read off a sticker or a tag."""

    kind: Literal["number"]
    symbology: str = _words("1 to 40 printable ASCII characters", min_length=1, max_length=40, pattern=r"^[!-~]+$")
    text: Text = _words("1 to 1024 characters without NUL", min_length=1, max_length=_LONGEST_TEXT)


Observation = Annotated[
    UvObservation | DotObservation | DnaObservation | NumberObservation, Field(discriminator="kind")
]


class ReadingBody(Shape):
    """One physical reading of one thing."""

    case_number: Text = _words("the number of an open case", min_length=1, max_length=40)
    reading_id: str = _words("1 to 64 printable ASCII characters", min_length=1, max_length=64, pattern=r"^[ -~]+$")
    reader: Reader | None = _words("the reader's maker, model, serial_number and firmware, or null", default=None)
    read_at: Annotated[datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})] = (
        _words("a moment with its time zone, such as 2026-11-22T15:04:05.123Z, at most a day ahead")
    )
    raw: Annotated[bytes, BeforeValidator(_decoded), WithJsonSchema({"type": "string", "format": "byte"})] = _words(
        "base64 of at most 524288 bytes"
    )
    purpose: Text = _words(
        "empty when the case's own purpose says it, or 5 to 500 characters on one line", default="", max_length=500
    )
    observations: list[Observation] = _words("1 to 500 observations", min_length=1, max_length=_MOST_OBSERVATIONS)


class AgreementAnswer(BaseModel):
    """How one observation agrees with the mark: three texts of one length, ``-`` where there is no character."""

    read: str
    signs: str = Field(
        description=". agrees, ~ look-alike, x differs, ? unreadable, + only in the reading, - only in the mark"
    )
    mark: str
    reverse_strand: bool = Field(description="The read was turned round")


class EvidenceLineAnswer(BaseModel):
    """What one observation adds to the base-10 logarithm of V; null where it is not counted."""

    kind: Literal["dot", "dna", "uv", "number"]
    observation: int = Field(ge=0, description="Its place in the reading, from 1; 0 where it cannot be told")
    log10_ratio: float | None
    counted: Literal[
        "independent",
        "same_mark",
        "makers_only",
        "same_fluid",
        "repeated",
        "no_such_mark",
        "nothing_read",
        "no_evidence",
    ] = Field(description="independent: whole; same_mark and makers_only: less what is shared; else not, and why")


class EvidenceAnswer(BaseModel):
    """The account of V: the sum of the lines less the four logarithms is log10_likelihood_ratio."""

    lines: list[EvidenceLineAnswer]
    log10_shared_by_reads: float = Field(ge=0, description="What several reads of one mark have in common anyway")
    log10_shared_by_tracer: float = Field(ge=0, description="An unregistered mark may glow as well")
    log10_searched: float = Field(ge=0, description="The best of so many marks was picked out")
    log10_other_kits: float = Field(ge=0, description="Other kits explain the reading nearly as well")


class CandidateAnswer(BaseModel):
    """A kit that may be the source, and what it marks where the evidence supports it."""

    kit_code: str
    grade: int = Field(ge=-4, le=4, description="Grade on the scale of conclusions of the Swedish forensic centre")
    posterior: float = Field(ge=0, le=1, description="Probability that this kit is the source, given the prior")
    log10_likelihood_ratio: float = Field(description="Base-10 logarithm of V, against every other source")
    evidence: EvidenceAnswer
    distance: float = Field(ge=0, description="Edits between reading and mark, unreadable characters apart")
    agreement: list[AgreementAnswer] = Field(description="Of the first six observations that speak of the kit")
    item: str | None = None
    reported_stolen: bool = False


class TagAnswer(BaseModel):
    """A registered number of a tag or a vehicle that may be the one read, and the item it stands for.

    A tag or a plate can be moved or copied: it leads to the item, and the item itself is to be looked at.
    """

    number: str = Field(description="The registered number, as people write it")
    kind: Literal["em4100", "iso11784", "vin"]
    exact: bool = Field(description="The number was read whole and is this one")
    differences: int = Field(ge=0, description="Characters in which reading and number disagree")
    grade: int = Field(ge=-4, le=4)
    posterior: float = Field(ge=0, le=1)
    log10_likelihood_ratio: float
    item: str | None = None
    reported_stolen: bool = False


class StickerAnswer(BaseModel):
    """The item that a sticker's number names; a sticker can be moved, so it has no grade."""

    number: str
    item: str | None = None
    reported_stolen: bool = False


class SupplierAnswer(BaseModel):
    """Whom to ask about a code of a known family that is not in this register."""

    name: str
    phone: str
    email: str


class FamilyAnswer(BaseModel):
    """Whose code it looks like. ``misread`` codes are to be read again: that no register holds them says nothing."""

    supplier: str
    check: str = Field(description="The check characters of the family's codes, none where its supplier declares none")
    doubt: Literal["none", "shape", "check"] = Field(
        description="shape: characters are missing or do not fit; check: the check character disagrees"
    )
    misread: bool


class ReadingAnswer(BaseModel):
    """What the register makes of a reading. Never anything about an owner."""

    id: int
    duplicate: bool
    verdict: Literal["identified", "ambiguous", "not_registered", "unreadable"]
    grade: int | None = Field(ge=-4, le=4)
    candidates: list[CandidateAnswer]
    tags: list[TagAnswer] = Field(default_factory=list)
    sticker: StickerAnswer | None = None
    supplier: SupplierAnswer | None = None
    family: FamilyAnswer | None = Field(
        default=None, description="Where no kit is named, or the code fails its family's check"
    )
    searched: int = Field(description="Marks that were compared")
    prior: float = Field(ge=0, le=1, description="Probability beforehand that the mark is registered at all")
    expected_chance_matches: float = Field(ge=0, description="Marks that would agree as well as the best by chance")
    tiers: list[str] = Field(description="The searches that were run, from fast to exhaustive")
    engine_version: str


class Problem(BaseModel):
    """A refusal (RFC 9457), in the language of Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    allowed: str | None = None
