"""Rows that stand for all of a shelf."""

import numpy as np

from registry.identification.sampling import drawn


def test_few_rows_are_all_taken():
    assert drawn(5, 5).tolist() == [0, 1, 2, 3, 4]
    assert drawn(0, 5).tolist() == []


def test_many_rows_are_drawn_from_all_over_the_same_ones_each_time():
    rows = drawn(1_000_000, 1000)
    assert np.array_equal(rows, drawn(1_000_000, 1000))
    assert 990 <= len(rows) <= 1000
    assert (np.diff(rows) > 0).all()
    assert np.bincount(rows // 100_000).min() > 60


def test_makers_who_take_turns_have_their_shares():
    # Every sixth of these rows would be of one maker alone.
    assert len(set((np.arange(0, 120_000, 120_000 // 20_000) % 3).tolist())) == 1
    shares = np.bincount(drawn(120_000, 20_000) % 3) / len(drawn(120_000, 20_000))
    assert np.abs(shares - 1 / 3).max() < 0.02
