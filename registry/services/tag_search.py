"""Which registered number of a tag or a vehicle was read, and how sure that is.

The engine compares codes that their makers drew at random. These numbers are counted up: tags of one box, cars of one
day differ in their last digits, so that a number that fits all but one place is as a rule another thing's. What is
weighed here is therefore how many numbers the reading fits, of all that are in use, and a number that was read whole
and differs is never an identification (decision 14).

A reader that hands over a number has checked it, so that it is the number or nothing. What a person typed, or read
under a microscope, may be miswritten in one place or hold ``?`` for what is not legible.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.errors import NotATagNumber
from registry.identification.answer import Grade
from registry.models.readings import ObservationKind, VerdictWord
from registry.models.tag_marks import TagMark
from registry.services.readings import Observed
from registry.services.tag_numbers import TagKind, kind_of, shown, tag_number, vin_of_dot

__all__ = ["EXACT", "IN_USE", "NEAR", "TYPED", "TagHit", "TagsFound", "search"]

TYPED = "TYPED"
"""Symbology of a number that a person typed."""
EXACT, NEAR = "tags: same", "tags: one place apart"
"""Searches for numbers, as an answer names them."""

IN_USE = 1e7
"""Numbers of a kind that are in use where things are stolen; Sweden has that order of vehicles. Assumption."""
NEIGHBOURS = 1e3
"""Things in use whose numbers lie round a registered one: one box of tags, one week of cars. Assumption."""
MISWRITTEN, MISWRITTEN_LOOKALIKE = 1e-4, 2e-3
"""Chances that one certain other character is written for a character, and that one that looks like it is."""
PRIOR = 0.5
"""Odds beforehand that the number is registered are even, as for all marks."""
FIRM = 0.99
LEAST_LIKELY = 0.1
MOST_UNREADABLE = 6
_SHOWN = 8
_MOST_FITTING = 200
_DIGITS, _HEX, _VIN = "0123456789", "0123456789ABCDEF", "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_LETTERS = {TagKind.EM4100: _HEX, TagKind.ISO11784: _DIGITS, TagKind.VIN: _VIN}
_LOOKALIKES = frozenset(map(frozenset, ("0D", "1L", "1J", "17", "5S", "2Z", "8B", "6G", "UV", "VY", "38", "EF", "CG")))
_VIN_DIGITS = 13
"""First place of a VIN in which only a digit may stand."""
_READERS = {"EM4100": re.compile(r"[0-9A-F]{10}"), "ISO11784": re.compile(r"[0-9]{15}")}
_PARTLY = re.compile(r"[0-9A-F?]{10}|[0-9?]{15}|[0-9A-HJ-NPR-Z?]{17}")
_TEN_DECIMALS = re.compile(r"[0-9]{10}")
_BLANKS = re.compile(r"[\s.:\-]+")


@dataclass(frozen=True, slots=True)
class TagHit:
    """A registered number that may be the one read. ``differences`` counts the characters that disagree."""

    tag_mark_id: int
    item_id: int
    kind: TagKind
    number: str
    read: str
    differences: int
    log10_likelihood_ratio: float
    posterior: float

    @property
    def grade(self) -> Grade:
        """The grade on the NFC scale."""
        return Grade.of(self.log10_likelihood_ratio)

    @property
    def exact(self) -> bool:
        """Whether the number was read whole and is this one."""
        return self.differences == 0 and "?" not in self.read

    @property
    def shown(self) -> str:
        """The registered number as people write it."""
        return shown(self.kind, self.number)


@dataclass(frozen=True, slots=True)
class TagsFound:
    """What the numbers of one reading came to; ``searched`` counts the registered numbers of their kinds."""

    verdict: VerdictWord
    hits: tuple[TagHit, ...]
    searched: int
    tiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A number as it was read, ``?`` for what is not legible; ``checked`` when a reader vouches for it."""

    text: str
    checked: bool

    @property
    def kind(self) -> TagKind:
        return kind_of(self.text)

    @property
    def unreadable(self) -> int:
        return self.text.count("?")


def search(session: Session, observed: Sequence[Observed]) -> TagsFound | None:
    """The registered numbers that a reading's numbers and dots may be; None when none of them has such a shape."""
    reads = list(dict.fromkeys(read for one in observed for read in _reads(one)))
    if not reads:
        return None
    hits: dict[int, TagHit] = {}
    tiers: dict[str, None] = {}
    searched = 0
    legible = [read for read in reads if read.unreadable <= MOST_UNREADABLE]
    for read in legible:
        count = _count(session, read.kind)
        searched += count
        tiers[EXACT if read.checked else NEAR] = None
        for hit in _weighed(read, _fitting(session, read), count):
            held = hits.get(hit.tag_mark_id)
            if hit.grade >= Grade.ZERO and (held is None or hit.log10_likelihood_ratio > held.log10_likelihood_ratio):
                hits[hit.tag_mark_id] = hit
    best = sorted(hits.values(), key=lambda hit: (-hit.log10_likelihood_ratio, hit.tag_mark_id))[:_SHOWN]
    return TagsFound(_verdict(best, legible), tuple(best), searched, tuple(tiers))


def _verdict(best: Sequence[TagHit], legible: Sequence[_Read]) -> VerdictWord:
    if not legible:
        return VerdictWord.UNREADABLE
    if not best:
        return VerdictWord.NOT_REGISTERED
    if best[0].differences == 0 and best[0].posterior >= FIRM:
        return VerdictWord.IDENTIFIED
    # A number that was read whole and differs is another's, unless the characters look alike and few are registered.
    likely = best[0].differences == 0 or best[0].posterior >= LEAST_LIKELY
    return VerdictWord.AMBIGUOUS if likely else VerdictWord.NOT_REGISTERED


def _reads(one: Observed) -> Iterator[_Read]:
    if one.kind is ObservationKind.DOT:
        vin = vin_of_dot(one.text)
        if vin:
            yield _Read(vin, checked=False)
    elif one.kind is ObservationKind.NUMBER:
        yield from _reads_of_number(one.text, one.symbology)


def _reads_of_number(text: str, symbology: str) -> Iterator[_Read]:
    compact = _BLANKS.sub("", text).upper()
    if symbology in _READERS:
        if _READERS[symbology].fullmatch(compact):
            yield _Read(compact, checked=True)
        return
    typed = symbology == TYPED
    if _TEN_DECIMALS.fullmatch(compact) and int(compact) < 1 << 32:
        # What a card shows in decimal; a person may have written down a number in hexadecimal as well.
        yield _Read(f"??{int(compact):08X}", checked=not typed)
        if typed:
            yield _Read(compact, checked=False)
    elif typed and _PARTLY.fullmatch(compact):
        yield _Read(compact, checked=False)
    else:
        try:
            yield _Read(tag_number(text).number, checked=not typed)
        except NotATagNumber:
            return


def _count(session: Session, kind: TagKind) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(TagMark).where(TagMark.kind == kind, TagMark.removed_at.is_(None))
        )
        or 0
    )


def _fitting(session: Session, read: _Read) -> list[TagMark]:
    """The registered numbers that fit what is legible, or differ from a whole number in one place."""
    living = select(TagMark).where(TagMark.kind == read.kind, TagMark.removed_at.is_(None))
    if read.unreadable:
        fits = TagMark.number.like(read.text.replace("?", "_"))
        return list(session.scalars(living.where(fits).order_by(TagMark.id).limit(_MOST_FITTING)))
    wanted = [read.text]
    if read.kind is TagKind.EM4100:
        wanted.append(f"??{read.text[2:]}")
    if not read.checked:
        wanted += [
            f"{read.text[:place]}{letter}{read.text[place + 1 :]}"
            for place in range(len(read.text))
            for letter in _LETTERS[read.kind]
            if letter != read.text[place]
        ]
    return list(session.scalars(living.where(TagMark.number.in_(wanted)).order_by(TagMark.id)))


def _weighed(read: _Read, fitting: Sequence[TagMark], count: int) -> Iterator[TagHit]:
    chances = {mark.id: _chance(read.text, mark.number) for mark in fitting}
    differences = {mark.id: _differences(read.text, mark.number) for mark in fitting}
    elsewhere = partial(_chance_elsewhere, read, sum(chance == 1.0 for chance in chances.values()))
    total = sum(chances.values())
    for mark in fitting:
        chance = chances[mark.id]
        # Another registered thing, or one that is not registered: even odds beforehand.
        unknown = elsewhere(differs=differences[mark.id] > 0)
        other = PRIOR * (total - chance) / max(count, 1) + (1 - PRIOR) * unknown
        registered = PRIOR * total / max(count, 1)
        posterior = PRIOR * chance / max(count, 1) / (registered + (1 - PRIOR) * unknown)
        yield TagHit(
            tag_mark_id=mark.id,
            item_id=mark.item_id,
            kind=mark.kind,
            number=mark.number,
            read=read.text,
            differences=differences[mark.id],
            log10_likelihood_ratio=math.log10(chance / other),
            posterior=min(posterior, 1.0),
        )


def _chance(read: str, number: str) -> float:
    """Chance that this is written down of a thing with the number; a card tells nothing of the first eight bits."""
    chance = 1.0
    for seen, true in zip(read, number, strict=True):
        if true == "?" and seen != "?":
            chance /= len(_HEX)
        elif seen not in {"?", true}:
            chance *= MISWRITTEN_LOOKALIKE if frozenset((seen, true)) in _LOOKALIKES else MISWRITTEN
    return chance


def _chance_elsewhere(read: _Read, registered: int, *, differs: bool) -> float:
    """Chance that this is written down of a thing that is not registered.

    Were every number in use that fits what is legible, the thing would be one of them. A whole number that differs
    from a registered one is most likely right, and belongs to a neighbour of that one.
    """
    if differs:
        return 1 / NEIGHBOURS
    letters = [_letters(read.kind, place) for place in range(len(read.text))]
    possible = math.prod(count for count, letter in zip(letters, read.text, strict=True) if letter == "?")
    fitting = max(possible - registered, 0)
    miswritten = 0.0 if read.checked else MISWRITTEN * sum(count - 1 for count in letters)
    # A tag can be copied and a frame be damaged as its check digits allow: nothing is quite impossible.
    return (fitting + miswritten + 1e-4) / IN_USE


def _letters(kind: TagKind, place: int) -> int:
    """How many characters may stand in a place; the last four of a VIN are digits (ISO 3779, 5.3)."""
    return len(_DIGITS) if kind is TagKind.VIN and place >= _VIN_DIGITS else len(_LETTERS[kind])


def _differences(read: str, number: str) -> int:
    return sum("?" not in {seen, true} and seen != true for seen, true in zip(read, number, strict=True))
