"""The tracer as evidence: it tells makers apart, never kits of one maker, and never speaks for a kit by itself."""

import math
from dataclasses import replace

import pytest

from registry.identification.answer import Mark, MarkKind, Observation, Verdict
from registry.identification.engine import Engine
from registry.identification.layers import Layer
from registry.identification.tracer import FADED, Tracers

RED, YELLOW, BLUE = 612, 545, 440


def glow(peak_nm):
    return Observation(MarkKind.UV, glow=True, peak_nm=peak_nm)


ALONE = Mark(3, "PLDR90817", "", RED)
"""A kit whose code has no other near it."""
NO_GLOW = Observation(MarkKind.UV, glow=False, peak_nm=0)


def dot(text):
    return Observation(MarkKind.DOT, text)


@pytest.fixture
def twins(make_marks):
    """Two kits that a dot with one unreadable character cannot tell apart, one red and one yellow, among others."""
    others = [replace(mark, emission_nm=(RED, YELLOW)[mark.kit_id % 2]) for mark in make_marks(500)]
    return Engine.build([*others, Mark(1, "KWMA37451", "", RED), Mark(2, "KWMA37452", "", YELLOW), ALONE])


def posterior(answer, kit_id):
    return next((one.posterior for one in answer.candidates if one.kit_id == kit_id), 0.0)


def test_a_glow_tells_two_makers_kits_with_the_same_code_evidence_apart(twins):
    alone = twins.identify([dot("KWMA3745?")])
    assert posterior(alone, 1) == pytest.approx(posterior(alone, 2), rel=0.1)
    assert alone.verdict is Verdict.AMBIGUOUS
    assert posterior(twins.identify([dot("KWMA3745?"), glow(RED + 5)]), 1) > 0.95
    assert posterior(twins.identify([dot("KWMA3745?"), glow(YELLOW - 5)]), 2) > 0.95


def test_kits_of_one_maker_are_not_told_apart_and_gain_nothing(make_marks):
    others = [replace(mark, emission_nm=RED) for mark in make_marks(500)]
    engine = Engine.build([*others, Mark(1, "KWMA37451", "", RED), Mark(2, "KWMA37452", "", RED)])
    without, fitting = (engine.identify([dot("KWMA3745?"), *more]) for more in ([], [glow(RED)]))
    for kit in (1, 2):
        assert posterior(fitting, kit) == pytest.approx(posterior(without, kit))
    assert fitting.candidates[0].log10_likelihood_ratio == pytest.approx(without.candidates[0].log10_likelihood_ratio)


def test_a_glow_that_fits_never_raises_a_kit_above_what_its_code_says_against_the_unknown(twins):
    """Whoever made the unknown mark may be the same maker: counting the glow would count the maker twice."""
    without, fitting = (twins.identify([dot("KWMA374??"), *more]) for more in ([], [glow(RED)]))
    assert fitting.expected_chance_matches >= without.expected_chance_matches * 0.999
    both = sum(one.posterior for one in without.candidates), sum(one.posterior for one in fitting.candidates)
    assert both[1] <= both[0]


def test_a_glow_alone_identifies_nothing(twins):
    assert twins.identify([glow(RED)]).verdict is Verdict.UNREADABLE


def test_a_glow_that_does_not_fit_speaks_against_the_kit_but_not_for_ever(twins):
    fitting, unfitting = (twins.identify([dot(ALONE.code), glow(peak)]) for peak in (RED, YELLOW))
    fewer = fitting.candidates[0].log10_likelihood_ratio - unfitting.candidates[0].log10_likelihood_ratio
    assert unfitting.candidates[0].kit_id == ALONE.kit_id
    assert 0.5 < fewer < 4


def test_blue_says_little_because_dust_glows_blue():
    tracers = Tracers({RED: 100, BLUE: 100})
    red, blue = (tracers.evidence([glow(nm)]).log_ratio(nm) for nm in (RED, BLUE))
    assert math.exp(red) > 3
    assert math.exp(blue) < math.exp(red)


def test_a_kit_without_tracer_neither_gains_nor_loses():
    tracers = Tracers({RED: 10})
    assert tracers.evidence([glow(RED)]).log_ratio(0) == 0.0
    assert tracers.evidence([NO_GLOW]).log_ratio(0) == 0.0


def test_no_glow_is_weak_evidence_against_a_kit_that_should_glow(twins):
    assert Tracers({RED: 10}).evidence([NO_GLOW]).log_ratio(RED) == pytest.approx(math.log(FADED))
    without, dark = (twins.identify([dot(ALONE.code), *more]) for more in ([], [NO_GLOW]))
    fewer = without.candidates[0].log10_likelihood_ratio - dark.candidates[0].log10_likelihood_ratio
    assert fewer == pytest.approx(-math.log10(FADED), abs=0.02)


def test_several_findings_of_one_thing_count_once_and_one_glowing_spot_outweighs_dark_ones():
    tracers = Tracers({RED: 10, YELLOW: 10})
    once = tracers.evidence([glow(610)])
    assert tracers.evidence([NO_GLOW, glow(610), glow(611), glow(590)]) == once
    assert tracers.evidence([]) is None
    assert tracers.evidence([glow(None), glow(0)]) is None


def test_the_ratio_has_expectation_one_over_the_glows_of_unknown_sources():
    """So a glow, like every line of evidence, cannot look like evidence by luck (Markov's inequality)."""
    tracers = Tracers({RED: 70, YELLOW: 30})
    findings = [tracers.evidence([glow(nm)]) for nm in range(300, 901)]
    assert sum(one.chance * math.exp(one.log_ratio(RED)) for one in findings) == pytest.approx(1.0, abs=0.02)


def test_emissions_survive_files_merging_and_replacement(make_marks):
    marks = [replace(mark, emission_nm=RED) for mark in make_marks(20)]
    layer = Layer.from_arrays(Layer.of(marks).arrays())
    assert layer.emission_of(marks[3].kit_id) == RED
    assert layer.emission_of(7) == 0
    engine = Engine(layer)
    engine.add([replace(marks[3], emission_nm=YELLOW), Mark(7, "KWMA37451", "", BLUE)])
    merged = engine.merged().base
    assert [merged.emission_of(kit) for kit in (marks[2].kit_id, marks[3].kit_id, 7)] == [RED, YELLOW, BLUE]
    assert Layer(layer.kit_ids, (), ()).merged(Layer.of([Mark(7, "KWMA37451", "", BLUE)]), set()).emission_of(7) == BLUE
