"""What all commands of the station share: refusals in words, and an end in good order."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FrameType
from typing import ParamSpec

import click

from labels.errors import ExplainedError
from scanner.errors import PortError
from scanner.language import words

__all__ = ["explains_errors", "until_signalled"]

_EXIT_REFUSED = 1
_EXIT_PORT = 3

Arguments = ParamSpec("Arguments")


def explains_errors(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Turn what the project refuses into its words and an exit code: 3 for a port, 1 for all else."""

    @wraps(command)
    def explained(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ExplainedError as error:
            click.echo(error.explain(words()), err=True)
            sys.exit(_EXIT_PORT if isinstance(error, PortError) else _EXIT_REFUSED)

    return explained


@contextlib.contextmanager
def until_signalled(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` when the process is asked to end (Ctrl-C, SIGTERM); the second Ctrl-C ends it at once."""

    def ask(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
