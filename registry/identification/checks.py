"""Check characters: whether a text that has the shape of a code can have been read right at all.

A register's codes are all right, so among them check characters tell nothing new. They tell of a text that no register
holds: one that fails its family's check was misread, and is to be read again rather than looked for elsewhere.

The ten hexadecimal digits of an EM4100 transponder and the fifteen digits of an ISO 11784 animal number have no check
character: their parity and CRC stay on the air between transponder and reader.
"""

from collections.abc import Callable
from enum import StrEnum

from labels import markcode
from labels.errors import MarkCodeError
from registry.identification.glyphs import GLYPHS, fold

__all__ = ["Check", "Checked", "checked"]


class Check(StrEnum):
    """The check that a family's codes carry."""

    NONE = "none"
    VIN = "vin"
    """Position 9 of a vehicle identification number (ISO 3779, 49 CFR 565.15): demanded in North America only."""
    LUHN = "luhn"
    """The last digit (ISO/IEC 7812-1, annex B)."""
    MOD_11_2 = "mod11-2"
    """The last digit or X (ISO/IEC 7064)."""
    MOD_97_10 = "mod97-10"
    """The last two digits, letters counted as 10 to 35 (ISO/IEC 7064)."""
    MOD_37_2 = "mod37-2"
    """The last character (ISO/IEC 7064); the * that it may be is carried by no dot."""
    MOD_37_36 = "mod37-36"
    """The last character (ISO/IEC 7064)."""
    STICKER = "sticker"
    """The two last characters of our own numbers, over GF(32) (labels.markcode)."""


class Checked(StrEnum):
    """What a check says of a text."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    """At least one character is not what it was read as."""
    OPEN = "open"
    """There is no check, or it cannot be made: a character is unreadable, or a VIN need not carry one."""


def checked(check: Check, text: str) -> Checked:
    """What ``check`` says of a text as read, with or without separators."""
    read = fold(text)
    if check is Check.NONE or not read or "?" in read:
        return Checked.OPEN
    if check is Check.VIN:
        return _vin(read)
    return Checked.AGREES if _RULES[check](read) else Checked.DISAGREES


_VIN_LENGTH, _VIN_CHECK = 17, 8
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = (
    {letter: number for number, letter in enumerate("0123456789")}
    | {
        letter: value
        for letters, first in (("ABCDEFGH", 1), ("JKLMN", 1), ("STUVWXYZ", 2))
        for value, letter in enumerate(letters, first)
    }
    | {"P": 7, "R": 9}
)
_VIN_NEVER = str.maketrans("OQI", "001")
"""A VIN has no O, Q or I, so who reads one has seen 0 or 1."""
_NORTH_AMERICA = "12345"


def _vin(read: str) -> Checked:
    number = read.translate(_VIN_NEVER)
    if len(number) != _VIN_LENGTH:
        return Checked.DISAGREES
    remainder = sum(_VIN_VALUES[letter] * weight for letter, weight in zip(number, _VIN_WEIGHTS, strict=True)) % 11
    if number[_VIN_CHECK] == "0123456789X"[remainder]:
        return Checked.AGREES
    return Checked.DISAGREES if number[0] in _NORTH_AMERICA else Checked.OPEN


def _luhn(read: str) -> bool:
    if not read.isdigit():
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in read[-2::-2]]
    return (sum(doubled) + sum(map(int, read[::-2]))) % 10 == 0


def _mod_11_2(read: str) -> bool:
    if not read[:-1].isdigit() or read[-1] not in "0123456789X":
        return False
    total = 0
    for digit in read[:-1]:
        total = (total + int(digit)) * 2 % 11
    return (total + "0123456789X".index(read[-1])) % 11 == 1


def _mod_97_10(read: str) -> bool:
    return read[-2:].isdigit() and int("".join(str(GLYPHS.index(letter)) for letter in read)) % 97 == 1


def _mod_37_2(read: str) -> bool:
    total = 0
    for letter in read[:-1]:
        total = (total + GLYPHS.index(letter)) * 2 % 37
    return (total + GLYPHS.index(read[-1])) % 37 == 1


def _mod_37_36(read: str) -> bool:
    product = 36
    for letter in read[:-1]:
        product = ((product + GLYPHS.index(letter)) % 36 or 36) * 2 % 37
    return (product + GLYPHS.index(read[-1])) % 36 == 1


def _sticker(read: str) -> bool:
    try:
        markcode.parse(read)
    except MarkCodeError:
        return False
    return True


_RULES: dict[Check, Callable[[str], bool]] = {
    Check.LUHN: _luhn,
    Check.MOD_11_2: _mod_11_2,
    Check.MOD_97_10: _mod_97_10,
    Check.MOD_37_2: _mod_37_2,
    Check.MOD_37_36: _mod_37_36,
    Check.STICKER: _sticker,
}
