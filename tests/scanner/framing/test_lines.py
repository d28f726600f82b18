import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.framing.lines import LONGEST, LineFramer
from scanner.framing.tally import Refusal, Tally


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t"])
def test_each_of_the_usual_ends_ends_a_line(end):
    assert LineFramer(Tally()).receive(b"one" + end + b"two" + end) == [b"one", b"two"]


def test_silence_ends_a_line_that_has_no_end():
    framer = LineFramer(Tally())
    assert framer.receive(b"7312345678901") == []
    assert framer.silence() == [b"7312345678901"]
    assert framer.silence() == []


def test_the_two_halves_of_crlf_may_come_apart():
    framer = LineFramer(Tally())
    assert framer.receive(b"one\r") + framer.receive(b"\ntwo\r") == [b"one", b"two"]


def test_a_line_without_an_end_is_refused_as_a_whole_and_once():
    framer = LineFramer(tally := Tally())
    for _ in range(200):
        assert framer.receive(b"x" * 50_000) == []
        assert len(framer._rest) <= LONGEST
    assert framer.receive(b"rest\rgood\r") == [b"good"]
    assert tally.refused == {Refusal.TOO_LONG: 1}


def test_a_pulled_cable_does_not_make_half_a_number_a_whole_one():
    framer = LineFramer(tally := Tally())
    framer.receive(b"73123")
    framer.reset()
    assert framer.silence() == []
    assert tally.refused == {Refusal.CUT_SHORT: 1}


@given(st.binary(max_size=300), st.data())
@settings(max_examples=200, deadline=None)
def test_lines_do_not_depend_on_where_the_bytes_were_split(content, data):
    cut = data.draw(st.integers(0, len(content)))
    whole, parts = LineFramer(Tally()), LineFramer(Tally())
    expected = whole.receive(content) + whole.silence()
    assert parts.receive(content[:cut]) + parts.receive(content[cut:]) + parts.silence() == expected
