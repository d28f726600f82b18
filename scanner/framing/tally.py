"""Counts of what a line brought, so that nothing is refused in silence."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Refusal", "Tally"]


class Refusal(StrEnum):
    """Why bytes that looked like a frame did not become a reading."""

    CHECKSUM = "wrong checksum"
    CUT_SHORT = "cut short"
    TOO_LONG = "too long"
    LINE_END = "wrong line end"
    CHARACTERS = "characters that are not allowed"
    FIELDS = "fields that are not allowed"
    INCOMPLETE = "a part of the reading is missing"
    UNKNOWN = "unknown kind of frame"


@dataclass(slots=True)
class Tally:
    """Running counts of one driver since its port was first opened."""

    frames: int = 0
    """Frames that passed every check."""
    received: int = 0
    """Bytes received."""
    framed: int = 0
    """Bytes that belonged to frames that passed."""
    lost: int = 0
    """Sentences that the sender numbered and that never came."""
    repeated: int = 0
    """Frames dropped because they were the one before once more."""
    refused: Counter[Refusal] = field(default_factory=Counter)

    @property
    def refusals(self) -> int:
        """How many frames were refused, for whatever reason."""
        return self.refused.total()
