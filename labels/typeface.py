"""The house typeface: Atkinson Hyperlegible, made to tell look-alikes apart, which is what a register lives on.

The files in ``labels/fonts`` are merged from the Latin and Latin Extended subsets of version 5.3.0 of the Fontsource
packages, without their layout tables; their licence is the SIL Open Font License (``labels/fonts/OFL.txt``).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

__all__ = ["BOLD", "CODE", "ELLIPSIS", "MILLIMETRES_PER_POINT", "MISSING", "REGULAR", "Typeface", "plain"]

MILLIMETRES_PER_POINT: Final = 25.4 / 72

ELLIPSIS: Final = "…"
MISSING: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands in cleaned text for a letter the typeface does not have; drawn as a question mark and reported."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PICTURES: Final = frozenset({"So", "Sk", "Me"})
_JOINERS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


@dataclass(frozen=True, eq=False)
class Typeface:
    """One embedded TrueType face; sizes are in points, widths in millimetres."""

    name: str

    @property
    def file(self) -> Path:
        """Where the face lies."""
        return Path(__file__).parent / "fonts" / f"{self.name}.ttf"

    @cached_property
    def font(self) -> TTFont:
        """The face as reportlab reads it, registered there once."""
        font = TTFont(self.name, str(self.file), asciiReadable=1)
        pdfmetrics.registerFont(font)
        return font

    @cached_property
    def _widths(self) -> dict[int, float]:
        """Advance widths in millimetres at one point."""
        return {code: width * MILLIMETRES_PER_POINT / 1000 for code, width in self.font.face.charWidths.items()}

    @cached_property
    def characters(self) -> frozenset[str]:
        """What the face can draw."""
        return frozenset(chr(code) for code in self.font.face.charToGlyph if 32 <= code < 0xFFFE)

    def width(self, text: str, size: float) -> float:
        """How wide ``text`` is at ``size`` points."""
        widths = self._widths
        try:
            return sum([widths[ord(character)] for character in text]) * size
        except KeyError:
            return self.width(self.drawable(text), size)

    def drawable(self, text: str) -> str:
        """``text`` with a question mark for each character that the face lacks."""
        return "".join(character if character in self.characters else "?" for character in text)

    def size_for(self, text: str, width: float, largest: float, smallest: float) -> float:
        """The size between ``smallest`` and ``largest`` at which ``text`` fits ``width`` best (quarters of a point)."""
        if (needed := self.width(text, largest)) <= width:
            return largest
        return max(smallest, int(largest * width / needed * 4) / 4)

    def cut(self, text: str, width: float, size: float) -> str:
        """``text``, or as much of its beginning as fits ``width`` with an ellipsis after it."""
        if self.width(text, size) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + ELLIPSIS, size) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + ELLIPSIS if low else ELLIPSIS

    def lines(self, text: str, width: float, size: float, most: int) -> list[str]:
        """``text`` broken at spaces into at most ``most`` lines of ``width``; the last one is cut if more is left."""
        lines: list[str] = []
        words = text.split()
        while words and len(lines) < most:
            if len(lines) == most - 1:
                lines.append(self.cut(" ".join(words), width, size))
                break
            line = words.pop(0)
            while words and self.width(f"{line} {words[0]}", size) <= width:
                line += " " + words.pop(0)
            if self.width(line, size) > width:
                kept, rest = self._split(line, width, size)
                line = kept
                words.insert(0, rest)
            lines.append(line)
        return lines

    def _split(self, word: str, width: float, size: float) -> tuple[str, str]:
        """A word that is longer than a line, divided where the line ends."""
        end = 1
        while end < len(word) and self.width(word[: end + 1], size) <= width:
            end += 1
        return word[:end], word[end:]


REGULAR: Final = Typeface("AtkinsonHyperlegibleNext-Regular")
BOLD: Final = Typeface("AtkinsonHyperlegibleNext-Bold")
CODE: Final = Typeface("AtkinsonHyperlegibleMono-Bold")


_NEAREST: Final = {"Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ĸ": "k"}
"""Northern Sami letters that Atkinson Hyperlegible lacks and Unicode does not decompose."""


@cache
def _decomposed(character: str) -> str | None:
    """A stand-in that the face has: the letter without its accent, or a compatible form; None if there is none."""
    if character in _NEAREST:
        return _NEAREST[character]
    for form in ("NFKC", "NFKD"):
        usual = unicodedata.normalize(form, character)
        kept = "".join(part for part in usual if part in REGULAR.characters)
        if kept and kept != character:
            return kept
    return None


def plain(text: str) -> str:
    """Text from people as one line that the typeface can draw.

    White space of any kind becomes single spaces; control, direction and joining characters and pictures (emoji) are
    dropped; an accented letter the face lacks loses its accent; any other letter becomes U+FFFD, for the caller to
    count and to draw as a question mark.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(_plain_characters(unicodedata.normalize("NFC", text))).split())


def _plain_characters(text: str) -> Iterator[str]:
    available = REGULAR.characters
    for character in text:
        if character in available:
            yield character
        elif character.isspace():
            yield " "
        else:
            category = unicodedata.category(character)
            if category in _INVISIBLE or category in _PICTURES or character in _JOINERS:
                continue
            if category == "Mn":
                continue
            yield _decomposed(character) or MISSING
