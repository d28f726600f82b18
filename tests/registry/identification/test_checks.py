"""Check characters, against numbers published with their standards."""

import random

import pytest

from labels import markcode
from registry.identification.checks import Check, Checked, checked
from registry.identification.glyphs import GLYPHS

PUBLISHED = [
    (Check.VIN, "1M8GDM9AXKP042788"),  # The worked example of the American rule.
    (Check.VIN, "11111111111111111"),
    (Check.VIN, "5GZCZ43D13S812715"),
    (Check.LUHN, "79927398713"),
    (Check.LUHN, "4111 1111 1111 1111"),
    (Check.MOD_11_2, "0000-0002-1825-0097"),  # An ORCID iD.
    (Check.MOD_11_2, "0000-0002-1694-233X"),
    (Check.MOD_97_10, "79444"),
    (Check.MOD_37_2, "G123489654321Y"),
    (Check.MOD_37_36, "A1-2425G-ABC1234002-M"),  # A Global Release Identifier.
]


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_published_numbers_agree(check, number):
    assert checked(check, number) is Checked.AGREES


@pytest.mark.parametrize(("check", "number"), [*PUBLISHED, (Check.STICKER, "1E4ND6N372BMTTW")])
def test_any_wrong_digit_is_noticed(check, number):
    folded = number.replace("-", "").replace(" ", "")
    for place, letter in enumerate(folded):
        if check is Check.VIN and letter.isalpha():
            continue  # Letters of a VIN share their values, so J passes for A.
        for other in ("0123456789" if letter.isdigit() else GLYPHS).replace(letter, ""):
            wrong = folded[:place] + other + folded[place + 1 :]
            assert checked(check, wrong) is not Checked.AGREES, wrong


def test_any_two_wrong_characters_of_our_own_numbers_are_noticed(rng):
    for _ in range(300):
        number = list(markcode.issue())
        for place in rng.sample(range(len(number)), 2):
            number[place] = rng.choice(markcode.ALPHABET.replace(number[place], ""))
        assert checked(Check.STICKER, "".join(number)) is Checked.DISAGREES


def test_a_vin_of_the_old_world_need_not_carry_a_check_digit():
    assert checked(Check.VIN, "WVWZZZ1JZXW000001") is Checked.OPEN
    assert checked(Check.VIN, "1M8GDM9A1KP042788") is Checked.DISAGREES


def test_lookalikes_that_no_vin_has_are_taken_for_digits():
    assert checked(Check.VIN, "IM8GDM9AXKPO42788") is Checked.AGREES


@pytest.mark.parametrize("check", Check)
@pytest.mark.parametrize("text", ["", "?", "79927?98713", "Å", "--"])
def test_what_was_not_read_leaves_the_check_open(check, text):
    assert checked(check, text) is Checked.OPEN


@pytest.mark.parametrize("check", [check for check in Check if check is not Check.NONE])
def test_chance_passes_a_check_seldom(check):
    dice = random.Random(4)
    texts = ["".join(dice.choices("0123456789", k=17 if check is Check.VIN else 15)) for _ in range(2000)]
    assert sum(checked(check, text) is Checked.AGREES for text in texts) < 0.14 * len(texts)


@pytest.mark.parametrize("check", [check for check in Check if check is not Check.NONE])
def test_a_text_of_another_shape_disagrees(check):
    assert checked(check, "A") is Checked.DISAGREES
