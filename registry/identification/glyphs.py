"""Characters of codes as a reader sees them: folding, look-alikes, and how often one is taken for another.

Codes are folded to digits and capital letters; hyphens and blanks are for the eye and fall away. 36 stands for a
character that was there but could not be read.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ERROR_WITHOUT_QUALITY",
    "GLYPHS",
    "LOOKALIKES",
    "UNREADABLE",
    "DotText",
    "clean_dot",
    "decode_glyphs",
    "encode_glyphs",
    "fold",
]

GLYPHS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNREADABLE = len(GLYPHS)
"""The number of a character that could not be read."""

LONGEST_TEXT = 64
"""Characters of a dot's text that are looked at; the longest code in use is a VIN with 17."""

ERROR_WITHOUT_QUALITY = 0.05
"""Chance that a character is misread when the reader tells no quality."""

_GROUPS = ("O0QD", "I1L", "S5", "Z2", "B8", "G6")
"""Etched characters that are taken for each other (domain: look-alikes in etched dots); D and Q look like O."""

_SEPARATORS = frozenset("-_./\\:,; \t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014\u2212")


def _lookalikes() -> dict[str, str]:
    return {glyph: group.replace(glyph, "") for group in _GROUPS for glyph in group}


LOOKALIKES = _lookalikes()
"""For each character the ones it is easily taken for."""


def fold(code: str) -> str:
    """A code as it is compared: capitals and digits, without separators; other characters become ``?``."""
    folded = ("I" if letter == "|" else letter for letter in code.upper() if letter not in _SEPARATORS)
    return "".join(letter if letter in GLYPHS else "?" for letter in folded)


def encode_glyphs(folded: str) -> NDArray[np.uint8]:
    """A folded text as numbers 0 to 36."""
    return _NUMBER_OF_BYTE[np.frombuffer(folded.encode("latin-1", "replace"), dtype=np.uint8)]


def decode_glyphs(numbers: NDArray[np.uint8]) -> str:
    """Numbers as text, ``?`` for what could not be read."""
    return "".join((GLYPHS + "?")[number] for number in numbers.tolist())


_NUMBER_OF_BYTE = np.full(256, UNREADABLE, dtype=np.uint8)
for _number, _glyph in enumerate(GLYPHS):
    _NUMBER_OF_BYTE[ord(_glyph)] = _number


@dataclass(frozen=True, eq=False)
class DotText:
    """A dot's text as read: glyph numbers and the chance that each is wrong, both of shape (n,)."""

    glyphs: NDArray[np.uint8]
    error: NDArray[np.float64]
    has_quality: bool = False
    """Whether the reader told ``error``, or nothing of it."""

    def __len__(self) -> int:
        return len(self.glyphs)

    @cached_property
    def text(self) -> str:
        """The folded text, ``?`` for what could not be read."""
        return decode_glyphs(self.glyphs)

    @property
    def readable(self) -> int:
        """Characters that could be read."""
        return int((self.glyphs != UNREADABLE).sum())


def clean_dot(text: str, quality: str = "") -> DotText:
    """A dot's text from whatever a reader sent; ``quality`` is Phred+33 and ignored when it does not fit."""
    fits = bool(quality) and len(quality) == len(text)
    glyphs: list[int] = []
    errors: list[float] = []
    for place, letter in enumerate(text[: 4 * LONGEST_TEXT]):
        folded = fold(letter)[:1]  # A sharp s becomes two capitals; one place stays one place.
        if folded:
            glyphs.append(int(encode_glyphs(folded)[0]))
            sign = ord(quality[place]) - 33 if fits else 0
            errors.append(10.0 ** (-min(max(sign, 0), 60) / 10) if fits else ERROR_WITHOUT_QUALITY)
    return DotText(np.array(glyphs[:LONGEST_TEXT], dtype=np.uint8), np.array(errors[:LONGEST_TEXT]), has_quality=fits)
