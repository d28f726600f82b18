"""Alignments written as two lines, and the readings made of them."""

from collections.abc import Callable

import pytest

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind
from registry.identification.picture.frame import Reading
from registry.language import Language, words

LOOKALIKES = {("O", "0"), ("B", "8")}


def kind_of(read: str, mark: str) -> ColumnKind:
    if read == "-":
        return ColumnKind.MISSING
    if mark == "-":
        return ColumnKind.EXTRA
    if read == "?" or (read == "N" and mark != "N"):
        return ColumnKind.UNREADABLE
    if (read, mark) in LOOKALIKES:
        return ColumnKind.LOOKALIKE
    return ColumnKind.MATCH if read == mark else ColumnKind.MISMATCH


@pytest.fixture
def laid() -> Callable[..., Reading]:
    """A reading from two lines of one length, ``-`` where one of them has nothing."""

    def lay(read: str, mark: str, name: str = "", *, reverse: bool = False, unsure: frozenset[int] = frozenset()):
        columns = tuple(
            AlignedColumn(one.replace("-", ""), other.replace("-", ""), kind_of(one, other))
            for one, other in zip(read, mark, strict=True)
        )
        return Reading(Alignment(columns, reverse_strand=reverse), name, unsure)

    return lay


@pytest.fixture
def english():
    return words(Language.ENGLISH)


@pytest.fixture
def swedish():
    return words(Language.SWEDISH)
