"""QR codes: which size and error level, whether they would scan, and how they are drawn.

The matrices are those of the ``qrcode`` library with a fixed mask. Series of codes that differ in their last characters
are made faster here: a QR matrix is an affine function over GF(2) of the bits of its text, so once ``qrcode`` has made
the code of the common part and one for each bit of the rest, every further code is an exclusive or of those. The
result is the same matrix; a test compares them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final, NamedTuple

import qrcode
from qrcode import constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import QRData

from labels.errors import CodeError

__all__ = [
    "DOT",
    "QUIET_ZONE",
    "SMALLEST_MODULE",
    "Kind",
    "QrCode",
    "QrSeries",
    "encode",
    "kind_for_dots",
    "kind_for_width",
    "measure",
    "module_width",
    "path",
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

_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""Table 5 of ISO/IEC 18004:2015; two of them are packed as 45 a + b in 11 bits."""
_VALUE: Final = {character: value for value, character in enumerate(_ALPHANUMERIC)}
_SET: Final = frozenset(_ALPHANUMERIC)


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
    if _is_alphanumeric(text):
        return QRData(text, mode=_ALPHANUMERIC_MODE)
    return QRData(text.encode(), mode=_BYTE_MODE)


def _is_alphanumeric(text: str) -> bool:
    return _SET.issuperset(text)


def measure(text: str) -> tuple[int, bool]:
    """Characters of ``text`` and True, or bytes and False if it needs byte mode; texts alike in it are of one kind."""
    alphanumeric = _is_alphanumeric(text)
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


class QrSeries:
    """Codes one after the other, fast once several texts share their length and their first characters.

    ``code(text, kind)`` gives what ``encode(text, kind)`` gives.
    """

    LEARN_AFTER: Final = 16
    """Codes of one kind that are made singly before the table is built, which costs about 100 single codes."""

    TAIL: Final = 16
    """Characters at the end that may differ: a sticker number and what comes before it on an even place."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int, Kind | None], int] = {}
        self._tables: dict[tuple[str, int, Kind | None], _AffineTable] = {}

    @property
    def learned(self) -> int:
        """How many kinds of text have a table by now."""
        return len(self._tables)

    def code(self, text: str, kind: Kind | None = None) -> QrCode:
        """The QR code of ``text``; raises as ``encode`` does."""
        cut = (len(text) - self.TAIL) & ~1
        if cut < 0:
            return encode(text, kind)
        key = text[:cut], len(text), kind
        table = self._tables.get(key)
        if table is not None:
            made = table.code(text)
            return made if made is not None else encode(text, kind)
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen > self.LEARN_AFTER and _is_alphanumeric(text):
            self._tables[key] = _affine_table(*key)
        return encode(text, kind)


@lru_cache(maxsize=8)
def _affine_table(head: str, length: int, kind: Kind | None) -> "_AffineTable":
    return _AffineTable(head, length, kind)


class _AffineTable:
    """matrix(text) = matrix(head + "AA…A") xor one matrix for each bit in which a pair differs from AA."""

    FILLER: Final = "A"
    """Flipping any one bit of the pair AA (460 of 2024) or of a single A (10 of 44) gives characters again."""

    def __init__(self, head: str, length: int, kind: Kind | None) -> None:
        filler = self.FILLER * (length - len(head))
        base = encode(head + filler, kind)
        self._size, self._level = base.size, base.level
        self._base = base.bits
        differing = 0
        self._pairs: list[tuple[int, int, list[int], dict[str, int]]] = []
        for start in range(0, len(filler), 2):
            end = min(start + 2, len(filler))
            bits = []
            for bit in range(11 if end - start == 2 else 6):
                digits = divmod(_value(filler[start:end]) ^ 1 << bit, 45)[2 - (end - start) :]
                text = head + filler[:start] + "".join(_ALPHANUMERIC[digit] for digit in digits) + filler[end:]
                bits.append(encode(text, kind).bits ^ self._base)
                differing |= bits[-1]
            self._pairs.append((len(head) + start, len(head) + end, bits, {}))
        self._common = self._base & ~differing

    def code(self, text: str) -> QrCode | None:
        matrix = self._base
        for start, end, bits, known in self._pairs:
            pair = text[start:end]
            difference = known.get(pair)
            if difference is None:
                if not _is_alphanumeric(pair):
                    return None
                difference = known[pair] = self._difference(pair, bits)
            matrix ^= difference
        return QrCode(self._size, matrix, self._level, self._common)

    def _difference(self, pair: str, bits: list[int]) -> int:
        value = _value(pair) ^ _value(self.FILLER * len(pair))
        difference = 0
        for bit, matrix in enumerate(bits):
            if value >> bit & 1:
                difference ^= matrix
        return difference


def _value(characters: str) -> int:
    value = 0
    for character in characters:
        value = value * 45 + _VALUE[character]
    return value


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


@cache
def _runs_of(size: int) -> dict[int, str]:
    """The text of every run that a code of ``size`` modules can have, by its first bit times 64 plus its width."""
    stride = size + 1
    return {
        (row * stride + column) * 64 + width: f"{column} {size - 1 - row} {width} 1 re\n"
        for row in range(size)
        for column in range(size)
        for width in range(1, size - column + 1)
    }


def path(code: QrCode) -> str:
    """The dark modules as PDF path operators, rectangles of horizontal runs in module units, y upwards from 0.

    It is to be filled once, as a whole: separate fills leave white seams between modules on screens and printers.
    """
    if not code.common:
        return _rectangles_of(code.size, code.bits)
    return _common_rectangles(code.size, code.common) + _runs(code.size, code.bits & ~code.common)


def _rectangles_of(size: int, bits: int) -> str:
    """Runs, with equal ones below each other made into one rectangle: short, for what is drawn once."""
    text, open_runs = "", dict[tuple[int, int], int]()
    rows = (*QrCode(size, bits, "").rows, 0)
    for y, row in zip(range(size - 1, -2, -1), rows, strict=True):
        runs = {match.span() for match in re.finditer("1+", f"{row:0{size}b}")}
        for start, end in sorted(set(open_runs) - runs):
            top = open_runs.pop((start, end))
            text += f"{start} {y + 1} {end - start} {top - y} re\n"
        for run in runs:
            open_runs.setdefault(run, y)
    return text


_common_rectangles = lru_cache(maxsize=16)(_rectangles_of)


def _runs(size: int, bits: int) -> str:
    """Runs row by row, ten times as fast, for the codes of a series."""
    import numpy as np  # noqa: PLC0415 - half of a cold start, and a single label does without

    count = size * (size + 1)
    length = (count + 7) // 8
    # A one stands where a module differs from the one before it: runs begin and end there by turns.
    changes = (bits ^ bits >> 1) << length * 8 - count
    (places,) = np.unpackbits(np.frombuffer(changes.to_bytes(length), dtype=np.uint8)).nonzero()
    runs = places[0::2] * 63 + places[1::2]
    return "".join(map(_runs_of(size).__getitem__, runs.tolist()))
