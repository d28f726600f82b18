"""Codes of suppliers' families, 10 000 of each: every mix of damage is mended as well as comparing all would."""

import random

import pytest

from registry.identification.answer import Mark
from registry.identification.codes import CodeIndex
from registry.identification.glyphs import LOOKALIKES, clean_dot

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VIN_LETTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

FAMILIES = {
    "SDNA-4K7Q-2M9X": lambda dice: "SDNA" + "".join(dice.choices(LETTERS, k=8)),
    "NLPO10444": lambda dice: dice.choice(["NLPO", "SPKA", "ENXB", "QVTT"]) + f"{dice.randrange(10**5):05d}",
    "EU1234567": lambda dice: f"EU{dice.randrange(10**7):07d}",
    "VIN": lambda dice: (
        dice.choice(["YV1", "WVW", "1M8"]) + "".join(dice.choices(VIN_LETTERS, k=8)) + f"{dice.randrange(10**6):06d}"
    ),
    "EM4100": lambda dice: "".join(dice.choices("0123456789ABCDEF", k=10)),
    "ISO 11784": lambda dice: f"752{dice.randrange(10**12):012d}",
}


def blank(count):
    def blanked(text, dice):
        places = dice.sample(range(len(text)), count)
        return "".join("?" if place in places else letter for place, letter in enumerate(text))

    return blanked


def wrong(text, dice):
    place = dice.randrange(len(text))
    return text[:place] + dice.choice([other for other in LETTERS if other != text[place]]) + text[place + 1 :]


def lost(text, dice):
    place = dice.randrange(len(text))
    return text[:place] + text[place + 1 :]


def added(text, dice):
    place = dice.randrange(len(text) + 1)
    return text[:place] + dice.choice(LETTERS) + text[place:]


def swapped(text, dice):
    place = dice.randrange(len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def lookalikes(text, dice):
    return "".join(dice.choice(LOOKALIKES.get(letter, letter)) for letter in text)


def both(first, second):
    return lambda text, dice: second(first(text, dice), dice)


DAMAGES = {
    "whole": lambda text, dice: text,
    "two unreadable": blank(2),
    "four unreadable": blank(4),
    "two wrong": both(wrong, wrong),
    "wrong and unreadable": both(wrong, blank(1)),
    "lost and unreadable": both(lost, blank(1)),
    "lost and wrong": both(lost, wrong),
    "two lost": both(lost, lost),
    "added and wrong": both(added, wrong),
    "added and unreadable": both(added, blank(1)),
    "swapped": swapped,
    "swapped and unreadable": both(swapped, blank(1)),
    "every look-alike": lookalikes,
}


@pytest.fixture(scope="module", params=FAMILIES)
def register(request):
    dice = random.Random(20261125)
    codes = list(dict.fromkeys(FAMILIES[request.param](dice) for _ in range(10_000)))
    return codes, CodeIndex.build([Mark(number, code) for number, code in enumerate(codes)])


@pytest.mark.usefixtures("numba")
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_index_finds_whatever_comparing_every_code_finds(register, damage, rng):
    codes, index = register
    for kit in rng.sample(range(len(codes)), 12):
        dot = clean_dot(DAMAGES[damage](codes[kit], rng))
        found, all_compared = index.search(dot).hits, index.search(dot, exhaustive=True).hits
        assert found[0].log_ratio == pytest.approx(all_compared[0].log_ratio, abs=0.2)
        told, allowed = ({hit.kit_id: hit.log_ratio for hit in hits} for hits in (found, all_compared))
        if len(allowed) < 100 and allowed.get(kit, -99.0) >= all_compared[0].log_ratio - 0.5:
            assert told[kit] >= found[0].log_ratio - 0.7


@pytest.mark.usefixtures("numba")
def test_four_unreadable_characters_of_a_vin_leave_one_vehicle(rng):
    codes = list({FAMILIES["VIN"](rng) for _ in range(10_000)})
    index = CodeIndex.build([Mark(number, code) for number, code in enumerate(codes)])
    for kit in rng.sample(range(len(codes)), 20):
        hits = index.search(clean_dot(blank(4)(codes[kit], rng))).hits
        assert hits[0].kit_id == kit
        assert len(hits) == 1 or hits[0].log_ratio > hits[1].log_ratio + 4
