"""What the register makes of a reading: searched, stored so that it can be explained years later, and logged.

The log event is written before the answer is built, in the same transaction; if it cannot be written there is no
answer (trust: a look-up without log).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels import markcode
from labels.errors import LabelError, MisreadNumberError
from registry import clock
from registry.identification.answer import (
    AlignedColumn,
    Alignment,
    Answer,
    Candidate,
    ColumnKind,
    Grade,
    MarkKind,
    Observation,
    Verdict,
)
from registry.identification.constants import model_constants
from registry.models.cases import Case
from registry.models.items import Sticker, StickerStatus
from registry.models.kits import Kit
from registry.models.readings import CandidateRow, Identification, ObservationKind, Reading, VerdictWord
from registry.models.tag_marks import TagCandidate
from registry.services import (
    audit,
    code_families,
    explanations,
    marked_items,
    marks,
    reader_models,
    readings,
    tag_search,
)
from registry.services.actor import Actor
from registry.services.code_families import Doubt, LikelyFamily
from registry.services.context import settings_of
from registry.services.marked_items import MarkedItem, named
from registry.services.readings import Observed
from registry.services.search_engine import search_engine_of
from registry.services.tag_search import TagHit, TagsFound

__all__ = [
    "LEAST_GRADE_SHOWN",
    "LEAST_POSTERIOR_SHOWN",
    "as_alignments",
    "engine_version",
    "identify",
    "marks_in",
    "shows_items",
    "told",
]

LEAST_GRADE_SHOWN = 1
LEAST_POSTERIOR_SHOWN = 0.1
"""A kit below both has nothing for it, so what it marks is nobody's business. One of a few that fit a damaged code
equally well has no grade, since the others explain the reading as well, but its item may tell it from them."""
_ENGINE_KIND = {
    ObservationKind.DOT: MarkKind.DOT,
    ObservationKind.DNA: MarkKind.DNA,
    ObservationKind.UV: MarkKind.UV,
}


@dataclass(frozen=True, slots=True)
class _NumberFound:
    """What the numbers of a reading came to."""

    sticker_id: int | None
    misread: bool


def identify(session: Session, actor: Actor, reading_id: int) -> dict[str, Any]:
    """Search the register for a stored reading, once, and return what the station is told."""
    reading = session.get_one(Reading, reading_id)
    case = session.get_one(Case, reading.case_id)
    observed = readings.observed_in(session, [reading_id])[reading_id]
    kind = reader_models.kind_of(reading.reader)
    learnt = reader_models.current(session, kind)
    read = marks_in(observed, kind)
    answer = search_engine_of(session).identify(session, read, {kind: learnt.model} if learnt else {})
    searched = marks.recorded(session)
    number = _look_up_number(session, observed)
    tags = tag_search.search(session, observed)
    verdict = _verdict(answer, number, tags, marks=any(one.text for one in read), observed=observed)
    family = _family(session, verdict, observed)
    identification = Identification(
        reading_id=reading_id,
        verdict=verdict,
        # Whom to ask about a code that this register does not know.
        supplier_id=family.supplier_id if family and verdict is VerdictWord.NOT_REGISTERED else None,
        sticker_id=number.sticker_id,
        searched=answer.searched + (tags.searched if tags else 0),
        expected_chance_matches=answer.expected_chance_matches,
        prior=answer.prior,
        tiers=[*answer.tiers, *(tags.tiers if tags else ())],
        engine_version=engine_version(),
        basis={
            "constants": model_constants(),
            "readers": {kind: learnt.version} if learnt else {},
            "log10_shared": answer.log10_shared,
            # Count and hash of the marks of this moment: whoever has an old copy can tell that it is the one searched.
            "marks": [searched.count, f"{searched.digest:016x}"],
            "family": {"supplier_id": family.supplier_id, **family.content()} if family else None,
        },
        told={},
        made_at=clock.now(),
    )
    audit.record(
        session,
        actor,
        audit.Action.IDENTIFICATION_MADE,
        f"reading:{reading_id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={
            "verdict": verdict.value,
            "kits": [candidate.kit_id for candidate in answer.candidates],
            "sticker": number.sticker_id or 0,
            "tags": [hit.tag_mark_id for hit in tags.hits] if tags else [],
            "searched": answer.searched,
        },
    )
    answered = _answer(session, identification, answer, tags, observed, family)
    identification.told = answered
    session.add(identification)
    session.flush()
    session.add_all(
        _row(identification.id, rank, candidate) for rank, candidate in enumerate(answer.candidates, start=1)
    )
    session.add_all(
        _tag_row(identification.id, rank, hit) for rank, hit in enumerate(tags.hits if tags else (), start=1)
    )
    session.flush()
    return answered


def told(session: Session, reading_id: int) -> dict[str, Any]:
    """What the station was told of a reading, exactly as the first time."""
    identification = session.scalars(select(Identification).where(Identification.reading_id == reading_id)).one()
    return identification.told


def shows_items(verdict: VerdictWord, grade: int, posterior: float) -> bool:
    """Whether the items of a candidate may be shown to whoever made the reading."""
    if verdict not in {VerdictWord.IDENTIFIED, VerdictWord.AMBIGUOUS}:
        return False
    return grade >= LEAST_GRADE_SHOWN or posterior >= LEAST_POSTERIOR_SHOWN


def as_alignments(stored: Sequence[dict[str, Any]]) -> tuple[Alignment, ...]:
    """The alignments of a candidate as the engine gave them."""
    return tuple(
        Alignment(
            tuple(AlignedColumn(read, mark, ColumnKind(kind)) for read, mark, kind in one["columns"]),
            reverse_strand=one["reverse_strand"],
        )
        for one in stored
    )


def marks_in(observed: Sequence[Observed], reader: str) -> list[Observation]:
    """What of a reading is for the engine: dots, DNA reads and UV findings; numbers are not."""
    return [_mark(one, reader) for one in observed if one.kind in _ENGINE_KIND]


def _mark(one: Observed, reader: str) -> Observation:
    return Observation(_ENGINE_KIND[one.kind], one.text, one.quality, reader, one.glow, one.peak_nm)


def _verdict(
    answer: Answer, number: _NumberFound, tags: TagsFound | None, *, marks: bool, observed: Sequence[Observed]
) -> VerdictWord:
    """The engine's verdict, unless only a sticker or the number of a tag or a vehicle speaks."""
    engine = VerdictWord(answer.verdict.value)
    silent = answer.verdict in {Verdict.NOT_REGISTERED, Verdict.UNREADABLE}
    if number.sticker_id is not None and silent:
        return VerdictWord.IDENTIFIED
    if tags is not None and silent and (tags.hits or not marks):
        return tags.verdict
    if not marks and any(one.kind is ObservationKind.NUMBER for one in observed):
        return VerdictWord.UNREADABLE if number.misread else VerdictWord.NOT_REGISTERED
    return engine


def _look_up_number(session: Session, observed: Sequence[Observed]) -> _NumberFound:
    """The sticker that a number of the reading names; numbers of others' stickers and tags are not ours."""
    host = urlsplit(settings_of(session).public_url).netloc
    misread = False
    for one in observed:
        if one.kind is not ObservationKind.NUMBER:
            continue
        try:
            number = markcode.number_in(one.text, host)
        except MisreadNumberError:
            misread = True
            continue
        except LabelError:
            continue
        sticker_id = session.scalar(
            select(Sticker.id).where(Sticker.number == number, Sticker.status == StickerStatus.ISSUED)
        )
        if sticker_id is not None:
            return _NumberFound(sticker_id, misread=False)
    return _NumberFound(None, misread=misread)


def _family(session: Session, verdict: VerdictWord, observed: Sequence[Observed]) -> LikelyFamily | None:
    """Whose code was read, by its shape and check characters, where that is to be told."""
    known = code_families.families(session)
    likely = code_families.likely_of((one.text for one in observed if one.kind is ObservationKind.DOT), known)
    if likely is None and verdict is not VerdictWord.IDENTIFIED:
        # What a scanner read is whole: a number that fits no family as it stands is none of theirs.
        likely = code_families.likely_of((one.text for one in observed if one.kind is ObservationKind.NUMBER), known)
        if likely is not None and likely.doubt is Doubt.SHAPE:
            return None
    return likely if likely is not None and likely.told_with(verdict) else None


def _row(identification_id: int, rank: int, candidate: Candidate) -> CandidateRow:
    return CandidateRow(
        identification_id=identification_id,
        rank=rank,
        kit_id=candidate.kit_id,
        log10_likelihood_ratio=candidate.log10_likelihood_ratio,
        posterior=min(max(candidate.posterior, 0.0), 1.0),
        grade=int(candidate.grade),
        distance=candidate.distance,
        contributions=[[one.kind.value, round(one.log10_ratio, 6)] for one in candidate.contributions],
        alignments=[
            {
                "reverse_strand": alignment.reverse_strand,
                "columns": [[column.read, column.mark, column.kind.value] for column in alignment.columns],
            }
            for alignment in candidate.alignments
        ],
    )


def _tag_row(identification_id: int, rank: int, hit: TagHit) -> TagCandidate:
    return TagCandidate(
        identification_id=identification_id,
        rank=rank,
        tag_mark_id=hit.tag_mark_id,
        read=hit.read,
        differences=hit.differences,
        log10_likelihood_ratio=hit.log10_likelihood_ratio,
        posterior=hit.posterior,
        grade=int(hit.grade),
    )


def _answer(
    session: Session,
    identification: Identification,
    answer: Answer,
    tags: TagsFound | None,
    observed: Sequence[Observed],
    family: LikelyFamily | None,
) -> dict[str, Any]:
    showing = [
        candidate.kit_id
        for candidate in answer.candidates
        if shows_items(identification.verdict, int(candidate.grade), candidate.posterior)
    ]
    items = marked_items.of_kits(session, showing)
    rows = session.execute(
        select(Kit.id, Kit.code).where(Kit.id.in_([candidate.kit_id for candidate in answer.candidates]))
    )
    codes = {row.id: row.code for row in rows}
    supplier = code_families.contact(session, identification.supplier_id)
    return {
        "id": identification.reading_id,
        "verdict": identification.verdict.value,
        "grade": _first_grade(answer, tags),
        "candidates": [
            {
                "kit_code": codes[candidate.kit_id],
                "grade": int(candidate.grade),
                "posterior": round(candidate.posterior, 6),
                **explanations.of_candidate(candidate, answer, observed),
                **_item(items.get(candidate.kit_id, [])),
            }
            for candidate in answer.candidates
            if candidate.grade >= Grade.ZERO
        ],
        "tags": _tags(session, identification.verdict, tags),
        "sticker": _sticker(session, identification.sticker_id),
        "supplier": {"name": supplier.name, "phone": supplier.phone, "email": supplier.email} if supplier else None,
        "family": family.content() if family else None,
        "searched": identification.searched,
        **explanations.of_answer(answer, identification.engine_version),
        "tiers": list(identification.tiers),
    }


def _first_grade(answer: Answer, tags: TagsFound | None) -> int | None:
    """The grade of what stands first: a kit, unless only a number spoke."""
    if answer.candidates and not (tags and tags.hits and answer.candidates[0].grade < Grade.ZERO):
        return int(answer.candidates[0].grade)
    return int(tags.hits[0].grade) if tags and tags.hits else None


def _tags(session: Session, verdict: VerdictWord, tags: TagsFound | None) -> list[dict[str, Any]]:
    hits = [hit for hit in tags.hits if hit.grade >= Grade.ZERO] if tags else []
    shown = [hit.tag_mark_id for hit in hits if shows_items(verdict, int(hit.grade), hit.posterior)]
    items = marked_items.of_tags(session, shown)
    return [
        {
            "number": hit.shown,
            "kind": hit.kind.value,
            "exact": hit.exact,
            "differences": hit.differences,
            "grade": int(hit.grade),
            "posterior": round(hit.posterior, 6),
            "log10_likelihood_ratio": round(hit.log10_likelihood_ratio, 4),
            **_item([items[hit.tag_mark_id]] if hit.tag_mark_id in items else []),
        }
        for hit in hits
    ]


def _sticker(session: Session, sticker_id: int | None) -> dict[str, Any] | None:
    if sticker_id is None:
        return None
    number = session.get_one(Sticker, sticker_id).number
    item = marked_items.of_sticker(session, sticker_id)
    return {"number": number, **_item([item] if item else [])}


def _item(items: Sequence[MarkedItem]) -> dict[str, Any]:
    """One kit marks many items: the first (a stolen one, if any) is named, the others are counted."""
    others = f" (+{len(items) - 1})" if len(items) > 1 else ""
    return {
        "item": named(items[0]) + others if items else None,
        "reported_stolen": any(item.reported_stolen for item in items),
    }


@cache
def engine_version() -> str:
    """The version that answers, as it is kept with an answer."""
    return version("markdna")
