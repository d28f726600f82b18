"""The shapes of what stations say of themselves and send sealed."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from registry.api.shapes import LARGEST_BODY, ReadingAnswer, Shape, Text, moment

__all__ = [
    "LARGEST_ENVELOPE",
    "AttachmentAnswer",
    "AttachmentBody",
    "EnrolmentAnswer",
    "EnrolmentBody",
    "EnvelopeBody",
    "FindingAnswer",
    "FindingBody",
    "MessageAnswer",
    "MessageBody",
    "PreparingAnswer",
    "SeizedItemAnswer",
    "SeizedItemsAnswer",
    "StationAnswer",
    "StolenListBody",
]

LARGEST_ENVELOPE = LARGEST_BODY * 4 // 3 + 4096
_PUBLIC_KEY_BYTES = 32
_LABEL = r"^[1-9][0-9]{0,5}:[1-9][0-9]{0,5}$"


def _words(allowed: str, **limits: Any) -> Any:
    return Field(json_schema_extra={"allowed": allowed}, **limits)


def _decoded(value: Any) -> bytes:
    """Strict base64 (RFC 4648, section 4)."""
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error):
        raise ValueError from None


def _key(value: Any) -> bytes:
    key = _decoded(value)
    if len(key) != _PUBLIC_KEY_BYTES:
        raise ValueError
    return key


_Base64 = WithJsonSchema({"type": "string", "format": "byte"})


class EnvelopeBody(Shape):
    """A message sealed to the registry, and its place in the station's chain (docs: station protocol)."""

    segment: str = _words("32 lower-case hexadecimal digits", pattern=r"^[0-9a-f]{32}$")
    sequence: int = _words("a whole number from 1 to 10^9", ge=1, le=10**9)
    previous: str = _words("64 lower-case hexadecimal digits", pattern=r"^[0-9a-f]{64}$")
    sealed: Annotated[bytes, BeforeValidator(_decoded), _Base64] = _words("base64 of an HPKE ciphertext")


class AttachmentBody(Shape):
    """A reading of this station put with a seized item; a later one for the same reading counts instead."""

    case_number: Text = _words("the number of an open case", min_length=1, max_length=40)
    reading_key: str = _words(
        "segment:sequence of the message that brought the reading", pattern=r"^[0-9a-f]{32}:[0-9]{1,10}$"
    )
    reading_id: str = _words("1 to 64 printable ASCII characters", min_length=1, max_length=64, pattern=r"^[ -~]+$")
    seized_item: str = _words("seizure and number of the item, such as 2:1", pattern=_LABEL)


class FindingBody(Shape):
    """A UV finding that somebody noted of a seized item; ``corrects`` takes the place of an earlier one."""

    case_number: Text = _words("the number of an open case", min_length=1, max_length=40)
    finding_id: str = _words("1 to 64 printable ASCII characters", min_length=1, max_length=64, pattern=r"^[ -~]+$")
    seized_item: str = _words("seizure and number of the item, such as 2:1", pattern=_LABEL)
    colour: Literal[
        "none", "violet", "blue", "blue-green", "green", "yellow-green", "yellow", "orange", "red-pink", "red"
    ] = _words("none when nothing glows, or the name of a colour")
    spot: Text = _words("2 to 120 characters: where on the thing", min_length=2, max_length=120)
    seal_number: Text = _words("empty, or the number of a sample's seal, 3 to 40 characters", default="", max_length=40)
    photo: Annotated[bytes, BeforeValidator(_decoded), _Base64] = _words(
        "empty, or base64 of a JPEG, PNG or WebP file", default=b""
    )
    noted_at: Annotated[
        datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
    ] = _words("a moment with its time zone, such as 2026-11-22T15:04:05.123Z, at most a day ahead")
    corrects: str = _words(
        "empty, or segment:sequence of the message that brought the finding to correct",
        default="",
        pattern=r"^$|^[0-9a-f]{32}:[0-9]{1,10}$",
    )
    withdrawn: bool = _words("true when there was no finding at all; only with corrects", default=False)


class MessageBody(Shape):
    """What is inside the seal: its kind, and a body as ReadingBody, AttachmentBody or FindingBody has it."""

    kind: Literal["reading", "attachment", "finding"] = _words("reading, attachment or finding")
    body: dict[str, Any] = _words("a JSON object")


class MessageAnswer(ReadingAnswer):
    """What the register makes of a sealed reading, with the reading id that it was sealed with."""

    reading_id: str


class AttachmentAnswer(BaseModel):
    """The reading lies with the item now; ``id`` is the attachment's."""

    id: int
    duplicate: bool
    verdict: Literal["attached"]
    reading_id: str
    seized_item: str


class FindingAnswer(BaseModel):
    """The finding stands with the item now; ``id`` is the note's, ``reading_id`` the finding's own number."""

    id: int
    duplicate: bool
    verdict: Literal["attached"]
    reading_id: str
    seized_item: str


class SeizedItemAnswer(BaseModel):
    """A seized item of a case, by its label."""

    label: str
    description: str
    handed_over: bool


class SeizedItemsAnswer(BaseModel):
    """The seized items of a case, in their order."""

    items: list[SeizedItemAnswer]


class EnrolmentBody(Shape):
    """The code that an administrator gave, and the public key of the machine that becomes a station."""

    code: str = _words("the code of 16 letters and digits", min_length=16, max_length=40, pattern=r"^[A-Za-z0-9 -]+$")
    public_key: Annotated[bytes, BeforeValidator(_key), _Base64] = _words("base64 of an Ed25519 public key, 32 bytes")


class StolenListBody(Shape):
    """A station's question for the list of stolen marks; the answer's header repeats the nonce."""

    nonce: str = _words("32 lower-case hexadecimal digits", pattern=r"^[0-9a-f]{32}$")


class PreparingAnswer(BaseModel):
    """The list is not ready: of so many marks so many are hashed. Ask again."""

    prepared: int
    marks: int


class StationAnswer(BaseModel):
    """Who the registry takes the caller for, and its keys in base64.

    ``message_key`` (X25519) is what a station seals to, ``list_key`` (Ed25519) signs the lists of stolen marks.
    """

    name: str
    organisation: str
    message_key: str
    list_key: str


class EnrolmentAnswer(StationAnswer):
    """What a new station is told, with its token, this once."""

    token: str
