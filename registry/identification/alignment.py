"""A reading laid along a mark, place by place: from an edit path to columns and to plain lines."""

import re
from collections.abc import Mapping

import edlib
import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind
from registry.identification.distance import Ends

__all__ = ["PLAIN_SIGNS", "Step", "base_alignment", "base_path", "in_lines"]

_UNKNOWN_IS_ANY = [("N", base) for base in "ACGT"]
_CIGAR = re.compile(r"(\d+)([=XID])")

Step = tuple[int, int]
"""A step of a path: (place in the read, place in the mark), -1 where one of them has none."""

PLAIN_SIGNS: Mapping[ColumnKind, str] = {
    ColumnKind.MATCH: ".",
    ColumnKind.LOOKALIKE: "~",
    ColumnKind.MISMATCH: "x",
    ColumnKind.UNREADABLE: "?",
    ColumnKind.EXTRA: "+",
    ColumnKind.MISSING: "-",
}
"""The design language's signs for what cannot show them."""


def base_path(mark: str, read: str, ends: Ends) -> list[Step]:
    """A cheapest alignment of a signature and a read as steps from left to right; free ends are left out."""
    if not read or not mark:
        return [(-1, place) for place in range(len(mark))] + [(place, -1) for place in range(len(read))]
    mark_hangs = ends.mark_start or ends.mark_end
    start_free = ends.read_start or ends.mark_start
    end_free = ends.read_end or ends.mark_end
    query, target = (read, mark) if mark_hangs else (mark, read)
    turn = start_free and not end_free
    if turn:
        query, target = query[::-1], target[::-1]
    mode = "HW" if start_free and end_free else "SHW" if start_free or end_free else "NW"
    result = edlib.align(query, target, mode=mode, task="path", additionalEqualities=_UNKNOWN_IS_ANY)
    pairs = _walk(result["cigar"], result["locations"][0][0] or 0)
    if turn:
        pairs = [
            (len(query) - 1 - one if one >= 0 else -1, len(target) - 1 - two if two >= 0 else -1)
            for one, two in reversed(pairs)
        ]
    return pairs if mark_hangs else [(two, one) for one, two in pairs]


def _walk(cigar: str, target_start: int) -> list[Step]:
    """The steps (query place, target place) of an extended CIGAR; I stands for a query place without a target."""
    steps = []
    query, target = 0, target_start
    for count, operation in _CIGAR.findall(cigar):
        for _ in range(int(count)):
            steps.append((query if operation != "D" else -1, target if operation != "I" else -1))
            query += operation != "D"
            target += operation != "I"
    return steps


def base_alignment(
    mark: NDArray[np.uint8], read: NDArray[np.uint8], steps: NDArray[np.intp], *, reverse_strand: bool
) -> Alignment:
    """The columns of a path, steps of shape (k, 2), between a signature (m,) and a read (n,), both as numbers."""
    # What stands at place -1 is nothing.
    seen, meant = [*read.tolist(), _NOTHING], [*mark.tolist(), _NOTHING]
    columns = [_COLUMNS[seen[in_read]][meant[in_mark]] for in_read, in_mark in steps.tolist()]
    return Alignment(tuple(columns), reverse_strand)


def _column_of_bases(seen: str, meant: str) -> AlignedColumn:
    if not seen:
        kind = ColumnKind.MISSING
    elif not meant:
        kind = ColumnKind.EXTRA
    elif seen == "N":
        kind = ColumnKind.UNREADABLE
    else:
        kind = ColumnKind.MATCH if seen == meant else ColumnKind.MISMATCH
    return AlignedColumn(seen, meant, kind)


_LETTERS = ("A", "C", "G", "T", "N", "")
_NOTHING = _LETTERS.index("")
_COLUMNS = [[_column_of_bases(seen, meant) for meant in _LETTERS] for seen in _LETTERS]
"""The few columns there are; they are shared, since an answer has hundreds."""


def in_lines(alignment: Alignment) -> tuple[str, str, str]:
    """The reading, how it agrees and the mark as three texts of one length, for programs and logs.

    ``.`` agrees, ``x`` differs, ``~`` is a look-alike, ``?`` unreadable, ``+`` only in the reading, ``-`` only in the
    mark; a text has ``-`` where it has no character.
    """
    read = "".join(column.read or "-" for column in alignment.columns)
    signs = "".join(PLAIN_SIGNS[column.kind] for column in alignment.columns)
    return read, signs, "".join(column.mark or "-" for column in alignment.columns)
