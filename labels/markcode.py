"""Numbers of our own stickers: 13 random Crockford base-32 characters and two check characters.

13 characters of 5 bits are 65 random bits, so numbers cannot be guessed and never need to be derived from anything;
in particular they say nothing about the kit whose covert mark the thing carries. The two check characters are those
of a Reed-Solomon code over GF(32) (generator (x - a)(x - a^2), field polynomial x^5 + x^2 + 1, as in Lin & Costello,
Error Control Coding, ch. 6-7). Its distance is 3: any one or two wrong characters are caught, hence also any two
characters that changed places.
"""

import re
import secrets
from urllib.parse import urlsplit

from labels.errors import MarkCodeError, MisreadNumberError

__all__ = ["ALPHABET", "LENGTH", "check_characters", "grouped", "issue", "number_in", "parse", "url"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O (look-alikes) and no U (crockford.com/base32.html)."""

RANDOM_LENGTH = 13
CHECK_LENGTH = 2
LENGTH = RANDOM_LENGTH + CHECK_LENGTH

GROUP = 4
PATH = "/S/"
"""The path of a sticker's public page; short and upper case, so that the QR code stays small."""

_FOLD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")

_FIELD_POLYNOMIAL = 0b100101


def _powers() -> list[int]:
    powers = [1]
    for _ in range(30):
        doubled = powers[-1] << 1
        powers.append(doubled ^ _FIELD_POLYNOMIAL if doubled & 32 else doubled)
    return powers


_POWER = _powers()
_LOGARITHM = {value: exponent for exponent, value in enumerate(_POWER)}
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_GENERATOR = (_POWER[1] ^ _POWER[2], _POWER[3])
"""x^2 + g1 x + g0 = (x - a)(x - a^2): g1 = a + a^2, g0 = a^3."""


def _times(one: int, other: int) -> int:
    return _POWER[(_LOGARITHM[one] + _LOGARITHM[other]) % 31] if one and other else 0


def _check(values: list[int]) -> tuple[int, int]:
    """The remainder of values(x) * x^2 divided by the generator, highest power first."""
    high = low = 0
    for value in values:
        feedback = value ^ high
        high, low = low ^ _times(feedback, _GENERATOR[0]), _times(feedback, _GENERATOR[1])
    return high, low


def issue() -> str:
    """A new number of 15 characters from the system's secure random source, e.g. ``4K7Q2M9XW3PZD7N``."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return random + check_characters(random)


def check_characters(random: str) -> str:
    """The two check characters for the 13 random ones."""
    return "".join(ALPHABET[value] for value in _check([_VALUE[character] for character in random]))


def parse(text: str) -> str:
    """The number that ``text`` spells, in its one written form: upper case, no separators.

    Lower case, spaces and hyphens are accepted; O is read as 0, I and L as 1.

    Raises MarkCodeError if a character or the length is wrong, MisreadNumberError if the check characters disagree.
    """
    shown = text.strip()[:40]
    number = _SEPARATORS.sub("", text).upper().translate(_FOLD)
    for place, character in enumerate(number[:LENGTH], start=1):
        if character not in _VALUE:
            raise MarkCodeError(
                where=repr(shown),
                reason="character {place} is {character}; allowed are the digits and the letters except I, L, O and U.",
                place=place,
                character=repr(character),
            )
    if len(number) != LENGTH:
        raise MarkCodeError(
            where=repr(shown),
            reason="it has {count} characters, a number has {length}.",
            count=len(number),
            length=LENGTH,
        )
    _refuse_misread(shown, number)
    return number


def _refuse_misread(shown: str, number: str) -> None:
    first, second = (_syndrome(number, exponent) for exponent in (1, 2))
    if not first and not second:
        return
    suspects = _suspects(number, first, second)
    if suspects:
        raise MisreadNumberError(
            where=repr(shown),
            reason="the check characters do not agree; look again at character {places}.",
            places=", ".join(f"{place} ({number[place - 1]})" for place in suspects),
            suspects=suspects,
        )
    raise MisreadNumberError(
        where=repr(shown),
        reason="the check characters do not agree; at least two characters are wrong.",
        suspects=(),
    )


def _syndrome(number: str, exponent: int) -> int:
    """The word as a polynomial, evaluated at a^exponent; zero for a number as issued."""
    result = 0
    for character in number:
        result = _times(result, _POWER[exponent]) ^ _VALUE[character]
    return result


def _suspects(number: str, first: int, second: int) -> tuple[int, ...]:
    """Positions (from 1) to look at: the one wrong character, or two neighbours that changed places."""
    places: set[int] = set()
    if first and second:
        from_the_end = (_LOGARITHM[second] - _LOGARITHM[first]) % 31
        if from_the_end < LENGTH:
            places.add(LENGTH - from_the_end)
    for place in range(1, LENGTH):
        swapped = number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
        if swapped != number and not _syndrome(swapped, 1) and not _syndrome(swapped, 2):
            places.update((place, place + 1))
    return tuple(sorted(places))


def grouped(number: str) -> str:
    """The number in groups of four for people to read and type: ``4K7Q-2M9X-W3PZ-D7N``."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def url(base: str, number: str) -> str:
    """The address in the QR code, upper case so that it fits the compact alphanumeric mode of QR codes.

    ``base`` is scheme and host, e.g. ``https://dna.kommun.example``; the result ``HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q…``.
    """
    return f"{base.rstrip('/').upper()}{PATH}{number}"


def number_in(text: str, host: str) -> str:
    """The number in ``text``, which is a number or the address of a sticker's page on ``host`` and on no other.

    ``host`` is written as in an address, with the port if there is one (``dna.kommun.example``, ``127.0.0.1:8000``).

    Raises MarkCodeError if the address belongs to somebody else or holds no number.
    """
    candidate = text.strip()
    if "/" not in candidate and ":" not in candidate:
        return parse(candidate)
    shown = repr(candidate[:80])
    try:
        address = urlsplit(candidate)
    except ValueError:
        raise MarkCodeError(where=shown, reason="this is neither a number nor an address.") from None
    if address.scheme.lower() not in {"http", "https"} or address.netloc.lower() != host.lower():
        raise MarkCodeError(
            where=shown, reason="this is not an address of {host}; the sticker is not one of ours.", host=host
        )
    if not address.path.upper().startswith(PATH) or address.query or address.fragment:
        raise MarkCodeError(where=shown, reason="the address does not lead to a sticker ({path}…).", path=PATH)
    return parse(address.path[len(PATH) :])
