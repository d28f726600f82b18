import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.framing.frames import FrameFramer, Shape
from scanner.framing.tally import Refusal, Tally

FIXED = Shape(b"\x02", b"\x03", 4, None, 0, 256)
FIELD = Shape(b"\x02", b"\x03", None, 1, 0, 64)
ENDED = Shape(b"LA ", b"\r\n", None, None, 0, 32)


def framer(shape, tally=None):
    """Understands every frame that begins and ends as it ought to and has no Z in it."""

    def understand(frame):
        if not frame.endswith(shape.end):
            return Refusal.CUT_SHORT
        return Refusal.CHECKSUM if b"Z" in frame else frame.hex()

    return FrameFramer(shape, understand, tally or Tally())


def bytes_of(found):
    return [raw for _, raw in found]


def test_a_false_start_does_not_hide_the_frame_behind_it():
    assert bytes_of(framer(FIXED).receive(b"\x02\x02AB\x03")) == [b"\x02AB\x03"]
    assert bytes_of(framer(ENDED).receive(b"LA LALA 1\r\n")) == [b"LA LALA 1\r\n"]


def test_a_length_that_promises_too_much_holds_a_frame_back_only_until_silence():
    one = framer(FIELD)
    assert one.receive(b"\x02\x3f\x02\x05AB\x03") == []
    assert bytes_of(one.silence()) == [b"\x02\x05AB\x03"]


@pytest.mark.parametrize("length", [0, 1, 65, 255])
def test_a_length_that_cannot_be_is_refused_at_once(length):
    one = framer(FIELD, tally := Tally())
    assert bytes_of(one.receive(bytes([2, length]) + b"\x02\x05AB\x03")) == [b"\x02\x05AB\x03"]
    assert tally.refused == {Refusal.FIELDS: 1}


def test_a_frame_without_an_end_is_given_up_after_the_longest():
    one = framer(ENDED, tally := Tally())
    assert one.receive(b"LA " + b"1" * 28) == []
    assert one.receive(b"1") == []
    assert tally.refused == {Refusal.TOO_LONG: 1}
    assert one._rest == b""


def test_two_refused_frames_are_counted_as_two():
    one = framer(FIXED, tally := Tally())
    one.receive(b"\x02ZB\x03\x02ZB\x03\x02AB\x03")
    assert (tally.frames, tally.refused) == (1, {Refusal.CHECKSUM: 2})


def test_half_a_start_is_kept_for_the_other_half():
    one = framer(ENDED)
    assert one.receive(b"xxxL") == []
    assert one._rest == b"L"
    assert bytes_of(one.receive(b"A 1\r\n")) == [b"LA 1\r\n"]


@pytest.mark.parametrize("shape", [FIXED, FIELD, ENDED, Shape(b"", b"", 3, None, 0, 256)])
def test_frames_and_counts_do_not_depend_on_splits(shape):
    symbols = st.sampled_from([b"\x02", b"\x03", b"\x05", b"LA ", b"L", b"\r\n", b"\r", b"A", b"Z", b"\x00"])

    @settings(max_examples=200, deadline=None)
    @given(st.lists(symbols, max_size=40).map(b"".join), st.data())
    def same(line, data):
        cut = data.draw(st.integers(0, len(line)))
        whole, parts = framer(shape, one := Tally()), framer(shape, two := Tally())
        expected = whole.receive(line) + whole.silence()
        assert parts.receive(line[:cut]) + parts.receive(line[cut:]) + parts.silence() == expected
        assert one == two

    same()
