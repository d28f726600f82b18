"""Commands of the project as processes of their own that are there at once: forked from one that has loaded them.

A program is started a thousand times where it is killed a thousand times; most of that would be Python reading modules.
The process is as real as any: own memory, own descriptors, ended by SIGKILL alone.
"""

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import TextIO

__all__ = ["Forked"]

_MOST_LINES = 10_000
"""Lines kept for :meth:`Forked.said`; a server that nobody listens to does not fill the memory."""
_LAST_LINES = 20
_LAST_WORDS_SECONDS = 5.0
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["benchmarks.forked", "registry.app", "registry.commands.serve", "scanner.cli"])


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: Connection) -> None:
    """Be ``markdna`` with these arguments; all that it prints goes to ``output``."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    # The server forks its workers from itself, as when it is started by hand.
    multiprocessing.set_start_method("fork", force=True)
    from registry.cli import markdna  # noqa: PLC0415 - loaded in the process that all are forked from

    markdna.main(list(arguments))


class Forked:
    """A running command, leader of a process group of its own; what it prints is read as it comes."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        receiving, sending = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_run, args=(arguments, {**os.environ, **environment}, sending))
        self._process.start()
        atexit.register(self.kill)
        sending.close()
        self.pid = self._process.pid or 0
        self.was_killed = False
        """Whether :meth:`kill` was called, so that its end is no surprise."""
        self._news = threading.Condition()
        self._unread: deque[str] = deque(maxlen=_MOST_LINES)
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._ended = False
        stream = os.fdopen(os.dup(receiving.fileno()), "r", encoding="utf-8", errors="replace")
        receiving.close()
        self._reader = threading.Thread(target=self._drain, args=(stream,), daemon=True)
        self._reader.start()

    def _drain(self, stream: TextIO) -> None:
        with stream:
            for line in stream:
                with self._news:
                    self._unread.append(line)
                    self._last.append(line)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def said(self, words: str, seconds: float) -> bool:
        """Wait for a line with ``words``; each line is looked at once. False when it ended first or took longer."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                while self._unread:
                    if words in self._unread.popleft():
                        return True
                left = until - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self._news.wait(left)

    @property
    def last_lines(self) -> str:
        """The last that it printed, for the one who asks why it ended."""
        with self._news:
            return "".join(self._last)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """SIGKILL to it and to what it has started."""
        self.was_killed = True
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            # Not yet leader of its group, or gone.
            self._process.kill()

    def end(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        self._process.join()
        atexit.unregister(self.kill)
        self._reader.join(_LAST_WORDS_SECONDS)

    def wait(self, seconds: float) -> bool:
        """Wait until it ends by itself; False when it did not within ``seconds``."""
        self._process.join(seconds)
        return not self._process.is_alive()
