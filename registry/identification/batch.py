"""Many reads at once, on several cores: processes that map one index file and share its memory.

Each read is answered as a reading of its own, in the order of the reads. A thread reads ahead, up to a bound, while the
caller's thread hands portions to the processes and takes their answers: the processes never wait for the file, a slow
file never holds back an answer that is ready, and memory does not grow with the file. What comes back from a process is
only what the caller asked for (``pick``), since a whole answer takes longer to unpack than a portion of it to find.
"""

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

from registry.errors import RegistryError
from registry.identification.answer import Answer, MarkKind, Observation, PrimerPair
from registry.identification.engine import Engine
from registry.identification.fastq import FastqRecord
from registry.identification.index import load

__all__ = ["PORTION", "WorkerLostError", "identify_portions", "identify_reads"]

PORTION = 256
"""Reads a process takes at a time."""
PORTION_BASES = 2_000_000
"""Bases a process takes at a time, though at least one read."""
_TICK = 1.0
"""Seconds without a read after which the caller gets an empty portion."""

Picked = TypeVar("Picked")
Pick = Callable[[FastqRecord, Answer], Picked]
"""Makes of a read and its answer what the caller wants; runs in the worker process, so it is a function of a module."""


class WorkerLostError(RegistryError):
    """A worker process ended by itself, e.g. because the system had no memory left; reads before it are answered."""

    template = "A process that answers reads was ended by the system: {problem}. Try again with fewer processes."


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a worker process is started with."""

    index_file: Path
    primers: tuple[PrimerPair, ...]
    exhaustive: bool
    pick: Pick[Any]


_WORKER: list[Any] = []
"""In a worker process: its engine and its setting, set by ``_start``."""


def identify_reads(
    index_file: Path, records: Iterable[FastqRecord], primers: Sequence[PrimerPair] = (), *, processes: int = 2
) -> Iterator[tuple[FastqRecord, Answer]]:
    """Each read with its answer, in order. Raises IndexFileError when the index cannot be used."""
    return chain.from_iterable(identify_portions(index_file, records, _both, primers, processes=processes))


def identify_portions(
    index_file: Path,
    records: Iterable[FastqRecord],
    pick: Pick[Picked],
    primers: Sequence[PrimerPair] = (),
    *,
    processes: int = 2,
    exhaustive: bool = False,
) -> Generator[list[Picked], None, None]:
    """What ``pick`` makes of each read and its answer, in order, as the processes finish portions of them.

    A portion is empty when no read came for a second, so that the caller can write what it holds. What ``records``
    raises is raised here after the answers to all records before it. Raises IndexFileError when the index cannot be
    used, WorkerLostError when a process was ended from outside.
    """
    load(index_file)  # A fault is better told here than by a worker that cannot start.
    setting = _Setting(index_file, tuple(primers), exhaustive, pick)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (setting,))
    intake = _Intake(records, PORTION * (processes + 1))
    waiting: deque[Future[list[Picked]]] = deque()
    try:
        while True:
            while len(waiting) <= 4 * processes and (portion := intake.take(wait=not waiting)):
                with _interrupts_held():
                    waiting.append(pool.submit(_answer, portion))
            if waiting:
                yield waiting.popleft().result()
            elif intake.ended:
                break
            else:
                yield []
        intake.raise_fault()
    except BrokenProcessPool as fault:
        raise WorkerLostError(problem=str(fault)) from None
    finally:
        intake.close()
        pool.shutdown(cancel_futures=True)


class _Intake:
    """Records read ahead by a thread, up to ``most`` of them or PORTION_BASES."""

    def __init__(self, records: Iterable[FastqRecord], most: int) -> None:
        self._records = records
        self._most = most
        self._ahead: deque[FastqRecord] = deque()
        self._bases = 0
        self._changed = Condition()
        self._closed = self._read_all = False
        self._fault: BaseException | None = None
        # A thread that waits for a pipe must not keep the program from ending.
        Thread(target=self._read, daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether every record was taken."""
        with self._changed:
            return self._read_all and not self._ahead

    def take(self, *, wait: bool) -> list[FastqRecord]:
        """The next portion, of what is there; with ``wait`` an empty one comes only at the end or after a second."""
        with self._changed:
            if wait and not self._ahead and not self._read_all:
                self._changed.wait(_TICK)
            portion: list[FastqRecord] = []
            bases = 0
            while self._ahead and len(portion) < PORTION and bases < PORTION_BASES:
                portion.append(self._ahead.popleft())
                bases += len(portion[-1].bases)
            self._bases -= bases
            self._changed.notify_all()
            return portion

    def raise_fault(self) -> None:
        """Raise what ended the records, if anything did."""
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """Read no more; a read that is under way is not waited for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _read(self) -> None:
        fault: BaseException | None = None
        try:
            for record in self._records:
                if not self._put(record):
                    break
        except BaseException as raised:  # noqa: BLE001 - told to the caller, in its thread and in its turn
            fault = raised
        with self._changed:
            self._fault, self._read_all = fault, True
            self._changed.notify_all()

    def _put(self, record: FastqRecord) -> bool:
        with self._changed:
            while not self._closed and (len(self._ahead) >= self._most or self._bases >= PORTION_BASES):
                self._changed.wait()
            self._ahead.append(record)
            self._bases += len(record.bases)
            if len(self._ahead) == 1:
                self._changed.notify_all()
            return not self._closed


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; workers inherit that it is held back, and the caller decides."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(setting: _Setting) -> None:
    _WORKER[:] = [Engine(load(setting.index_file), setting.primers), setting]


def _answer(portion: Sequence[FastqRecord]) -> list[Any]:
    engine, setting = _WORKER
    picked = []
    for one in portion:
        observation = Observation(MarkKind.DNA, one.bases, one.quality)
        picked.append(setting.pick(one, engine.identify([observation], exhaustive=setting.exhaustive)))
    return picked


def _both(record: FastqRecord, answer: Answer) -> tuple[FastqRecord, Answer]:
    return record, answer
