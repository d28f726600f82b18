"""How a mark may go on behind a seed that a read shares with it, so that a short seed's list is opened in part only.

Five bases are shared with ten thousand of ten million signatures by chance. A list is in the order of the bases that
follow the seed, so the parts of it whose next bases are within one edit of the read's are some ranges: a tenth of the
rows for four more bases, in which lie nine in ten of the signatures that a read with 15 % error was made of.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from registry.identification.parts import read_only

__all__ = ["runs", "within_one_edit"]


@lru_cache(maxsize=8)
def runs(more: int) -> NDArray[np.int64]:
    """The parts of a seed's list to open, by how the read goes on: shape (4**(more + 1) + 1, parts, 2).

    A list is divided by the ``more`` bases that follow the seed, as numbers with the first base most significant; a
    part runs from its first of these to the one after its last, and where there are fewer parts the rest are empty.
    The read's own next bases, one more of them for the case that one was added, are such a number too; the last entry
    stands for those that are not known, where the whole list is open.
    """
    opened = np.zeros((4 ** (more + 1) + 1, 4**more + 2), dtype=np.int8)
    read, mark = (numbers.astype(np.uint16) for numbers in np.ogrid[: 4 ** (more + 1), : 4**more])
    opened[:-1, 1:-1] = within_one_edit(read, mark, more)
    opened[-1, 1:-1] = 1
    steps = np.diff(opened, axis=1)
    starts, stops = (np.nonzero(steps == step) for step in (1, -1))
    parts = np.bincount(starts[0])
    which = np.arange(len(starts[0])) - np.repeat(np.cumsum(parts) - parts, parts)
    found = np.zeros((len(opened), int(parts.max()), 2), dtype=np.int64)
    found[starts[0], which, 0], found[stops[0], which, 1] = starts[1], stops[1]
    return read_only(found)


def within_one_edit(read: NDArray[np.integer], mark: NDArray[np.integer], more: int) -> NDArray[np.bool_]:
    """Whether the next bases of a read are those of a mark but for one edit; the shapes are broadcast.

    The ``more + 1`` of ``read`` and the ``more`` of ``mark`` are numbers with the first base most significant. One base
    may be wrong, lacking in the read or added to it; what follows the last base of the mark is left open.
    """
    fits: NDArray[np.bool_] = read >> 2 == mark
    for place in range(more):
        behind = more - 1 - place
        bits = 4**behind - 1
        wrong = (read >> 2 & bits) == (mark & bits)
        lost = (read >> 4 & bits) == (mark & bits) if behind else wrong
        added = (read & 4 * bits + 3) == (mark & 4 * bits + 3)
        fits |= (read >> 2 * (behind + 2) == mark >> 2 * (behind + 1)) & (wrong | lost | added)
    return fits
