"""What the benchmark claims of codes at 10^7 kits, at 10^4: every class of damage, and honest posteriors."""

import random

import numpy as np
import pytest

from benchmarks.identification_calibration import KINDS, MAKERS
from benchmarks.identification_code_claims import Codes, recall_cap
from benchmarks.identification_readings import CODE_LETTERS, DAMAGES, STRANGER, Case
from benchmarks.identification_registers import CODE_LENGTH, code_glyphs
from benchmarks.identification_tally import look_up
from registry.identification.answer import MarkKind, Observation
from registry.identification.codes import CodeShelf
from registry.identification.engine import Engine
from registry.identification.layers import Layer

pytestmark = pytest.mark.usefixtures("numba")

KITS = 10_000
TEXTS = 60


@pytest.fixture(scope="module")
def codes():
    glyphs = code_glyphs(KITS)
    kits = np.arange(KITS, dtype=np.int64)
    return Codes(Engine(Layer(kits, (), (CodeShelf.sorted(glyphs, kits),))), glyphs, 0.0)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_codes_are_found_wherever_information_allows(codes, damage):
    assert recall_cap(damage, KITS) > 0.999
    tally = look_up(codes.engine, codes.cases(damage, TEXTS, random.Random(7)))
    assert tally.right == TEXTS
    assert tally.wrong == 0


def test_whole_codes_of_no_kit_are_not_identified(codes):
    dice = random.Random(8)
    texts = ["".join(dice.choices(CODE_LETTERS, k=CODE_LENGTH)) for _ in range(200)]
    cases = [Case(STRANGER, (Observation(MarkKind.DOT, text),)) for text in texts]
    assert look_up(codes.engine, cases).identified == 0


@pytest.mark.parametrize("kind", ["reads", "codes"])
def test_posteriors_are_honest_within_chance(kind):
    engine = Engine(KINDS[kind][0]())
    cases = MAKERS[kind](0)
    tally = look_up(engine, (next(cases) for _ in range(900)))
    said = np.array([posterior for posterior, _ in tally.posteriors])
    true = np.array([right for _, right in tally.posteriors], dtype=float)
    for low, high in ((0.1, 0.9), (0.9, 2.0)):
        chosen = (said >= low) & (said < high)
        assert chosen.sum() > 30
        chance = np.sqrt((said[chosen] * (1 - said[chosen])).sum())
        assert abs(said[chosen].sum() - true[chosen].sum()) < 4 * chance + 1
        # The control: posteriors much nearer to certainty would not pass for honest.
        if high <= 1:
            bold = said[chosen] + 0.8 * (1 - said[chosen])
            assert abs(bold.sum() - true[chosen].sum()) > 4 * np.sqrt((bold * (1 - bold)).sum())
