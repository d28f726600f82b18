"""What a reader found, as plain values: observations, the reading they belong to, and the reader that made it."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

__all__ = [
    "DnaRead",
    "DotText",
    "Instant",
    "Number",
    "Observation",
    "ReaderFault",
    "ReaderIdentity",
    "Reading",
    "UvFinding",
]


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on two clocks: ``wall`` (UTC) is stated to people, ``monotonic`` (seconds) measures silence."""

    wall: datetime
    monotonic: float

    @classmethod
    def now(cls) -> "Instant":
        """The moment it is."""
        return cls(datetime.now(UTC), monotonic())


@dataclass(frozen=True, slots=True)
class UvFinding:
    """Whether the tracer glows, its peak emission in nm, and its intensity from 0 to 1000."""

    glow: bool
    peak_nm: int
    intensity: int

    def as_json(self) -> dict[str, Any]:
        """The observation as the registry takes it."""
        return {"kind": "uv", "glow": self.glow, "peak_nm": self.peak_nm, "intensity": self.intensity}


@dataclass(frozen=True, slots=True)
class DotText:
    """A microdot's text as seen, ``?`` for an unreadable character, with Phred+33 quality of the same length."""

    text: str
    quality: str = ""

    def as_json(self) -> dict[str, Any]:
        """The observation as the registry takes it."""
        return {"kind": "dot", "text": self.text, "quality": self.quality}


@dataclass(frozen=True, slots=True)
class DnaRead:
    """A base-called read of A, C, G, T and N, with Phred+33 quality of the same length."""

    bases: str
    quality: str = ""

    def as_json(self) -> dict[str, Any]:
        """The observation as the registry takes it."""
        return {"kind": "dna", "bases": self.bases, "quality": self.quality}


@dataclass(frozen=True, slots=True)
class Number:
    """A number read off a sticker or a tag; ``symbology`` is QR, CODE128, EM4100, ISO11784 …, or UNKNOWN."""

    symbology: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The observation as the registry takes it."""
        return {"kind": "number", "symbology": self.symbology, "text": self.text}


Observation = UvFinding | DotText | DnaRead | Number


@dataclass(frozen=True, slots=True)
class ReaderIdentity:
    """Who the reader says it is."""

    maker: str
    model: str
    serial_number: str
    firmware: str

    def as_json(self) -> dict[str, str]:
        """The reader as the registry takes it."""
        return {
            "maker": self.maker,
            "model": self.model,
            "serial_number": self.serial_number,
            "firmware": self.firmware,
        }


@dataclass(frozen=True, slots=True)
class ReaderFault:
    """The reader says that it cannot read: a short code and its own words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one look at one thing gave. ``raw`` keeps the bytes of its frames exactly as they came."""

    reading_id: str
    """The reader's own number for it; empty when the reader gives none."""
    observations: tuple[Observation, ...]
    raw: bytes
    read_at: datetime
    reader: ReaderIdentity | None = None
    receipt: int | None = None
    """What the driver needs to acknowledge it; None when the reader expects no acknowledgement."""

    @property
    def serial_number(self) -> str:
        """The reader's serial number, empty while the reader is unknown."""
        return self.reader.serial_number if self.reader else ""

    def digest(self) -> str:
        """SHA-256 (hex) of what was observed; equal for a reading and its repetition, whatever their numbering."""
        seen = json.dumps([observation.as_json() for observation in self.observations], sort_keys=True)
        return hashlib.sha256(seen.encode()).hexdigest()

    def as_json(self, case_number: str, reading_id: str) -> dict[str, Any]:
        """The body of the request that brings the reading to the registry."""
        return {
            "case_number": case_number,
            "reading_id": reading_id,
            "reader": self.reader.as_json() if self.reader else None,
            "read_at": self.read_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "raw": base64.b64encode(self.raw).decode("ascii"),
            "observations": [observation.as_json() for observation in self.observations],
        }
