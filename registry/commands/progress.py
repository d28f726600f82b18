"""A progress bar on standard error, only where a person looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.services.tables.source import Progress as Callback
from registry.services.tables.source import no_progress

__all__ = ["shown_progress"]


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
