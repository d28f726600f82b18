"""How a mark may go on behind a seed, against edit distances of an independent library."""

from itertools import product

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from registry.identification.bases import BASES
from registry.identification.continuations import runs, within_one_edit


def texts(length):
    return ["".join(bases) for bases in product(BASES, repeat=length)]


def within_one_by_distance(read, mark):
    """Whether some beginning of the read, up to one base longer or shorter, is one edit from the mark at the most."""
    lengths = range(len(mark) - 1, len(mark) + 2)
    return any(Levenshtein.distance(read[:length], mark) <= 1 for length in lengths)


@pytest.mark.parametrize("more", [1, 2, 3])
def test_a_mark_goes_on_within_one_edit_where_the_distance_says_so(more):
    reads, marks = texts(more + 1), texts(more)
    found = within_one_edit(*np.ogrid[: len(reads), : len(marks)], more)
    expected = [[within_one_by_distance(read, mark) for mark in marks] for read in reads]
    assert found.tolist() == expected


@pytest.mark.parametrize("more", [0, 1, 2, 3, 4])
def test_the_open_parts_of_a_list_are_those_within_one_edit(more):
    found = runs(more)
    expected = within_one_edit(*np.ogrid[: 4 ** (more + 1), : 4**more], more)
    for read, parts in enumerate(found[:-1].tolist()):
        opened = np.zeros(4**more, dtype=bool)
        for start, stop in parts:
            assert start <= stop
            opened[start:stop] = True
        assert (opened == expected[read]).all()


@pytest.mark.parametrize("more", [0, 2, 4])
def test_a_list_is_open_as_a_whole_where_the_read_tells_not_how_it_goes_on(more):
    assert [part for part in runs(more)[-1].tolist() if part[0] < part[1]] == [[0, 4**more]]


def test_a_long_seed_is_one_list():
    assert runs(0).tolist() == [[[0, 1]]] * 5


def test_of_four_bases_more_a_tenth_of_the_list_is_open_on_average():
    parts = runs(4)[:-1]
    assert (parts[:, :, 1] - parts[:, :, 0]).sum(axis=1).mean() <= 4**4 / 10
