"""Numbers of hidden tags and vehicles in the one form in which they are kept and compared.

- EM4100: 40 bits as 10 hexadecimal digits, or 12 with the exclusive-or of the five bytes behind them. Cards show the
  last 32 bits in decimal, often with the same number as 3 + 5 digits behind it: ``0001315778 020,05058``.
- ISO 11784 (FDX-B, HDX): country or maker, 3 digits, and a number of 38 bits in 12 digits.
- VIN, ISO 3779: 17 characters without I, O and Q; the ninth is a check digit in North America (49 CFR 565.15(c)).
"""

import re
import unicodedata
from dataclasses import dataclass

from registry.errors import NotATagNumber
from registry.models.tag_marks import TagKind

__all__ = ["MOST_TAGS", "TagKind", "TagNumber", "kind_of", "shown", "tag_number", "vin_of_dot"]

MOST_TAGS = 6
"""Numbers of one item."""
_SEPARATORS = re.compile(r"[\s.,:;/_\-\u2010-\u2015]+")
_HEX10 = re.compile(r"[0-9A-F]{10}")
_HEX12 = re.compile(r"[0-9A-F]{12}")
_CARD = re.compile(r"[0-9]{18}")
_ISO = re.compile(r"[0-9]{15}")
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_VIN_READ = re.compile(r"[0-9A-HJ-NPR-Z?]{17}")
_TO_VIN = str.maketrans({"I": "1", "O": "0", "Q": "0", "|": "1"})
_MOST_NATIONAL = 2**38 - 1
"""The national part of ISO 11784 has 38 bits."""
_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True)
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
"""Values of letters and weights of places: 49 CFR 565.15, tables III and IV."""
_CHECK_PLACE = 8


@dataclass(frozen=True, slots=True)
class TagNumber:
    """A number in its normal form.

    ``rewritten``: I, O or Q were taken for 1 and 0. ``doubtful``: the VIN's ninth character could be a check digit and
    does not agree, which is no proof of a mistake outside North America.
    """

    kind: TagKind
    number: str
    rewritten: bool = False
    doubtful: bool = False


def tag_number(text: str) -> TagNumber:
    """The number in ``text``, as it stands on a tag, a card, a reader's display or a vehicle.

    Raises NotATagNumber with the reason.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if _ISO.fullmatch(compact):
        return _iso(compact)
    if _CARD.fullmatch(compact):
        return _card(compact)
    if _HEX12.fullmatch(compact):
        return _with_checksum(compact)
    if _HEX10.fullmatch(compact):
        if _is_ambiguous(compact):
            raise NotATagNumber(field="tag_number", reason=_AMBIGUOUS)
        return TagNumber(TagKind.EM4100, compact)
    if compact.startswith("0X") and _HEX10.fullmatch(compact[2:]):
        return TagNumber(TagKind.EM4100, compact[2:])
    vin = compact.translate(_TO_VIN)
    if _VIN.fullmatch(vin):
        return _vin(vin, rewritten=vin != compact)
    raise NotATagNumber(field="tag_number", reason=_NO_SHAPE)


def vin_of_dot(text: str) -> str | None:
    """The VIN that a vehicle dot's text may be, ``?`` for what is not legible; None for a text of another shape."""
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_TO_VIN)
    return compact if _VIN_READ.fullmatch(compact) else None


def kind_of(number: str) -> TagKind:
    """What carries a number in its normal form: each kind has a length of its own."""
    return {10: TagKind.EM4100, 15: TagKind.ISO11784}.get(len(number), TagKind.VIN)


def shown(kind: TagKind, number: str) -> str:
    """The number as people write it."""
    if kind is TagKind.ISO11784:
        return f"{number[:3]} {number[3:]}"
    if kind is TagKind.EM4100 and number.startswith("??"):
        low = int.from_bytes(bytes.fromhex(number.lstrip("?")))
        return f"{low:010d} {low >> 16 & 0xFF:03d},{low & 0xFFFF:05d}"
    if kind is TagKind.EM4100 and _is_ambiguous(number):
        return f"0x{number}"
    return number


_NO_SHAPE = (
    "write the 10 hexadecimal or the 15 decimal digits of the tag as a reader shows them, or the 17 characters of the "
    "VIN"
)
_AMBIGUOUS = (
    "ten decimal digits can be read in two ways. Write all that stands on the card, such as 0001315778 020,05058, or "
    "0x and the ten digits if they are hexadecimal"
)
_CHECKSUM = "the last two of the twelve digits do not agree with the others; look again"
_CARD_PARTS = "the two numbers on the card do not agree; look again"
_NOT_ISO = "the digits are no number of an ISO tag; look again"
_CHECK_DIGIT = "the check digit (the ninth character) does not agree, as it must on a vehicle made for North America"


def _is_ambiguous(digits: str) -> bool:
    """Ten digits without a letter are what cards show in decimal; taken for hexadecimal they would be another tag."""
    return digits.isdigit() and int(digits) < 2**32


def _with_checksum(digits: str) -> TagNumber:
    *data, check = bytes.fromhex(digits)
    folded = 0
    for byte in data:
        folded ^= byte
    if folded != check:
        raise NotATagNumber(field="tag_number", reason=_CHECKSUM)
    return TagNumber(TagKind.EM4100, digits[:10])


def _card(digits: str) -> TagNumber:
    low = int(digits[:10])
    if low >= 2**32 or (int(digits[10:13]), int(digits[13:])) != (low >> 16 & 0xFF, low & 0xFFFF):
        raise NotATagNumber(field="tag_number", reason=_CARD_PARTS)
    return TagNumber(TagKind.EM4100, f"??{low:08X}")


def _iso(digits: str) -> TagNumber:
    if digits.startswith("000") or not 0 < int(digits[3:]) <= _MOST_NATIONAL:
        raise NotATagNumber(field="tag_number", reason=_NOT_ISO)
    return TagNumber(TagKind.ISO11784, digits)


def _vin(vin: str, *, rewritten: bool) -> TagNumber:
    agrees = _check_digit(vin) == vin[_CHECK_PLACE]
    # World manufacturer identifiers 1 to 5 are North American (ISO 3780); there the check digit is law.
    if vin[0] in "12345" and not agrees:
        raise NotATagNumber(field="tag_number", reason=_CHECK_DIGIT)
    could_be = vin[_CHECK_PLACE] in "0123456789X"
    return TagNumber(TagKind.VIN, vin, rewritten=rewritten, doubtful=could_be and not agrees)


def _check_digit(vin: str) -> str:
    rest = sum(_VALUES[letter] * weight for letter, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)
