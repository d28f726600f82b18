"""QR codes: which size and error level, whether they would scan, and their matrices by the ``qrcode`` library."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

import qrcode
from qrcode import constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import QRData

from labels.errors import CodeError

__all__ = [
    "ALPHANUMERIC",
    "DOT",
    "QUIET_ZONE",
    "SMALLEST_MODULE",
    "Kind",
    "QrCode",
    "encode",
    "is_alphanumeric",
    "kind_for_dots",
    "kind_for_width",
    "measure",
    "module_width",
    "smallest_kind",
    "sturdiest_kind",
    "whole_dots",
]

QUIET_ZONE: Final = 4
"""Modules of white on every side (ISO/IEC 18004:2015, 9.1)."""

SMALLEST_MODULE: Final = 0.5
"""Millimetres; four dots of a 203 dpi printer, as DENSO asks (qrcode.com/en/howto/cell.html: 4 dots or more)."""

DOT: Final = 0.125
"""Millimetres; the dot of a 203 dpi printer. Modules are whole dots, so that no edge falls between two of them."""

COMFORTABLE_MODULE: Final = 0.625
"""Millimetres; five dots of a 203 dpi printer, from which on a worn print is lost to dirt sooner than to blur."""

FIRM_VERSION: Final = 4
ROOMY_VERSION: Final = 5
"""Versions that a small text is spread over at level H, so that a patch of dirt takes a smaller share of each block."""

LARGEST_VERSION: Final = 10
"""Beyond 57 modules a code no longer fits any label we print."""

MASK: Final = 2
"""All masks scan alike (measured); searching the best one costs 80 % of the time and finds the standard's in 44 %."""

_LEVEL: Final = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q, "H": constants.ERROR_CORRECT_H}
_ALPHANUMERIC_MODE: Final = 0b0010
_BYTE_MODE: Final = 0b0100
"""Mode indicators, table 2 of ISO/IEC 18004:2015."""

ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""Table 5 of ISO/IEC 18004:2015; two of them are packed as 45 a + b in 11 bits."""
_SET: Final = frozenset(ALPHANUMERIC)


class Kind(NamedTuple):
    """A size and an error level of QR codes; a tuple, since it is looked up for every code."""

    version: int
    level: str

    @property
    def size(self) -> int:
        """Modules a side (ISO/IEC 18004:2015, 5.3.1)."""
        return 17 + 4 * self.version

    @property
    def side(self) -> int:
        """Modules a side with the quiet zone."""
        return self.size + 2 * QUIET_ZONE


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code of ``size`` modules a side.

    ``bits`` holds the rows from the top, each with its left module first and one light module after its last, so that
    no run of dark modules goes on from one row to the next; the lowest bit is the end of the last row. ``common`` are
    those dark modules that all codes of a series have; they are drawn from one text, which compresses to nothing.
    """

    size: int
    bits: int
    level: str
    common: int = field(default=0, compare=False)

    @property
    def side(self) -> int:
        """Modules a side with the quiet zone."""
        return self.size + 2 * QUIET_ZONE

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows from the top as integers, the highest bit being the left module."""
        stride = self.size + 1
        return tuple(self.bits >> stride * row + 1 & (1 << self.size) - 1 for row in range(self.size - 1, -1, -1))


@cache
def _versions(length: int, *, alphanumeric: bool) -> dict[str, int]:
    """The smallest version that holds ``length`` characters at each level."""
    data = _data("A" * length if alphanumeric else "a" * length)
    versions = {}
    for name, level in _LEVEL.items():
        code = qrcode.QRCode(error_correction=level)
        code.add_data(data)
        try:
            versions[name] = code.best_fit()
        except DataOverflowError:
            break
    return versions


def _data(text: str) -> QRData:
    if is_alphanumeric(text):
        return QRData(text, mode=_ALPHANUMERIC_MODE)
    return QRData(text.encode(), mode=_BYTE_MODE)


def is_alphanumeric(text: str) -> bool:
    """Whether ``text`` needs no byte mode."""
    return _SET.issuperset(text)


def measure(text: str) -> tuple[int, bool]:
    """Characters of ``text`` and True, or bytes and False if it needs byte mode; texts alike in it are of one kind."""
    alphanumeric = is_alphanumeric(text)
    return len(text) if alphanumeric else len(text.encode()), alphanumeric


def smallest_kind(text: str) -> Kind:
    """The highest error level of the smallest size that holds ``text`` at level M or better.

    Raises CodeError for an empty text or one that is too long for a label.
    """
    if not text:
        raise CodeError(where="(-)", reason="there is no text to encode.")
    length, alphanumeric = measure(text)
    versions = _versions(length, alphanumeric=alphanumeric)
    if versions.get("M", LARGEST_VERSION + 1) > LARGEST_VERSION:
        raise CodeError(
            where=f"({length})", reason="{length} characters are too many for a QR code on a label.", length=length
        )
    return Kind(versions["M"], max((name for name in versions if versions[name] == versions["M"]), key="MQH".index))


def sturdiest_kind(text: str, module_of: Callable[[int], float], *, roomy: int = ROOMY_VERSION) -> Kind:
    """Level H wherever its modules stay 0.5 mm or more, in up to version ``roomy``; else the smallest kind.

    ``module_of`` gives the width in millimetres of one of so many modules in the space there is. With 15 % of its field
    covered a code of version 5-H is always read, 4-H in 97, 3-H in 86 and 3-Q in 28 of 100 cases, whatever its module
    (benchmarks/label_scans.py). So version 4 comes before larger modules, and version 5 where modules of 0.625 mm
    remain or none could be had. Raises as ``smallest_kind`` does.
    """
    length, alphanumeric = measure(text)
    least = _versions(length, alphanumeric=alphanumeric).get("H", LARGEST_VERSION + 1)
    strong = [Kind(version, "H") for version in range(least, min(max(least, roomy), LARGEST_VERSION) + 1)]
    modules = {kind: module_of(kind.side) for kind in strong if module_of(kind.side) >= SMALLEST_MODULE}
    small = smallest_kind(text)
    if not modules:
        return small
    return max(modules, key=lambda kind: (kind.version >= FIRM_VERSION, min(modules[kind], COMFORTABLE_MODULE), kind))


def kind_for_width(text: str, side: float) -> Kind:
    """The sturdiest kind for ``text`` in a square of ``side`` millimetres."""
    return sturdiest_kind(text, lambda modules: whole_modules(side, modules))


def kind_for_dots(text: str, dots: int, dpi: int) -> Kind:
    """Level H for ``text`` in a square of ``dots``, in its smallest version: label printers choose that themselves."""
    return sturdiest_kind(text, lambda modules: dots // modules * 25.4 / dpi, roomy=0)


def encode(text: str, kind: Kind | None = None) -> QrCode:
    """The QR code of ``text``, of the smallest kind unless another is given.

    Raises CodeError for an empty text or one that is too long for a label.
    """
    chosen = kind or smallest_kind(text)
    try:
        bits = _bits(text, chosen)
    except ValueError:
        # qrcode cannot make a block that is all zeros, such as a row of noughts. In bits 00 = 01 xor 02 xor 03.
        bits = 0
        for digit in "123":
            pairs = (text[start : start + 2] for start in range(0, len(text), 2))
            bits ^= _bits("".join("0" + digit if pair == "00" else pair for pair in pairs), chosen)
    return QrCode(chosen.size, bits, chosen.level)


def _bits(text: str, kind: Kind) -> int:
    code = qrcode.QRCode(version=kind.version, error_correction=_LEVEL[kind.level], mask_pattern=MASK)
    code.add_data(_data(text))
    code.make(fit=False)
    return int("".join("1" if module else "0" for row in code.modules for module in (*row, False)), 2)


def whole_modules(side: float, modules: int) -> float:
    """The largest whole number of 203 dpi dots, in millimetres, of which ``modules`` fit into ``side``."""
    return int(side / modules / DOT + 1e-6) * DOT


def module_width(code: QrCode, side: float, where: str) -> float:
    """The module in millimetres for ``code`` with its quiet zone in a square of ``side`` millimetres.

    It is the largest whole number of 203 dpi dots that fits. Raises CodeError when that is below 0.5 mm.
    """
    module = whole_modules(side, code.side)
    if module < SMALLEST_MODULE:
        raise too_small(code, side, where)
    return module


def whole_dots(code: QrCode, dots: int, dpi: int, where: str) -> int:
    """The module in dots of a label printer for ``code`` with its quiet zone in a square of ``dots``.

    Raises CodeError when that is below 0.5 mm (4 dots of 203 dpi are 0.5005 mm and pass).
    """
    module = dots // code.side
    if module * 25.4 / dpi < SMALLEST_MODULE:
        raise too_small(code, dots * 25.4 / dpi, where)
    return module


def too_small(code: QrCode, side: float, where: str) -> CodeError:
    """The refusal of a square of ``side`` millimetres, with the sizes."""
    return CodeError(
        where=where,
        reason="a QR code of {modules} modules needs {needed} mm with its quiet zone, there are {there} mm; "
        "a module below {smallest} mm would not scan. Choose a larger label or a shorter address.",
        modules=code.size,
        needed=round(code.side * SMALLEST_MODULE, 1),
        there=round(side, 1),
        smallest=SMALLEST_MODULE,
    )
