"""The slower path: kits that no index holds are searched in the database.

First what indexes of the database answer at once: codes that are the text read or one character off, signatures that
are the read or begin like it. When that leaves a doubt, every mark is read in portions and compared as a whole. Either
way the kits found are few, and the engine weighs them as among all of the register.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import ColumnElement, TextClause, select, text
from sqlalchemy.orm import Session

from registry.identification.answer import Mark, MarkKind, Observation, PrimerPair
from registry.identification.bases import LONGEST_SIGNATURE, SHORTEST_SIGNATURE, clean_read
from registry.identification.engine import Engine
from registry.identification.glyphs import GLYPHS, clean_dot, decode_glyphs
from registry.identification.layers import Layer
from registry.identification.primers import regions
from registry.models.kits import Kit
from registry.services import marks
from registry.services.folding import folded_code
from registry.services.marks import KitRange

__all__ = ["LOOKED_UP", "READ_THROUGH", "Scan", "read_through", "sample", "similar"]

LOOKED_UP = "database: same or nearly the same"
READ_THROUGH = "database: every one"
"""Tiers of the slower path, as an answer names them."""

_PORTION = 50_000
"""Marks compared at a time."""
_KEPT = 24
"""Best kits of all portions together."""
_SAMPLE = 1000
"""Kits that stand for all when it is counted how often a character or base occurs at a place."""
_MOST_SPELLINGS = 30_000
_IN_ONE_QUERY = 5000
_BEGINNING = 14
"""Bases at which a signature begins like no other of ten million."""
_FOLDED_GLYPHS = "".join(sorted({folded_code(glyph) for glyph in GLYPHS}))
# Written out, not as a parameter: only then does the planner see that the partial index serves.
_HAS_SIGNATURE = text("kit.signature <> ''")


@dataclass(slots=True)
class Scan:
    """What reading all marks brought: the kits worth weighing, best first."""

    found: list[Mark] = field(default_factory=list)
    ratios: dict[int, float] = field(default_factory=dict)
    counted: int = 0


def similar(session: Session, observations: Sequence[Observation], primers: Sequence[PrimerPair]) -> list[Mark]:
    """Living kits that the database's indexes find: a code one character off, a signature that begins like the read."""
    found: dict[int, Mark] = {}
    for one in observations:
        if one.kind is MarkKind.DOT:
            spellings = iter(_spellings(decode_glyphs(clean_dot(one.text, one.quality).glyphs)))
            while portion := list(islice(spellings, _IN_ONE_QUERY)):
                found |= _marks_where(session, Kit.code_folded.in_(portion))
        elif one.kind is MarkKind.DNA:
            lengths = range(SHORTEST_SIGNATURE, LONGEST_SIGNATURE)
            for region in regions(clean_read(one.text, one.quality), primers, lengths):
                beginning = region.read.text[:_BEGINNING]
                if len(beginning) == _BEGINNING and "N" not in beginning:
                    # Between the first and the last signature that begins so: a range in any order of letters.
                    rest = LONGEST_SIGNATURE - _BEGINNING
                    first, last = beginning, beginning + "T" * rest
                    found |= _marks_where(session, Kit.signature.between(first, last), _HAS_SIGNATURE)
    return list(found.values())


def sample(session: Session) -> list[Mark]:
    """Some living kits from all over the register."""
    greatest = marks.greatest_kit(session)
    step = max(1, greatest // _SAMPLE)
    return list(marks.looked_up(session, range(step, greatest + 1, step)).values())


def read_through(
    session: Session, ranges: Sequence[KitRange], observations: Sequence[Observation], primers: Sequence[PrimerPair]
) -> Scan:
    """Compare the observations with every living kit of some ranges."""
    scan, rows = Scan(), marks.living(session, ranges)
    while portion := list(islice(rows, _PORTION)):
        scan.counted += len(portion)
        held = {row[0]: Mark(*row) for row in portion}
        answer = Engine(Layer.of_rows(portion, indexed=False), primers).identify(observations, exhaustive=True)
        for candidate in answer.candidates:
            scan.ratios[candidate.kit_id] = candidate.log10_likelihood_ratio
            scan.found.append(held[candidate.kit_id])
    scan.found.sort(key=lambda mark: -scan.ratios[mark.kit_id])
    del scan.found[_KEPT:]
    return scan


def _spellings(code: str) -> Iterator[str]:
    """The folded codes that a text may stand for: unreadable characters filled, one character wrong, lost or extra."""
    places = len(code)
    plain = code.count("?")
    yield from _filled(code)
    if len(_FOLDED_GLYPHS) ** (plain + 1) * (2 * places + 1) > _MOST_SPELLINGS:
        return
    for place in range(places):
        yield from _filled(code[:place] + code[place + 1 :])
        if code[place] != "?":
            yield from _filled(f"{code[:place]}?{code[place + 1 :]}")
    for place in range(places + 1):
        yield from _filled(f"{code[:place]}?{code[place:]}")


def _filled(code: str) -> Iterator[str]:
    """A text with every character in each unreadable place, in folded form; none when there are too many."""
    if len(_FOLDED_GLYPHS) ** code.count("?") > _MOST_SPELLINGS:
        return
    ways = [""]
    for letter in code:
        ways = [way + one for way in ways for one in (_FOLDED_GLYPHS if letter == "?" else folded_code(letter))]
    yield from ways


def _marks_where(session: Session, *conditions: ColumnElement[bool] | TextClause) -> dict[int, Mark]:
    kit_ids = session.scalars(select(Kit.id).where(*conditions).limit(_IN_ONE_QUERY)).all()
    return marks.looked_up(session, kit_ids)
