"""Code 128 bars (ISO/IEC 15417:2007) and Data Matrix squares, with the sizes and refusals of a label printer."""

import re
from dataclasses import dataclass
from typing import Any, Final

from labels.errors import CodeError

__all__ = ["NARROWEST_BAR", "Bars", "code128", "data_matrix"]

NARROWEST_BAR: Final = 0.25
"""Millimetres: two dots of a 203 dpi printer; a bar of one dot is lost when the sheet is a little off."""

QUIET_ZONE: Final = 10
"""Narrow bars of white on both sides (ISO/IEC 15417:2007, 4.3.2)."""

LONGEST: Final = 24

_WIDTHS: Final = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
_STOP_WIDTHS: Final = "2331112"
"""Table 1: widths of bars and spaces by turns, six for each of the values 0 to 105, and those of the stop."""

_TO_C, _TO_B, _START_B, _START_C = 99, 100, 104, 105

_PARTS: Final = re.compile(r"^(?:\d\d){2,}|(?:\d\d){3,}|(?:\d\d){2,}$|.", re.DOTALL)
"""Runs of digits that are shorter in code set C (annex E), and single characters for code set B."""


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
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    place, bars = QUIET_ZONE, []
    symbols = [_WIDTHS[6 * value : 6 * value + 6] for value in (*values, check)]
    for widths in (*symbols, _STOP_WIDTHS):
        for index, width in enumerate(map(int, widths)):
            if index % 2 == 0:
                bars.append((place, width))
            place += width
    return Bars(tuple(bars), place + QUIET_ZONE)


def _values(text: str) -> list[int]:
    """Start character and data, in code set B (one character) or C (two digits), whichever is shorter."""
    values: list[int] = []
    in_c = False
    for part in _PARTS.findall(text):
        if (len(part) > 1) != in_c or not values:
            in_c = len(part) > 1
            values.append((_TO_C if in_c else _TO_B) if values else (_START_C if in_c else _START_B))
        if in_c:
            values += [int(part[index : index + 2]) for index in range(0, len(part), 2)]
        else:
            values.append(ord(part) - 32)
    return values


def data_matrix(text: str) -> tuple[tuple[int, ...], ...]:
    """The Data Matrix (ISO/IEC 16022, square) of ``text``: rows from the top, 1 for dark, without the quiet zone.

    It is made by zxing-cpp, the optional part ``datamatrix`` of the installation. Raises CodeError without it, and for
    a text of more than 24 characters.
    """
    if not 1 <= len(text) <= LONGEST:
        raise CodeError(
            where=repr(text[:40]), reason="Data Matrix on a small tag takes 1 to {longest} characters.", longest=LONGEST
        )
    try:
        import zxingcpp  # noqa: PLC0415 - optional, and needed for this alone
    except ImportError:
        raise CodeError(
            where=repr(text), reason="Data Matrix needs the package zxing-cpp: pip install 'markdna[datamatrix]'."
        ) from None
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    picture: Any = made.to_image(scale=1, add_quiet_zones=False)
    grey: Any = memoryview(picture)  # A two-dimensional buffer, whose list the type stubs take for a flat one.
    return tuple(tuple(int(value < 128) for value in row) for row in grey.tolist())
