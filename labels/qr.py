"""QR codes: which size and error level, whether they would scan, and how they are drawn.

The matrices are those of the ``qrcode`` library with a fixed mask. Series of codes that differ in their last characters
are made faster here: a QR matrix is an affine function over GF(2) of the bits of its text, so once ``qrcode`` has made
the code of the common part and one for each bit of the rest, every further code is an exclusive or of those. The
result is the same matrix; a test compares them.
"""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final

import qrcode
from qrcode import constants
from qrcode.util import QRData

from labels.errors import CodeError

__all__ = ["QUIET_ZONE", "SMALLEST_MODULE", "QrCode", "QrSeries", "encode", "module_width", "path", "whole_dots"]

QUIET_ZONE: Final = 4
"""Modules of white on every side (ISO/IEC 18004:2015, 9.1)."""

SMALLEST_MODULE: Final = 0.5
"""Millimetres; four dots of a 203 dpi printer, as DENSO asks (qrcode.com/en/howto/cell.html: 4 dots or more)."""

DOT: Final = 0.125
"""Millimetres; the dot of a 203 dpi printer. Modules are whole dots, so that no edge falls between two of them."""

LARGEST_VERSION: Final = 10
"""Beyond 57 modules a code no longer fits any label we print."""

MASK: Final = 2
"""All masks scan alike (measured); searching the best one costs 80 % of the time and finds the standard's in 44 %."""

_LEVELS: Final = (
    ("M", constants.ERROR_CORRECT_M),
    ("Q", constants.ERROR_CORRECT_Q),
    ("H", constants.ERROR_CORRECT_H),
)
_ALPHANUMERIC_MODE: Final = 0b0010
_BYTE_MODE: Final = 0b0100
"""Mode indicators, table 2 of ISO/IEC 18004:2015."""

_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""Table 5 of ISO/IEC 18004:2015; two of them are packed as 45 a + b in 11 bits."""
_VALUE: Final = {character: value for value, character in enumerate(_ALPHANUMERIC)}


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
def _format(length: int, *, alphanumeric: bool) -> tuple[int, str, int]:
    """The smallest version for ``length`` characters at level M, and the highest level that this version can carry."""
    data = _data("A" * length if alphanumeric else "a" * length)
    best: tuple[int, str, int] | None = None
    for name, level in _LEVELS:
        code = qrcode.QRCode(error_correction=level)
        code.add_data(data)
        version = code.best_fit()
        if best is None or version == best[0]:
            best = (version, name, level)
    if best is None or best[0] > LARGEST_VERSION:
        raise CodeError(
            where=f"({length})", reason="{length} characters are too many for a QR code on a label.", length=length
        )
    return best


def _data(text: str) -> QRData:
    if _is_alphanumeric(text):
        return QRData(text, mode=_ALPHANUMERIC_MODE)
    return QRData(text.encode(), mode=_BYTE_MODE)


def _is_alphanumeric(text: str) -> bool:
    return all(character in _VALUE for character in text)


def encode(text: str) -> QrCode:
    """The QR code of ``text`` at the highest error level of the smallest size that holds it at level M or better.

    Raises CodeError for an empty text or one that is too long for a label.
    """
    if not text:
        raise CodeError(where="(-)", reason="there is no text to encode.")
    alphanumeric = _is_alphanumeric(text)
    version, name, level = _format(len(text) if alphanumeric else len(text.encode()), alphanumeric=alphanumeric)
    code = qrcode.QRCode(version=version, error_correction=level, mask_pattern=MASK)
    code.add_data(_data(text))
    code.make(fit=False)
    written = "".join("1" if module else "0" for row in code.modules for module in (*row, False))
    return QrCode(len(code.modules), int(written, 2), name)


class QrSeries:
    """Codes one after the other, fast once several texts share their length and their first characters.

    ``code(text)`` gives what ``encode(text)`` gives.
    """

    LEARN_AFTER: Final = 16
    """Codes of one kind that are made singly before the table is built, which costs about 100 single codes."""

    TAIL: Final = 16
    """Characters at the end that may differ: a sticker number and what comes before it on an even place."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._tables: dict[tuple[str, int], _AffineTable] = {}

    @property
    def learned(self) -> int:
        """How many kinds of text have a table by now."""
        return len(self._tables)

    def code(self, text: str) -> QrCode:
        """The QR code of ``text``; raises as ``encode`` does."""
        cut = (len(text) - self.TAIL) & ~1
        if cut < 0:
            return encode(text)
        head = text[:cut]
        table = self._tables.get((head, len(text)))
        if table is not None:
            made = table.code(text)
            return made if made is not None else encode(text)
        seen = self._seen[head] = self._seen.get(head, 0) + 1
        if seen > self.LEARN_AFTER and _is_alphanumeric(text):
            self._tables[head, len(text)] = _affine_table(head, len(text))
        return encode(text)


@lru_cache(maxsize=8)
def _affine_table(head: str, length: int) -> "_AffineTable":
    return _AffineTable(head, length)


class _AffineTable:
    """matrix(text) = matrix(head + "00…0") xor one matrix for each set bit of each pair of characters."""

    def __init__(self, head: str, length: int) -> None:
        zeros = "0" * (length - len(head))
        base = encode(head + zeros)
        self._size, self._level = base.size, base.level
        self._base = base.bits
        differing = 0
        self._pairs: list[tuple[int, int, list[int], dict[str, int]]] = []
        for start in range(0, len(zeros), 2):
            end = min(start + 2, len(zeros))
            bits = []
            for bit in range(11 if end - start == 2 else 6):
                value = 1 << bit
                characters = "".join(_ALPHANUMERIC[digit] for digit in divmod(value, 45)[2 - (end - start) :])
                if end - start == 1 and value >= 45:
                    break
                bits.append(encode(head + zeros[:start] + characters + zeros[end:]).bits ^ self._base)
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

    @staticmethod
    def _difference(pair: str, bits: list[int]) -> int:
        value = 0
        for character in pair:
            value = value * 45 + _VALUE[character]
        difference = 0
        for bit, matrix in enumerate(bits):
            if value >> bit & 1:
                difference ^= matrix
        return difference


def module_width(code: QrCode, side: float, where: str) -> float:
    """The module in millimetres for ``code`` with its quiet zone in a square of ``side`` millimetres.

    It is the largest whole number of 203 dpi dots that fits. Raises CodeError when that is below 0.5 mm.
    """
    module = int(side / code.side / DOT + 1e-6) * DOT
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
