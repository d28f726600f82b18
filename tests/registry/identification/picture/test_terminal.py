"""The picture as lines of a terminal."""

import pytest

from registry.identification.alignment import PLAIN_SIGNS
from registry.identification.answer import ColumnKind
from registry.identification.picture.frame import frames_of
from registry.identification.picture.terminal import lines_of

MARK = "ACGTTGCAACGGTTCA" * 4


def text_of(frame, speech, **wishes):
    return ["".join(piece.text for piece in line) for line in lines_of(frame, speech, **wishes)]


def test_a_dot_is_three_lines_under_a_ruler(laid, english):
    (frame,) = frames_of([laid("ENX?O9494", "ENXB09494")])
    assert text_of(frame, english) == ["     1", "Read ENX?O9494", "     ···?≈····", "Mark ENXB09494"]
    assert text_of(frame, english, signs=PLAIN_SIGNS)[2] == "     ...?~...."


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_lines_are_as_wide_as_the_terminal_at_most_and_hold_the_whole_mark(laid, english, width):
    (frame,) = frames_of([laid(MARK, MARK)])
    lines = text_of(frame, english, width=width)
    assert max(map(len, lines)) <= width
    assert "".join(line[5:] for line in lines if line.startswith("Mark")) == MARK


def test_several_readings_show_dots_where_they_agree(laid, english):
    readings = [laid(MARK[:16], MARK[:16], "Reading 1"), laid("T" + MARK[1:16], MARK[:16], "Reading 2")]
    (frame,) = frames_of(readings)
    lines = text_of(frame, english)
    assert lines[1] == "Reading 1 ················"
    assert lines[2] == "Reading 2 T···············"
    assert lines[3].startswith("Together  ?CGT")


def test_each_piece_tells_its_kind(laid, english):
    (frame,) = frames_of([laid("ENX?O9494", "ENXB09494")])
    read = list(lines_of(frame, english))[1]
    assert [(piece.text, piece.kind) for piece in read[1:4]] == [
        ("ENX", ColumnKind.MATCH),
        ("?", ColumnKind.UNREADABLE),
        ("O", ColumnKind.LOOKALIKE),
    ]


def test_names_and_letters_cannot_steer_the_terminal(laid, english):
    (frame,) = frames_of([laid("\x1b", "A", "\x1b[2J\n"), laid("A", "A", "b")])
    assert all(letter.isprintable() for line in text_of(frame, english) for letter in line)
