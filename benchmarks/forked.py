"""Commands of the project as processes of their own that are there at once: forked from one that has loaded them.

A program is started a thousand times where it is killed a thousand times; most of that would be Python reading modules.
The process is as real as any: own memory, own descriptors, ended by SIGKILL alone.
"""

import atexit
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import TextIO

__all__ = ["Forked"]

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
    """A running command, leader of a process group of its own."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        receiving, sending = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_run, args=(arguments, {**os.environ, **environment}, sending))
        self._process.start()
        atexit.register(self.kill)
        sending.close()
        self.pid = self._process.pid or 0
        self.output: TextIO = os.fdopen(os.dup(receiving.fileno()), "r", encoding="utf-8", errors="replace")
        receiving.close()

    def said(self, words: str) -> bool:
        """Read what it prints until ``words`` are in it; False when it ended before."""
        return any(words in line for line in iter(self.output.readline, ""))

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """SIGKILL to it and to what it has started."""
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
        self.output.close()

    def wait(self, seconds: float) -> bool:
        """Wait until it ends by itself; False when it did not within ``seconds``. What it prints is dropped."""
        self.said("\0 never said")
        self._process.join(seconds)
        return not self._process.is_alive()
