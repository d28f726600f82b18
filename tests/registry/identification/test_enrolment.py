"""New marks against the register."""

import pytest

from registry.identification.answer import Mark
from registry.identification.engine import Engine
from registry.identification.enrolment import Suitability, confusions


@pytest.fixture
def engine(make_marks):
    return Engine.build([*make_marks(500), Mark(7, "ENXB09494", "ACGGTCATTGCAAGTCCATG" * 3)])


def test_a_random_mark_is_good(engine, random_bases):
    enrolment = engine.check(Mark(8, "QZWX73515", random_bases(64)))
    assert enrolment.suitability is Suitability.GOOD
    assert enrolment.signature.distance > 16
    assert enrolment.signature.expected_confusions < 1e-9


def test_the_same_code_is_refused(engine):
    enrolment = engine.check(Mark(8, "enxb-09494"))
    assert (enrolment.suitability, enrolment.code.kit_id, enrolment.code.distance) == (Suitability.REFUSED, 7, 0)


def test_a_code_one_lookalike_away_is_flagged(engine):
    enrolment = engine.check(Mark(8, "ENXBO9494"))
    assert (enrolment.suitability, enrolment.code.kit_id, enrolment.code.distance) == (Suitability.FLAGGED, 7, 1)
    assert enrolment.code.expected_confusions == pytest.approx(0.05)


@pytest.mark.parametrize("turned", [False, True])
def test_a_sibling_signature_is_refused_on_either_strand(engine, turned):
    sibling = "ACGGTCATTGCAAGTCCATG" * 2 + "ACGGTCTTTGCAAGTCATG"
    if turned:
        sibling = sibling[::-1].translate(str.maketrans("ACGT", "TGCA"))
    enrolment = engine.check(Mark(8, "QZWX73515", sibling))
    assert (enrolment.suitability, enrolment.signature.kit_id) == (Suitability.REFUSED, 7)
    assert enrolment.signature.distance <= 3


def test_a_kit_is_not_compared_with_itself(engine):
    assert engine.check(Mark(7, "ENXB09494", "ACGGTCATTGCAAGTCCATG" * 3)).suitability is Suitability.GOOD


def test_an_empty_register_takes_any_mark():
    enrolment = Engine.build([]).check(Mark(8, "QZWX73515", "ACGT" * 16))
    assert enrolment.signature is None
    assert enrolment.code is None
    assert enrolment.suitability is Suitability.GOOD


def test_confusions_count_half_of_the_draws():
    assert confusions([]) == 0.5
    assert confusions([0.1]) == pytest.approx(0.1)
    assert confusions([0.1, 0.1]) == pytest.approx(0.01 + 0.5 * 0.18)
    assert confusions([0.1, 0.2]) == pytest.approx(0.02 + 0.5 * (0.1 * 0.8 + 0.9 * 0.2))
