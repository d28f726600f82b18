"""What happened, told by any thread and shown by the one that draws, which is woken at once."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock

__all__ = ["Happenings"]


class Happenings:
    """A queue of things to show. ``wake`` is called, in the thread that tells, when there is something after nothing.

    It is not called for what comes before that has been taken: many in a row are shown together.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._mutex = Lock()
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def put(self, show: Callable[[], None]) -> None:
        """Something happened; ``show`` shows it."""
        with self._mutex:
            first = self._queue.empty()
            self._queue.put(show)
        if first:
            self._wake()

    def get_nowait(self) -> Callable[[], None]:
        """What shows the oldest thing that is not shown yet. Raises queue.Empty."""
        return self._queue.get_nowait()

    def empty(self) -> bool:
        """Whether all that was told has been taken."""
        return self._queue.empty()
