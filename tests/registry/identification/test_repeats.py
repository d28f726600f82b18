"""Stretches that repeat themselves are common, and weigh less."""

import numpy as np
import pytest

from registry.identification.answer import Mark, MarkKind, Observation, Verdict
from registry.identification.bases import encode
from registry.identification.engine import Engine
from registry.identification.repeats import repetition

EVEN = np.full((200, 4), 0.25)
PLAIN = "GATTACAGCCTAGGTCATCCAGTTGACCAA"


def gain(text, *, fast=False):
    return repetition(encode(text), EVEN, fast=fast)


@pytest.mark.parametrize("unit", ["A", "TG", "CAG", "GATA", "AACCT", "TTAGGG"])
def test_a_repeated_unit_of_up_to_six_bases_is_common(unit):
    assert gain((unit * 24)[:36]) > 8


def test_bases_drawn_at_random_are_not(rng):
    gains = [gain("".join(rng.choices("ACGT", k=64))) for _ in range(300)]
    assert sum(one > 2 for one in gains) <= 6


def test_a_repeat_in_a_plain_stretch_weighs_what_the_repeat_weighs():
    alone = gain("TG" * 10)
    assert gain(PLAIN + "TG" * 10 + PLAIN) == pytest.approx(alone, abs=6)


def test_nothing_is_not_common():
    assert gain("") == 0.0


def test_bases_that_were_not_called_tell_nothing():
    """A read stands for the signature where reads are compared with each other."""
    assert gain("N" * 40) == 0.0
    assert gain("TG" * 6 + "NN" + "TG" * 6) > 5


def test_a_repeat_that_the_whole_register_has_is_counted_once():
    """Its background says so already."""
    text = "AC" * 12
    background = np.full((len(text), 4), 0.003)
    background[np.arange(len(text)), encode(text)] = 0.991
    assert repetition(encode(text), background, fast=False) < 0.5


@pytest.mark.usefixtures("numba")
def test_compiled_and_plain_gains_agree(rng):
    for text in ("TG" * 12, "TG" * 6 + "NN" + "TG" * 6, PLAIN, "A" * 20 + PLAIN, "".join(rng.choices("ACGT", k=128))):
        assert gain(text, fast=True) == pytest.approx(gain(text))


def test_a_shared_repeat_does_not_take_a_read_of_another_kit_for_certain(rng):
    """The read lies on the repeat of the only kit; that its maker writes repeats is no sign that it is the kit's."""
    signature = "GGACCATCTA" + "TG" * 14 + "CTAGGATTCCAGATCCTTAGACCA"
    marks = [Mark(1, "", signature)]
    marks += [Mark(number, "", "".join(rng.choices("ACGT", k=len(signature)))) for number in range(2, 400)]
    engine = Engine.build(marks)
    stranger = Observation(MarkKind.DNA, "TG" * 14)
    assert engine.identify([stranger]).verdict is not Verdict.IDENTIFIED
    own = Observation(MarkKind.DNA, signature)
    answer = engine.identify([own])
    assert answer.verdict is Verdict.IDENTIFIED
    assert answer.candidates[0].kit_id == 1
