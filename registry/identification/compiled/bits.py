"""What the compiled loops over packed signatures share: unsigned constants, lanes, the count of ones, unpacking."""

# ruff: noqa: ANN001, ANN201
# mypy: ignore-errors

import numpy as np
from numba import njit

from registry.identification.compiled.options import OPTIONS

__all__ = ["FULL", "LANES", "U0", "U1", "ones", "unpack"]

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


@njit(**OPTIONS)
def unpack(planes, row, bases) -> None:
    """The bases of the signature ``planes[row]`` (2 * words,) into ``bases`` (length,), as ``bases.unpack_row``."""
    for place in range(bases.shape[0]):
        word, bit = place // 64, np.uint64(place % 64)
        high, low = planes[row, 2 * word] >> bit, planes[row, 2 * word + 1] >> bit
        bases[place] = ((high & U1) << U1) | (low & U1)
