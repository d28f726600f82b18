"""The check of a new mark against the register, so that no damage turns one into another.

A signature of 64 random bases stands 18 edits or more from every other of ten million. One that stands nearer than a
quarter of its length is no accident, and a damaged sibling of it would be confirmed with confidence. Codes are short
and may be numbered in sequence; there a neighbour is told with what it will cost.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import comb

import numpy as np

from registry.identification.answer import ColumnKind, Mark
from registry.identification.bases import clean_read, is_signature
from registry.identification.codes import CodeIndex
from registry.identification.glyphs import clean_dot
from registry.identification.near_signatures import NEAREST_SHARE
from registry.identification.primers import Region
from registry.identification.signatures import Effort, SignatureIndex

__all__ = ["Enrolment", "Neighbour", "Suitability", "check", "code_confusions", "confusions", "judge_signature"]

READ_ERROR = 0.1
"""Error rate of base-called reads for which confusions are stated."""
DOT_ERROR = 0.05
"""Chance of misreading a character for which confusions are stated."""
FLAGGED = 1e-3
"""Expected confusions a reading from which a neighbour is told."""
UNBEARABLE = 1e-2
"""Expected confusions a reading from which a signature is refused however it came to be so near."""
BY_CHANCE = 1e-3
"""Expected signatures as near by chance alone from which nearness is no sign of a copy: short ones, many of them."""


class Suitability(StrEnum):
    """Whether a mark may enter the register."""

    GOOD = "good"
    FLAGGED = "flagged"
    """Another mark is near enough to be taken for it now and then."""
    REFUSED = "refused"
    """The same code, or a signature that no laboratory makes by chance."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The nearest other mark of one kind."""

    kit_id: int
    distance: int
    """Edits between the two marks."""
    expected_confusions: float
    """Chance that a reading of one is nearer to the other, at 10 % wrong bases or 5 % wrong characters."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the register says of a new mark."""

    suitability: Suitability
    signature: Neighbour | None
    code: Neighbour | None


def judge_signature(length: int, distance: int, compared: int) -> Suitability:
    """What a neighbour at ``distance`` edits of a signature of ``length`` bases means among ``compared`` others.

    Within a quarter of the length it is refused: it is a copy or a sibling. Only where chance makes such neighbours
    (short signatures, many of them) it is flagged, unless one reading in a hundred would be taken for the other.
    """
    if distance > NEAREST_SHARE * length:
        return Suitability.GOOD
    told = confusions([READ_ERROR / 3] * distance)
    if told < UNBEARABLE and 2 * compared * _share_within(length, distance) >= BY_CHANCE:
        return Suitability.FLAGGED
    return Suitability.REFUSED


def code_confusions(lookalikes: int, others: int) -> float:
    """Expected confusions a reading of two codes that differ in so many look-alike and other characters."""
    return confusions([DOT_ERROR] * lookalikes + [DOT_ERROR / 30] * others)


def _share_within(length: int, distance: int) -> float:
    """At most this share of all sequences of a length lies within so many edits of one: its ways of being edited.

    s substitutions, and g bases added for g left out: C(n, s) 3^s C(n, g)^2 3^g of 4^n. Ways that lead to the same
    sequence are counted twice, so it is three times too much at 20 bases and a hundred times at 64.
    """
    ways = sum(
        comb(length, wrong) * 3**wrong * comb(length, moved) ** 2 * 3**moved
        for moved in range(distance // 2 + 1)
        for wrong in range(distance - 2 * moved + 1)
    )
    return min(1.0, float(ways) / 4.0**length)


def check(mark: Mark, signatures: SignatureIndex, codes: CodeIndex) -> Enrolment:
    """Compare a new mark with all others; the kit's own entry, if it has one already, does not count."""
    signature = _nearest_signature(mark, signatures) if is_signature(mark.signature) else None
    code = _nearest_code(mark, codes)
    same_code = code is not None and code.distance == 0
    judged = Suitability.GOOD
    if signature is not None:
        judged = judge_signature(len(mark.signature), signature.distance, len(signatures))
    if same_code or judged is Suitability.REFUSED:
        return Enrolment(Suitability.REFUSED, signature, code)
    told = max((one.expected_confusions for one in (signature, code) if one is not None), default=0.0)
    return Enrolment(Suitability.FLAGGED if told >= FLAGGED else judged, signature, code)


def _nearest_signature(mark: Mark, signatures: SignatureIndex) -> Neighbour | None:
    """Either strand counts: a read without primers may show both."""
    read = clean_read(mark.signature, "I" * len(mark.signature))
    found = [
        (int(hit.distance), hit.kit_id)
        for strand, reverse in ((read, False), (read.reversed_complement, True))
        for hit in signatures.search(
            Region(strand, left=True, right=True, reverse=reverse, oriented=True), Effort.SHORT_SEEDS
        ).hits
        if hit.kit_id != mark.kit_id
    ]
    if not found:
        return None
    distance, kit_id = min(found)
    return Neighbour(kit_id, distance, confusions([READ_ERROR / 3] * distance))


def _nearest_code(mark: Mark, codes: CodeIndex) -> Neighbour | None:
    hits = [hit for hit in codes.search(clean_dot(mark.code)).hits if hit.kit_id != mark.kit_id]
    if not hits:
        return None
    nearest = min(hits, key=lambda hit: (hit.distance, -hit.log_ratio))
    turned = []
    for column in nearest.alignment().columns:
        if column.kind is ColumnKind.LOOKALIKE:
            turned.append(DOT_ERROR)
        elif column.kind is not ColumnKind.MATCH:
            turned.append(DOT_ERROR / 30)
    return Neighbour(nearest.kit_id, int(nearest.distance), confusions(turned))


def confusions(turned: list[float]) -> float:
    """The chance that at least half of the places in which two marks differ are read as the other's.

    ``turned`` holds for each such place the chance that it is read so; half the draws go the wrong way.
    """
    places = len(turned)
    if not places:
        return 0.5
    if len(set(turned)) == 1:
        chance = turned[0]
        sizes = [comb(places, count) * chance**count * (1 - chance) ** (places - count) for count in range(places + 1)]
    else:
        spread = np.array([1.0])
        for chance in turned:
            spread = np.convolve(spread, [1 - chance, chance])
        sizes = spread.tolist()
    return float(
        sum(size * (0.5 if 2 * count == places else 1.0) for count, size in enumerate(sizes) if 2 * count >= places)
    )
