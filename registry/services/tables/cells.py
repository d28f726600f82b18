"""Single cells: dates, amounts and words as people write them, and what they mean."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from registry.services.tables.remarks import CellRefused, Reason

__all__ = ["amount_in_ore", "checked_text", "iso_day", "looks_like_formula", "means_nothing", "swedish_day", "whole"]

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})[ -](\d{4})")
_SPACES_IN_NUMBERS = dict.fromkeys(map(ord, " \u00a0\u2007\u2009\u202f"))
_AMOUNT = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")
_CURRENCY = re.compile(r"(?:kr|sek|:-)\.?$", re.IGNORECASE)
_NOTHING = frozenset(
    {"-", "\u2013", "\u2014", "?", "okänt", "okänd", "saknas", "uppgift saknas", "ej känt", "n/a", "unknown"}
)
_FORMULA_STARTS = ("=", "@", "\uff1d", "\uff20")


def iso_day(text: str) -> date:
    """``2027-10-26`` as a day; raises CellRefused for another form or a day that never was."""
    if _ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise CellRefused(Reason.NOT_A_DATE, allowed="2027-10-26")


def swedish_day(text: str) -> date:
    """A day written ``2009-11-23`` or ``23/11 2009`` (day before month, as is written in Sweden)."""
    found = _DAY_MONTH_YEAR.fullmatch(text)
    if found is None:
        try:
            return iso_day(text)
        except CellRefused:
            raise CellRefused(Reason.NOT_A_DATE, allowed="2009-11-23, 23/11 2009") from None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise CellRefused(Reason.NOT_A_DATE, allowed="2009-11-23, 23/11 2009") from None


def day_in(text: str, formats: Sequence[str]) -> date:
    """A day in one of ``formats`` (strptime codes, such as ``%Y.%m.%d``)."""
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise CellRefused(Reason.NOT_A_DATE, allowed=", ".join(formats))


def amount_in_ore(text: str) -> int:
    """``26 501,00`` in öre; spaces of any kind, ``kr`` after it and dots between thousands are understood."""
    plain = _CURRENCY.sub("", text.translate(_SPACES_IN_NUMBERS))
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(".", "")
    found = _AMOUNT.fullmatch(plain)
    if found is None or not plain.isascii():
        raise CellRefused(Reason.NOT_AN_AMOUNT)
    kronor, ore = found.groups()
    return int(kronor) * 100 + int((ore or "0").ljust(2, "0"))


def whole(text: str, least: int, most: int) -> int:
    """A whole number within limits, in plain digits."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most:
        return int(text)
    raise CellRefused(Reason.NOT_A_NUMBER, least=least, most=most)


def checked_text(text: str, most: int, *, needed: bool = False, lines: bool = False) -> str:
    """``text`` if its length is allowed and it holds no control characters (line breaks only when ``lines``)."""
    if needed and not text:
        raise CellRefused(Reason.NEEDED)
    if len(text) > most:
        raise CellRefused(Reason.TOO_LONG, length=len(text), most=most)
    if not text.isprintable():
        allowed = "\n\t" if lines else ""
        if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text if letter not in allowed):
            raise CellRefused(Reason.CONTROL_CHARACTER)
    return text


def means_nothing(text: str) -> bool:
    """Whether a cell only says that nothing is known: a dash, ``okänt``, ``saknas`` and the like."""
    return text.casefold() in _NOTHING


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate this cell (a leading + or - may as well be a telephone number)."""
    return text.startswith(_FORMULA_STARTS)
