"""Codes of a large register: every class of damage through the block index, against comparing every code."""

import pytest

from registry.identification import lattice, nearest
from registry.identification.answer import Mark
from registry.identification.codes import CodeIndex
from registry.identification.glyphs import LOOKALIKES, clean_dot

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def with_wrong(code, place):
    return code[:place] + next(letter for letter in "XYZ" if letter != code[place]) + code[place + 1 :]


def swapped(code, place):
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def with_lookalikes(code):
    return "".join(LOOKALIKES.get(letter, letter)[0] for letter in code[:4]) + code[4:]


DAMAGES = {
    "whole": lambda code: code,
    "one unreadable": lambda code: code[:2] + "?" + code[3:],
    "two unreadable in a block": lambda code: "??" + code[2:],
    "two unreadable in two blocks": lambda code: "?" + code[1:5] + "?" + code[6:],
    "three unreadable": lambda code: "?" + code[1:4] + "?" + code[5:8] + "?",
    "one wrong": lambda code: with_wrong(code, 4),
    "two wrong": lambda code: with_wrong(with_wrong(code, 0), 8),
    "wrong and unreadable": lambda code: with_wrong(code[:7] + "?" + code[8:], 1),
    "first lost": lambda code: code[1:],
    "middle lost": lambda code: code[:4] + code[5:],
    "last lost": lambda code: code[:-1],
    "one added": lambda code: code[:5] + "X" + code[5:],
    "two swapped": lambda code: swapped(code, 3),
    "swapped across blocks and wrong": lambda code: with_wrong(swapped(code, 5), 1),
    "swapped across blocks and lost": lambda code: swapped(code, 5)[1:],
    "swapped across blocks and added": lambda code: "X" + swapped(code, 2),
    "look-alikes": with_lookalikes,
}


@pytest.fixture
def marks(rng):
    return [Mark(number, "".join(rng.choices(LETTERS, k=9))) for number in range(6000)]


@pytest.fixture(params=["compiled", "plain"])
def index(request, marks, monkeypatch):
    if request.param == "plain":
        for module in (nearest, lattice):
            monkeypatch.setattr(module, "compiled", lambda: None)
    else:
        request.getfixturevalue("numba")
    return CodeIndex.build(marks)


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_mended_through_shared_blocks(index, marks, damage):
    for mark in marks[::750]:
        dot = clean_dot(DAMAGES[damage](mark.code))
        search = index.search(dot)
        everything = index.search(dot, exhaustive=True)
        assert everything.complete
        assert not search.complete
        assert everything.hits[0].kit_id == mark.kit_id
        assert search.hits[0].kit_id == mark.kit_id
        assert search.hits[0].log_ratio == pytest.approx(everything.hits[0].log_ratio)


@pytest.mark.usefixtures("numba")
def test_compiled_and_plain_likelihoods_agree(marks, monkeypatch):
    index = CodeIndex.build(marks)
    dots = [clean_dot(damage(marks[5].code)) for damage in DAMAGES.values()]
    compiled = [index.search(dot).hits[0] for dot in dots]
    laid = [hit.alignment() for hit in compiled]
    for module in (nearest, lattice):
        monkeypatch.setattr(module, "compiled", lambda: None)
    plain = [index.search(dot).hits[0] for dot in dots]
    assert [hit.log_ratio for hit in plain] == pytest.approx([hit.log_ratio for hit in compiled])
    assert [hit.alignment().matches for hit in plain] == [alignment.matches for alignment in laid]


def test_numbered_codes_that_crowd_are_told_apart_honestly():
    index = CodeIndex.build([Mark(number, f"NLPO{number:05d}") for number in range(10_000, 16_000)])
    hits = index.search(clean_dot("NLPO1234?")).hits
    assert {hit.code for hit in hits[:10]} == {f"NLPO1234{digit}" for digit in range(10)}
    assert hits[0].log_ratio == pytest.approx(hits[9].log_ratio, abs=0.1)
