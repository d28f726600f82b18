from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.services.tables.cells import amount_in_ore, checked_text, day_in, iso_day, swedish_day, whole
from registry.services.tables.remarks import CellRefused, Reason

ARABIC_FIVE = "\u0665"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2009-11-23", date(2009, 11, 23)), ("23/11 2009", date(2009, 11, 23)), ("1/2-2020", date(2020, 2, 1))],
)
def test_both_swedish_ways_to_write_a_day_are_read(text, day):
    assert swedish_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "2009-02-30",
        "30/2 2009",
        "11/23 2009",
        "2009-W01-1",
        "20091123",
        "okänt",
        ARABIC_FIVE * 4 + "-11-23",
        "1/1 09",
        "40140",
    ],
)
def test_what_is_no_day_is_refused_and_never_guessed(text):
    with pytest.raises(CellRefused):
        swedish_day(text)


def test_a_delivery_knows_one_way_to_write_a_day():
    with pytest.raises(CellRefused):
        iso_day("23/11 2009")


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("26 501,00", 2650100),
        ("20\u00a0083,50", 2008350),
        ("1\u202f234", 123400),
        ("7,5", 750),
        ("1.234,50", 123450),
        ("659.99", 65999),
        ("500 kr", 50000),
        ("500:-", 50000),
    ],
)
def test_amounts_are_read_as_swedes_write_them(text, ore):
    assert amount_in_ore(text) == ore


@pytest.mark.parametrize("text", ["", "-5", "1,234", "12,345", "1e5", ARABIC_FIVE, "kr", "1 2,3,4", "9" * 20])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(CellRefused):
        amount_in_ore(text)


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([" ", "\u00a0", "\u202f", ""]))
def test_every_amount_that_an_export_writes_is_read_exactly(kronor, ore, space):
    written = f"{kronor:,}".replace(",", space) + f",{ore:02d}"
    if kronor < 10**9:
        assert amount_in_ore(written) == kronor * 100 + ore


@pytest.mark.parametrize("text", ["0", "1001", "+5", "5 ", ARABIC_FIVE, "5.0", ""])
def test_a_whole_number_outside_its_limits_or_in_other_digits_is_refused(text):
    with pytest.raises(CellRefused):
        whole(text, 1, 1000)


def test_control_characters_are_refused_but_line_breaks_allowed_where_asked():
    assert checked_text("a\nb", 10, lines=True) == "a\nb"
    for text, lines in (("a\nb", False), ("a\x07", True), ("a\x85", True)):
        with pytest.raises(CellRefused) as refusal:
            checked_text(text, 10, lines=lines)
        assert refusal.value.reason is Reason.CONTROL_CHARACTER


def test_a_day_is_read_in_the_formats_that_are_told():
    assert day_in("2017.07.19", ["%Y-%m-%d", "%Y.%m.%d"]) == date(2017, 7, 19)
    with pytest.raises(CellRefused):
        day_in("19.07.2017", ["%Y.%m.%d"])
