"""The shape of a target."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """Bytes in, nothing out, an exception for what must not happen.

    ``prepare`` is called once, after ``instrumented`` packages can be watched: whatever it needs it imports itself.
    """

    prepare: Callable[[], Callable[[bytes], None]]
    seeds: Callable[[], list[bytes]]
    instrumented: tuple[str, ...]
    words: tuple[str, ...] = ()
    """What the format is made of, for the fuzzer's dictionary."""
    longest: int = 4096
    """Bytes of an input at most."""
