"""The journal: readings on disk before the reader is told that they are safe, until the registry has answered.

A journal is a folder with one append-only file. Each record is a line: ``CRC32 JSON``, the checksum in eight upper-case
hex digits over the bytes of the JSON. There are two kinds of record: a reading with the idempotency key it was given
when it was stored, and the outcome of delivering it. Every record is on disk (fsync) before the call returns.
"""

import fcntl
import hashlib
import json
import os
import sys
import threading
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from scanner.errors import JournalInUseError, JournalUnwritableError
from scanner.reading import Reading

__all__ = ["Entry", "Journal", "JournalCounts", "Settlement", "records"]

_FILE_NAME = "readings.journal"
_CHECKSUM_LENGTH = 8
_REMEMBERED = 100_000
"""Readings known again when they are sent again. A reader repeats what is not acknowledged, which is far less."""


class Settlement(StrEnum):
    """How the delivery of a reading ended for good."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored reading. ``body`` is what is sent to the registry, the same at every try."""

    key: str
    case_number: str
    body: bytes

    @property
    def reading_id(self) -> str:
        """The id under which people see the reading."""
        return str(json.loads(self.body)["reading_id"])


@dataclass(frozen=True, slots=True)
class JournalCounts:
    """What the journal holds. ``damaged`` counts records whose checksum did not agree when it was opened."""

    waiting: int
    accepted: int
    refused: int
    damaged: int


@dataclass(frozen=True, slots=True)
class _Place:
    offset: int
    length: int
    case_number: str


class Journal:
    """An open journal, locked against other stations. Its methods may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the journal in ``folder``, made if need be, readable by this user alone.

        A record that was being written when the machine stopped is cut off and kept beside the journal: it was
        never acknowledged. Raises JournalInUseError or JournalUnwritableError.
        """
        self._path = folder.expanduser() / _FILE_NAME
        self._mutex = threading.Lock()
        self._known: dict[bytes, tuple[str, ...]] = {}
        self._waiting: dict[str, _Place] = {}
        self._settled: Counter[Settlement] = Counter()
        self._damaged = 0
        self._end = 0
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(self._path.with_name("lock"))
            self._file = self._open()
        except OSError as fault:
            raise JournalUnwritableError(file=self._path, problem=fault.strerror) from fault

    def store(self, reading: Reading, case_number: str) -> Entry | None:
        """Put the reading on disk; None when it was there already, because the reader has sent it again.

        A reading is known again by the reader's serial number, its reading id and what it observed. A reader whose
        serial number is not known (yet) matches any. Raises JournalUnwritableError; then nothing was stored.
        """
        with self._mutex:
            digest = reading.digest()
            if reading.reading_id:
                earlier = self._known.get(_fingerprint(reading.reading_id, digest), ())
                if earlier and (not reading.serial_number or not {"", reading.serial_number}.isdisjoint(earlier)):
                    return None
            key = str(uuid.uuid4())
            body = reading.as_json(case_number, reading.reading_id or key)
            place = self._append({"record": "reading", "key": key, "digest": digest, "body": body})
            self._remember(key, digest, body, place)
            return Entry(key, case_number, _serialised(body))

    def next_waiting(self, skipped_cases: Collection[str] = ()) -> Entry | None:
        """The oldest reading that waits for delivery and whose case is not among ``skipped_cases``.

        A record that was sound when it was written and is not any more is counted as damaged and passed over.
        """
        with self._mutex:
            for key, place in list(self._waiting.items()):
                if place.case_number in skipped_cases:
                    continue
                content = _parsed(os.pread(self._file.fileno(), place.length, place.offset))
                if content:
                    return Entry(key, place.case_number, _serialised(content["body"]))
                del self._waiting[key]
                self._damaged += 1
            return None

    def settle(self, key: str, settlement: Settlement, detail: dict[str, Any]) -> None:
        """Note that the registry has answered for good; ``detail`` is its answer or its reason."""
        with self._mutex:
            self._append({"record": "outcome", "key": key, "settlement": settlement, "detail": detail})
            if self._waiting.pop(key, None) is not None:
                self._settled[settlement] += 1

    def counts(self) -> JournalCounts:
        """How many readings wait and how the others ended."""
        with self._mutex:
            return JournalCounts(
                waiting=len(self._waiting),
                accepted=self._settled[Settlement.ACCEPTED],
                refused=self._settled[Settlement.REFUSED],
                damaged=self._damaged,
            )

    def close(self) -> None:
        """Let the journal go, so that another station may open it."""
        with self._mutex:
            self._file.close()
            self._lock.close()

    def _open(self) -> BinaryIO:
        created = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        if created:
            _fsync_folder(self._path.parent)
        sound_until = 0
        offset = 0
        torn = 0
        with self._path.open("rb") as lines:
            for line in lines:
                content = _parsed(line)
                if content:
                    self._replay(content, _Place(offset, len(line), ""))
                    sound_until = offset + len(line)
                    self._damaged += torn
                    torn = 0
                else:
                    torn += 1
                offset += len(line)
        if offset > sound_until:
            self._cut_off(file, sound_until)
        self._end = sound_until
        return file

    def _replay(self, content: dict[str, Any], place: _Place) -> None:
        if content["record"] == "reading":
            self._remember(content["key"], content["digest"], content["body"], place)
        elif self._waiting.pop(content["key"], None) is not None:
            self._settled[Settlement(content["settlement"])] += 1

    def _remember(self, key: str, digest: str, body: dict[str, Any], place: _Place) -> None:
        serial_number = sys.intern((body["reader"] or {}).get("serial_number", ""))
        fingerprint = _fingerprint(body["reading_id"], digest)
        self._known[fingerprint] = (*self._known.pop(fingerprint, ()), serial_number)
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._waiting[key] = _Place(place.offset, place.length, body["case_number"])

    def _append(self, content: dict[str, Any]) -> _Place:
        text = _serialised(content)
        line = b"%08X %s\n" % (zlib.crc32(text), text)
        descriptor = self._file.fileno()
        start = self._end
        try:
            # What a failed write has left must not stand before the next whole record.
            os.ftruncate(descriptor, start)
            _write_all(descriptor, line)
            os.fsync(descriptor)
        except OSError as fault:
            raise JournalUnwritableError(file=self._path, problem=fault.strerror) from fault
        self._end = start + len(line)
        return _Place(start, len(line), "")

    def _cut_off(self, file: BinaryIO, sound_until: int) -> None:
        """Move what follows the last sound record into a file of its own: nobody was told that it was stored."""
        descriptor = file.fileno()
        torn = os.pread(descriptor, os.fstat(descriptor).st_size - sound_until, sound_until)
        aside = self._path.with_name(f"{_FILE_NAME}.torn-{time.time_ns()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            copy.write(torn)
            copy.flush()
            os.fsync(copy.fileno())
        os.ftruncate(descriptor, sound_until)
        os.fsync(descriptor)


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """The sound records of a journal, oldest first, without locking it. Raises JournalUnwritableError."""
    path = folder.expanduser() / _FILE_NAME
    try:
        with path.open("rb") as lines:
            yield from (content for line in lines if (content := _parsed(line)))
    except FileNotFoundError:
        return
    except OSError as fault:
        raise JournalUnwritableError(file=path, problem=fault.strerror) from fault


def _fingerprint(reading_id: str, digest: str) -> bytes:
    """Sixteen bytes that stand for a reading id and what was observed."""
    return hashlib.sha256(f"{reading_id}\n{digest}".encode()).digest()[:16]


def _serialised(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(line: bytes) -> dict[str, Any]:
    """The content of a record; empty for a line that is torn or damaged."""
    checksum, text = line[:_CHECKSUM_LENGTH], line[_CHECKSUM_LENGTH + 1 : -1]
    if not line.endswith(b"\n") or checksum != b"%08X" % zlib.crc32(text):
        return {}
    content: dict[str, Any] = json.loads(text)
    return content


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(path: Path) -> BinaryIO:
    """The held lock. The system lets it go when the process ends, however it ends."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = file.read(20).decode("ascii", errors="replace").strip() or "?"
        file.close()
        raise JournalInUseError(folder=path.parent, process=holder) from None
    file.truncate(0)
    file.write(b"%d\n" % os.getpid())
    return file
