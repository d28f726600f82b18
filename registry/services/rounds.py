"""Rounds: an errand done after the transaction that promised it, in a thread of its own.

No answer waits for the errand and no answer fails because of it. A process that dies in between leaves what waits in
the database, where the next round takes it up again.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from registry.database import Database

__all__ = ["Rounds"]

_LOG: Final = logging.getLogger(__name__)
_ROUND_SECONDS: Final = 60.0


class Rounds:
    """Runs ``errand(database)`` when it is woken, and by itself once a minute; ``name`` is that of the thread."""

    def __init__(self, database: Database, name: str, errand: Callable[[Database], object]) -> None:
        self._database = database
        self._name = name
        self._errand = errand
        self._called = threading.Event()
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Tell that something waits; returns at once."""
        self._called.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def stop(self, patience: float = 15.0) -> None:
        """Let what is in hand be finished, then stop; waits at most ``patience`` seconds."""
        self._stopped.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _work(self) -> None:
        while True:
            self._called.wait(_ROUND_SECONDS)
            self._called.clear()
            try:
                self._errand(self._database)
            except SQLAlchemyError as fault:
                # The database is away: what waits is still there, the next round takes it.
                _LOG.warning("%s: work waits: %s", self._name, type(fault).__name__)
            if self._stopped.is_set():
                return
