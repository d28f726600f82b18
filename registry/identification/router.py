"""Whose code is this? Tells the supplier's code family of a text, damaged or whole, registered or not.

A family is a pattern of a supplier, e.g. ``[A-Z]{4}[0-9]{5}`` or ``SPB-[0-9A-HJKMNP-TV-Z]{8}``: characters and classes
one after another, each with an optional count. Such a pattern is laid along the text as a code would be, so that
unreadable, look-alike, lost and extra characters cost a little instead of everything.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.identification.checks import Check, Checked, checked
from registry.identification.glyphs import GLYPHS, LOOKALIKES, fold

__all__ = ["CodeFamily", "FamilyMatch", "route"]

LOOKALIKE_COST = 0.5
LARGEST_SHARE = 0.25
"""Cost a character from which a text is no longer told to be of a family."""
MOST_LENGTHS = 32
"""Lengths of one pattern that are tried; a pattern with open ends is cut there."""
MISFIT = 3.0
"""Natural log ratio that a character outside its class speaks against a family: one in twenty is misread."""
SAME_LENGTH = 2.0
"""Natural log ratio that the right number of characters speaks for a family."""
SMALLEST_EVIDENCE = 1.5
"""Natural log ratio below which a family says too little, e.g. nothing but ``?`` was read."""

_TOKEN = re.compile(
    r"(?:\[(?P<set>[^\]]+)\]|\\(?P<escape>.)|(?P<plain>[^\\\[\](){}|*+?.^$]))(?P<count>\{\d+(?:,\d*)?\}|\?)?"
)
_ESCAPES = {"d": "0123456789", "w": GLYPHS}


@dataclass(frozen=True, slots=True)
class CodeFamily:
    """A supplier's codes: ``pattern`` is a regular expression made of characters, classes and counts."""

    supplier_id: int
    supplier: str
    pattern: str
    check: Check = Check.NONE
    """The check characters that its codes carry, as the supplier declares."""


@dataclass(frozen=True, slots=True)
class FamilyMatch:
    """How well a text fits a family.

    ``cost`` counts characters that do not fit (a look-alike half); ``agreement`` is the share of readable characters
    that fit, 0 to 1; ``exact`` tells that the whole text, nothing unreadable, is of the family.
    """

    family: CodeFamily
    cost: float
    agreement: float
    exact: bool
    evidence: float
    """Ln P(text | this family) / P(text | random characters); orders families that fit equally well."""
    check: Checked = Checked.OPEN
    """What the family's check characters say of a text that fits exactly."""

    @property
    def misread(self) -> bool:
        """Whether the text cannot be a code as its supplier made it: damaged, or its check characters disagree.

        Such a reading is to be made again; that no register holds it says nothing.
        """
        return not self.exact or self.check is Checked.DISAGREES


def route(text: str, families: Iterable[CodeFamily]) -> list[FamilyMatch]:
    """The families a text may belong to, best first; empty when it is like none of them."""
    read = fold(text)[: 2 * MOST_LENGTHS]
    readable = sum(glyph != "?" for glyph in read)
    if not readable:
        return []
    matches = [match for family in families if (match := _match(read, readable, family)) is not None]
    return sorted(matches, key=lambda match: (-match.exact, match.check is Checked.DISAGREES, -match.evidence))


def _match(read: str, readable: int, family: CodeFamily) -> FamilyMatch | None:
    exact = "?" not in read and any(
        len(shape) == len(read) and all(glyph in allowed for glyph, allowed in zip(read, shape, strict=True))
        for shape in _shapes(family.pattern)
    )
    best: tuple[float, float] | None = None
    for shape in _shapes(family.pattern):
        if abs(len(shape) - len(read)) <= 2:
            cost = _cost(read, shape)
            evidence = sum(math.log(len(GLYPHS) / len(allowed)) for allowed in shape) * readable / max(len(read), 1)
            evidence += SAME_LENGTH * (len(shape) == len(read)) - MISFIT * cost
            best = max(best, (evidence, cost)) if best else (evidence, cost)
    if best is None:
        return None
    evidence, cost = best
    if not exact and (cost > LARGEST_SHARE * readable or evidence < SMALLEST_EVIDENCE):
        return None
    check = checked(family.check, read) if exact else Checked.OPEN
    return FamilyMatch(family, cost, max(0.0, 1 - cost / readable), exact, evidence, check)


def _cost(read: str, shape: Sequence[frozenset[str]]) -> float:
    """The cheapest way to lay a text along a shape: 1 for a wrong, lost or extra character."""
    above = [float(place) for place in range(len(read) + 1)]
    for allowed in shape:
        here = [above[0] + 1]
        for place, glyph in enumerate(read):
            here.append(min(above[place] + _misfit(glyph, allowed), above[place + 1] + 1, here[place] + 1))
        above = here
    return above[-1]


def _misfit(glyph: str, allowed: frozenset[str]) -> float:
    if glyph == "?" or glyph in allowed:
        return 0.0
    return LOOKALIKE_COST if any(other in allowed for other in LOOKALIKES.get(glyph, "")) else 1.0


@lru_cache(maxsize=256)
def _shapes(pattern: str) -> tuple[tuple[frozenset[str], ...], ...]:
    """The pattern as folded characters place by place, one shape a length; none for a pattern beyond our grammar."""
    shapes: list[tuple[frozenset[str], ...]] = [()]
    body = pattern.removeprefix("^").removesuffix("$")
    place = 0
    while place < len(body):
        token = _TOKEN.match(body, place)
        if token is None:
            return ()
        place = token.end()
        allowed = _allowed(token)
        if allowed:  # A separator folds to nothing.
            least, most = _counts(token["count"])
            shapes = [shape + (allowed,) * count for shape in shapes for count in range(least, most + 1)]
            shapes = [shape for shape in shapes if len(shape) <= MOST_LENGTHS][:MOST_LENGTHS]
    return tuple(shapes)


def _allowed(token: re.Match[str]) -> frozenset[str]:
    if token["set"]:
        raw = "".join(_members(token["set"]))
    elif token["escape"]:
        raw = _ESCAPES.get(token["escape"], token["escape"])
    else:
        raw = token["plain"]
    return frozenset(fold(raw)) - {"?"}


def _members(inside: str) -> Iterator[str]:
    place = 0
    while place < len(inside):
        if inside[place] == "\\" and place + 1 < len(inside):
            yield _ESCAPES.get(inside[place + 1], inside[place + 1])
            place += 2
        elif place + 2 < len(inside) and inside[place + 1] == "-":
            yield "".join(map(chr, range(ord(inside[place]), ord(inside[place + 2]) + 1)))
            place += 3
        else:
            yield inside[place]
            place += 1


def _counts(count: str | None) -> tuple[int, int]:
    if count is None:
        return 1, 1
    if count == "?":
        return 0, 1
    least, comma, most = count.strip("{}").partition(",")
    if not comma:
        return int(least), int(least)
    return int(least), int(most) if most else MOST_LENGTHS
