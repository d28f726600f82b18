"""The backlog: messages that wait for delivery, in lanes that can be held up one by one.

Finding the oldest costs the same however many wait: after a day without a network a hundred thousand may.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.record_file import Place

__all__ = ["Backlog", "Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A message on the disk. ``rank`` counts messages in the order in which they came."""

    rank: int
    place: Place
    lane: str
    reading_id: str = ""
    case_number: str = ""


class Backlog:
    """Messages by their key, taken in the order in which they were added, which is that of their ranks."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._lanes: dict[str, deque[str]] = {}
        """Keys of each lane, oldest first; those that were taken are passed over when they come to the front."""

    def __len__(self) -> int:
        return len(self._kept)

    def items(self) -> Iterator[tuple[str, Kept]]:
        """All messages with their keys."""
        yield from self._kept.items()

    def add(self, key: str, kept: Kept) -> None:
        """Put a message behind those of its lane."""
        if key not in self._kept:
            self._lanes.setdefault(kept.lane, deque()).append(key)
        self._kept[key] = kept

    def take(self, key: str) -> Kept | None:
        """Let a message go that waits no more; None when it did not wait."""
        return self._kept.pop(key, None)

    def oldest(self, skipped_lanes: Collection[str] = ()) -> tuple[str, Kept] | None:
        """The key and message of lowest rank in a lane that is not skipped."""
        fronts = []
        for lane, keys in list(self._lanes.items()):
            while keys and keys[0] not in self._kept:
                keys.popleft()
            if not keys:
                del self._lanes[lane]
            elif lane not in skipped_lanes:
                fronts.append((keys[0], self._kept[keys[0]]))
        return min(fronts, key=lambda front: front[1].rank, default=None)

    def move(self, places: Mapping[str, Place]) -> None:
        """The file was written anew: each message lies at the place given for its key."""
        self._kept = {key: replace(kept, place=places[key]) for key, kept in self._kept.items()}
