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
    """Whether the reader told ``error``; if not, it is ``ERROR_WITHOUT_QUALITY`` at every place."""

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
    looked_at = text[: 4 * LONGEST_TEXT]
    if looked_at.isascii():
        numbers = _NUMBER_OF_ASCII[np.frombuffer(looked_at.encode("ascii"), dtype=np.uint8)]
    else:
        # A sharp s becomes two capitals; one place stays one place.
        folded = [fold(letter)[:1] for letter in looked_at]
        numbers = np.array([int(encode_glyphs(one)[0]) if one else _NOTHING for one in folded], dtype=np.uint8)
    kept = np.flatnonzero(numbers != _NOTHING)[:LONGEST_TEXT]
    if fits:
        signs = np.array([min(max(ord(sign) - 33, 0), 60) for sign in quality[: 4 * LONGEST_TEXT]], dtype=np.float64)
        error = 10.0 ** (-signs[kept] / 10)
    else:
        error = np.full(len(kept), ERROR_WITHOUT_QUALITY)
    return DotText(numbers[kept], error, has_quality=fits)


_NOTHING = 255
"""The number of a separator in ``_NUMBER_OF_ASCII``."""
_NUMBER_OF_ASCII = np.array(
    [int(encode_glyphs(fold(chr(sign)))[0]) if fold(chr(sign)) else _NOTHING for sign in range(128)], dtype=np.uint8
)
