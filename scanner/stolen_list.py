"""The list of stolen marks as the registry gives it: checked, and asked about one mark at a time.

An entry is HMAC-SHA256(key of the list, argon2id(mark)), cut to 8 bytes; random ones fill the list up. So the list can
be asked about a mark that was read, and cannot be read itself: whoever wants to know what stands in it must compute
argon2id for every code that he guesses. It answers complete codes alone, exactly: a damaged code and a DNA signature
have no one form to be hashed (decision 13).
"""

import base64
import binascii
import hashlib
import hmac
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from labels import markcode
from labels.errors import LabelError
from scanner.errors import BadListError
from scanner.reading import DotText, Number, Reading

__all__ = ["ListAnswer", "ListStanding", "ListState", "StolenList", "marks_in", "opened"]

_LONGEST = 64 * 1024 * 1024
_SIGNATURE_BYTES = 64
_LONGEST_VALID = timedelta(hours=24)
# Etched characters that are taken for each other become one, as in the registry (its services/folding.py).
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8", "G": "6"})
_SHORTEST_CODE = 4


class ListState(StrEnum):
    """How a kept list stands; the values are English message ids."""

    ABSENT = "none"
    VALID = "valid"
    EXPIRED = "expired"
    SET_BACK = "the clock was set back"
    CLOSED = "cannot be opened: changed, or from before the machine was off"


@dataclass(frozen=True, slots=True)
class ListStanding:
    """How the list stands, when the registry made it, until when it answers, and how many marks it holds."""

    state: ListState
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    marks: int = 0


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What a list says of a reading. ``listed`` is None when no complete code was read, which it cannot answer."""

    listed: bool | None
    issued_at: datetime


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = Field(ge=1, le=1)
    nonce: str
    issued_at: datetime
    valid_seconds: int = Field(ge=1, le=int(_LONGEST_VALID.total_seconds()))
    marks: int = Field(ge=0)
    entry_bytes: int = Field(ge=8, le=32)
    key: str
    salt: str
    # A list must not make the station's memory or time its own.
    memory_kib: int = Field(ge=8, le=65_536)
    passes: int = Field(ge=1, le=8)
    entries_sha256: str


class StolenList:
    """A list that was checked. Asking takes some 25 ms of a core and 19 MiB, on purpose."""

    def __init__(self, header: _Header, entries: bytes) -> None:
        """Raises ValueError when key or salt are not base64."""
        self.issued_at = header.issued_at
        self.valid_seconds = header.valid_seconds
        self.marks = header.marks
        self.nonce = header.nonce
        self._header = header
        self._key = base64.b64decode(header.key, validate=True)
        self._salt = base64.b64decode(header.salt, validate=True)
        self._entries = entries

    def answer(self, reading: Reading) -> ListAnswer:
        """Whether one of the complete codes of a reading is listed."""
        marks = marks_in(reading)
        return ListAnswer(any(map(self.holds, marks)) if marks else None, self.issued_at)

    def holds(self, mark: str) -> bool:
        """Whether a mark (as ``marks_in`` spells it) is listed. One that is not is said to be with entries / 2^64."""
        slow = hash_secret_raw(
            mark.encode(),
            self._salt,
            time_cost=self._header.passes,
            memory_cost=self._header.memory_kib,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )
        width = self._header.entry_bytes
        wanted = hmac.digest(self._key, slow, "sha256")[:width]
        count = len(self._entries) // width
        place = bisect_left(range(count), wanted, key=lambda one: self._entries[one * width : (one + 1) * width])
        return place < count and self._entries[place * width : (place + 1) * width] == wanted


def opened(content: bytes, list_key: bytes) -> StolenList:
    """The list in what the registry sent, if its key (Ed25519) has signed all of it. Raises BadListError."""
    length = int.from_bytes(content[:4], "big")
    header, rest = content[4 : 4 + length], content[4 + length :]
    signature, entries = rest[:_SIGNATURE_BYTES], rest[_SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(list_key).verify(signature, header)
        told = _Header.model_validate_json(header)
        found = StolenList(told, entries)
    except (InvalidSignature, ValidationError, ValueError, binascii.Error) as fault:
        raise BadListError(problem=type(fault).__name__) from None
    if len(content) > _LONGEST or len(entries) % told.entry_bytes or told.issued_at.tzinfo is None:
        raise BadListError(problem="length")
    if hashlib.sha256(entries).hexdigest() != told.entries_sha256:
        raise BadListError(problem="entries")
    return found


def marks_in(reading: Reading) -> tuple[str, ...]:
    """The complete codes of a reading in the one form in which they are listed: kind, colon, normalised text."""
    found = dict.fromkeys(filter(None, (_mark(one) for one in reading.observations)))
    return tuple(found)


def _mark(observation: object) -> str:
    match observation:
        case DotText(text=text) if "?" not in text and len(_compact(text)) >= _SHORTEST_CODE:
            return f"code:{_compact(text).translate(_LOOKALIKES)}"
        case Number(text=text):
            return _number(text)
    return ""


def _number(text: str) -> str:
    try:
        # Whose address stands on the sticker does not matter here: its number is random and nobody else's.
        return f"sticker:{markcode.number_in(text, urlsplit(text).netloc)}"
    except (LabelError, ValueError):
        compact = _compact(text)
        return f"number:{compact}" if len(compact) >= _SHORTEST_CODE else ""


def _compact(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).upper().replace("|", "I")
    return "".join(letter for letter in wide if letter.isascii() and letter.isalnum())
