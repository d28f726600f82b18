"""The invented registers of the identification benchmarks: fixed seeds, made in chunks, any row made anew at will.

A smaller register is the beginning of a larger one. Nothing here holds a second copy of a large register: 10^8
signatures are 1.6 GB.
"""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import CODE_LETTERS
from registry.identification.bases import unpack_codes
from registry.identification.glyphs import encode_glyphs

__all__ = [
    "CODE_LENGTH",
    "LENGTH",
    "code_glyphs",
    "codes_digest",
    "register_digest",
    "signature_bases",
    "signature_planes",
    "signature_texts",
]

LENGTH = 64
"""Bases of a signature: one word a bit plane, so that random words are random signatures."""
CODE_LENGTH = 9
"""Characters of a code."""
SIGNATURE_SEED, CODE_SEED = 20261122, 20261123
CHUNK = 1_000_000
_LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)


def signature_planes(first: int, last: int) -> NDArray[np.uint64]:
    """Packed signatures of the kits ``first`` to ``last`` (exclusive), shape (n, 2)."""
    stream = np.random.PCG64(SIGNATURE_SEED).advance(2 * first)
    return np.asarray(stream.random_raw(2 * (last - first)), dtype=np.uint64).reshape(-1, 2)


def signature_bases(kits: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Bases (0 to 3) of any kits' signatures, shape (n, 64), made anew and not looked up."""
    rows = [signature_planes(kit, kit + 1) for kit in kits.tolist()]
    return unpack_codes(np.concatenate(rows), LENGTH) if rows else np.empty((0, LENGTH), dtype=np.uint8)


def signature_texts(count: int) -> Iterator[list[str]]:
    """The signatures of a register as letters, some at a time."""
    for first in range(0, count, CHUNK):
        codes = unpack_codes(signature_planes(first, min(first + CHUNK, count)), LENGTH)
        text = _LETTERS[codes].tobytes().decode("ascii")
        yield [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]


def code_glyphs(count: int) -> NDArray[np.uint8]:
    """Codes of nine of 32 characters as the engine's glyphs, shape (count, 9)."""
    dice = np.random.default_rng(CODE_SEED)
    letters = encode_glyphs(CODE_LETTERS)
    glyphs = np.empty((count, CODE_LENGTH), dtype=np.uint8)
    for first in range(0, count, CHUNK):
        part = glyphs[first : first + CHUNK]
        part[:] = letters[dice.integers(0, len(letters), (CHUNK, CODE_LENGTH), dtype=np.uint8)[: len(part)]]
    return glyphs


def register_digest(count: int) -> str:
    """What tells one register of signatures from another: length, size and a hash of every signature."""
    digest = blake2b(digest_size=8)
    for first in range(0, count, CHUNK):
        digest.update(signature_planes(first, min(first + CHUNK, count)).data)
    return f"signatures-{LENGTH}-{count}-{digest.hexdigest()}"


def codes_digest(glyphs: NDArray[np.uint8]) -> str:
    """The same for a register of codes."""
    digest = blake2b(np.ascontiguousarray(glyphs).data, digest_size=8)
    return f"codes-{glyphs.shape[1]}-{len(glyphs)}-{digest.hexdigest()}"
