"""A block index over codes of one length: which of millions share an intact piece with a damaged text.

A code is cut into three or more blocks of about equal information. Two wrong characters always leave a block of three
intact; an unreadable character opens the lists of everything that can stand in its place; after a lost or extra
character the blocks behind it lie shifted. Lists are kept by a hash of the block; whoever is on one is compared anyway.

Beside each row a list keeps what stands at up to six other places, 5 bits each, so that nearly all rows of a list are
told to be far off while reading on in memory, without looking up their codes.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from registry.identification.glyphs import GLYPHS
from registry.identification.parts import Arrays, read_only

__all__ = ["MULTIPLIER", "BlockIndex"]

BLOCK = 3
"""Characters of the shortest blocks of a long code."""
FEWEST = 3
"""Blocks at the least: two wrong characters spoil two."""
LIST = 300
"""Codes on a list, about, to which a code is cut into as many blocks as its information allows."""
REMEMBERED = 6
"""Other places of which a list tells what stands there."""
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class BlockIndex:
    """Lists of codes by block.

    ``bounds`` (blocks + 1,) in the code; ``offsets`` (blocks, 2**bits + 1) and ``rows`` (blocks, n), uint32; ``places``
    (blocks, 6) are the other places that ``rest`` (blocks, n), uint32, tells of (the number of the glyph modulo 32, the
    first place in the lowest bits), -1 where a code has no more.
    """

    def __init__(
        self,
        bounds: NDArray[np.int64],
        offsets: NDArray[np.uint32],
        rows: NDArray[np.uint32],
        places: NDArray[np.int64],
        rest: NDArray[np.uint32],
    ) -> None:
        self.bounds = read_only(bounds)
        self.offsets = read_only(offsets)
        self.rows = read_only(rows)
        self.places = read_only(places)
        self.rest = read_only(rest)
        self.bits = int(offsets.shape[1] - 1).bit_length() - 1

    @classmethod
    def build(cls, glyphs: NDArray[np.uint8], information: NDArray[np.float64]) -> "BlockIndex":
        """Index codes (n, length); ``information`` (length,) tells how much each place adds to those before it."""
        count, length = glyphs.shape
        wanted = information.sum() / max(np.log(count / LIST), 1.0)
        bounds = _cut(information, int(np.clip(wanted, FEWEST, max(FEWEST, length // BLOCK))))
        bits = int(np.clip(int(np.log2(max(count, 1))), 8, 20))
        blocks = len(bounds) - 1
        offsets = np.zeros((blocks, 2**bits + 1), dtype=np.uint32)
        rows = np.empty((blocks, count), dtype=np.uint32)
        places = np.full((blocks, REMEMBERED), -1, dtype=np.int64)
        rest = np.empty((blocks, count), dtype=np.uint32)
        for block, (first, last) in enumerate(pairwise(bounds.tolist())):
            keys = hashed(glyphs[:, first:last], bits)
            # Sorting keys and rows as one number is several times faster than sorting rows by key.
            ordered = np.sort((keys.astype(np.uint64) << np.uint64(32)) | np.arange(count, dtype=np.uint64))
            rows[block] = ordered & np.uint64(0xFFFFFFFF)
            offsets[block, 1:] = np.cumsum(np.bincount(keys, minlength=2**bits))
            others = [place for place in np.argsort(-information, kind="stable") if not first <= place < last]
            told = sorted(others[:REMEMBERED])
            places[block, : len(told)] = told
            rest[block] = _remembered(glyphs, told)[rows[block]]
        return cls(bounds, offsets, rows, places, rest)

    def arrays(self) -> Arrays:
        """What the index is made of, for a file."""
        return {
            "bounds": self.bounds,
            "offsets": self.offsets,
            "rows": self.rows,
            "places": self.places,
            "rest": self.rest,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "BlockIndex":
        """The index made of ``arrays`` as they were given by its like."""
        return cls(*(arrays[part] for part in ("bounds", "offsets", "rows", "places", "rest")))

    @property
    def nbytes(self) -> int:
        """Bytes of the index without the codes."""
        return self.offsets.nbytes + self.rows.nbytes + self.rest.nbytes

    def rows_of(self, block: int, pieces: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Rows on the lists of a block's pieces (k, size)."""
        keys = np.unique(hashed(pieces, self.bits))
        starts, stops = self.offsets[block, keys].tolist(), self.offsets[block, keys + 1].tolist()
        lists = [self.rows[block, start:stop] for start, stop in zip(starts, stops, strict=True)]
        return np.concatenate(lists) if lists else np.empty(0, dtype=np.uint32)

    def size_of(self, block: int, pieces: NDArray[np.uint8]) -> int:
        """How many rows those are."""
        keys = hashed(pieces, self.bits)
        return int((self.offsets[block, keys + 1] - self.offsets[block, keys]).sum())


def hashed(blocks: NDArray[np.uint8], bits: int) -> NDArray[np.int64]:
    """The list of each block, shape (n,); a block of one character or ten hashes alike well."""
    keys = np.zeros(len(blocks), dtype=np.uint64)
    for column in blocks.T:
        keys = keys * np.uint64(len(GLYPHS) + 1) + column
    return ((keys * MULTIPLIER) >> np.uint64(64 - bits)).astype(np.int64)


def _remembered(glyphs: NDArray[np.uint8], places: list[int]) -> NDArray[np.uint32]:
    told = np.zeros(len(glyphs), dtype=np.uint32)
    for number, place in enumerate(places):
        told |= (glyphs[:, place] & np.uint8(31)).astype(np.uint32) << np.uint32(5 * number)
    return told


def _cut(information: NDArray[np.float64], blocks: int) -> NDArray[np.int64]:
    """Bounds of blocks that hold about the same share of the information, each of at least one place."""
    length = len(information)
    grown = np.concatenate([[0.0], np.cumsum(information + 1e-3)])
    bounds = [0]
    for block in range(1, blocks):
        nearest = int(np.argmin(np.abs(grown - grown[-1] * block / blocks)))
        bounds.append(min(max(nearest, bounds[-1] + 1), length - (blocks - block)))
    return np.array([*bounds, length], dtype=np.int64)
