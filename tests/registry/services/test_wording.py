"""Evidence in words: no figure promises more than it holds."""

import pytest

from registry.language import Language, words
from registry.services import wording


@pytest.mark.parametrize(
    ("exponent", "said"),
    [
        (5.9999, "9.9 · 10⁵"),
        (6.0, "1 · 10⁶"),
        (8.4, "2.5 · 10⁸"),
        (-9.68, "2 · 10⁻¹⁰"),
        (2.5, "310"),
        (0.0, "1"),
        (-0.3, "0.5"),
    ],
)
def test_a_likelihood_ratio_is_never_rounded_up_to_the_next_grade(exponent, said):
    assert wording.ratio(exponent, Language.ENGLISH) == said


def test_grades_and_verdicts_have_words_in_both_languages():
    for language in Language:
        translate = words(language).gettext
        grades = {wording.grade_sentence(grade, "ENXB09494", translate) for grade in range(-4, 5)}
        assert len(grades) == 9
        assert all("ENXB09494" in sentence for sentence in grades)
        verdicts = ("identified", "ambiguous", "not_registered", "unreadable")
        assert len({wording.verdict_words(verdict, translate) for verdict in verdicts}) == 4


def test_a_grade_carries_its_sign():
    assert [wording.signed(grade) for grade in (-4, 0, 4)] == ["\N{MINUS SIGN}4", "0", "+4"]
