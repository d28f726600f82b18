"""The identification engine held over the database: one a process, brought up to date before every look-up.

Several processes serve one register, so none may trust that it saw an import itself. Each look-up asks the database
a few small questions that indexes answer (greatest kit, revoked kits, imported files, primers); only when an answer
changed are the new kits read and the revoked ones dropped.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, func, select
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.orm import Session

from registry.identification.answer import Answer, Mark, MarkKind, Observation, PrimerPair
from registry.identification.engine import Engine
from registry.identification.index import Fingerprint, save
from registry.models.imports import ImportedFile
from registry.models.kits import Kit
from registry.models.suppliers import Primer

__all__ = ["SearchEngine", "search_engine_of"]


class _State(NamedTuple):
    """What tells that the register's marks changed."""

    greatest_kit: int
    revoked: int
    imported_files: int
    greatest_primer: int
    primers: int


class SearchEngine:
    """The marks of one database in memory; ``identify`` may be called by several threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engine: Engine | None = None
        self._state = _State(0, 0, 0, 0, 0)
        self._kit_ids: set[int] = set()

    def identify(self, session: Session, observations: Sequence[Observation], *, exhaustive: bool = False) -> Answer:
        """Search all kits that are in the register at this moment and not revoked."""
        with self._lock:
            return self._fresh(session).identify(observations, exhaustive=exhaustive)

    def save_index(self, session: Session, file: Path) -> tuple[PrimerPair, ...]:
        """Write the marks of this moment as an index file for processes of the caller's; returns the primers."""
        with self._lock:
            whole = self._fresh(session).merged()
        save(file, whole.base, Fingerprint(len(whole), 0))
        return _primers(session)

    def warm(self, session: Session) -> int:
        """Read the marks and compile what many of them need, before the first look-up; returns how many there are."""
        with self._lock:
            engine = self._fresh(session)
            engine.identify([Observation(MarkKind.DNA, "ACGT" * 16)])
            return len(engine)

    def _fresh(self, session: Session) -> Engine:
        state = _state(session)
        if self._engine is None or self._must_start_over(state):
            self._engine = self._load(session)
        elif state != self._state:
            self._catch_up(session, self._engine, state)
            if _active(session) != len(self._kit_ids):
                # Kits that were committed in another order than they were numbered: rare, and worth a full look.
                self._engine = self._load(session)
        self._state = state
        return self._engine

    def _must_start_over(self, state: _State) -> bool:
        known = self._state
        primers_changed = (state.greatest_primer, state.primers) != (known.greatest_primer, known.primers)
        return primers_changed or state.greatest_kit < known.greatest_kit or state.revoked < known.revoked

    def _load(self, session: Session) -> Engine:
        marks = _marks(session, after=0)
        self._kit_ids = {mark.kit_id for mark in marks}
        return Engine.build(marks, _primers(session))

    def _catch_up(self, session: Session, engine: Engine, state: _State) -> None:
        if state.revoked != self._state.revoked:
            revoked = self._kit_ids.intersection(session.scalars(select(Kit.id).where(Kit.revoked_at.is_not(None))))
            if revoked:
                engine.revoke(revoked)
                self._kit_ids -= revoked
        if state.greatest_kit != self._state.greatest_kit:
            marks = _marks(session, after=self._state.greatest_kit)
            if marks:
                engine.add(marks)
                self._kit_ids.update(mark.kit_id for mark in marks)


_HELD: WeakKeyDictionary[DatabaseEngine, SearchEngine] = WeakKeyDictionary()
_HELD_LOCK = Lock()


def search_engine_of(session: Session) -> SearchEngine:
    """The engine of this process over the session's database."""
    bind = session.get_bind()
    database = bind.engine if isinstance(bind, Connection) else bind
    with _HELD_LOCK:
        return _HELD.setdefault(database, SearchEngine())


def _state(session: Session) -> _State:
    row = session.execute(
        select(
            select(func.coalesce(func.max(Kit.id), 0)).scalar_subquery(),
            select(func.count(Kit.id)).where(Kit.revoked_at.is_not(None)).scalar_subquery(),
            select(func.count(ImportedFile.id)).scalar_subquery(),
            select(func.coalesce(func.max(Primer.id), 0)).scalar_subquery(),
            select(func.count(Primer.id)).scalar_subquery(),
        )
    ).one()
    return _State(*row)


def _primers(session: Session) -> tuple[PrimerPair, ...]:
    pairs = session.execute(select(Primer.forward, Primer.reverse).distinct())
    return tuple(PrimerPair(forward, reverse) for forward, reverse in pairs)


def _active(session: Session) -> int:
    return session.scalar(select(func.count(Kit.id)).where(Kit.revoked_at.is_(None))) or 0


def _marks(session: Session, *, after: int) -> list[Mark]:
    rows = session.execute(
        select(Kit.id, Kit.code, Kit.signature)
        .where(Kit.id > after, Kit.revoked_at.is_(None))
        .execution_options(yield_per=10_000)
    )
    return [Mark(kit_id, code, signature) for kit_id, code, signature in rows]
