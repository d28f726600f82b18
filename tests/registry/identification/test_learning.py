"""Readers that are learnt from confirmed readings, against the plain reader as control."""

import pytest

from registry.identification.answer import Mark, MarkKind, Observation
from registry.identification.engine import Engine
from registry.identification.glyphs import GLYPHS, LOOKALIKES, clean_dot
from registry.identification.learning import learn
from registry.identification.reader_model import ReaderModel, ReaderModelError

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def chance(model, meant, seen, quality=""):
    """P(seen | meant) under a model, for a character of some quality or none."""
    return float(model.emissions(clean_dot(seen, quality))[0, GLYPHS.index(meant)])


@pytest.fixture
def odd_reader(rng):
    """Takes 7 for 1 and E for F every other time, loses 5 % and swaps 4 %; its qualities promise far too much."""

    def read(code):
        letters = list(code)
        for place in range(len(letters) - 1):
            if rng.random() < 0.04:
                letters[place : place + 2] = letters[place + 1], letters[place]
        seen, quality = [], []
        for letter in letters:
            if rng.random() < 0.05:
                continue
            sure = rng.random() < 0.5
            if letter in "7E" and rng.random() < 0.5:
                seen.append("1F"["7E".index(letter)])
            else:
                seen.append(rng.choice(LETTERS) if rng.random() < (0.02 if sure else 0.25) else letter)
            quality.append("I" if sure else "5")
        return "".join(seen), "".join(quality)

    return read


def test_a_reader_that_takes_seven_for_two_is_learnt(rng, make_marks):
    codes = [mark.code for mark in make_marks(200)]
    learnt = learn([(code.replace("7", "2") if rng.random() < 0.5 else code, code) for code in codes])
    assert chance(ReaderModel.plain(), "7", "2") < 0.005
    assert chance(learnt, "7", "2") == pytest.approx(0.5, abs=0.15)
    assert chance(learnt, "7", "7") == pytest.approx(0.5, abs=0.15)
    assert chance(learnt, "9", "9") > 0.95
    assert learnt.confusion.sum(axis=1) == pytest.approx(1.0)


def test_a_learnt_reader_settles_what_a_plain_one_leaves_open():
    marks = [Mark(1, "KWMA3745"), Mark(2, "KWMA3845"), Mark(3, "PLDR9081")]
    habit = learn([("KWMA3245", "KWMA3745")] * 30 + [("PLDR9081", "PLDR9081")] * 30)
    engine = Engine.build(marks, readers={"UVD-2": habit})
    plain = engine.identify([Observation(MarkKind.DOT, "KWMA3245")]).candidates[0]
    learnt = engine.identify([Observation(MarkKind.DOT, "KWMA3245", reader="UVD-2")]).candidates[0]
    assert plain.posterior < 0.7
    assert (learnt.kit_id, learnt.posterior > 0.8) == (1, True)


def test_lost_characters_are_learnt():
    learnt = learn([("KWMA374", "KWMA3745")] * 200)
    assert learnt.lost > 5 * ReaderModel.plain().lost
    assert learnt.extra < ReaderModel.plain().extra


def test_added_characters_are_learnt():
    learnt = learn([("KWMXA3745", "KWMA3745")] * 200)
    assert learnt.extra > 5 * ReaderModel.plain().extra
    assert learnt.lost < ReaderModel.plain().lost


def test_swapped_characters_are_learnt_and_taken_for_no_errors():
    learnt = learn([("KWAM3745", "KWMA3745")] * 200)
    assert learnt.swapped == pytest.approx(0.125, rel=0.5)
    assert chance(learnt, "M", "A") < 0.01
    assert learn([("KWMA3745", "KWMA3745")] * 200).swapped < ReaderModel.plain().swapped


def test_what_qualities_are_worth_is_learnt(rng):
    """Characters at Phred 20 are wrong in one of four cases, those at 40 never; they promised 1 % and 0.01 %."""
    confirmed = []
    for _ in range(400):
        code = "".join(rng.choices("23456789", k=8))
        doubtful = [rng.random() < 0.5 for _ in code]
        text = "".join(
            rng.choice("ACEFHJKM") if low and rng.random() < 0.25 else letter
            for letter, low in zip(code, doubtful, strict=True)
        )
        confirmed.append((text, code, "".join("5" if low else "I" for low in doubtful)))
    learnt = learn(confirmed)
    right = {sign: chance(learnt, "4", "4", sign) for sign in "5I"}
    assert right["5"] == pytest.approx(0.75, abs=0.06)
    assert right["I"] > 0.97
    assert chance(ReaderModel.plain(), "4", "4", "5") > 0.95


def test_an_odd_reader_is_understood_better_once_learnt(rng, odd_reader):
    codes = ["".join(rng.choices(LETTERS, k=7)) for _ in range(2000)]
    confirmed = [(text, code, quality) for code in rng.choices(codes, k=600) for text, quality in [odd_reader(code)]]
    engine = Engine.build([Mark(number, code) for number, code in enumerate(codes)], readers={"odd": learn(confirmed)})
    readings = [(kit, odd_reader(codes[kit])) for kit in rng.choices(range(len(codes)), k=200)]
    readings += [(-1, odd_reader("".join(rng.choices(LETTERS, k=7)))) for _ in range(200)]
    right, said = {}, {}
    for reader in ("odd", "plain"):
        found = [
            (engine.identify([Observation(MarkKind.DOT, text, quality, reader)]).candidates[0], kit)
            for kit, (text, quality) in readings
            if text
        ]
        right[reader] = sum(best.kit_id == kit for best, kit in found)
        said[reader] = sum(best.posterior for best, _ in found)
    assert right["odd"] >= right["plain"] + 3
    assert said["odd"] == pytest.approx(right["odd"], abs=0.04 * len(readings))
    assert said["plain"] < right["plain"] - 0.08 * len(readings)


def test_readings_that_hold_nothing_teach_nothing():
    learnt = learn([("", "KWMA3745"), ("????", "KWMA3745"), ("KWMA3745", "")])
    assert learnt.lost == pytest.approx(ReaderModel.plain().lost)
    assert chance(learnt, "O", "0") == pytest.approx(chance(ReaderModel.plain(), "O", "0"), rel=0.05)


def test_a_stored_model_says_what_it_said(rng):
    learnt = learn([("KWMA3245", "KWMA3745", "IIII#III")] * 30)
    again = ReaderModel.from_json(learnt.as_json())
    dot = clean_dot("".join(rng.choices(GLYPHS, k=20)), "I" * 10 + "#" * 10)
    assert again.emissions(dot) == pytest.approx(learnt.emissions(dot), rel=1e-4)
    assert (again.lost, again.extra, again.swapped) == (learnt.lost, learnt.extra, learnt.swapped)


def test_the_plain_model_survives_storing():
    again = ReaderModel.from_json(ReaderModel.plain().as_json())
    assert all(chance(again, meant, LOOKALIKES[meant][0]) > 0.01 for meant in LOOKALIKES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "incomplete"),
        ("[]", "incomplete"),
        ("null", "incomplete"),
        (ReaderModel.plain().as_json()[:-40], "incomplete"),
        (ReaderModel.plain().as_json().replace(GLYPHS, GLYPHS[::-1]), "other characters"),
        (ReaderModel.plain().as_json().replace('"lost":0.01', '"lost":1.5'), "no chances"),
        (ReaderModel.plain().as_json().replace('"lost":0.01', '"lost":NaN'), "no chances"),
    ],
)
def test_a_stored_model_that_is_none_is_refused(text, reason):
    with pytest.raises(ReaderModelError, match=reason):
        ReaderModel.from_json(text)
