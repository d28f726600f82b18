"""The index file of this machine: compared with the database, built, verified.

One process builds at a time (a lock beside the file); others go on with what they have. A build reads the database in a
transaction of its own that only reads, writes a new file beside the old one and renames it into place, so that a
process that dies half-way leaves the old file whole.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry.database import Database
from registry.identification import index
from registry.identification.index import Fingerprint, IndexFile, IndexFileError, Tally
from registry.identification.layers import Layer
from registry.services import marks
from registry.services.marks import KitRange

__all__ = ["Built", "Checked", "build", "building", "changes_since", "check", "opened"]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to: kits in the file, its bytes, and whether every mark was read anew."""

    kits: int
    nbytes: int
    from_scratch: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a comparison of file, record and marks found.

    ``fault`` is the file's; ``recorded`` and ``counted`` are the fingerprint by the record of changes and
    that of the marks as they are; ``indexed`` what file and changes since come to, None without a usable file.
    """

    fault: IndexFileError | None
    recorded: Fingerprint
    counted: Fingerprint
    indexed: Fingerprint | None

    @property
    def marks_as_recorded(self) -> bool:
        """Whether nobody changed a mark behind the register's back."""
        return self.recorded == self.counted

    @property
    def file_as_marks(self) -> bool:
        """Whether the file, with the changes since, stands for the marks as they are."""
        return self.indexed == self.counted


def opened(session: Session, file: Path) -> IndexFile:
    """Map the file, if it stands for marks of this database at some moment of its history.

    Raises IndexFileError when it is absent, damaged, or another register's.
    """
    found = index.mapped(file)
    runs, greatest = _seen_by(found)
    if _noted(found) != marks.recorded(session, runs) or greatest > marks.greatest_kit(session):
        raise IndexFileError(file=file, reason="it stands for marks that this database never held")
    return found


def changes_since(session: Session, found: IndexFile | None) -> list[KitRange]:
    """The kits that changed since the file was built; all of them without a file."""
    return marks.changed_ranges(session, *_seen_by(found)) if found else marks.changed_ranges(session, [], 0)


def build(database: Database, file: Path, *, from_scratch: bool = False) -> Built | None:
    """Build the file anew, from the old one and the changes since if that is whole, else from all marks.

    None when another process is building. Look-ups, imports and revocations go on meanwhile.
    """
    with building(file) as mine:
        if not mine:
            return None
        for remains in index.unfinished(file):
            remains.unlink(missing_ok=True)
        with database.transaction(reads_only=True) as session:
            old = None if from_scratch else _whole(session, file)
            if old is not None and not changes_since(session, old):
                return Built(len(old.layer), old.nbytes, from_scratch=False)
            layer, fingerprint, anew = _layer(session, old)
            recorded = marks.recorded(session)
            notes = {
                "changes": marks.change_runs(session),
                "greatest_kit": marks.greatest_kit(session),
                "recorded": [recorded.count, recorded.digest],
            }
        index.save(file, layer, fingerprint, notes)
        return Built(len(layer), file.stat().st_size, anew)


def check(session: Session, file: Path) -> Checked:
    """Read every byte of the file and every mark of the database and compare them with the record."""
    fault: IndexFileError | None = None
    indexed: Fingerprint | None = None
    try:
        index.verify(file)
        found = opened(session, file)
    except IndexFileError as problem:
        fault = problem
    else:
        indexed = _caught_up(session, found)[1]
    everything = KitRange(1, marks.greatest_kit(session))
    counted = Fingerprint.of_rows(marks.living(session, [everything]))
    return Checked(fault, marks.recorded(session), counted, indexed)


@contextmanager
def building(file: Path) -> Iterator[bool]:
    """Hold the right to build the file; the block is told whether it has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def _whole(session: Session, file: Path) -> IndexFile | None:
    """The file, when it is one of this database and every byte is as it was written."""
    try:
        index.verify(file)
        return opened(session, file)
    except IndexFileError:
        return None


def _layer(session: Session, old: IndexFile | None) -> tuple[Layer, Fingerprint, bool]:
    """The marks of the database as a layer, their fingerprint, and whether all of them were read."""
    if old is not None:
        layer, fingerprint = _caught_up(session, old)
        if fingerprint == marks.recorded(session):
            return layer, fingerprint, False
    tally = Tally()
    everything = KitRange(1, marks.greatest_kit(session))
    layer = Layer.of_rows(tally.passing(marks.living(session, [everything])))
    return layer, tally.fingerprint, True


def _caught_up(session: Session, found: IndexFile) -> tuple[Layer, Fingerprint]:
    """A file's marks with all changes since, and their fingerprint."""
    ranges, base, fingerprint = changes_since(session, found), found.layer, found.fingerprint
    revoked = [row for row in marks.revoked_among(session, ranges) if row[0] in base]
    tally = Tally()
    new = (row for row in marks.living(session, ranges) if row[0] not in base)
    delta = Layer.of_rows(tally.passing(new), indexed=False)
    fingerprint = fingerprint.less(Fingerprint.of_rows(revoked)).more(tally.fingerprint)
    return base.merged(delta, {row[0] for row in revoked}), fingerprint


def _seen_by(found: IndexFile) -> tuple[list[tuple[int, int]], int]:
    notes: dict[str, Any] = dict(found.notes)
    return [(first, last) for first, last in notes["changes"]], int(notes["greatest_kit"])


def _noted(found: IndexFile) -> Fingerprint:
    count, digest = found.notes["recorded"]
    return Fingerprint(count, digest)
