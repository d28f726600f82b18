"""The postman: sends queued messages after the transaction that promised them, in a thread of its own.

A mail server may take seconds or be down; no answer waits for it and no answer fails because of it. The thread opens
its own short transactions: one takes a message in hand, then it is delivered with no transaction open (on SQLite an
open one would stop every writer), then one notes that it went. A process that dies in between leaves the message to be
taken up again, so that it goes at least once.
"""

import logging
import threading
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from registry.database import Database
from registry.services import mail

__all__ = ["Postman"]

_LOG: Final = logging.getLogger(__name__)
_ROUND_SECONDS: Final = 60.0


class Postman:
    """Sends what waits when it is woken, and looks by itself once a minute for what could not go before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._called = threading.Event()
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Tell the postman that a message waits; returns at once."""
        self._called.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="postman", daemon=True)
                self._thread.start()

    def stop(self, patience: float = 15.0) -> None:
        """Let the message in hand go, then stop; waits at most ``patience`` seconds."""
        self._stopped.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _work(self) -> None:
        while True:
            self._called.wait(_ROUND_SECONDS)
            self._called.clear()
            try:
                mail.send_waiting(self._database)
            except SQLAlchemyError as fault:
                # The database is away: what waits is still there, the next round takes it.
                _LOG.warning("messages wait: %s", type(fault).__name__)
            if self._stopped.is_set():
                return
