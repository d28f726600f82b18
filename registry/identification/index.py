"""A layer of marks as one file that worker processes map into memory.

The database is the truth and this file is derived: it carries the count and the fingerprint of the marks it was made
from, and whoever opens it says which he expects. A new file is written beside the old one and renamed over it, so that
readers keep the one they have and a crash leaves the old one whole.

Layout: 8 bytes of format name, 8 bytes little-endian length of the header, 16 bytes BLAKE2b of the header, the header
(JSON: count, fingerprint, and for each array its name, type, shape, place and BLAKE2b), then the arrays, each at a
multiple of 64 bytes.
"""

import glob
import json
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from registry.errors import RegistryError
from registry.identification.answer import Mark
from registry.identification.layers import Layer, MarkRow

__all__ = [
    "Fingerprint",
    "IndexFile",
    "IndexFileError",
    "Tally",
    "identity_of",
    "load",
    "mapped",
    "save",
    "unfinished",
    "verify",
]

_FORMAT = b"MDNAIX04"
_PREAMBLE = struct.Struct("<8sQ16s")
_ALIGNMENT = 64
_WHOLE = 1 << 64


class IndexFileError(RegistryError):
    """An index file is damaged or stale and must be rebuilt, e.g. half of it is missing or kits were imported since."""

    template = "The identification index {file} cannot be used: {reason}. Rebuild it from the database."


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What set of marks an index stands for: their number and a sum of hashes, whatever their order.

    Being a sum, it can be kept up to date mark by mark: ``plus`` and ``minus``.
    """

    count: int = 0
    digest: int = 0

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> "Fingerprint":
        """The fingerprint of a set of marks."""
        return cls.of_rows((mark.kit_id, mark.code, mark.signature, mark.emission_nm) for mark in marks)

    @classmethod
    def of_rows(cls, rows: Iterable[MarkRow]) -> "Fingerprint":
        """The same over rows of kit, code, signature and emission; the latter is no part of it."""
        tally = Tally()
        for _ in tally.passing(rows):
            pass
        return tally.fingerprint

    def more(self, other: "Fingerprint") -> "Fingerprint":
        """With the marks of another set, of which none is in this one."""
        return Fingerprint(self.count + other.count, (self.digest + other.digest) % _WHOLE)

    def less(self, other: "Fingerprint") -> "Fingerprint":
        """Without the marks of another set."""
        return Fingerprint(self.count - other.count, (self.digest - other.digest) % _WHOLE)

    def plus(self, mark: Mark) -> "Fingerprint":
        """With one mark more."""
        return self.more(Fingerprint.of([mark]))

    def minus(self, mark: Mark) -> "Fingerprint":
        """With one mark less."""
        return self.less(Fingerprint.of([mark]))


class Tally:
    """The fingerprint of rows that pass by on their way to somewhere."""

    def __init__(self) -> None:
        self._count = self._digest = 0

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the rows that passed so far."""
        return Fingerprint(self._count, self._digest % _WHOLE)

    def passing(self, rows: Iterable[MarkRow]) -> Iterator[MarkRow]:
        """The rows, one after another."""
        for row in rows:
            self._count += 1
            self._digest += _hash_of(*row[:3])
            yield row


@dataclass(frozen=True, eq=False)
class IndexFile:
    """An index file that is mapped into memory.

    ``notes`` are what its writer noted; ``identity`` tells it from a later one of the same name (device and inode).
    """

    layer: Layer
    fingerprint: Fingerprint
    notes: Mapping[str, Any]
    identity: tuple[int, int]
    nbytes: int


def save(file: Path, layer: Layer, fingerprint: Fingerprint, notes: Mapping[str, Any] | None = None) -> None:
    """Write a layer beside ``file`` and rename it into place; look-ups on the old file go on undisturbed.

    ``notes`` is what else the reader wants to know, as JSON has it.
    """
    arrays = layer.arrays()
    entries, place = {}, 0
    for name, array in arrays.items():
        entries[name] = {
            "type": array.dtype.str,
            "shape": array.shape,
            "place": place,
            "hash": blake2b(_bytes_of(array), digest_size=16).hexdigest(),
        }
        place += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    header = json.dumps({**asdict(fingerprint), "notes": dict(notes or {}), "bytes": place, "arrays": entries}).encode()
    preamble = _PREAMBLE.pack(_FORMAT, len(header), blake2b(header, digest_size=16).digest())
    start = _start_of_arrays(len(header))
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", suffix=".part", delete=False) as target:
        try:
            target.write(preamble + header)
            for name, array in arrays.items():
                target.seek(start + int(str(entries[name]["place"])))
                target.write(_bytes_of(array))
            target.truncate(start + place)
            target.flush()
            os.fsync(target.fileno())
            Path(target.name).replace(file)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise


def load(file: Path, expected: Fingerprint | None = None) -> Layer:
    """Map a file and give its marks: ``mapped`` for those who need no more."""
    return mapped(file, expected).layer


def mapped(file: Path, expected: Fingerprint | None = None) -> IndexFile:
    """Map a file into memory and check its header, its size and, if given, that it stands for the ``expected`` marks.

    Takes milliseconds whatever the size: the arrays are read as they are needed. ``verify`` reads them all. Raises
    IndexFileError when the file is absent, damaged or stale.
    """
    header, parts, about = _opened(file)
    found = Fingerprint(header["count"], header["digest"])
    if expected is not None and found != expected:
        raise IndexFileError(file=file, reason=f"it holds {found.count} kits, the database {expected.count}, or others")
    try:
        layer = Layer.from_arrays(parts)
    except (KeyError, ValueError) as other:
        # Another version of the program names its parts otherwise.
        raise IndexFileError(file=file, reason="it is no index of this version") from other
    return IndexFile(layer, found, header["notes"], (about.st_dev, about.st_ino), about.st_size)


def verify(file: Path) -> None:
    """Read every byte and compare the hashes; IndexFileError names the first part that is damaged."""
    header, parts, _ = _opened(file)
    for name, entry in header["arrays"].items():
        if blake2b(_bytes_of(parts[name]), digest_size=16).hexdigest() != entry["hash"]:
            raise IndexFileError(file=file, reason=f"its part {name} is damaged")


def identity_of(file: Path) -> tuple[int, int] | None:
    """Device and inode of the file that has this name now; None when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def unfinished(file: Path) -> list[Path]:
    """What writers have begun beside ``file``: a dead one's remains, or a running one's work."""
    return sorted(file.parent.glob(f".{glob.escape(file.name)}.*.part"))


def _opened(file: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], os.stat_result]:
    """Header and arrays of a file and the system's word on it, all of one though another takes its name meanwhile."""
    try:
        with file.open("rb") as source:
            about = os.fstat(source.fileno())
            header, start = _header_of(file, source, about.st_size)
            if about.st_size != start + header["bytes"]:
                raise IndexFileError(file=file, reason=f"it has {about.st_size} bytes, not {start + header['bytes']}")
            whole = np.memmap(source, dtype=np.uint8, mode="r")
    except OSError as problem:
        raise IndexFileError(file=file, reason=problem.strerror or str(problem)) from problem
    parts = {name: _array_in(whole, start, entry) for name, entry in header["arrays"].items()}
    return header, parts, about


def _header_of(file: Path, source: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    preamble = source.read(_PREAMBLE.size)
    if len(preamble) < _PREAMBLE.size or not preamble.startswith(_FORMAT):
        raise IndexFileError(file=file, reason="it is no index of this version")
    _, length, expected = _PREAMBLE.unpack(preamble)
    raw = source.read(length) if length <= size else b""
    if len(raw) != length or blake2b(raw, digest_size=16).digest() != expected:
        raise IndexFileError(file=file, reason="its header is damaged")
    header: dict[str, Any] = json.loads(raw)
    return header, _start_of_arrays(length)


def _start_of_arrays(header_length: int) -> int:
    return -(-(_PREAMBLE.size + header_length) // _ALIGNMENT) * _ALIGNMENT


def _array_in(whole: NDArray[np.uint8], start: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    kind = np.dtype(entry["type"])
    shape = tuple(entry["shape"])
    first = start + entry["place"]
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    array: NDArray[Any] = np.asarray(whole[first : first + size]).view(kind).reshape(shape)
    return array


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _hash_of(kit_id: int, code: str, signature: str) -> int:
    text = f"{kit_id}\n{code}\n{signature}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
