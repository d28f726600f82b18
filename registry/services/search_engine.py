"""The register's marks, searched: what every look-up of a process goes through.

Several processes serve one register, so none may trust that it saw an import itself. Each look-up asks the database a
few numbers that indexes answer, and the folder which index file is there; only when one of them changed is a new
snapshot opened. Look-ups of several threads run side by side on the snapshot they began with, and none waits while a
new index file is built: that is the errand of a process of its own.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.orm import Session

from registry.identification import index, kernels
from registry.identification.answer import Answer, MarkKind, Observation, PrimerPair
from registry.identification.reader_model import ReaderModel
from registry.services import marks
from registry.services.context import settings_of
from registry.services.index_builder import IndexBuilder
from registry.services.search_snapshot import IndexDisagrees, Question, Snapshot

__all__ = ["SearchEngine", "search_engine_of"]

_LOG: Final = logging.getLogger(__name__)
_TRIES: Final = 3


class SearchEngine:
    """The marks of one database for one process; ``identify`` may be called by several threads at once.

    ``file`` is the index file; ``have_built(from_scratch)`` sees to it that one is built, and returns at once.
    """

    def __init__(self, file: Path, have_built: Callable[[bool], None]) -> None:
        self.file = file
        self._have_built = have_built
        self._held: Snapshot | None = None
        self._distrusted: tuple[int, int] | None = None

    def identify(
        self,
        session: Session,
        observations: Sequence[Observation],
        readers: Mapping[str, ReaderModel] | None = None,
        *,
        exhaustive: bool = False,
    ) -> Answer:
        """Search all kits that are in the register at this moment and not revoked; ``readers`` were learnt.

        ``exhaustive`` compares with every mark what no kit stands out for: the proof that its kit is not registered.
        """
        asked = Question(observations, exhaustive, readers)
        if self._held is None:
            # Half a second for loading compiled loops is more than the first look-up takes without them.
            with kernels.not_waited_for():
                return self._answer(session, asked)
        if self._held.mapped is not None:
            kernels.load_in_background()
        return self._answer(session, asked)

    def warm(self, session: Session) -> int:
        """Map the index and load the compiled loops before the first look-up; returns how many kits there are.

        The builder is called too: it reads every byte of the file once, which no look-up does.
        """
        snapshot = self._current(session)
        if snapshot.mapped is not None:
            self._have_built(False)
            kernels.load_in_background().join()
        if not snapshot.unread:
            snapshot.identify(session, Question([Observation(MarkKind.DNA, "ACGT" * 16)]))
        return len(snapshot)

    def mapped(self, session: Session) -> tuple[Path, tuple[PrimerPair, ...]] | None:
        """The index file and the primers, for worker processes that answer many reads.

        None when the file does not hold every kit of this moment: ask ``index_file.build`` for one first, or identify
        read by read.
        """
        snapshot = self._current(session)
        if snapshot.mapped is None or snapshot.delta or snapshot.revoked or snapshot.unread:
            return None
        return self.file, snapshot.primers

    def _answer(self, session: Session, asked: Question) -> Answer:
        for _ in range(_TRIES - 1):
            snapshot = self._current(session)
            try:
                return snapshot.identify(session, asked)
            except IndexDisagrees:
                self._distrust(snapshot)
        return self._current(session).identify(session, asked)

    def _current(self, session: Session) -> Snapshot:
        held = self._held
        if held is None or held.state != marks.state(session) or held.identity != index.identity_of(self.file):
            held = self._held = Snapshot.open(session, self.file, self._distrusted)
        if held.wants_file:
            self._have_built(self._distrusted is not None and held.identity == self._distrusted)
        return held

    def _distrust(self, snapshot: Snapshot) -> None:
        """Use this file no more, and have one built that owes nothing to it."""
        _LOG.error("the index %s names marks that the database does not have; it is built anew", self.file)
        self._distrusted, self._held = snapshot.identity, None


_HELD: WeakKeyDictionary[DatabaseEngine, SearchEngine] = WeakKeyDictionary()
_HELD_LOCK = Lock()


def search_engine_of(session: Session) -> SearchEngine:
    """The search of this process over the session's database."""
    bind = session.get_bind()
    database = bind.engine if isinstance(bind, Connection) else bind
    with _HELD_LOCK:
        if database not in _HELD:
            settings = settings_of(session)
            url = database.url.render_as_string(hide_password=False)
            builder = IndexBuilder(url, settings.index_file)
            _HELD[database] = SearchEngine(settings.index_file, builder.wake)
        return _HELD[database]
