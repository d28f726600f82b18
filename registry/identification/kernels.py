"""Whether compiled inner loops are at hand."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

__all__ = ["compiled"]


@cache
def compiled() -> ModuleType | None:
    """The module of compiled loops, or None when numba is not installed (extra ``fast``).

    Loaded at first need: importing numba takes half a second that a small register never has to spend.
    """
    if find_spec("numba") is None:
        return None
    return import_module("registry.identification.compiled")
