"""The press: makes ordered label jobs after the transaction that ordered them, in a thread of its own."""

import logging
import threading
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from registry.database import Database
from registry.services import label_jobs

__all__ = ["LabelPress"]

_LOG: Final = logging.getLogger(__name__)
_ROUND_SECONDS: Final = 60.0


class LabelPress:
    """Makes what waits when it is woken, and looks once a minute for what a stopped process left and what expired."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._called = threading.Event()
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Tell the press that a job waits; returns at once."""
        self._called.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="label press", daemon=True)
                self._thread.start()

    def stop(self, patience: float = 15.0) -> None:
        """Let the job in hand be made, then stop; waits at most ``patience`` seconds."""
        self._stopped.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _work(self) -> None:
        while True:
            self._called.wait(_ROUND_SECONDS)
            self._called.clear()
            try:
                label_jobs.make_waiting(self._database)
            except SQLAlchemyError as fault:
                # The database is away: the jobs are still there, the next round takes them.
                _LOG.warning("label jobs wait: %s", type(fault).__name__)
            if self._stopped.is_set():
                return
