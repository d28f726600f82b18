"""Many reads at once, on several cores: processes that map one index file and share its memory.

Each read is answered as a reading of its own, in the order of the reads; only a bounded number is on the way.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from registry.identification.answer import Answer, MarkKind, Observation, PrimerPair
from registry.identification.engine import Engine
from registry.identification.fastq import FastqRecord
from registry.identification.index import load

__all__ = ["identify_reads"]

PORTION = 256
"""Reads a worker takes at a time."""

_engines: list[Engine] = []
"""In a worker process, its engine; set once by ``_start``."""


def identify_reads(
    index_file: Path, records: Iterable[FastqRecord], primers: Sequence[PrimerPair] = (), *, processes: int = 2
) -> Iterator[tuple[FastqRecord, Answer]]:
    """Each read with its answer, in order. Raises IndexFileError when the index cannot be used."""
    load(index_file)  # A fault is better told here than by a worker that cannot start.
    portions = _portions(records)
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (index_file, tuple(primers))) as pool:
        waiting: deque[tuple[list[FastqRecord], Future[list[Answer]]]] = deque()
        for portion in portions:
            waiting.append((portion, pool.submit(_answer, portion)))
            if len(waiting) > 2 * processes:
                yield from _taken(waiting)
        while waiting:
            yield from _taken(waiting)


def _taken(waiting: deque[tuple[list[FastqRecord], Future[list[Answer]]]]) -> Iterator[tuple[FastqRecord, Answer]]:
    portion, future = waiting.popleft()
    yield from zip(portion, future.result(), strict=True)


def _portions(records: Iterable[FastqRecord]) -> Iterator[list[FastqRecord]]:
    stream = iter(records)
    while portion := list(islice(stream, PORTION)):
        yield portion


def _start(index_file: Path, primers: Sequence[PrimerPair]) -> None:
    _engines[:] = [Engine(load(index_file), primers)]


def _answer(portion: Sequence[FastqRecord]) -> list[Answer]:
    (engine,) = _engines
    return [engine.identify([Observation(MarkKind.DNA, one.bases, one.quality)]) for one in portion]
