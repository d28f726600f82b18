"""Readings of one mark in one frame."""

from registry.identification.answer import ColumnKind
from registry.identification.picture.frame import MOST_LINES, frames_of, is_dna

MARK = "ACGTTGCAACGGTTCA"


def read_of(line):
    return "".join(cell.read or "-" if cell else " " for cell in line.cells)


def test_one_reading_fills_its_own_frame(laid):
    (frame,) = frames_of([laid("ENX?O9494", "ENXB09494")])
    assert "".join(frame.marks) == "ENXB09494"
    assert frame.places == tuple(range(1, 10))
    assert frame.lines[0].kinds == {
        ColumnKind.MATCH: 7,
        ColumnKind.UNREADABLE: 1,
        ColumnKind.LOOKALIKE: 1,
    }
    assert not frame.dna


def test_extra_characters_of_one_reading_make_a_column_for_all(laid):
    (frame,) = frames_of([laid("ACGGTTGCAACGGTTCA", "ACG-TTGCAACGGTTCA"), laid(MARK, MARK)])
    assert frame.marks[3] == ""
    assert frame.places[2:5] == (3, 0, 4)
    assert [read_of(line) for line in frame.lines] == ["ACGGTTGCAACGGTTCA", "ACG TTGCAACGGTTCA"]
    assert frame.together[3] is None, "what one of two readings added is not said together"


def test_what_most_readings_say_is_said_together(laid):
    wrong = "AGGTTGCAACGGTTCA"
    (frame,) = frames_of([laid(wrong, MARK), laid(MARK, MARK), laid(MARK, MARK)])
    assert [cell.kind for cell in frame.together] == [ColumnKind.MATCH] * 16
    assert frame.shares[1] == 2 / 3
    (undecided,) = frames_of([laid(wrong, MARK), laid(MARK, MARK)])
    assert undecided.together[1].kind is ColumnKind.UNREADABLE, "one against one is undecided, whatever the mark has"
    (wrong_together,) = frames_of([laid(wrong, MARK), laid(wrong, MARK), laid(MARK, MARK)])
    assert (wrong_together.together[1].read, wrong_together.together[1].kind) == ("G", ColumnKind.MISMATCH)


def test_a_truncated_read_is_laid_where_its_part_of_the_mark_stands(laid):
    (frame,) = frames_of([laid(MARK, MARK), laid(MARK[4:], MARK[4:])])
    assert read_of(frame.lines[1]) == "    " + MARK[4:]
    assert frame.lines[1].places == 12
    assert frame.shares == (1.0,) * 16


def test_reads_that_lost_opposite_ends_get_frames_of_their_own(laid):
    frames = frames_of([laid(MARK[:13], MARK[:13]), laid(MARK[3:], MARK[3:])])
    assert [len(frame.marks) for frame in frames] == [13, 13]


def test_a_dot_and_reads_of_one_kit_are_not_laid_into_one_frame(laid):
    frames = frames_of([laid(MARK, MARK), laid("ENX?O9494", "ENXB09494"), laid(MARK, MARK)])
    assert sorted((frame.dna, frame.readings) for frame in frames) == [(False, 1), (True, 2)]


def test_more_readings_than_are_drawn_count_together(laid):
    wrong = "AGGTTGCAACGGTTCA"
    (frame,) = frames_of([*[laid(wrong, MARK)] * MOST_LINES, *[laid(MARK, MARK)] * (2 * MOST_LINES)])
    assert len(frame.lines) == MOST_LINES
    assert frame.readings == 3 * MOST_LINES
    assert frame.together[1].kind is ColumnKind.MATCH


def test_an_extra_character_of_a_reading_that_is_not_drawn_makes_no_column(laid):
    extra = laid("ACGGTTGCAACGGTTCA", "ACG-TTGCAACGGTTCA")
    (frame,) = frames_of([*[laid(MARK, MARK)] * MOST_LINES, extra])
    assert len(frame.marks) == 16


def test_nothing_read_makes_no_frame(laid):
    assert frames_of([]) == []
    assert frames_of([laid("", "")]) == []


def test_a_short_code_of_base_letters_is_no_signature():
    assert not is_dna("CATGATTACA"[:10])
    assert is_dna("CATGATTACAGA")
