"""The gain of a maker of repeats, compiled from the very function that does it in plain Python."""

# mypy: ignore-errors
from numba import njit

from registry.identification import repeats
from registry.identification.compiled.options import OPTIONS

__all__ = ["repeat_gain"]

repeat_gain = njit(**OPTIONS)(repeats.repeat_gain)
