"""All new signatures against all others at once."""

import random

import numpy as np
import pytest

from registry.identification import kernels, near_signatures
from registry.identification.bases import encode_many, pack
from registry.identification.near_signatures import NONE, Signatures, nearest

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def signatures(texts, first_line=0):
    """Of the register with ``first_line`` 0, else lines of a file."""
    lines = np.arange(first_line, first_line + len(texts)) if first_line else np.zeros(len(texts))
    return Signatures(len(texts[0]), pack(encode_many(texts, len(texts[0]))), lines.astype(np.int32))


def edited(rng, text, edits):
    """The text with so many edits at most, as long as before."""
    for number in range(edits):
        place = rng.randrange(len(text) - 1)
        if edits - number >= 2 and number % 2 == 0 and rng.random() < 0.5:
            text = text[:place] + text[place + 1 :] + rng.choice("ACGT")
        else:
            text = text[:place] + rng.choice("ACGT".replace(text[place], "")) + text[place + 1 :]
    return text


@pytest.fixture(params=["every pair", "seeds in numpy", "seeds compiled"])
def way(request, monkeypatch, skip_or_fail):
    """Each way of comparing, chosen by the sizes alone in earnest."""
    if request.param == "seeds compiled" and kernels.compiled() is None:
        skip_or_fail("numba is not installed", "pip install 'markdna[fast]'")
    if request.param != "every pair":
        monkeypatch.setattr(near_signatures, "EVERY_PAIR", 0)
    if request.param == "seeds in numpy":
        monkeypatch.setattr(near_signatures, "compiled", lambda: None)
    return request.param


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("length", [24, 64, 100])
def test_siblings_of_registered_and_of_new_signatures_are_found_on_both_strands(length):
    rng = random.Random(7)
    registered = ["".join(rng.choices("ACGT", k=length)) for _ in range(300)]
    new = ["".join(rng.choices("ACGT", k=length)) for _ in range(60)]
    near = length // 12
    new[5] = edited(rng, registered[17], near)
    new[9] = edited(rng, registered[40], near)[::-1].translate(COMPLEMENT)
    new[30] = edited(rng, new[12], near)
    new[31] = edited(rng, new[13], near)[::-1].translate(COMPLEMENT)
    (result,) = nearest([signatures(new, 2)], [signatures(registered)])
    rows = np.flatnonzero(result.edits < NONE).tolist()
    assert rows == [5, 9, 30, 31]
    assert result.others[rows].tolist() == [0, 0, 14, 15]
    assert (result.edits[rows] <= 2 * near).all()


@pytest.mark.usefixtures("way")
def test_a_signature_of_another_length_is_found_when_it_is_part_of_a_longer_one(random_bases):
    registered = [random_bases(64) for _ in range(200)]
    new = [random_bases(60) for _ in range(20)]
    new[3] = registered[7][2:62]
    (result,) = nearest([signatures(new, 2)], [signatures(registered)])
    assert np.flatnonzero(result.edits < NONE).tolist() == [3]
    assert result.edits[3] == 4


@pytest.mark.usefixtures("way")
def test_a_signature_that_is_its_own_other_strand_is_not_near_itself():
    (result,) = nearest([signatures(["ACGT" * 16], 2)], [])
    assert result.edits.tolist() == [NONE]


@pytest.mark.usefixtures("way")
def test_long_parts_that_all_share_hide_no_sibling(rng, random_bases):
    shared = random_bases(20)
    registered = [shared + random_bases(44) for _ in range(400)]
    new = [shared + random_bases(44) for _ in range(100)]
    new[50] = shared + edited(rng, registered[200][20:], 4)
    (result,) = nearest([signatures(new, 2)], [signatures(registered)])
    assert np.flatnonzero(result.edits < NONE).tolist() == [50]


@pytest.mark.usefixtures("way")
def test_of_signatures_that_are_all_alike_every_one_is_near_another(random_bases):
    shared = random_bases(52)
    registered = [shared + random_bases(12) for _ in range(400)]
    new = [shared + random_bases(12) for _ in range(100)]
    (result,) = nearest([signatures(new, 2)], [signatures(registered)])
    assert (result.edits <= 12).all()


@pytest.mark.usefixtures("numba")
@pytest.mark.slow
def test_how_many_siblings_are_found_at_each_distance_of_ten_thousand():
    """The small version of the table in docs/identification.md; seed fixed."""
    rng = random.Random(3)
    registered = ["".join(rng.choices("ACGT", k=64)) for _ in range(10_000)]
    new = ["".join(rng.choices("ACGT", k=64)) for _ in range(4_000)]
    for row in range(200):
        new[row] = edited(rng, registered[row], 8)
        new[200 + row] = edited(rng, registered[row + 200], 12)
    (result,) = nearest([signatures(new, 2)], [signatures(registered)])
    found = result.edits < NONE
    assert found[:200].all()
    assert found[200:400].sum() >= 190
    assert not found[400:].any()
