"""A file to import, from disk or from an upload, and its fingerprint."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["Progress", "Source", "no_progress"]

Progress = Callable[[int, int], None]
"""Called now and then with what is done and what there is to do, in the same unit."""

_CHUNK = 1024 * 1024


def no_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes with a name; ``open`` may be called again for a second pass."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    @classmethod
    def of_file(cls, path: Path) -> "Source":
        """The file at ``path``; raises OSError when it cannot be read."""
        with path.open("rb"):
            return cls(path.name, path.stat().st_size, lambda: path.open("rb"))

    @classmethod
    def of_bytes(cls, name: str, content: bytes) -> "Source":
        """An upload that is in memory already."""
        return cls(name, len(content), lambda: io.BytesIO(content))

    def fingerprint(self) -> bytes:
        """SHA-256 of the content: the same file again is known by it."""
        digest = hashlib.sha256()
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.digest()
