"""Whether compiled inner loops are at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock, Thread
from types import ModuleType

__all__ = ["compiled", "load_in_background", "not_waited_for"]

_not_waited_for = ContextVar("_not_waited_for", default=False)


class _Loading:
    """How far the loading has come."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.thread: Thread | None = None
        self.done = False


_loading = _Loading()


def compiled() -> ModuleType | None:
    """The module of compiled loops; None when numba is not installed (extra ``fast``), or is not waited for.

    Loaded at first need: importing numba takes half a second that a small register never has to spend.
    """
    if not _loading.done and (_loading.thread is not None or _not_waited_for.get()):
        return None
    return _load()


@contextmanager
def not_waited_for() -> Iterator[None]:
    """Within this block plain numpy does what the compiled loops would, unless they are loaded already."""
    before = _not_waited_for.set(True)
    try:
        yield
    finally:
        _not_waited_for.reset(before)


def load_in_background() -> Thread:
    """Load the compiled loops in a thread; until they are there, plain numpy answers. The thread may be waited for."""
    with _loading.lock:
        if _loading.thread is None:
            _loading.thread = Thread(target=_load, name="compiled loops", daemon=True)
            _loading.thread.start()
        return _loading.thread


@cache
def _load() -> ModuleType | None:
    try:
        return None if find_spec("numba") is None else import_module("registry.identification.compiled")
    finally:
        _loading.done = True
