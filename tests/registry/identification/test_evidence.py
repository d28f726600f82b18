"""The arithmetic of evidence: posterior, V, chance, and what several reads share."""

import math

import numpy as np
import pytest

from registry.identification.answer import Grade, Verdict
from registry.identification.evidence import ASTRAY, Columns, shared_by_chance, verdict_of, weigh, with_astray


def test_the_posterior_weighs_the_kit_against_rivals_and_the_unknown():
    best, other = weigh({1: math.log(3000), 2: math.log(1000)}, 1000)
    assert best.kit_id == 1
    assert best.posterior == pytest.approx(3000 / (3000 + 1000 + 1000))
    assert other.posterior == pytest.approx(1000 / 5000)


def test_v_pays_for_the_search_and_for_rivals():
    (alone,) = weigh({1: math.log(6e6)}, 1000)
    assert alone.log10_ratio == pytest.approx(math.log10(6000))
    assert Grade.of(alone.log10_ratio) is Grade.PLUS_3
    assert alone.chance_matches == pytest.approx(1000 / 6e6)
    rivalled = weigh({1: math.log(6e6), 2: math.log(6e6)}, 1000)[0]
    assert Grade.of(rivalled.log10_ratio) is Grade.ZERO


def test_the_bar_rises_with_the_register():
    posteriors = [weigh({1: math.log(1e6)}, size)[0].posterior for size in (10, 10**4, 10**6, 10**8)]
    assert posteriors == sorted(posteriors, reverse=True)
    assert posteriors[0] > 0.99
    assert posteriors[-1] < 0.02


def test_a_prior_can_be_stated():
    assert weigh({1: math.log(1000)}, 1000, prior=0.9)[0].posterior == pytest.approx(0.9)


def test_chance_matches_never_exceed_the_register():
    assert weigh({1: -50.0}, 1000)[0].chance_matches == pytest.approx(1000)


def test_nothing_compared_gives_nothing():
    assert weigh({}, 1000) == []
    assert weigh({1: 5.0}, 0) == []


def test_an_observation_can_go_astray_but_not_speak_stronger():
    assert with_astray(-500.0) == pytest.approx(math.log(ASTRAY))
    assert with_astray(30.0) == pytest.approx(30.0, abs=0.02)


def columns(read: str, mark: str) -> Columns:
    likelihood = np.full((len(mark), 3), 0.05)
    likelihood[np.arange(len(read)), ["AB".index(letter) for letter in read]] = 0.95
    background = np.tile([0.5, 0.5, 1e-9], (len(mark), 1))
    return Columns(likelihood, background, np.array(["AB".index(letter) for letter in mark]))


def single(read: str, mark: str) -> float:
    return sum(math.log((0.95 if one == two else 0.05) / 0.5) for one, two in zip(read, mark, strict=True))


def test_reads_that_agree_cannot_say_more_than_the_whole_mark():
    mark = "ABAABBAB"
    ratios = [single(mark, mark)] * 5
    joint = sum(ratios) - shared_by_chance(ratios, [columns(mark, mark)] * 5)
    assert joint == pytest.approx(len(mark) * math.log(2), rel=0.01)


def test_a_second_read_settles_what_the_first_left_open():
    mark, blurred = "ABAABBAB", "BBAABBAB"
    ratios = [single(blurred, mark), single(mark, mark), single(mark, mark)]
    frames = [columns(blurred, mark), columns(mark, mark), columns(mark, mark)]
    assert sum(ratios) - shared_by_chance(ratios, frames) > ratios[0] + 2


def test_one_read_shares_nothing():
    assert shared_by_chance([3.0], [columns("AB", "AB")]) == 0.0


@pytest.mark.parametrize(
    ("ratio", "information", "conflict", "verdict"),
    [
        (1e6, 20.0, True, Verdict.AMBIGUOUS),
        (1.1e6, 20.0, False, Verdict.IDENTIFIED),
        (0.9e6, 20.0, False, Verdict.AMBIGUOUS),
        (5e3, 20.0, False, Verdict.AMBIGUOUS),
        (1.0, 20.0, False, Verdict.NOT_REGISTERED),
        (1.0, 5.0, False, Verdict.UNREADABLE),
    ],
)
def test_the_verdict_says_what_the_search_came_to(ratio, information, conflict, verdict):
    weighed = weigh({1: math.log(ratio)}, 1000)
    assert verdict_of(weighed, 1000, lambda: information, conflict=conflict) is verdict


def test_a_reading_that_fits_a_crowd_is_unreadable():
    weighed = weigh(dict.fromkeys(range(50), math.log(1000)), 1000)
    assert verdict_of(weighed, 1000, lambda: 5.0, conflict=False) is Verdict.UNREADABLE
