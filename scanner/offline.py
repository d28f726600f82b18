"""Answers without a registry: a view before the view, which asks the kept list when the registry is not reached.

It passes on all that happens. In a thread of its own it fetches the list anew while the registry is reached, asks it
about readings that nobody has answered while it is not, and deletes it when the registry does not know the station.
"""

import secrets
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Self

from scanner.errors import BadListError, JournalUnwritableError, ListFaultError, ScannerError
from scanner.kept_list import KeptList
from scanner.reading import Reading
from scanner.registry_client import Accepted, Refused, RegistryClient, StillPreparing, Unreachable, WaitReason, Withheld
from scanner.stolen_list import ListStanding, ListState
from scanner.view import Passing, RegistryState, View

__all__ = ["OfflineAnswers"]

REFRESH_SECONDS = 1800.0
_AGAIN_SECONDS = 60.0
_PREPARING_SECONDS = 5.0
_LOOK_EVERY = 0.1
_REMEMBERED = 500
_AT_ONCE = float("-inf")
_OF_NO_USE = frozenset({ListState.EXPIRED, ListState.SET_BACK})
"""What a list that was good becomes without anybody deleting it; another one is wanted then."""


class OfflineAnswers(Passing):
    """A view (``scanner.station.View``) that adds what the kept list says and passes the rest on."""

    def __init__(
        self, view: View, kept: KeptList, client: RegistryClient, *, refresh_seconds: float = REFRESH_SECONDS
    ) -> None:
        super().__init__(view)
        self._kept = kept
        self._client = client
        self._refresh_seconds = refresh_seconds
        self._state = RegistryState.UNKNOWN
        self._banned = False
        self._pending: OrderedDict[str, Reading] = OrderedDict()
        self._mutex = threading.Lock()
        # Held over hashing and writing by who keeps or deletes the list, never by who reads a mark.
        self._keeping = threading.Lock()
        self._stopping = threading.Event()
        self._fetch_at = _AT_ONCE
        self._told_fault = ""
        self._standing: ListStanding | None = None
        self._thread = threading.Thread(target=self._run, name="offline list", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(3.0)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        # A case that the registry does not know is no word against the station.
        banned = state is RegistryState.FOREIGN or (state is RegistryState.WITHHELD and detail == WaitReason.TOKEN)
        with self._mutex:
            self._state, self._banned = state, banned
        if banned:
            with self._keeping:
                self._kept.delete()
            # Whoever is let in again has none, and waits for none.
            self._fetch_at = _AT_ONCE
        super().registry_changed(state, detail)

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        super().stored(key, reading)
        with self._mutex:
            self._pending[key] = reading
            if len(self._pending) > _REMEMBERED:
                self._pending.popitem(last=False)

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good."""
        with self._mutex:
            self._pending.pop(key, None)
        super().answered(key, reading_id, outcome)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            try:
                self._look()
            except ScannerError as error:
                self._complain(error)
            except Exception as fault:  # noqa: BLE001 - a list that is asked no more must not look like one that is
                self._fetch_at = time.monotonic() + _AGAIN_SECONDS
                self._complain(ListFaultError(problem=repr(fault)))

    def _look(self) -> None:
        if self._state is RegistryState.REACHED and time.monotonic() >= self._fetch_at:
            self._fetch()
        if self._state is RegistryState.UNREACHABLE:
            self._answer_pending()
        standing = self._kept.standing()
        if standing != self._standing:
            before, self._standing = self._standing, standing
            if standing.state in _OF_NO_USE and not (before and before.state in _OF_NO_USE):
                self._fetch_at = _AT_ONCE
            self._view.list_stands(standing)

    def _fetch(self) -> None:
        """Fetch the list, and note when to do so again."""
        # Noted first: whoever wants it at once in the meantime overrules that.
        self._fetch_at = began = time.monotonic() + _AGAIN_SECONDS
        pause = self._fetched()
        if self._fetch_at == began:
            self._fetch_at = time.monotonic() + pause

    def _fetched(self) -> float:
        """Fetch the list; in how many seconds to do so again."""
        nonce = secrets.token_hex(16)
        match self._client.stolen_list(nonce):
            case bytes() as content:
                try:
                    with self._keeping:
                        # Stopped in the meantime: what was on its way is not kept.
                        if not self._banned:
                            self._kept.keep(content, nonce)
                except (BadListError, JournalUnwritableError) as error:
                    self._complain(error)
                    return _AGAIN_SECONDS
                self._told_fault = ""
                return self._refresh_seconds
            case StillPreparing():
                return _PREPARING_SECONDS
            case Withheld():
                self._kept.delete()
                return _AGAIN_SECONDS
            case Unreachable(retry_after=pause):
                return max(_AGAIN_SECONDS, pause or 0.0)
            case None:
                # This registry gives none (any more).
                self._kept.delete()
                return self._refresh_seconds

    def _answer_pending(self) -> None:
        stolen = self._kept.current()
        while stolen is not None and not self._stopping.is_set():
            with self._mutex:
                if not self._pending:
                    return
                key, reading = self._pending.popitem(last=True)
            # The newest first: that is the one somebody looks at.
            self._view.listed(key, reading.reading_id or key, stolen.answer(reading))

    def _complain(self, error: ScannerError) -> None:
        """Say a fault once, not at every try."""
        if str(error) != self._told_fault:
            self._told_fault = str(error)
            # Nor does a screen that fails end the answers.
            with suppress(Exception):
                self._view.trouble(error)
