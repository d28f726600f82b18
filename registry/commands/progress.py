"""A progress bar on standard error, only where a person looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from labels.language import reader_language
from registry.language import words
from registry.services.tables.source import Progress as Callback
from registry.services.tables.source import no_progress

__all__ = ["ReadsProgress", "shown_progress", "shown_reads"]

ReadsProgress = Callable[[int, int], None]
"""Called with the reads answered and the bytes of the file that were read."""


@contextmanager
def shown_progress(label: str) -> Iterator[Callback]:
    """A callback (done, total) that draws a bar while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield no_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def shown_reads(label: str, size: int | None) -> Iterator[ReadsProgress]:
    """A callback that shows reads, reads a second and, for a file of known ``size`` in bytes, the time left.

    Nothing is shown where standard output is the terminal too: there the answers themselves go by.
    """
    console = Console(stderr=True)
    if not console.is_terminal or sys.stdout.isatty():
        yield lambda _reads, _position: None
        return
    gettext = words(reader_language()).gettext
    reads = TextColumn(
        gettext("{reads} reads, {rate}/s").format(reads="{task.fields[reads]}", rate="{task.fields[rate]}")
    )
    known: tuple[ProgressColumn, ...] = (TaskProgressColumn(), TimeRemainingColumn()) if size else ()
    with Progress(TextColumn("{task.description}"), BarColumn(), *known, reads, console=console) as progress:
        task = progress.add_task(label.replace("[", r"\["), total=size, reads=0, rate=0)
        started = 0.0

        def show(done: int, position: int) -> None:
            nonlocal started
            now = progress.get_time()
            started = started or now
            rate = round(done / (now - started)) if now > started else 0
            progress.update(task, completed=min(position, size) if size else None, reads=done, rate=rate)

        yield show
