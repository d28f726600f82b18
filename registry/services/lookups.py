"""Look-ups at the command line: marks searched in the register with a case or a purpose, and kit codes for an answer.

Item before owner: a look-up names kits and how sure they are, never whom they belong to. What was looked for, what was
found and why are in the log before anything of the answer leaves this file. A signature is never written to the log,
since whoever knows one can forge the mark; a digest shows later that a file is the one that was searched.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import InvalidInput, NotFound
from registry.identification.answer import Answer, MarkKind, Observation
from registry.identification.reader_model import ReaderModel
from registry.models.cases import Case
from registry.models.kits import Kit
from registry.services import audit, cases, reader_models, tag_search
from registry.services.actor import Actor
from registry.services.search_engine import search_engine_of
from registry.services.tag_search import TagsFound
from registry.services.text import one_line
from registry.services.typed_marks import observed_in_text

__all__ = ["Ground", "codes_of_reads", "ground_of", "identify", "tags"]

_SHORTEST_PURPOSE = 5
_LONGEST_PURPOSE = 500
_CODES_LOGGED = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """Why the register is searched: a case of a police authority, a purpose in words, or both."""

    case_number: str
    reason: str
    organisation_id: int | None


def ground_of(session: Session, case_number: str, purpose: str) -> Ground:
    """The ground of a look-up as it will stand in the log.

    Raises InvalidInput when neither a case nor a purpose is named, NotFound when there is no such open case.
    """
    reason = one_line("--purpose", purpose, _SHORTEST_PURPOSE, _LONGEST_PURPOSE) if purpose else ""
    if not case_number:
        if not reason:
            raise InvalidInput(
                field="--case",
                value="nothing",
                allowed="the number of an open case, or --purpose and the reason",
            )
        return Ground("", reason, None)
    number = cases.number_from(case_number)
    found = session.scalars(select(Case).where(Case.number == number, Case.closed_at.is_(None))).all()
    if not found:
        raise NotFound(what="open case", which=number)
    if len(found) > 1:
        # Two authorities use one number: the log names the number and neither of them, and must say why in words.
        if not reason:
            raise InvalidInput(
                field="--purpose", value="nothing", allowed="the reason: two authorities have such a case"
            )
        return Ground(number, reason, None)
    return Ground(number, reason or found[0].purpose, found[0].organisation_id)


def identify(
    session: Session, actor: Actor, ground: Ground, observations: Sequence[Observation], *, exhaustive: bool = False
) -> tuple[Answer, Mapping[int, str]]:
    """Search for the observations of one reading of one thing; the answer and the codes of its candidates.

    The event is written between the search and the answer, in the caller's transaction.
    """
    answer = search_engine_of(session).identify(
        session, observations, _learnt(session, observations), exhaustive=exhaustive
    )
    dots = [one.text[:64] for one in observations if one.kind is MarkKind.DOT]
    audit.record(
        session,
        actor,
        audit.Action.LOOKUP_MADE,
        "kits:all",
        case_number=ground.case_number,
        reason=ground.reason,
        organisation_id=ground.organisation_id,
        details={
            "observations": len(observations),
            "observations_sha256": _digest((one.text, one.quality) for one in observations),
            "dots": [ascii(text)[1:-1] for text in dots[:_CODES_LOGGED]],
            "verdict": answer.verdict.value,
            "kits": [candidate.kit_id for candidate in answer.candidates],
            "searched": answer.searched,
        },
    )
    return answer, _codes(session, [candidate.kit_id for candidate in answer.candidates])


def tags(session: Session, actor: Actor, ground: Ground, observations: Sequence[Observation]) -> TagsFound | None:
    """The registered numbers of tags and vehicles that the dots' texts may be; None when none has such a shape.

    Logged like every look-up, before it is answered; the number that was looked for is not in the log.
    """
    typed = [one for dot in observations if dot.kind is MarkKind.DOT for one in observed_in_text(dot.text)]
    found = tag_search.search(session, typed)
    if found is None:
        return None
    audit.record(
        session,
        actor,
        audit.Action.LOOKUP_MADE,
        "tags:all",
        case_number=ground.case_number,
        reason=ground.reason,
        organisation_id=ground.organisation_id,
        details={
            "verdict": found.verdict.value,
            "tags": [hit.tag_mark_id for hit in found.hits],
            "searched": found.searched,
        },
    )
    return found


def codes_of_reads(
    session: Session,
    actor: Actor,
    ground: Ground,
    *,
    source: str,
    names: Sequence[str],
    verdicts: Sequence[str],
    kit_ids: Iterable[int],
) -> Mapping[int, str]:
    """The codes of the kits that reads of a file were found to fit, once these reads are in the log.

    ``names`` and ``verdicts`` are those of the reads, in order; one event stands for all of them.
    """
    kits = sorted(set(kit_ids))
    counts = Counter(verdicts)
    audit.record(
        session,
        actor,
        audit.Action.LOOKUP_MADE,
        "kits:all",
        case_number=ground.case_number,
        reason=ground.reason,
        organisation_id=ground.organisation_id,
        details={
            "file": ascii(source)[1:-1],
            "reads": len(names),
            "names_sha256": _digest((name,) for name in names),
            "verdicts": dict(sorted(counts.items())),
            "kits": kits,
        },
    )
    return _codes(session, kits)


def _learnt(session: Session, observations: Sequence[Observation]) -> dict[str, ReaderModel]:
    """What the register has learnt of the readers that the observations name."""
    kinds = {one.reader for one in observations if one.reader}
    return {kind: learnt.model for kind in kinds if (learnt := reader_models.current(session, kind)) is not None}


def _codes(session: Session, kit_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    # Databases take a few thousand parameters to a statement.
    for start in range(0, len(kit_ids), 500):
        rows = session.execute(select(Kit.id, Kit.code).where(Kit.id.in_(kit_ids[start : start + 500])))
        found.update({row.id: row.code for row in rows})
    return found


def _digest(texts: Iterable[tuple[str, ...]]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update("\x1f".join(text).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
