"""Frames cut out of a stream of bytes: by start and end, by a fixed length, or by a field that says the length."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from scanner.framing.tally import Refusal, Tally

__all__ = ["FrameFramer", "Shape"]

Understood = TypeVar("Understood")


@dataclass(frozen=True, slots=True)
class Shape:
    """How to know where a frame begins and ends; see ``scanner.profiles.profile.FrameRule``."""

    start: bytes
    end: bytes
    length: int | None
    length_at: int | None
    length_adds: int
    longest: int

    def size(self, data: bytes, start: int) -> int | Refusal | None:
        """Bytes of the frame that begins at ``start``; None while it cannot be told."""
        if self.length is not None:
            return self.length
        if self.length_at is not None:
            if len(data) <= start + self.length_at:
                return None
            size = data[start + self.length_at] + self.length_adds
            least = max(len(self.start) + len(self.end), self.length_at + 1)
            return size if least <= size <= self.longest else Refusal.FIELDS
        found = data.find(self.end, start + len(self.start), start + self.longest)
        if found >= 0:
            return found + len(self.end) - start
        return Refusal.TOO_LONG if len(data) - start >= self.longest else None


class FrameFramer:
    """Bytes in, understood frames out. Holds at most one frame's worth of bytes.

    After a candidate that is not understood the search goes on at its second byte, so that no false start hides a
    frame. What begins inside a refused candidate and is refused as well is not counted a second time.
    """

    def __init__(self, shape: Shape, understand: Callable[[bytes], str | Refusal], tally: Tally) -> None:
        self._shape = shape
        self._understand = understand
        self._tally = tally
        self._rest = b""
        self._rest_at = 0
        self._refused_until = 0

    def receive(self, data: bytes) -> list[tuple[str, bytes]]:
        """What the frames say that ``data`` completes, each with its bytes."""
        self._tally.received += len(data)
        return list(self._frames(self._rest + data, ended=False))

    def silence(self) -> list[tuple[str, bytes]]:
        """What is left when the line has fallen silent: a false start may have hidden a whole frame."""
        return list(self._frames(self._rest, ended=True))

    def reset(self) -> None:
        """Forget the unfinished frame."""
        if self._rest:
            self._tally.refused[Refusal.CUT_SHORT] += 1
        self._rest_at += len(self._rest)
        self._rest = b""

    def _frames(self, data: bytes, *, ended: bool) -> Iterator[tuple[str, bytes]]:
        at = 0
        while (at := self._begin(data, at)) < len(data):
            size = self._shape.size(data, at)
            if not isinstance(size, Refusal) and (size is None or len(data) - at < size):
                if not ended:
                    break
                size = Refusal.CUT_SHORT
            said = size if isinstance(size, Refusal) else self._understand(data[at : at + size])
            if isinstance(said, Refusal) or isinstance(size, Refusal):
                self._refuse(Refusal(said), self._rest_at + at, 1 if isinstance(size, Refusal) else size)
                at += 1
                continue
            self._tally.frames += 1
            self._tally.framed += size
            yield said, data[at : at + size]
            at += size
        at = len(data) if ended else min(at, len(data))
        self._rest = data[at:]
        self._rest_at += at

    def _begin(self, data: bytes, at: int) -> int:
        """Where the next frame may begin. Behind it nothing is a start, not even half of one."""
        start = self._shape.start
        if not start:
            return at
        found = data.find(start, at)
        if found >= 0:
            return found
        halves = (length for length in range(min(len(start) - 1, len(data) - at), 0, -1))
        return len(data) - next((length for length in halves if data.endswith(start[:length])), 0)

    def _refuse(self, reason: Refusal, begins: int, size: int) -> None:
        if begins >= self._refused_until:
            self._tally.refused[reason] += 1
            self._refused_until = begins + size
