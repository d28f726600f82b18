"""Alignments as columns and as plain lines."""

import numpy as np
import pytest

from registry.identification.alignment import base_alignment, base_path, in_lines
from registry.identification.answer import ColumnKind
from registry.identification.bases import encode
from registry.identification.distance import Ends


def laid(mark, read, ends=None):
    steps = np.array(base_path(mark, read, ends or Ends()), dtype=np.intp).reshape(-1, 2)
    return base_alignment(encode(mark), encode(read), steps, reverse_strand=False)


def test_each_kind_of_column_is_told():
    alignment = laid("ACGTACGTACGT", "ACTTACGGTANGT")
    found = [column.kind for column in alignment.columns if column.kind is not ColumnKind.MATCH]
    assert sorted(found) == sorted([ColumnKind.MISMATCH, ColumnKind.EXTRA, ColumnKind.UNREADABLE])
    assert alignment.matches == 10


def test_a_missing_base_has_no_character_read():
    (missing,) = [column for column in laid("ACGTTGCA", "ACGTGCA").columns if column.kind is ColumnKind.MISSING]
    assert (missing.read, missing.mark) == ("", "T")


@pytest.mark.parametrize(
    ("mark", "read", "ends"),
    [
        ("ACGTTGCA", "TTTTACGTTGCATTTT", Ends(read_start=True, read_end=True)),
        ("ACGTTGCA", "ACGTTGCATTTT", Ends(read_end=True)),
        ("ACGTTGCA", "TTTTACGTTGCA", Ends(read_start=True)),
        ("TTTTACGTTGCATTTT", "ACGTTGCA", Ends(mark_start=True, mark_end=True)),
        ("ACGTTGCATTTT", "ACGTTGCA", Ends(mark_end=True)),
        ("TTTTACGTTGCA", "ACGTTGCA", Ends(mark_start=True)),
    ],
)
def test_free_ends_are_left_out(mark, read, ends):
    columns = laid(mark, read, ends).columns
    assert "".join(column.read for column in columns) == "ACGTTGCA"
    assert all(column.kind is ColumnKind.MATCH for column in columns)


def test_an_empty_read_misses_everything():
    assert {column.kind for column in laid("ACGT", "").columns} == {ColumnKind.MISSING}


def test_three_plain_lines_of_one_length_show_read_signs_and_mark():
    assert in_lines(laid("CCGATGCAAC", "CCGTGCTAC")) == ("CCG-TGCTAC", "...-...x..", "CCGATGCAAC")
