"""The station: what a reader finds goes to the journal, from there to the registry, and what it says to the view."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from scanner.contract import Driver
from scanner.errors import ForeignKeyError, JournalError, NonsenseError, PortError, ScannerError
from scanner.findings import UvNote
from scanner.journal import Entry, Journal, Settlement
from scanner.reader import Line, Reader
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Known, Outcome, Refused, RegistryClient, Unreachable, Withheld
from scanner.view import RegistryState, View

__all__ = ["Delivery", "Limits", "RegistryState", "Station", "View"]

_FIRST_PAUSE = 0.25
_CASE_PAUSE = 10.0
"""Seconds after which the readings of a case that the registry does not know are tried again."""
_ASK_EVERY = 20.0
"""Seconds without an answer after which the registry is asked whether it still knows this station."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When the station ends by itself: after so many new readings, or after so many seconds without one."""

    readings: int | None = None
    idle_seconds: float | None = None


class Delivery:
    """Brings what waits in the journal to the registry, oldest first, in a thread of its own.

    A message that is refused for good is noted and does not hold up the ones behind it. While the registry is not
    reached, or does not know the station, all wait; while it does not know a case, the readings of that case wait.
    """

    def __init__(
        self,
        journal: Journal,
        client: RegistryClient,
        view: View,
        *,
        message_key: bytes,
        retry_seconds: float = 15.0,
        ask_seconds: float = _ASK_EVERY,
    ) -> None:
        self._journal = journal
        self._client = client
        self._view = view
        self._message_key = message_key
        self._retry_seconds = retry_seconds
        self._ask_seconds = ask_seconds
        self._state: tuple[RegistryState, str] = (RegistryState.UNKNOWN, "")
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._blocked_lanes: dict[str, float] = {}
        self._confirmed = False
        self._heard_at = 0.0
        self._failures = 0
        self._not_before = 0.0
        self.answered_at = 0.0
        """Monotonic seconds of the last final answer."""
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin delivering."""
        self._thread.start()

    def wake(self) -> None:
        """A reading has been stored."""
        self._work.set()

    def seized_items(self, case_number: str) -> list[tuple[str, str]]:
        """Labels and descriptions of a case's seized items; none when the registry does not say."""
        return self._client.seized_items(case_number)

    def stop(self, flush_seconds: float) -> None:
        """Deliver what can be delivered within ``flush_seconds``, then end."""
        self._deadline = time.monotonic() + flush_seconds
        self._stopping.set()
        self._work.set()
        self._thread.join(flush_seconds + 1.0)

    def _run(self) -> None:
        while time.monotonic() < self._deadline:
            self._work.clear()
            try:
                pause = self._do_next()
            except Exception as fault:  # noqa: BLE001 - delivery must outlive whatever one reading or answer brings
                # At the end the journal may be closed under an answer that comes too late: it is asked for again.
                self._show(RegistryState.UNREACHABLE, repr(fault))
                pause = self._retry_seconds
            if pause is None:
                continue
            if self._stopping.is_set():
                return
            if pause:
                self._stopping.wait(pause)
                self._respect_pause()
            else:
                self._work.wait(self._until_next())

    def _respect_pause(self) -> None:
        """Wait out what the registry asked for: neither new work nor the end of the shift is a reason to hurry it."""
        while (now := time.monotonic()) < min(self._not_before, self._deadline):
            time.sleep(min(0.05, self._not_before - now))

    def _do_next(self) -> float | None:
        """Ask or deliver. None: go on at once; 0: nothing to do; else the seconds to pause.

        Nothing is sent before the registry has said who it is, and again after a while of silence: a station that was
        stopped learns of it though it has nothing to send, and a registry with another key is sent nothing at all.
        """
        if not self._confirmed or time.monotonic() - self._heard_at >= self._ask_seconds:
            pause = self._confirm()
            if pause is not None:
                return pause
        return self._deliver_next()

    def _confirm(self) -> float | None:
        """Ask the registry for whom it takes this station; None when it is the right one and knows it."""
        found = self._client.check()
        self._confirmed = isinstance(found, Known) and found.message_key == self._message_key
        match found:
            case Known() if self._confirmed:
                self._heard_at = time.monotonic()
                # While deliveries fail, only one that succeeds shows that all is well again.
                if not self._failures or not self._journal.counts().waiting:
                    self._failures = 0
                    self._show(RegistryState.REACHED, found.name)
                return None
            case Known():
                if self._state[0] is not RegistryState.FOREIGN:
                    self._view.trouble(ForeignKeyError(registry=self._client.address))
                self._show(RegistryState.FOREIGN, self._client.address)
                return self._retry_seconds
            case Withheld():
                self._show(RegistryState.WITHHELD, found.reason)
                return self._retry_seconds
            case Unreachable():
                self._show(RegistryState.UNREACHABLE, found.problem)
                return self._pause(found.retry_after)

    def _deliver_next(self) -> float | None:
        """Deliver one message. None: go on at once; 0: nothing to do; else the seconds to pause."""
        now = time.monotonic()
        self._blocked_lanes = {lane: until for lane, until in self._blocked_lanes.items() if until > now}
        entry = self._journal.next_waiting(self._blocked_lanes)
        if entry is None:
            return 0.0
        outcome = self._client.deliver(entry.body)
        try:
            return self._note(entry, outcome)
        except JournalError as error:
            # The registry has the message, the journal does not know it yet: its place makes a second try harmless.
            self._view.trouble(error)
            return self._retry_seconds

    def _note(self, entry: Entry, outcome: Outcome) -> float | None:
        match outcome:
            case Accepted():
                self._journal.settle(entry.key, Settlement.ACCEPTED, {"id": outcome.answer.id})
                self._reached()
                self._view.answered(entry.key, entry.reading_id or outcome.answer.reading_id, outcome)
            case Refused():
                # Its words may quote what was read, so they are shown and not kept.
                self._journal.settle(entry.key, Settlement.REFUSED, {"status": outcome.status, "field": outcome.field})
                self._reached()
                self._view.answered(entry.key, entry.reading_id or entry.key, outcome)
            case Withheld(whole_station=True):
                self._confirmed = False
                self._show(RegistryState.WITHHELD, outcome.reason)
                return self._retry_seconds
            case Withheld():
                self._heard_at = time.monotonic()
                detail = f"{outcome.reason}: {entry.case_number}" if entry.case_number else outcome.reason
                self._show(RegistryState.WITHHELD, detail)
                self._blocked_lanes[entry.lane] = time.monotonic() + min(_CASE_PAUSE, self._retry_seconds)
            case Unreachable():
                self._confirmed = False
                self._show(RegistryState.UNREACHABLE, outcome.problem)
                return self._pause(outcome.retry_after)
        return None

    def _reached(self) -> None:
        self.answered_at = self._heard_at = time.monotonic()
        self._failures = 0
        if self._state[0] is not RegistryState.REACHED:
            self._show(RegistryState.REACHED, self._client.address)

    def _pause(self, asked: float | None) -> float:
        """Twice as long at each failure, spread so that many stations do not come back in the same instant."""
        self._failures += 1
        if asked is not None:
            self._not_before = time.monotonic() + asked
        own = min(self._retry_seconds, _FIRST_PAUSE * 2.0 ** min(self._failures, 12)) * random.uniform(0.5, 1.0)  # noqa: S311
        return own if asked is None else max(own, asked)

    def _until_next(self) -> float:
        """Seconds until a case is tried again, or the registry is asked again."""
        until = min([self._heard_at + self._ask_seconds, *self._blocked_lanes.values()])
        return max(0.05, until - time.monotonic())

    def _show(self, state: RegistryState, detail: str) -> None:
        if (state, detail) != self._state:
            self._state = (state, detail)
            self._view.registry_changed(state, detail)


_NONSENSE_BYTES = 24
_NONSENSE_SECONDS = 2.0


class _SenseWatch:
    """Notices that bytes arrive and nothing becomes of them: a wrong speed, a wrong driver, a broken cable."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._received = 0
        self._frames = 0
        self._since: float | None = None
        self._told = False

    def nonsense(self, now: float) -> int:
        """How many bytes have made no sense for two seconds; 0 while all is well, or once it has been told."""
        tally = self._driver.tally
        if tally.frames != self._frames:
            self._frames, self._received, self._since, self._told = tally.frames, tally.received, None, False
            return 0
        count = tally.received - self._received
        if count < _NONSENSE_BYTES or self._told:
            return 0
        self._since = self._since or now
        self._told = now - self._since >= _NONSENSE_SECONDS
        return count if self._told else 0


class Station:
    """One reader, one journal, one registry, one case. Listens to the reader and keeps the delivery going."""

    def __init__(
        self,
        *,
        open_line: Callable[[], Line],
        driver: Driver,
        journal: Journal,
        delivery: Delivery,
        view: View,
        case_number: str,
        limits: Limits,
        baud_rate: int | None = None,
    ) -> None:
        self._reader = Reader(open_line, driver, self)
        self._sense = _SenseWatch(driver)
        self._baud_rate = baud_rate or driver.line.baud_rate
        self._port = ""
        self._journal = journal
        self._delivery = delivery
        self._view = view
        self._case_number = case_number
        self._limits = limits
        self._new_readings = 0
        self._last_at = time.monotonic()
        self._stop = threading.Event()
        self.seized_item = ""
        """Label (``2:1``) of the seized item that new readings are put with; empty for none."""
        self.last_finding: tuple[str, UvNote] | None = None
        """Key and content of the last UV finding of this run, which can be corrected; None before it and once it is
        withdrawn."""

    def stop(self) -> None:
        """Ask ``run`` to end in good order. May be called from a signal handler."""
        self._stop.set()

    def run(self, flush_seconds: float) -> int:
        """Work until stopped or a limit is reached, then flush. The number of readings that still wait."""
        self._last_at = time.monotonic()
        self._delivery.start()
        reading = self._start_reader()
        while not self._stop.wait(0.05):
            if self._done():
                break
            if not reading.is_alive():
                # The loop itself raises nothing; should a listener do so, the shift goes on all the same.
                reading = self._start_reader()
            if count := self._sense.nonsense(time.monotonic()):
                self._view.trouble(NonsenseError(count=count, baud_rate=self._baud_rate, port=self._port))
        # The reader first, so that nothing comes in any more; what it acknowledged is on disk already.
        self._reader.stop()
        reading.join(3.0)
        self._delivery.stop(flush_seconds)
        return self._journal.counts().waiting

    def _start_reader(self) -> threading.Thread:
        thread = threading.Thread(target=self._reader.run, name="reader", daemon=True)
        thread.start()
        return thread

    def _done(self) -> bool:
        if self._limits.readings is not None and self._new_readings >= self._limits.readings:
            return self._journal.counts().waiting == 0
        idle = self._limits.idle_seconds
        # While the registry keeps answering there is still something going on.
        return idle is not None and time.monotonic() - max(self._last_at, self._delivery.answered_at) >= idle

    def connected(self, port: str) -> None:
        """The port is open."""
        self._port = port
        self._view.reader_connected(port)

    def disconnected(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        self._view.reader_lost(error)

    def identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        self._view.reader_identified(identity)

    def trouble(self, error: ScannerError) -> None:
        """The reader reports a fault."""
        self._view.trouble(error)

    def keep(self, reading: Reading) -> bool:
        """Store the reading; only then may the reader be told that it is safe."""
        if self._limits.readings is not None and self._new_readings >= self._limits.readings:
            return False
        self._last_at = time.monotonic()
        try:
            entry = self._journal.store(reading, self._case_number)
        except JournalError as error:
            self._view.trouble(error)
            return False
        if entry is not None:
            self._new_readings += 1
            self._view.stored(entry.key, reading)
            if self.seized_item:
                self.attach(entry.key, entry.reading_id, self.seized_item)
            self._delivery.wake()
        return True

    def attach(self, key: str, reading_id: str, label: str) -> bool:
        """Put a reading of this run with a seized item, the last word counts; whether that is on disk."""
        try:
            self._journal.attach(key, reading_id, self._case_number, label)
        except JournalError as error:
            self._view.trouble(error)
            return False
        self._view.attached(key, label)
        self._delivery.wake()
        return True

    def note(self, finding: UvNote) -> str:
        """Put a finding on disk and deliver it; the key by which it can be corrected, empty when it was not stored."""
        try:
            entry = self._journal.note(finding, self._case_number)
        except JournalError as error:
            self._view.trouble(error)
            return ""
        self.last_finding = None if finding.withdrawn else (entry.key, finding)
        self._delivery.wake()
        return entry.key

    def seized_items(self) -> list[tuple[str, str]]:
        """Labels and descriptions of the case's seized items, as far as the registry says; none when it is away."""
        return self._delivery.seized_items(self._case_number)
