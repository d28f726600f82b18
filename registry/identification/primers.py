"""Where the signature lies in a read: the primers of the suppliers found, and the read trimmed and turned."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import edlib

from registry.identification.answer import PrimerPair
from registry.identification.bases import Read

__all__ = ["Region", "regions"]

_UNKNOWN_IS_ANY = [("N", base) for base in "ACGT"]

PAIR_LIMIT = 0.28
"""Errors a base at which two primers in plausible places still count as found."""
SINGLE_LIMIT = 0.25
"""The same for one primer alone; a random 20-mer comes this near in 1 of about 300 reads of 150 bases."""

LONE_PRIMER = 3.0
"""Errors that the absence of the other primer counts for."""

DOUBT_OF_AN_ERROR = 2.0
"""Natural log ratio that each error more in its primers speaks against a place; an error costs 2 to 4 by itself."""
DOUBT_OF_PRIMERS = math.log(20)
"""That primers were found in the wrong place although they were found: one in twenty at the most."""


class Region(NamedTuple):
    """The part of a read that holds the signature, in the signature's direction.

    ``left`` and ``right`` say whether a primer fixes that end; ``oriented`` whether the strand is known from one.
    ``reverse`` tells that the read was turned round.
    """

    read: Read
    left: bool
    right: bool
    reverse: bool
    oriented: bool
    doubt: float = 0.0
    """How much less likely this place is than the best one, as a natural logarithm, at least 0."""


@dataclass(frozen=True, slots=True)
class _Found:
    distance: int
    start: int
    end: int


def regions(read: Read, primers: Sequence[PrimerPair], lengths: range) -> Iterator[Region]:
    """The places to look at, most plausible first; the whole read in both directions always comes last.

    ``lengths`` spans the lengths of the register's signatures: primers that stand too near or too far from each
    other are not a pair. The other strand is not made before it is asked for: half of the reads are settled without.
    """
    trimmed: list[tuple[float, Region]] = []
    for reverse in (False, True) if primers else ():
        strand = read.reversed_complement if reverse else read
        for pair in primers:
            trimmed.extend(_between(strand, pair, lengths, reverse=reverse))
    trimmed.sort(key=lambda scored: scored[0])
    for errors, region in trimmed[:2]:
        yield region._replace(doubt=DOUBT_OF_AN_ERROR * (errors - trimmed[0][0]))
    doubt = DOUBT_OF_PRIMERS if trimmed else 0.0
    for reverse in (False, True):
        strand = read.reversed_complement if reverse else read
        yield Region(strand, left=False, right=False, reverse=reverse, oriented=False, doubt=doubt)


def _between(strand: Read, pair: PrimerPair, lengths: range, *, reverse: bool) -> list[tuple[float, Region]]:
    """Zero or one region with its cost; a pair costs less than a single primer of the same quality."""
    both = len(pair.forward) + len(pair.reverse)
    forwards = _find(pair.forward, strand.text)
    backwards = _find(pair.reverse, strand.text)
    shortest, longest = int(0.7 * lengths.start) - 2, int(1.35 * lengths.stop) + 2
    pairs = [
        (first.distance + second.distance, first, second)
        for first in forwards
        for second in backwards
        if shortest <= second.start - first.end <= longest
    ]
    if pairs:
        cost, first, second = min(pairs, key=lambda item: item[0])
        if cost <= PAIR_LIMIT * both:
            inside = strand[first.end : second.start]
            return [(cost, Region(inside, left=True, right=True, reverse=reverse, oriented=True))]
    singles = []
    for primer, places, is_left in ((pair.forward, forwards, True), (pair.reverse, backwards, False)):
        if places and places[0].distance <= SINGLE_LIMIT * len(primer):
            place = places[0]
            part = (
                slice(place.end, place.end + longest) if is_left else slice(max(0, place.start - longest), place.start)
            )
            inside = strand[part]
            region = Region(inside, left=is_left, right=not is_left, reverse=reverse, oriented=True)
            singles.append((place.distance + LONE_PRIMER, region))
    return [min(singles, key=lambda item: item[0])] if singles else []


def _find(primer: str, text: str) -> list[_Found]:
    """The best places of a primer in a text, each end once, nearest first; none when the primer is unlike all."""
    if not primer or len(text) < len(primer) // 2:
        return []
    limit = int(PAIR_LIMIT * len(primer)) + 2
    result = edlib.align(primer, text, mode="HW", task="locations", k=limit, additionalEqualities=_UNKNOWN_IS_ANY)
    if result["editDistance"] < 0:
        return []
    places: dict[int, _Found] = {}
    for start, end in result["locations"]:
        if start is not None:
            places.setdefault(start, _Found(result["editDistance"], start, end + 1))
    return list(places.values())[:8]
