import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import NotATagNumber
from registry.services.tag_numbers import TagKind, kind_of, shown, tag_number, vin_of_dot


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("307E4DE5C2", TagKind.EM4100, "307E4DE5C2"),
        (" 30:7e:4d:e5:c2 ", TagKind.EM4100, "307E4DE5C2"),
        ("307E4DE5C224", TagKind.EM4100, "307E4DE5C2"),
        ("0x0001315778", TagKind.EM4100, "0001315778"),
        ("0001315778 020,05058", TagKind.EM4100, "??001413C2"),
        ("900 250000023921", TagKind.ISO11784, "900250000023921"),
        ("900-250.000.023.921", TagKind.ISO11784, "900250000023921"),
        ("wvwzzz1jzxw000001", TagKind.VIN, "WVWZZZ1JZXW000001"),
        ("WVW ZZZ 1JZ XW OOOOO1", TagKind.VIN, "WVWZZZ1JZXW000001"),
        ("1M8GDM9AXKP042788", TagKind.VIN, "1M8GDM9AXKP042788"),
    ],
)
def test_the_usual_spellings_become_one(text, kind, number):
    found = tag_number(text)
    assert (found.kind, found.number) == (kind, number)
    assert tag_number(shown(kind, number)).number == number
    assert kind_of(number) is kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write the 10"),
        ("307E4DE5C", "write the 10"),
        ("307E4DE5C225", "last two"),
        ("0001315778", "two ways"),
        ("0001315778 020,05059", "on the card"),
        ("000 250000023921", "ISO tag"),
        ("900 999999999999", "ISO tag"),
        ("1M8GDM9A1KP042788", "North America"),
        ("WVWZZZ1JZXW00000Å", "write the 10"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text, said):
    with pytest.raises(NotATagNumber) as refusal:
        tag_number(text)
    assert said in str(refusal.value)


def test_a_check_digit_outside_north_america_is_a_doubt_and_no_refusal():
    assert not tag_number("WVWZZZ1JZXW000001").doubtful
    assert tag_number("YV1SW61R021111111").doubtful
    assert tag_number("WVWZZZ1JZXWOOOOO1").rewritten


def test_a_dot_is_a_vin_by_its_shape_and_an_unreadable_character_stays_one():
    assert vin_of_dot("WVWZZZ1JZ?WOOOOO1") == "WVWZZZ1JZ?W000001"
    assert vin_of_dot("ENXB09494") is None


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text):
    try:
        found = tag_number(text)
    except NotATagNumber:
        return
    assert kind_of(found.number) is found.kind
