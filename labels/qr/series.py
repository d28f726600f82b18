"""Series of codes that differ in their last characters, made faster than one by one.

A QR matrix is an affine function over GF(2) of the bits of its text, so once ``qrcode`` has made the code of the common
part and one for each bit of the rest, every further code is an exclusive or of those. The result is the same matrix; a
test compares them.
"""

from typing import Final

from labels.qr.codes import ALPHANUMERIC, Kind, QrCode, encode, is_alphanumeric

__all__ = ["QrSeries"]

_VALUE: Final = {character: value for value, character in enumerate(ALPHANUMERIC)}


_Key = tuple[str, int, Kind | None]
"""What the texts of a series have in common: their first characters, their length and the kind that was asked for."""

MOST_TABLES: Final = 8
"""Tables that are kept, each of 10 kB and more as pairs of characters appear; a register has a few kinds of text."""

_TABLES: Final[dict[_Key, "_AffineTable"]] = {}


class QrSeries:
    """Codes one after the other, fast once several texts share their length and their first characters.

    ``code(text, kind)`` gives what ``encode(text, kind)`` gives.
    """

    LEARN_AFTER: Final = 16
    """Codes of one kind that are made singly before the table is built, which costs about 100 single codes."""

    TAIL: Final = 16
    """Characters at the end that may differ: a sticker number and what comes before it on an even place."""

    def __init__(self) -> None:
        self._seen: dict[_Key, int] = {}
        self._tables: dict[_Key, _AffineTable] = {}

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
        if seen > self.LEARN_AFTER and is_alphanumeric(text):
            self._tables[key] = _affine_table(key)
        return _single(text, key)


def _affine_table(key: _Key) -> "_AffineTable":
    """The table for ``key``, which the series of this process share."""
    table = _TABLES.get(key)
    if table is None:
        table = _AffineTable(*key)
        if len(_TABLES) >= MOST_TABLES:
            _TABLES.clear()
        _TABLES[key] = table
    return table


def _single(text: str, key: _Key) -> QrCode:
    """What ``encode`` makes, by the table of an earlier series where there is one, which is a hundred times as fast.

    It names no ``common`` modules: a file has the same bytes whether others were made before it or not.
    """
    table = _TABLES.get(key)
    made = table.code(text) if table else None
    return QrCode(made.size, made.bits, made.level) if made else encode(text, key[2])


class _AffineTable:
    """matrix(text) = matrix(head + "AA…A") xor one matrix for each bit in which a pair differs from AA."""

    FILLER: Final = "A"
    """Flipping any one bit of the pair AA (460 of 2024) or of a single A (10 of 44) gives characters again."""

    def __init__(self, head: str, length: int, kind: Kind | None) -> None:
        filler = self.FILLER * (length - len(head))
        base = encode(head + filler, kind)
        self._size, self._level, self._base = base.size, base.level, base.bits
        differing = 0
        self._pairs: list[tuple[int, int, list[int], dict[str, int]]] = []
        for start in range(0, len(filler), 2):
            end = min(start + 2, len(filler))
            bits = []
            for bit in range(11 if end - start == 2 else 6):
                digits = divmod(_value(filler[start:end]) ^ 1 << bit, 45)[2 - (end - start) :]
                text = head + filler[:start] + "".join(ALPHANUMERIC[digit] for digit in digits) + filler[end:]
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
                if not is_alphanumeric(pair):
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
