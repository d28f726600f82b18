"""A layer of marks as one file that worker processes map into memory.

The database is the truth and this file is derived: it carries the count and the fingerprint of the marks it was made
from, and whoever opens it says which he expects. A new file is written beside the old one and renamed over it, so that
readers keep the one they have and a crash leaves the old one whole.

Layout: 8 bytes of format name, 8 bytes little-endian length of the header, 16 bytes BLAKE2b of the header, the header
(JSON: count, fingerprint, and for each array its name, type, shape, place and BLAKE2b), then the arrays, each at a
multiple of 64 bytes.
"""

import json
import os
import struct
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.errors import RegistryError
from registry.identification.answer import Mark
from registry.identification.layers import Layer

__all__ = ["Fingerprint", "IndexFileError", "load", "save", "verify"]

_FORMAT = b"MDNAIX02"
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
        count = digest = 0
        for mark in marks:
            count += 1
            digest += _hash_of(mark)
        return cls(count, digest % _WHOLE)

    def plus(self, mark: Mark) -> "Fingerprint":
        """With one mark more."""
        return Fingerprint(self.count + 1, (self.digest + _hash_of(mark)) % _WHOLE)

    def minus(self, mark: Mark) -> "Fingerprint":
        """With one mark less."""
        return Fingerprint(self.count - 1, (self.digest - _hash_of(mark)) % _WHOLE)


def save(file: Path, layer: Layer, fingerprint: Fingerprint) -> None:
    """Write a layer beside ``file`` and rename it into place; look-ups on the old file go on undisturbed."""
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
    header = json.dumps({**asdict(fingerprint), "bytes": place, "arrays": entries}).encode()
    preamble = _PREAMBLE.pack(_FORMAT, len(header), blake2b(header, digest_size=16).digest())
    start = _start_of_arrays(len(header))
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as target:
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
    """Map a file into memory and check its header, its size and, if given, that it stands for the ``expected`` marks.

    Takes milliseconds whatever the size: the arrays are read as they are needed. ``verify`` reads them all. Raises
    IndexFileError when the file is absent, damaged or stale.
    """
    header, start = _header_of(file)
    found = Fingerprint(header["count"], header["digest"])
    if expected is not None and found != expected:
        raise IndexFileError(file=file, reason=f"it holds {found.count} kits, the database {expected.count}, or others")
    whole = np.memmap(file, dtype=np.uint8, mode="r")
    if len(whole) != start + header["bytes"]:
        raise IndexFileError(file=file, reason=f"it has {len(whole)} bytes instead of {start + header['bytes']}")
    return Layer.from_arrays({name: _array_in(whole, start, entry) for name, entry in header["arrays"].items()})


def verify(file: Path) -> None:
    """Read every byte and compare the hashes; IndexFileError names the first part that is damaged."""
    header, start = _header_of(file)
    whole = np.memmap(file, dtype=np.uint8, mode="r")
    if len(whole) != start + header["bytes"]:
        raise IndexFileError(file=file, reason=f"it has {len(whole)} bytes instead of {start + header['bytes']}")
    for name, entry in header["arrays"].items():
        array = _array_in(whole, start, entry)
        if blake2b(_bytes_of(array), digest_size=16).hexdigest() != entry["hash"]:
            raise IndexFileError(file=file, reason=f"its part {name} is damaged")


def _header_of(file: Path) -> tuple[dict[str, Any], int]:
    try:
        with file.open("rb") as source:
            preamble = source.read(_PREAMBLE.size)
            if len(preamble) < _PREAMBLE.size or not preamble.startswith(_FORMAT):
                raise IndexFileError(file=file, reason="it is no index of this version")
            _, length, expected = _PREAMBLE.unpack(preamble)
            size = file.stat().st_size
            raw = source.read(length) if length <= size else b""
    except OSError as problem:
        raise IndexFileError(file=file, reason=problem.strerror or str(problem)) from problem
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


def _hash_of(mark: Mark) -> int:
    text = f"{mark.kit_id}\n{mark.code}\n{mark.signature}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
