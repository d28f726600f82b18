"""An append-only file of records, each whole or not there: what a journal and a list of changes are made of.

Each record is a line: ``CRC32 JSON``, the checksum in eight upper-case hex digits over the bytes of the JSON. A record
is on disk (fsync) before ``append`` returns. The checksum finds what a disk does; it does not keep anybody from
reading or changing a record.
"""

import contextlib
import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from scanner.errors import JournalInUseError, JournalUnwritableError

__all__ = ["Place", "RecordFile", "holder", "locked", "records", "serialised"]

_CHECKSUM_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in the file, in bytes."""

    offset: int
    length: int


class RecordFile:
    """An open file of records. It is not locked and its methods are not safe to call from several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, readable by this user alone. Raises JournalUnwritableError."""
        self.path = path
        self.damaged = 0
        """Records whose checksum did not agree when the file was opened."""
        self._end = 0
        self._renamed = False
        try:
            created = not path.exists()
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0)
            if created:
                _fsync_folder(path.parent)
        except OSError as fault:
            raise JournalUnwritableError(file=path, problem=fault.strerror) from fault

    def replay(self) -> Iterator[tuple[dict[str, Any], Place]]:
        """Every sound record, oldest first; call it once, before anything is appended.

        What follows the last sound record was being written when the machine stopped: it is cut off and kept beside
        the file, since nobody was told that it was stored.
        """
        offset = torn = 0
        with self.path.open("rb") as lines:
            for line in lines:
                content = _parsed(line)
                if content:
                    self._end = offset + len(line)
                    self.damaged += torn
                    torn = 0
                    yield content, Place(offset, len(line))
                else:
                    torn += 1
                offset += len(line)
        if offset > self._end:
            self._cut_off()

    def append(self, content: dict[str, Any]) -> Place:
        """Put a record on disk. Raises JournalUnwritableError; then nothing was stored."""
        line = _line(content)
        descriptor = self._file.fileno()
        start = self._end
        try:
            if self._renamed:
                # Until the folder says so too, a power cut would bring the file before back, without this record.
                _fsync_folder(self.path.parent)
                self._renamed = False
            # What a failed write has left must not stand before the next whole record.
            os.ftruncate(descriptor, start)
            _write_all(descriptor, line)
            os.fsync(descriptor)
        except OSError as fault:
            raise JournalUnwritableError(file=self.path, problem=fault.strerror) from fault
        self._end = start + len(line)
        return Place(start, len(line))

    def rewrite(self, contents: Iterable[dict[str, Any]]) -> list[Place]:
        """Put a file of these records in place of this one, whole or not at all; where each lies now.

        Raises JournalUnwritableError; then the file is as it was.
        """
        fresh = self.path.with_name(f"{self.path.name}.new")
        places: list[Place] = []
        end = 0
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            file = os.fdopen(descriptor, "r+b", buffering=0)
            try:
                for content in contents:
                    line = _line(content)
                    _write_all(descriptor, line)
                    places.append(Place(end, len(line)))
                    end += len(line)
                os.fsync(descriptor)
                fresh.replace(self.path)
            except BaseException:
                file.close()
                # A full disk needs the room, and half a file is of use to nobody.
                with contextlib.suppress(OSError):
                    fresh.unlink(missing_ok=True)
                raise
        except OSError as fault:
            raise JournalUnwritableError(file=self.path, problem=fault.strerror) from fault
        self._file.close()
        self._file, self._end, self._renamed = file, end, True
        return places

    @property
    def size(self) -> int:
        """Bytes of the records so far."""
        return self._end

    def read(self, place: Place) -> dict[str, Any]:
        """The record at a place; empty when it is not sound any more, or the disk does not give it."""
        descriptor = self._file.fileno()
        try:
            return _parsed(os.pread(descriptor, place.length, place.offset))
        except OSError:
            return {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def fileno(self) -> int:
        """The descriptor, as of any file."""
        return self._file.fileno()

    def _cut_off(self) -> None:
        descriptor = self._file.fileno()
        torn = os.pread(descriptor, os.fstat(descriptor).st_size - self._end, self._end)
        aside = self.path.with_name(f"{self.path.name}.torn-{time.time_ns()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            copy.write(torn)
            copy.flush()
            os.fsync(copy.fileno())
        os.ftruncate(descriptor, self._end)
        os.fsync(descriptor)


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The sound records of a file, oldest first; none when there is no file. Raises JournalUnwritableError."""
    try:
        with path.open("rb") as lines:
            yield from (content for line in lines if (content := _parsed(line)))
    except FileNotFoundError:
        return
    except OSError as fault:
        raise JournalUnwritableError(file=path, problem=fault.strerror) from fault


def locked(path: Path) -> BinaryIO:
    """A held lock. The system lets it go when the process ends, however it ends. Raises JournalInUseError, OSError."""
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


def holder(path: Path) -> str | None:
    """The process that holds the lock at ``path``, as it wrote itself down; None when nobody does."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return path.read_text(encoding="ascii", errors="replace").strip() or "?"
    except OSError:
        return None
    return None


def serialised(content: dict[str, Any]) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _line(content: dict[str, Any]) -> bytes:
    text = serialised(content)
    return b"%08X %s\n" % (zlib.crc32(text), text)


def _parsed(line: bytes) -> dict[str, Any]:
    """The content of a record; empty for a line that is torn or damaged, or that nobody here wrote."""
    checksum, text = line[:_CHECKSUM_LENGTH], line[_CHECKSUM_LENGTH + 1 : -1]
    if not line.endswith(b"\n") or checksum != b"%08X" % zlib.crc32(text):
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
