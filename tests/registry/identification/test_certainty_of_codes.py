"""Honest certainty where codes are numbered: a wrong digit is another kit's number."""

import random

import numpy as np
import pytest

from registry.identification.answer import Mark, MarkKind, Observation, Verdict
from registry.identification.code_background import CodeBackground
from registry.identification.codes import CodeIndex
from registry.identification.engine import Engine
from registry.identification.glyphs import GLYPHS, LOOKALIKES, clean_dot, encode_glyphs

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def dot(text):
    return Observation(MarkKind.DOT, text)


def damaged(code, dice):
    """A text as a reader with the plain model's rates makes it of a code; a quarter is unreadable."""
    seen = []
    for letter in code:
        if dice.random() < 0.01:
            continue
        if dice.random() < 0.01:
            seen.append(dice.choice(GLYPHS))
        roll, alike = dice.random(), LOOKALIKES.get(letter, "")
        if roll < 0.25:
            seen.append("?")
        elif roll < 0.25 + 0.75 * 0.05:
            seen.append(dice.choice(alike) if alike and dice.random() < 0.5 else dice.choice(GLYPHS))
        else:
            seen.append(dice.choice(alike) if alike and dice.random() < 0.01 else letter)
    return "".join(seen)


BOXES = random.Random(4).sample(range(200), 200)


def numbers_of(boxes):
    return [f"NLPO{10_000 + 50 * box + number:05d}" for box in sorted(boxes) for number in range(50)]


@pytest.fixture(scope="module")
def numbered():
    """100 boxes of 50 kits numbered on; the other 100 between them went to another register."""
    return numbers_of(BOXES[:100])


@pytest.fixture(scope="module")
def engine(numbered):
    return Engine.build([Mark(number, code) for number, code in enumerate(numbered)])


def test_a_number_that_is_not_registered_is_no_misread_neighbour(engine):
    for text in random.Random(2).sample(numbers_of(BOXES[100:]), 10):
        answer = engine.identify([dot(text)])
        assert answer.verdict is not Verdict.IDENTIFIED
        assert max(candidate.posterior for candidate in answer.candidates) < 0.05


def test_a_wrong_letter_in_the_prefix_leaves_the_number(engine, numbered):
    best = engine.identify([dot("NLPX" + numbered[1234][4:])]).candidates[0]
    assert best.kit_id == 1234
    assert best.posterior > 0.85


def test_a_wrong_digit_is_ambiguous(engine, numbered):
    """X stands for one of ten digits, and about half of the numbers are registered."""
    answer = engine.identify([dot(numbered[1234][:7] + "X" + numbered[1234][8:])])
    assert answer.verdict is not Verdict.IDENTIFIED
    assert answer.candidates[0].posterior < 0.4


def test_a_whole_number_is_told_with_what_its_neighbours_weigh(engine, numbered):
    best = engine.identify([dot(numbered[1234])]).candidates[0]
    assert best.kit_id == 1234
    assert 0.9 < best.posterior < 0.985


def test_a_random_code_as_long_is_told_without_doubt():
    """The control: nothing but the neighbours makes numbered codes doubtful."""
    dice = random.Random(1)
    engine = Engine.build([Mark(number, "".join(dice.choices(LETTERS, k=9))) for number in range(5000)])
    code = engine.base.codes[0].glyphs[17]
    best = engine.identify([dot("".join(GLYPHS[glyph] for glyph in code))]).candidates[0]
    assert best.posterior > 0.9999


def test_the_next_box_is_not_taken_for_misread_numbers():
    engine = Engine.build([Mark(number, f"NLPO{number}") for number in range(10_000, 15_000)])
    answer = engine.identify([dot("NLPO21234")])
    assert answer.candidates[0].posterior < 0.2


def test_a_shared_prefix_is_no_evidence_beside_other_families(rng):
    """Taken place by place, NLPO looks like four letters that agree by chance; as a family it is one of five."""
    prefixes = ["NLPO", "SPKA", "ENXB", "QVTT", "WWHZ"]
    codes = [f"{prefix}{number:05d}" for prefix in prefixes for number in rng.sample(range(10**5), 2000)]
    index = CodeIndex.build([Mark(number, code) for number, code in enumerate(codes)])
    background = index.shelves[0].background
    (told,) = background.probabilities(encode_glyphs("NLPO10444")[None])
    alone = np.prod([background.marginal[place, glyph] for place, glyph in enumerate(encode_glyphs("NLPO10444"))])
    assert told == pytest.approx(0.2 * 1e-5, rel=0.3)
    assert alone < told / 50
    assert index.search(clean_dot("NLPO?????")).hits[0].log_ratio < 2.2


def test_families_are_told_by_their_prefix():
    rows = [f"EU{number:07d}" for number in range(0, 10**6, 997)] + [f"AB12{number:05d}" for number in range(2000)]
    background = CodeBackground.of(encode_glyphs("".join(rows)).reshape(-1, 9))
    assert background.shares.sum() == pytest.approx(1.0)
    assert background.families.sum(axis=2) == pytest.approx(1.0)
    assert (background.probabilities(encode_glyphs("AB1200017EU0000997").reshape(2, 9)) > 1e-8).all()


@pytest.mark.parametrize("kind", ["random", "numbered"])
def test_posteriors_are_what_they_say(kind, numbered):
    """2 000 readings, half of them of registered codes; 50 000 of each kind are measured in docs/identification.md."""
    dice = random.Random(20261125)
    if kind == "numbered":
        codes, others = numbered, numbers_of(BOXES[100:])
    else:
        codes, others = (["".join(dice.choices(LETTERS, k=6)) for _ in range(5000)] for _ in range(2))
    engine = Engine.build([Mark(number, code) for number, code in enumerate(codes)])
    said, true = [], []
    for _ in range(2000):
        kit = dice.randrange(len(codes)) if dice.random() < 0.5 else -1
        answer = engine.identify([dot(damaged(codes[kit] if kit >= 0 else dice.choice(others), dice))])
        said += [candidate.posterior for candidate in answer.candidates]
        true += [candidate.kit_id == kit for candidate in answer.candidates]
    posterior, right = np.array(said), np.array(true)
    for low, high in ((0.05, 0.5), (0.5, 0.9), (0.9, 1.01)):
        chosen = (posterior >= low) & (posterior < high)
        assert chosen.sum() >= 20
        deviation = np.sqrt((posterior[chosen] * (1 - posterior[chosen])).sum()) / chosen.sum()
        assert posterior[chosen].mean() == pytest.approx(right[chosen].mean(), abs=0.01 + 3 * deviation)
