"""Constant parts of a maker's signatures are no evidence for one kit."""

import math

import numpy as np
import pytest

from registry.identification import signature_background
from registry.identification.answer import Mark, MarkKind, Observation, Verdict
from registry.identification.bases import clean_read, decode
from registry.identification.constants import model_constants
from registry.identification.engine import Engine
from registry.identification.lookup import search_read
from registry.identification.signature_background import SignatureBackground

BEGINNING = "CCGTTCCTCGTTCAAG"


def with_beginning(codes):
    codes[:, : len(BEGINNING)] = ["ACGT".index(base) for base in BEGINNING]
    return codes


@pytest.fixture
def mixed(dice):
    """6000 signatures of 32 bases from three makers in turn; those of the second begin alike."""
    codes = dice.integers(0, 4, (6000, 32)).astype(np.uint8)
    codes[1::3] = with_beginning(codes[1::3])
    return codes


@pytest.fixture
def engine(mixed):
    return Engine.build([Mark(number, f"M{number:06d}", decode(codes)) for number, codes in enumerate(mixed)])


@pytest.fixture
def unregistered(dice):
    """Reads without a wrong base of 300 marks of the second maker that are not registered."""
    return [
        Observation(MarkKind.DNA, decode(codes))
        for codes in with_beginning(dice.integers(0, 4, (300, 32)).astype(np.uint8))
    ]


@pytest.fixture
def without_families(monkeypatch):
    """As if nobody looked for constant parts."""
    monkeypatch.setattr(signature_background, "_parted", lambda codes: ([], codes))


def test_signatures_made_at_random_are_of_one_family(dice):
    background = SignatureBackground.of(dice.integers(0, 4, (20_000, 64)).astype(np.uint8))
    assert not background.several
    assert background.families.shape == (1, 64, 4)
    assert np.abs(background.families - 0.25).max() < 0.02


@pytest.mark.parametrize("at", [0, 7, 16])
def test_a_constant_part_is_found_wherever_it_stands(mixed, at):
    moved = np.roll(mixed, at, axis=1)
    background = SignatureBackground.of(moved)
    assert background.shares == pytest.approx([1 / 3, 2 / 3], abs=0.01)
    assert [background.family_of(codes) for codes in moved[:30]] == [1, 0, 1] * 10
    part = background.families[0, np.arange(at, at + 16), moved[1, at : at + 16]]
    assert part.min() > 0.99
    assert np.abs(np.roll(background.families[0], -at, axis=0)[16:] - 0.25).max() < 0.05


def test_two_makers_are_two_families_and_what_is_left_a_third(dice, mixed):
    mixed[2::3, -8:] = 3
    background = SignatureBackground.of(mixed)
    assert len(background.shares) == 3
    assert [background.family_of(codes) for codes in mixed[:9]].count(2) == 3
    assert background.shares.sum() == pytest.approx(1)


def test_commonness_is_that_of_the_mixture_against_the_family(mixed):
    background = SignatureBackground.of(mixed)
    bases, family = mixed[1], 0
    for start, stop in ((0, 32), (0, 16), (16, 32), (5, 5)):
        of_each = [
            share * math.prod(profile[place, bases[place]] for place in range(start, stop))
            for share, profile in zip(background.shares, background.families, strict=True)
        ]
        expected = math.log(sum(of_each) / of_each[family] * background.shares[family])
        assert background.commonness(bases, family, start, stop) == pytest.approx(expected)
    # The constant part tells the family, and the rest does not.
    assert background.commonness(bases, family, 0, 16) == pytest.approx(math.log(1 / 3), abs=0.01)
    assert background.commonness(bases, family, 16, 32) == pytest.approx(0, abs=0.3)


def test_an_unregistered_mark_of_a_maker_with_a_constant_part_is_not_taken_for_a_kit(engine, unregistered):
    answers = [engine.identify([observation]) for observation in unregistered]
    assert [answer for answer in answers if answer.verdict is Verdict.IDENTIFIED] == []
    # A tenth at the most may reach V = 10 (Markov).
    assert sum(answer.candidates[0].log10_likelihood_ratio >= 1 for answer in answers if answer.candidates) <= 6


def test_without_families_some_are(without_families, engine, unregistered):
    answers = [engine.identify([observation]) for observation in unregistered]
    assert sum(answer.verdict is Verdict.IDENTIFIED for answer in answers) >= 2
    assert sum(answer.candidates[0].log10_likelihood_ratio >= 1 for answer in answers if answer.candidates) > 30


def test_its_registered_marks_are_found_and_others_lose_nothing(engine, mixed, sequence):
    told = [0, 0, 0]
    for number in range(60):
        bases, quality = sequence(decode(mixed[number]), 0.02)
        answer = engine.identify([Observation(MarkKind.DNA, bases, quality)])
        assert answer.candidates[0].kit_id == number
        told[number % 3] += answer.verdict is Verdict.IDENTIFIED
    # Sixteen bases of its own tell a kit less surely than thirty-two.
    assert told[0] == told[2] == 20
    assert told[1] >= 10


def test_kits_of_all_families_are_compared_with_the_same_random_mark(engine, mixed):
    search = search_read(engine._signatures, clean_read(decode(mixed[1]), ""), lambda ratios: False)
    best = max(search.found.values(), key=lambda hit: hit.log_ratio)
    assert best.kit_id == 1
    assert len(search.found) > 1
    assert search.commonness == engine._signatures.commonness(best) > 8 * math.log(10)
    for kit, hit in search.hits.items():
        assert hit.log_ratio == search.found[kit].log_ratio - search.commonness
        assert search.ratios()[kit] == search.compare(kit).log_ratio == hit.log_ratio


def test_several_reads_of_an_unregistered_mark_do_not_add_its_constant_part_up(engine, dice, sequence):
    for codes in with_beginning(dice.integers(0, 4, (40, 32)).astype(np.uint8)):
        reads = [Observation(MarkKind.DNA, *sequence(decode(codes), 0.05)) for _ in range(3)]
        answer = engine.identify(reads)
        assert answer.verdict is not Verdict.IDENTIFIED
        assert not answer.candidates or answer.candidates[0].log10_likelihood_ratio < 1


def test_several_reads_of_a_registered_mark_tell_more_than_one(engine, mixed, sequence):
    told = {1: 0, 2: 0}
    for number in range(1, 60, 3):
        reads = [Observation(MarkKind.DNA, *sequence(decode(mixed[number]), 0.05)) for _ in range(2)]
        for count in told:
            answer = engine.identify(reads[:count])
            told[count] += answer.candidates[0].kit_id == number and answer.verdict is Verdict.IDENTIFIED
    assert told[2] > told[1]


def test_what_tells_a_family_is_kept_with_every_answer():
    constants = model_constants()
    assert (constants["dna_family_word"], constants["dna_family_fewest"]) == (
        signature_background.WORD,
        signature_background.FEWEST,
    )
    assert constants["dna_family_frequent"] == signature_background.FREQUENT
