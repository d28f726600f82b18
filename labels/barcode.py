"""Code 128 bars: the runs are those of reportlab's encoder, the size and the refusals are ours."""

from dataclasses import dataclass
from typing import Any, Final

from reportlab.graphics.barcode.code128 import Code128

from labels.errors import CodeError

__all__ = ["NARROWEST_BAR", "Bars", "code128"]

NARROWEST_BAR: Final = 0.25
"""Millimetres: two dots of a 203 dpi printer; a bar of one dot is lost when the sheet is a little off."""

QUIET_ZONE: Final = 10
"""Narrow bars of white on both sides (ISO/IEC 15417:2007, 4.3.2)."""

LONGEST: Final = 24


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars as (start, width) in narrow-bar units from the left edge of the quiet zone; ``width`` is the whole."""

    bars: tuple[tuple[int, int], ...]
    width: int


def code128(text: str) -> Bars:
    """The Code 128 bars of ``text`` (printable ASCII, at most 24 characters), quiet zones included.

    Raises CodeError for other characters, an empty or a longer text.
    """
    if not text or len(text) > LONGEST or not all(32 <= ord(character) < 127 for character in text):
        raise CodeError(
            where=repr(text[:40]),
            reason="Code 128 takes 1 to {longest} characters of A-Z, a-z, 0-9 and ASCII signs.",
            longest=LONGEST,
        )
    code: Any = Code128(text)
    code.validate()
    code.encode()
    code.decompose()
    place, bars = QUIET_ZONE, []
    for run in code.decomposed:
        width = ord(run.lower()) - ord("a") + 1
        if run.isupper():
            bars.append((place, width))
        place += width
    return Bars(tuple(bars), place + QUIET_ZONE)
