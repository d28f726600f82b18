"""Damaged codes against a small register: every class of damage, and what the likelihood says of it."""

import numpy as np
import pytest

from registry.identification.answer import ColumnKind, Mark
from registry.identification.codes import CodeIndex
from registry.identification.glyphs import clean_dot, encode_glyphs, fold
from registry.identification.lattice import Lattice, code_likelihoods, quick_scores
from registry.identification.reader_model import ReaderModel


@pytest.fixture
def index(make_marks):
    return CodeIndex.build([*make_marks(2000, (0,)), Mark(7, "ENXB09494"), Mark(8, "WVWZZZ1JZXW000001")])


def kinds(hit):
    return [column.kind for column in hit.alignment().columns if column.kind is not ColumnKind.MATCH]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ENXB09494", []),
        ("ENX?09494", [ColumnKind.UNREADABLE]),
        ("ENXBO9494", [ColumnKind.LOOKALIKE]),
        ("ENXB09Y94", [ColumnKind.MISMATCH]),
        ("ENXB0494", [ColumnKind.MISSING]),
        ("ENXBK09494", [ColumnKind.EXTRA]),
        ("NEXB09494", [ColumnKind.MISMATCH] * 2),
        ("??XB?9494", [ColumnKind.UNREADABLE] * 3),
        ("ENX809?94", [ColumnKind.LOOKALIKE, ColumnKind.UNREADABLE]),
        ("WVWZZZIJZXWO00001", [ColumnKind.LOOKALIKE] * 2),
    ],
)
def test_each_damage_is_told_place_by_place(index, text, found):
    best = index.search(clean_dot(text)).hits[0]
    assert best.kit_id == (8 if text.startswith("WVW") else 7)
    assert kinds(best) == found
    assert best.distance == sum(kind is not ColumnKind.UNREADABLE for kind in found)


def test_a_lookalike_speaks_less_against_a_code_than_another_character(index):
    ratios = {text: index.search(clean_dot(text)).hits[0].log_ratio for text in ("ENXB09494", "ENXBO9494", "ENXBK9494")}
    assert ratios["ENXB09494"] > ratios["ENXBO9494"] > ratios["ENXBK9494"]


def test_quality_tells_which_character_to_doubt(index):
    doubted = index.search(clean_dot("ENXBK9494", "IIII#IIII")).hits[0]
    trusted = index.search(clean_dot("ENXBK9494", "IIIIIIIII")).hits[0]
    assert doubted.kit_id == trusted.kit_id == 7
    assert doubted.log_ratio > trusted.log_ratio + 2


def test_a_constant_prefix_is_no_evidence(rng):
    marks = [Mark(number, f"EU{number:07d}") for number in rng.sample(range(10**7), 3000)]
    index = CodeIndex.build(marks)
    best = index.search(clean_dot("EU???????")).hits[0]
    assert best.log_ratio < 0.5


def test_an_empty_index_finds_nothing():
    assert CodeIndex.build([]).search(clean_dot("ENXB09494")).hits == []


@pytest.mark.parametrize("code", ["AB", "ÅÄÖÅÄÖ", "", "----"])
def test_codes_no_dot_carries_are_left_out(code):
    assert len(CodeIndex.build([Mark(1, code)])) == 0


def test_the_quick_score_never_loses_the_best_code(index, rng):
    shelf = index.shelves[0]
    for row in rng.sample(range(len(shelf)), 20):
        glyphs = shelf.glyphs[row].copy()
        glyphs[rng.randrange(9)] = 36
        glyphs = np.delete(glyphs, rng.randrange(9))
        dot = clean_dot("".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ?"[glyph] for glyph in glyphs))
        lattice = Lattice.of(dot, index.model)
        assert row in np.argsort(-quick_scores(lattice, shelf.glyphs))[:8]


def test_the_likelihoods_of_all_short_texts_sum_to_no_more_than_one():
    model = ReaderModel.plain()
    code = encode_glyphs("A7")[None]
    lattices = (
        Lattice.of(clean_dot(first + second), model)
        for first in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for second in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )
    total = sum(code_likelihoods(lattice, code)[0] for lattice in lattices)
    assert 0.9 < total < 1.02


@pytest.mark.parametrize(
    ("code", "folded"),
    [("spb-57rcybvn", "SPB57RCYBVN"), ("a b\tc", "ABC"), ("A|1", "AI1"), ("Å1", "?1"), ("\N{EN DASH}X", "X")],
)
def test_folding_keeps_what_a_dot_can_carry(code, folded):
    assert fold(code) == folded


def test_quality_of_separators_falls_away_with_them():
    dot = clean_dot("A-B", "!5I")
    assert dot.text == "AB"
    assert dot.error == pytest.approx([1.0, 10**-4.0])
