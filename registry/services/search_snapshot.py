"""What one process holds of the register's marks at one moment: the mapped file, and what came since.

A snapshot never changes; look-ups of several threads share it, and a newer one takes its place. A file that does not
fit the database, or too many new kits to hold in memory, are no reason to wait: those kits are searched in the database
for each look-up until a new file is there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from registry.errors import RegistryError
from registry.identification import index
from registry.identification.answer import Answer, Mark, MarkKind, Observation, PrimerPair, Verdict
from registry.identification.engine import SETTLED, Engine
from registry.identification.index import IndexFile, IndexFileError
from registry.identification.layers import Layer, MarkRow
from registry.identification.reader_model import ReaderModel
from registry.services import index_file, mark_scan, marks
from registry.services.marks import KitRange, MarkState

__all__ = ["MOST_HELD", "IndexDisagrees", "Question", "Snapshot"]

MOST_HELD = 5000
"""New kits that a process holds in memory; a register with no more needs no file at all."""
MERGED_FROM = 2500
"""New and revoked kits from which a new file is wanted."""

_FEW = 8
"""Observations of one reading that are looked up one by one in the database."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of the register: observations, how far to go, and what was learnt of their readers."""

    observations: Sequence[Observation]
    exhaustive: bool = False
    readers: Mapping[str, ReaderModel] | None = None

    def put_to(self, engine: Engine) -> Answer:
        """The engine's answer."""
        return engine.identify(self.observations, exhaustive=self.exhaustive, readers=self.readers)


class IndexDisagrees(RegistryError):
    """The index named a kit whose mark in the database is another: the file cannot be trusted."""

    template = "The index names marks that the database does not have."


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Marks at one moment. ``identity`` is that of the file that was tried, whether it could be used or not."""

    state: MarkState
    identity: tuple[int, int] | None
    mapped: IndexFile | None
    primers: tuple[PrimerPair, ...]
    delta: dict[int, Mark]
    revoked: frozenset[int]
    unread: tuple[KitRange, ...]
    engine: Engine

    @classmethod
    def open(cls, session: Session, file: Path, distrusted: tuple[int, int] | None = None) -> "Snapshot":
        """Map the file and read what changed since; takes milliseconds however large the register is.

        A file with the identity ``distrusted`` is not used.
        """
        state, identity = marks.state(session), index.identity_of(file)
        mapped = None
        if identity is not None and identity != distrusted:
            with suppress(IndexFileError):
                mapped = index_file.opened(session, file)
        primers = tuple(marks.primers(session))
        ranges = index_file.changes_since(session, mapped)
        base = mapped.layer if mapped else Layer.of(())
        rows = list(islice(_new_to(base, session, ranges), MOST_HELD + 1))
        unread = tuple(ranges) if len(rows) > MOST_HELD else ()
        delta = {} if unread else {row[0]: Mark(*row) for row in rows}
        # Of a great many revoked kits only some are dropped beforehand; the others when a look-up names them.
        gone = islice((row[0] for row in marks.revoked_among(session, ranges)), 20 * MOST_HELD) if mapped else ()
        revoked = frozenset(kit_id for kit_id in gone if kit_id in base)
        engine = _engine(base, primers, delta.values(), revoked)
        return cls(state, identity, mapped, primers, delta, revoked, unread, engine)

    def __len__(self) -> int:
        return len(self.engine)

    @property
    def wants_file(self) -> bool:
        """Whether a new file should be built."""
        if self.mapped is None:
            return bool(self.unread)
        return bool(self.unread) or len(self.delta) + len(self.revoked) > MERGED_FROM

    def identify(self, session: Session, asked: Question) -> Answer:
        """Search all marks of this moment, and answer only with kits that the database confirms.

        Raises IndexDisagrees when the file names a kit with another mark than the database has.
        """
        gone = set(self.revoked)
        while True:
            answer = self._answer(session, asked, gone)
            named = [candidate.kit_id for candidate in answer.candidates]
            confirmed = marks.looked_up(session, named)
            if self.mapped is not None and not all(
                self.mapped.layer.agrees(mark) for kit_id, mark in confirmed.items() if kit_id in self.mapped.layer
            ):
                raise IndexDisagrees
            if len(confirmed) == len(named):
                return answer
            # Revoked since, or more than are dropped beforehand: searched again without them.
            gone.update(set(named) - confirmed.keys())

    def _answer(self, session: Session, asked: Question, gone: set[int]) -> Answer:
        if self.unread:
            return self._searched_in_database(session, asked, gone)
        engine = self.engine
        if gone != self.revoked:
            living = [mark for mark in self.delta.values() if mark.kit_id not in gone]
            engine = _engine(self._base(), self.primers, living, gone)
        return asked.put_to(engine)

    def _searched_in_database(self, session: Session, asked: Question, gone: set[int]) -> Answer:
        total = marks.recorded(session).count
        around = [] if self.mapped else mark_scan.sample(session)
        found = mark_scan.similar(session, asked.observations, self.primers)
        engine = self._weighing(found, around, gone, total)
        if not asked.exhaustive and _settled(engine, asked, found):
            return self._told(asked.put_to(engine), mark_scan.LOOKED_UP)
        scan = mark_scan.read_through(session, self.unread, asked.observations, self.primers)
        engine = self._weighing([*found, *scan.found], around, gone, max(total, scan.counted))
        return self._told(asked.put_to(engine), mark_scan.READ_THROUGH)

    def _weighing(self, found: Sequence[Mark], around: Sequence[Mark], gone: set[int], total: int) -> Engine:
        """An engine over the mapped kits and those found in the database, weighed as among all kits."""
        base = self._base() if self.mapped else Layer.of(around)
        new = {mark.kit_id: mark for mark in found if mark.kit_id not in base and mark.kit_id not in gone}
        dead = {kit_id for kit_id in gone if kit_id in base}
        return _engine(base.twin(chosen_from=max(total - len(new) + len(dead), 1)), self.primers, new.values(), dead)

    def _told(self, answer: Answer, tier: str) -> Answer:
        """The answer with what was really searched: the tiers of the mapped file, and the database."""
        tiers = (*answer.tiers, tier) if self.mapped else (tier,) if answer.tiers else ()
        return replace(answer, tiers=tiers)

    def _base(self) -> Layer:
        return self.mapped.layer if self.mapped else Layer.of(())


def _new_to(base: Layer, session: Session, ranges: Sequence[KitRange]) -> Iterator[MarkRow]:
    return (row for row in marks.living(session, ranges) if row[0] not in base)


def _engine(base: Layer, primers: Sequence[PrimerPair], new: Collection[Mark], gone: Collection[int]) -> Engine:
    engine = Engine(base.twin(base.chosen_from), primers)
    if gone:
        engine.revoke(gone)
    if new:
        engine.add(new)
    return engine


def _settled(engine: Engine, asked: Question, found: Sequence[Mark]) -> bool:
    """Whether each observation alone names the same kit among those found, so firmly that no other matters."""
    read = [one for one in asked.observations if one.kind is not MarkKind.UV]
    if not 1 <= len(read) <= _FEW:
        return False
    named = set()
    for one in read:
        answer = replace(asked, observations=[one]).put_to(engine)
        if answer.verdict is not Verdict.IDENTIFIED or answer.candidates[0].log10_likelihood_ratio < SETTLED:
            return False
        named.add(answer.candidates[0].kit_id)
    return len(named) == 1 and named <= {mark.kit_id for mark in found}
