"""Pictures: well-formed, inert, told in words, never by colour alone."""

import re
from xml.etree import ElementTree as ET

import pytest

from registry.identification.answer import AlignedColumn, Alignment, ColumnKind
from registry.identification.picture.frame import Reading, frames_of
from registry.identification.picture.svg import NARROW, SIGNS, WIDE, draw, report
from registry.web.contrast import read_colours

MARK = "ACGTTGCAACGGTTCA" * 4
SVG = "{http://www.w3.org/2000/svg}"


def light(token):
    return read_colours()[token]["light"]


def parsed(drawing):
    return ET.fromstring(drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


def letters(drawing):
    return "".join(text for text in parsed(drawing).itertext())


@pytest.fixture
def dot(laid):
    return frames_of([laid("ENX?O9494", "ENXB09494")])[0]


@pytest.fixture
def stack(laid):
    reads = [MARK, MARK[:5] + "T" + MARK[6:], MARK[:20] + "-" + MARK[21:]]
    return frames_of([laid(read, MARK, f"Reading {number}") for number, read in enumerate(reads, 1)])[0]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_picture_is_an_image_with_title_and_description(dot, english, size):
    root = parsed(draw(dot, english, size))
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "7 of 9 characters agree"
    assert root[1].text == "1 place could not be read, O was read for 0 at place 5 (look-alike)."


def test_a_picture_is_told_in_swedish(dot, swedish):
    root = parsed(draw(dot, swedish))
    assert root[0].text == "7 av 9 tecken stämmer"


def test_nothing_in_a_picture_needs_what_a_strict_policy_forbids(stack, english):
    drawing = draw(stack, english)
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href", drawing)


def test_agreement_is_told_by_sign_as_well_as_by_colour(laid, english):
    drawing = draw(frames_of([laid("ENX?O94-9X4", "ENXB0949-94")])[0], english)
    shown = letters(drawing)
    kinds = ("·", "≈", "?", "+", "\N{MINUS SIGN}", "×")
    assert [sign for sign in kinds if sign not in shown] == []
    assert set(SIGNS.values()) == set(kinds)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_long_signatures_are_broken_into_rows_that_fit(stack, english, size):
    root = parsed(draw(stack, english, size))
    width = float(root.get("width"))
    places = [float(x) for text in root.iter(f"{SVG}text") for x in text.get("x").split()]
    assert max(places) < width <= size.names + size.columns * size.cell + size.small / 2
    assert {"1", "30", "60"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_a_stack_shows_each_reading_what_they_say_together_and_the_mark(stack, english):
    root = parsed(draw(stack, english))
    said = [text.text for text in root.iter(f"{SVG}text")]
    for name in ("Reading 1", "Reading 2", "Reading 3", "Together", "Mark", "Agreeing"):
        assert name in said
    assert root[0].text == "3 readings together: 64 of 64 bases agree"
    assert "Reading 2: 63 of 64 bases agree." in root[1].text


def test_the_opposite_strand_is_told(laid, english):
    (frame,) = frames_of([laid(MARK, MARK, reverse=True)])
    assert parsed(draw(frame, english))[1].text == "Read from the opposite strand."


def test_unsure_letters_are_faint_and_the_legend_says_so(laid, english):
    sure = report(frames_of([laid(MARK, MARK)]), english, light)
    faint = report(frames_of([laid(MARK, MARK, unsure=frozenset({3, 4}))]), english, light)
    assert "the reader was unsure" not in sure
    assert "the reader was unsure" in faint


@pytest.mark.parametrize("hostile", ["<", "&", '"', "'", "\x00", "\x1b", "\u202e", "\ud800", "\U0001d4b3", "]]>"])
def test_hostile_characters_are_inert(english, hostile):
    columns = (AlignedColumn(hostile, "A", ColumnKind.MISMATCH), AlignedColumn("A", hostile, ColumnKind.MISMATCH))
    frames = frames_of([Reading(Alignment(columns), f"<script>{hostile}")] * 2)
    for drawing in (draw(frames[0], english), report(frames, english, light, f"<script>{hostile}")):
        assert "<script" not in drawing
        assert not [letter for letter in drawing if letter != "\n" and not letter.isprintable()]
        parsed(drawing) if drawing.startswith("<svg") else ET.fromstring(drawing.encode())  # noqa: S314 - our own


def test_a_report_stands_alone_with_colours_of_its_own(stack, english):
    drawing = report([stack], english, light, "Kit ENXB09494")
    root = ET.fromstring(drawing.encode())  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    assert "var(" not in drawing
    said = " ".join(root.itertext())
    for words in ("Kit ENXB09494", "3 readings together", "agrees", "differs", "missing in the reading"):
        assert words in said
    assert "look-alike" not in said, "the legend names what occurs"
