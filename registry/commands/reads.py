"""Reads of a FASTQ file or pipe, answered on several cores and written as they are answered."""

import io
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from labels.language import reader_language
from registry.commands.progress import ReadsProgress, shown_reads
from registry.commands.searched import Searched
from registry.identification.batch import identify_portions
from registry.identification.fastq import FastqRecord, lines_of, read_fastq
from registry.identification.summary import Summary, of_read, of_read_with_agreement
from registry.language import words
from registry.services.tables.reading import refuse_unreadable

__all__ = ["ReadsWish", "Tally", "answer_reads", "opened_reads"]

LOGGED_TOGETHER = 4096
"""Reads that stand in one event of the log at most."""
HELD_SECONDS = 1.0
"""How long an answer may wait for others to be logged with."""
STDIN = Path("-")

Write = Callable[[list[Summary], Mapping[int, str]], None]


@dataclass(frozen=True, slots=True)
class ReadsWish:
    """How a file of reads is to be answered."""

    file: Path
    processes: int
    exhaustive: bool
    agreement: bool


@dataclass
class Tally:
    """What came of the reads so far."""

    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    interrupted: bool = False

    def tell(self) -> None:
        """One line on standard error."""
        gettext = words(reader_language()).gettext
        reads = self.verdicts.total()
        said = gettext(
            "{reads} reads: {identified} identified, {ambiguous} with several possible kits, "
            "{not_registered} not registered, {unreadable} unreadable; {rate} reads/s."
        )
        rate = round(reads / self.seconds) if self.seconds > 0 else 0
        kinds = ("identified", "ambiguous", "not_registered", "unreadable")
        line = said.format(reads=reads, rate=rate, **{kind: self.verdicts[kind] for kind in kinds})
        click.echo(f"{gettext('Interrupted.')} {line}" if self.interrupted else line, err=True)


@contextmanager
def opened_reads(file: Path) -> Iterator[tuple[io.FileIO, int | None]]:
    """The file, or standard input for ``-``, open as a raw file, and its size where that is known.

    Raises RefusedFile when it cannot be opened.
    """
    try:
        # The descriptor of standard input stays open: a thread may still be waiting on it when the program ends.
        raw = io.FileIO(0, closefd=False) if file == STDIN else io.FileIO(file)
        size = Path(f"/dev/fd/{raw.fileno()}").stat().st_size if file == STDIN else file.stat().st_size
    except OSError as fault:
        raise refuse_unreadable(str(file), fault.strerror or str(fault)) from None
    try:
        yield raw, size if raw.seekable() and size else None
    finally:
        # Closing a pipe on which a thread still waits would wait with it; the program's end closes it too.
        if not raw.closed and raw.seekable():
            raw.close()


def answer_reads(searched: Searched, wish: ReadsWish, write: Write, tally: Tally) -> None:
    """Answer every read of a file, in order, writing what is answered and counting it in ``tally``.

    What was answered before a damaged record, or before Ctrl-C, has been written when the fault is raised.
    """
    name = "stdin" if wish.file == STDIN else wish.file.name
    with (
        tempfile.TemporaryDirectory(prefix="markdna-identify-") as folder,
        opened_reads(wish.file) as (raw, size),
        shown_reads(name, size) as progress,
    ):
        index_file, primers = searched.index(Path(folder))
        portions = identify_portions(
            index_file,
            read_fastq(lines_of(raw)),
            of_read_with_agreement if wish.agreement else of_read,
            primers,
            processes=wish.processes,
            exhaustive=wish.exhaustive,
        )
        teller = _Teller(searched, name, write, tally, progress, raw if size else None)
        with closing(portions):
            try:
                for portion in portions:
                    teller.take(portion)
            except KeyboardInterrupt:
                tally.interrupted = True
            finally:
                with _uninterrupted():
                    teller.release()


@dataclass
class _Teller:
    """Holds answers until they are logged, then writes them."""

    searched: Searched
    name: str
    write: Write
    tally: Tally
    progress: ReadsProgress
    raw: io.FileIO | None
    held: list[Summary] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    released: float = 0.0

    def take(self, portion: list[Summary]) -> None:
        """Hold a portion, and release all that is held when it is much, or old, or when no more comes for now."""
        now = time.monotonic()
        self.held += portion
        if not portion or len(self.held) >= LOGGED_TOGETHER or now - self.released >= HELD_SECONDS:
            self.release()

    def release(self) -> None:
        """Log what is held, then write it."""
        held, self.held = self.held, []
        self.released = time.monotonic()
        if not held:
            return
        kits = {one.kit_id for summary in held for one in summary.candidates}
        verdicts = [summary.verdict for summary in held]
        codes = self.searched.codes(self.name, [summary.name for summary in held], verdicts, kits)
        self.write(held, codes)
        self.tally.verdicts.update(verdicts)
        self.tally.seconds = time.monotonic() - self.started
        self.progress(self.tally.verdicts.total(), self.raw.tell() if self.raw else 0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C does not cut a line or an event of the log in two."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def first_distinct(records: Iterator[FastqRecord], most: int) -> tuple[list[FastqRecord], int]:
    """The first ``most`` records that differ in bases or quality, and how many there are in all."""
    kept: dict[tuple[str, str], FastqRecord] = {}
    count = 0
    for record in records:
        count += 1
        if len(kept) < most:
            kept.setdefault((record.bases, record.quality), record)
    return list(kept.values()), count
