"""What the compiled loops over packed signatures share: unsigned constants, lanes, and the count of ones."""

# ruff: noqa: ANN001, ANN201
# mypy: ignore-errors

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = ["FULL", "LANES", "U0", "U1", "ones"]

LANES = 64
"""Signatures compared side by side: enough for the widest vector registers, few enough for the first cache."""
U0 = np.uint64(0)
U1 = np.uint64(1)
FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(inline="always", **OPTIONS)
def ones(x):
    """How many bits are set; the compiler knows this form and takes the processor's own count."""
    x -= (x >> U1) & np.uint64(0x5555555555555555)
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))
