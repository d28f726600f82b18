"""Reader profiles: a TOML file describes a reader's frames without code (docs/readers/profiles.md)."""

import re
import string
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from scanner.errors import BadProfileError
from scanner.framing.checksums import CHECKSUMS
from scanner.framing.tally import Refusal

__all__ = ["ChecksumRule", "Example", "FieldRule", "FrameRule", "Profile", "load_profile", "shipped_profiles"]


def _from_hex(value: Any) -> Any:
    """Bytes from hex digits with blanks, ``"02 0A"``, or from text in a table, ``{text = "LA "}``."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(value, dict) and set(value) == {"text"} and isinstance(value["text"], str):
        return value["text"].encode("latin-1")
    return value


Bytes = Annotated[bytes, BeforeValidator(_from_hex)]


class _Table(BaseModel):
    """A table of a profile: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LineRule(_Table):
    """How the reader's line is set."""

    baud_rate: int = Field(default=9600, ge=50, le=4_000_000)
    data_bits: Literal[5, 6, 7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class LengthField(_Table):
    """A byte of the frame that says how long it is."""

    at: int = Field(ge=0, le=64)
    """Its offset in the frame."""
    adds: int = Field(default=0, ge=0, le=64)
    """How much longer than it says the whole frame is, in bytes."""


class FrameRule(_Table):
    """How a frame begins and ends, and what it looks like."""

    start: Bytes = b""
    end: Bytes = b""
    length: int | None = Field(default=None, ge=1, le=1024)
    """Bytes of the whole frame, when it is always the same."""
    length_field: LengthField | None = None
    longest: int = Field(default=256, ge=1, le=1024)
    """Bytes after which a frame without an end is given up."""
    pattern: str
    """Regular expression with named groups over the whole frame, a byte a character (Latin-1); ``.`` is any byte."""

    @model_validator(mode="after")
    def _has_a_size(self) -> "FrameRule":
        if self.length and self.length_field:
            raise ValueError("give length or length_field, not both")
        if not (self.length or self.length_field or self.end):
            raise ValueError("a frame needs length, length_field or end")
        if not self.length and not self.start:
            raise ValueError("a frame without start needs length")
        try:
            re.compile(self.pattern)
        except re.error as fault:
            raise ValueError(f"pattern: {fault}") from fault
        return self


class ChecksumRule(_Table):
    """A checksum in the frame. Offsets count from the frame's first byte, negative ones from behind its last."""

    kind: str
    first: int
    """Offset of the first byte that it covers."""
    stop: int
    """Offset behind the last byte that it covers."""
    at: int
    """Offset of the checksum itself."""
    covers: Literal["bytes", "hex"] = "bytes"
    """Whether it covers the bytes as they are, or what they say as hexadecimal digits."""
    written: Literal["bytes", "hex"] = "bytes"
    """Whether it stands as bytes or as hexadecimal digits."""
    order: Literal["big", "little"] = "big"
    complement: bool = False
    """Every bit turned over."""

    @model_validator(mode="after")
    def _is_known(self) -> "ChecksumRule":
        if self.kind not in CHECKSUMS:
            raise ValueError(f"kind is one of {', '.join(CHECKSUMS)}")
        return self

    @property
    def width(self) -> int:
        """How many bytes of the frame the checksum takes."""
        return CHECKSUMS[self.kind][1] * (2 if self.written == "hex" else 1)

    def place(self, frame: bytes) -> slice:
        """Where the checksum stands in ``frame``."""
        at = self.at if self.at >= 0 else len(frame) + self.at
        return slice(at, at + self.width)

    def expected(self, frame: bytes) -> bytes:
        """The bytes that ought to stand there; upper-case digits where digits are wanted. Raises ValueError."""
        covered = frame[self.first : self.stop]
        if self.covers == "hex":
            covered = bytes.fromhex(covered.decode("latin-1"))
        compute, width = CHECKSUMS[self.kind]
        value = compute(covered) ^ ((1 << 8 * width) - 1 if self.complement else 0)
        stands = value.to_bytes(width, self.order)
        return stands.hex().upper().encode() if self.written == "hex" else stands

    def agrees(self, frame: bytes) -> bool:
        """Whether what stands there is what ought to."""
        found = frame[self.place(frame)]
        try:
            return self.expected(frame) == (found.upper() if self.written == "hex" else found)
        except ValueError:
            return False


class FieldRule(_Table):
    """What a named group of the pattern means as a number."""

    read_as: Literal["hex", "decimal", "bytes"]
    """Hexadecimal or decimal digits, or the bytes themselves, most significant first."""
    reverse: bool = False
    """The least significant digit or byte comes first."""

    def value(self, raw: str) -> int:
        """The number that the group's characters stand for. Raises ValueError."""
        ordered = raw[::-1] if self.reverse else raw
        if self.read_as == "bytes":
            return int.from_bytes(ordered.encode("latin-1"), "big")
        return int(ordered, 16 if self.read_as == "hex" else 10)


class Example(_Table):
    """A frame as the reader sends it and the number that it should give."""

    frame: Bytes
    number: str


class Profile(_Table):
    """A reader without code."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,31}$")
    description: str = Field(min_length=1, max_length=120)
    symbology: str = Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$")
    number: str
    """The number as people know it, e.g. ``{country:03d} {id:012d}``."""
    silence_ms: int = Field(default=100, ge=10, le=5000)
    """Silence after which an unfinished frame is given up."""
    same_again_ms: int = Field(default=1500, ge=0, le=60_000)
    """A number seen again within this time is the same tag, still near."""
    line: LineRule = LineRule()
    frame: FrameRule
    checksum: tuple[ChecksumRule, ...] = ()
    field: dict[str, FieldRule]
    example: tuple[Example, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_its_groups(self) -> "Profile":
        groups = set(re.compile(self.frame.pattern).groupindex)
        places = {name for _, name, _, _ in string.Formatter().parse(self.number) if name is not None}
        if missing := (set(self.field) | places) - groups:
            raise ValueError(f"the pattern has no group {', '.join(sorted(missing))}")
        if undescribed := places - set(self.field):
            raise ValueError(f"no [field.{min(undescribed)}] says how to read it")
        self.number.format(**dict.fromkeys(self.field, 0))
        return self

    @property
    def recognisable(self) -> bool:
        """Whether its frames can be told from text and noise: they begin in a way of their own and are checked."""
        return bool(self.frame.start) and (bool(self.checksum) or len(self.frame.start) >= 3)

    def understand(self, frame: bytes) -> str | Refusal:
        """The number in a whole frame, or why there is none."""
        if not frame.startswith(self.frame.start) or not frame.endswith(self.frame.end):
            return Refusal.CUT_SHORT
        if not all(rule.agrees(frame) for rule in self.checksum):
            return Refusal.CHECKSUM
        found = re.fullmatch(self.frame.pattern, frame.decode("latin-1"), re.DOTALL)
        if found is None:
            return Refusal.UNKNOWN
        try:
            return self.number.format(**{name: rule.value(found[name]) for name, rule in self.field.items()})
        except ValueError:
            return Refusal.FIELDS


def load_profile(file: Path | Traversable) -> Profile:
    """The profile in ``file``. Raises BadProfileError naming the key and what is allowed."""
    try:
        return Profile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as fault:
        raise BadProfileError(file=file, key="-", problem=fault.strerror, allowed="a readable file") from fault
    except ValidationError as refused:
        first = refused.errors()[0]
        key = ".".join(map(str, first["loc"])) or "-"
        shown = repr(first["input"]) if len(repr(first["input"])) < 80 else "this"
        raise BadProfileError(file=file, key=key, problem=shown, allowed=first["msg"]) from refused
    except (ValueError, RecursionError) as fault:
        # No UTF-8, no TOML, a number of thousands of digits, or brackets nested a thousand deep.
        raise BadProfileError(file=file, key="-", problem=fault, allowed="TOML in UTF-8") from fault


def shipped_profiles() -> list[Profile]:
    """The profiles that come with the station, by name."""
    folder = resources.files("scanner.profiles")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return [load_profile(file) for file in files]
