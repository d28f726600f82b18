"""The index is built by a process of its own, so that no look-up shares its time or memory with it.

Run as a program it reads what to build from its standard input: a line of JSON with ``database``, ``index_file`` and
``from_scratch``. An address with a password therefore never stands in the list of processes.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import registry
from registry.database import Database
from registry.services import index_file

__all__ = ["IndexBuilder"]

_LOG: Final = logging.getLogger(__name__)
_PAUSE_SECONDS: Final = 30.0
"""Between two builds that this process asks for, so that a full disk is not tried without end."""


class IndexBuilder:
    """Starts a builder when it is asked to, one at a time; whoever asks never waits."""

    def __init__(self, database: str, file: Path) -> None:
        self._database = database
        self._file = file
        self._lock = threading.Lock()
        self._running: subprocess.Popen[str] | None = None
        self._started: float | None = None

    def wake(self, from_scratch: bool = False) -> None:  # noqa: FBT001, FBT002 - called by position, like an event
        """Have the index built, unless a builder of this process is at it or has just been."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._running is not None and self._running.poll() is None:
                return
            if self._started is not None and time.monotonic() < self._started + _PAUSE_SECONDS:
                return
            self._started = time.monotonic()
            self._running = self._start(from_scratch=from_scratch)
        finally:
            self._lock.release()

    def wait(self, seconds: float) -> int | None:
        """Wait for the running builder, if there is one, and return its exit code."""
        running = self._running
        return None if running is None else running.wait(seconds)

    def _start(self, *, from_scratch: bool) -> subprocess.Popen[str] | None:
        home = str(Path(registry.__path__[0]).parent)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))}
        errand = {
            "database": self._database,
            "index_file": str(self._file.absolute()),
            "from_scratch": from_scratch,
        }
        try:
            builder = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=environment,
                text=True,
            )
            assert builder.stdin is not None  # noqa: S101 - it was asked for
            with builder.stdin as errands:
                errands.write(json.dumps(errand) + "\n")
        except OSError as fault:
            _LOG.warning("the index cannot be built: %s", fault.strerror)
            return None
        return builder


def main() -> None:
    """Build what the first line of standard input says, giving way to the server."""
    errand = json.loads(sys.stdin.readline())
    os.nice(5)
    database = Database(errand["database"])
    try:
        index_file.build(database, Path(errand["index_file"]), from_scratch=errand["from_scratch"])
    finally:
        database.close()


if __name__ == "__main__":
    main()
