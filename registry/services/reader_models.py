"""Kinds of readers and their habits, learnt from readings whose kit was confirmed by a hand-over.

A hand-over confirms more than the reading it rests on: an owner came, was checked and took the thing home. All readings
of that thing then show how its reader sees the kit's code, also the poor ones. Readings that nobody confirmed teach
nothing. See docs/decisions/0010.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.identification.learning import learn
from registry.identification.reader_model import ReaderModel
from registry.models.cases import Handover
from registry.models.kits import Kit
from registry.models.reader_models import ReaderModelRow
from registry.models.readings import (
    Attachment,
    CandidateRow,
    Identification,
    ObservationKind,
    ObservationRow,
    Reading,
    Reveal,
)
from registry.services import audit
from registry.services.actor import Actor

__all__ = ["FIRST", "GROWTH", "Learnt", "current", "kind_of", "learn_from_handover"]

FIRST = 50
"""Confirmed dots of a kind of reader from which it is learnt; fewer change little beside what is imagined."""
GROWTH = 1.25
"""It is learnt anew when there are so many times more."""
MOST = 2000
"""Newest confirmed dots that are looked at; readers age and firmware changes."""


class Learnt(NamedTuple):
    """A model of a kind of reader and its version."""

    version: int
    model: ReaderModel


def kind_of(reader: Mapping[str, Any] | None) -> str:
    """The kind of reader as models are kept for it: maker and model; empty for a reader that does not say."""
    parts = (str((reader or {}).get(part) or "").strip() for part in ("maker", "model"))
    return " ".join(part for part in parts if part)[:160]


def current(session: Session, kind: str) -> Learnt | None:
    """The newest model of a kind of reader; None when nothing was learnt yet."""
    if not kind:
        return None
    row = session.scalar(
        select(ReaderModelRow).where(ReaderModelRow.reader == kind).order_by(ReaderModelRow.version.desc()).limit(1)
    )
    return Learnt(row.version, _parsed(json.dumps(row.model))) if row is not None else None


def learn_from_handover(session: Session, actor: Actor, seized_item_id: int) -> None:
    """Learn the kinds of readers that read a thing just handed over, once enough was confirmed since the last time."""
    readers = session.scalars(
        select(Reading.reader)
        .join(Attachment, Attachment.reading_id == Reading.id)
        .where(Attachment.seized_item_id == seized_item_id)
    )
    for kind in sorted({kind_of(reader) for reader in readers} - {""}):
        known = session.execute(
            select(ReaderModelRow.version, ReaderModelRow.confirmed)
            .where(ReaderModelRow.reader == kind)
            .order_by(ReaderModelRow.version.desc())
            .limit(1)
        ).one_or_none()
        least = FIRST if known is None else known.confirmed * GROWTH
        pairs = _confirmed(session, kind)
        # At the most that are looked at the count no longer grows; the last model then stays until a new kind comes.
        if len(pairs) >= least:
            _keep(session, actor, kind, known.version + 1 if known else 1, pairs)


def _keep(session: Session, actor: Actor, kind: str, version: int, pairs: list[tuple[str, str, str]]) -> None:
    model = json.loads(learn(pairs).as_json())
    row = ReaderModelRow(reader=kind, version=version, confirmed=len(pairs), model=model, learnt_at=clock.now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return  # Another hand-over learnt the same at the same moment.
    audit.record(
        session,
        actor,
        audit.Action.READER_LEARNT,
        f"reader_model:{row.id}",
        details={"version": version, "confirmed": len(pairs)},
    )


def _confirmed(session: Session, kind: str) -> list[tuple[str, str, str]]:
    """Dots as read by this kind, the code they were confirmed to be, and their quality, newest first.

    The kit is the one whose owner was revealed and took the thing. A reading counts when its dots spoke for the kit:
    one of another thing that went astray in the bag shows nothing of the reader.
    """
    newest = select(func.max(Attachment.id)).group_by(Attachment.reading_id)
    rows = session.execute(
        select(
            ObservationRow.id,
            ObservationRow.text,
            Kit.code,
            ObservationRow.quality,
            Reading.reader,
            CandidateRow.contributions,
        )
        .join(Reading, Reading.id == ObservationRow.reading_id)
        .join(Attachment, (Attachment.reading_id == Reading.id) & Attachment.id.in_(newest))
        .join(Handover, Handover.seized_item_id == Attachment.seized_item_id)
        .join(
            Reveal,
            (Reveal.identification_id == Handover.identification_id) & (Reveal.owner_id == Handover.owner_id),
        )
        .join(Kit, Kit.id == Reveal.kit_id)
        .join(Identification, Identification.reading_id == Reading.id)
        .join(CandidateRow, (CandidateRow.identification_id == Identification.id) & (CandidateRow.kit_id == Kit.id))
        .where(ObservationRow.kind == ObservationKind.DOT)
        .order_by(ObservationRow.id.desc())
    )
    return _of_kind(rows, kind)


def _of_kind(rows: Iterable[Any], kind: str) -> list[tuple[str, str, str]]:
    """At most ``MOST`` pairs; an observation that two kits of one owner fit is left out."""
    codes: dict[int, tuple[str, str, str]] = {}
    unclear: set[int] = set()
    for number, text, code, quality, reader, contributions in rows:
        spoke = [ratio for carried, ratio in contributions if carried == ObservationKind.DOT]
        if kind_of(reader) != kind or min(spoke, default=0.0) <= 0.0:
            continue
        if codes.setdefault(number, (text, code, quality))[1] != code:
            unclear.add(number)
        if len(codes) >= MOST + len(unclear):
            break
    return [pair for number, pair in codes.items() if number not in unclear][:MOST]


@lru_cache(maxsize=64)
def _parsed(text: str) -> ReaderModel:
    return ReaderModel.from_json(text)
