from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.errors import SheetError
from labels.sheet import next_free, placements
from labels.stock import STOCKS

L7160 = STOCKS["L7160"]


def test_a_run_begins_at_the_start_position_and_goes_on_over_sheets():
    places = list(islice(placements(L7160, 20), 4))
    assert [(place.page, place.position) for place in places] == [(0, 20), (0, 21), (1, 1), (1, 2)]


def test_used_positions_are_skipped_on_the_first_sheet_only():
    places = list(islice(placements(L7160, 2, {3, 5}), 24))
    assert [place.position for place in places[:4]] == [2, 4, 6, 7]
    assert {3, 5} <= {place.position for place in places if place.page == 1}


@pytest.mark.parametrize("position", [0, 22, -1])
def test_a_position_that_is_not_on_the_sheet_is_refused_at_once(position):
    with pytest.raises(SheetError, match=rf"there is no position {position}\. Allowed: 1 to 21"):
        placements(L7160, position)
    with pytest.raises(SheetError, match=rf"there is no position {position}"):
        placements(L7160, 1, {position})


def test_a_first_sheet_without_a_free_position_is_refused():
    with pytest.raises(SheetError, match="no position is free from 20 to 21"):
        placements(L7160, 20, {20, 21})


@given(st.sampled_from(sorted(STOCKS)), st.data())
def test_no_two_labels_of_a_page_touch_the_same_place(code, data):
    stock = STOCKS[code]
    start = data.draw(st.integers(1, stock.positions))
    places = list(islice(placements(stock, start), 2 * stock.positions))
    assert len({(place.page, place.x, place.y) for place in places}) == len(places)
    assert places == sorted(places, key=lambda place: (place.page, place.position))


def test_the_next_run_goes_on_after_the_last_label_past_used_positions():
    (last,) = islice(placements(L7160, 4), 1)
    assert next_free(L7160, last, {5, 6}) == 7


def test_a_full_sheet_means_a_new_one():
    (last,) = islice(placements(L7160, 21), 1)
    assert next_free(L7160, last) == 1
