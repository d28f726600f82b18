"""A block index over codes of one length: which of millions share an intact piece with a damaged text.

A code is cut into three or more blocks of about equal information. Two wrong characters always leave a block of three
intact; an unreadable character opens the lists of everything that can stand in its place; after a lost or extra
character the blocks behind it lie shifted. Lists are kept by a hash of the block; whoever is on one is compared anyway.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from registry.identification.glyphs import GLYPHS, LOOKALIKES, UNREADABLE, DotText
from registry.identification.parts import Arrays

__all__ = ["BlockIndex"]

BLOCK = 3
"""Characters a block, about; codes of six characters still have two."""
MOST_WAYS = 1500
"""Ways to fill the unreadable and doubtful characters of a block that are tried."""
MOST_ROWS = 150_000
"""Rows compared for one text; the longest lists are left out beyond that."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_LOOKALIKE_NUMBERS = [[GLYPHS.index(other) for other in LOOKALIKES.get(glyph, "")] for glyph in GLYPHS]


class BlockIndex:
    """``bounds`` (blocks + 1,) in the code; ``offsets`` (blocks, 2**bits + 1) and ``rows`` (blocks, n), uint32."""

    def __init__(self, bounds: NDArray[np.int64], offsets: NDArray[np.uint32], rows: NDArray[np.uint32]) -> None:
        self.bounds = bounds
        self.offsets = offsets
        self.rows = rows
        self.bits = int(offsets.shape[1] - 1).bit_length() - 1

    @classmethod
    def build(cls, glyphs: NDArray[np.uint8], entropy: NDArray[np.float64]) -> "BlockIndex":
        """Index codes (n, length); ``entropy`` (length,) tells how much each place varies."""
        count, length = glyphs.shape
        bounds = _cut(entropy, max(2, length // BLOCK))
        bits = int(np.clip(int(np.log2(max(count, 1))), 8, 20))
        offsets = np.zeros((len(bounds) - 1, 2**bits + 1), dtype=np.uint32)
        rows = np.empty((len(bounds) - 1, count), dtype=np.uint32)
        for block, (first, last) in enumerate(pairwise(bounds.tolist())):
            keys = _hashed(glyphs[:, first:last], bits)
            rows[block] = np.argsort(keys, kind="stable")
            offsets[block, 1:] = np.cumsum(np.bincount(keys, minlength=2**bits))
        return cls(bounds, offsets, rows)

    def arrays(self) -> Arrays:
        """What the index is made of, for a file."""
        return {"bounds": self.bounds, "offsets": self.offsets, "rows": self.rows}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "BlockIndex":
        """The index made of ``arrays`` as they were given by its like."""
        return cls(arrays["bounds"], arrays["offsets"], arrays["rows"])

    @property
    def nbytes(self) -> int:
        """Bytes of the index without the codes."""
        return self.offsets.nbytes + self.rows.nbytes

    def gather(self, dot: DotText, possible: Sequence[Sequence[int]]) -> Iterator[NDArray[np.uint32]]:
        """Rows on the lists of the blocks of a text, a block at a time, the fewest rows first.

        ``possible`` holds the glyphs seen at each place of the codes. A code that agrees with all that could be read is
        in the first portion already. Ends before ``MOST_ROWS`` would be passed.
        """
        pieces: list[tuple[int, int, NDArray[np.uint32], NDArray[np.uint32]]] = []
        for block, (first, last) in enumerate(pairwise(self.bounds.tolist())):
            for piece in _pieces(dot, first, last, int(self.bounds[-1])):
                ways = _ways(piece, possible[first:last])
                if ways is not None:
                    keys = np.unique(_hashed(ways, self.bits))
                    starts, stops = self.offsets[block, keys], self.offsets[block, keys + 1]
                    pieces.append((int((stops - starts).sum()), block, starts, stops))
        pieces.sort(key=lambda item: item[0])
        total = 0
        for size, block, starts, stops in pieces:
            total += size
            if total > MOST_ROWS and total > size:
                return
            rows = self.rows[block]
            lists = [rows[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
            if size:
                yield np.concatenate(lists)


def _pieces(dot: DotText, first: int, last: int, length: int) -> Iterator[list[int]]:
    """What stands in the text where a block belongs, for every shift that the difference of lengths allows."""
    difference = len(dot) - length
    glyphs = dot.glyphs.tolist()
    for shift in range(min(0, difference), max(0, difference) + 1):
        if first + shift >= 0 and last + shift <= len(glyphs):
            yield glyphs[first + shift : last + shift]


def _ways(piece: Sequence[int], possible: Sequence[Sequence[int]]) -> NDArray[np.uint8] | None:
    """The blocks a piece may have been, shape (ways, size); None when there are too many."""
    unreadable = [list(here) if glyph == UNREADABLE else [glyph] for glyph, here in zip(piece, possible, strict=True)]
    doubtful = [
        list(here) if glyph == UNREADABLE else [glyph, *(other for other in _LOOKALIKE_NUMBERS[glyph] if other in here)]
        for glyph, here in zip(piece, possible, strict=True)
    ]
    for alternatives in (doubtful, unreadable):
        if np.prod([len(here) for here in alternatives], dtype=np.float64) <= MOST_WAYS:
            return np.array(list(product(*alternatives)), dtype=np.uint8).reshape(-1, len(piece))
    return None


def _hashed(blocks: NDArray[np.uint8], bits: int) -> NDArray[np.int64]:
    """The list of each block, shape (n,); a block of one character or ten hashes alike well."""
    keys = np.zeros(len(blocks), dtype=np.uint64)
    for column in blocks.T:
        keys = keys * np.uint64(len(GLYPHS) + 1) + column
    return ((keys * _MULTIPLIER) >> np.uint64(64 - bits)).astype(np.int64)


def _cut(entropy: NDArray[np.float64], blocks: int) -> NDArray[np.int64]:
    """Bounds of blocks that hold about the same share of the information, each of at least one place."""
    length = len(entropy)
    grown = np.concatenate([[0.0], np.cumsum(entropy + 1e-3)])
    bounds = [0]
    for block in range(1, blocks):
        nearest = int(np.argmin(np.abs(grown - grown[-1] * block / blocks)))
        bounds.append(min(max(nearest, bounds[-1] + 1), length - (blocks - block)))
    return np.array([*bounds, length], dtype=np.int64)
