"""All new codes against all others at once."""

import numpy as np
import pytest

from registry.identification.glyphs import LOOKALIKES, encode_glyphs
from registry.identification.near_codes import Likeness, near_codes


def near(new, registered=()):
    """For each likeness: line of a new code (from 2 on) to the line of its other, 0 for the register."""
    length = len(new[0])
    lines = np.arange(2, 2 + len(new), dtype=np.int32)
    codes = encode_glyphs("".join(new)).reshape(-1, length)
    held = encode_glyphs("".join(registered)).reshape(-1, length)
    found = near_codes(codes, lines, held)
    return {
        kind: {int(lines[row]): int(others[row]) for row in np.flatnonzero(others >= 0)}
        for kind, others in found.others.items()
    }


def test_the_same_code_is_told_of_the_later_line_and_of_the_register():
    assert near(["AB10CD", "XY77ZZ", "AB10CD", "QQ10QQ"], ["QQ10QQ"])[Likeness.SAME] == {4: 2, 5: 0}


def test_lookalikes_make_twins_and_no_neighbours():
    found = near(["AB10", "ABIO", "XYO7", "KLMN"], ["XY07"])
    assert found[Likeness.TWIN] == {3: 2, 4: 0}
    assert found[Likeness.SAME] == {}
    assert found[Likeness.NEIGHBOUR] == {}


def test_codes_numbered_in_sequence_are_neighbours_whichever_stands_first():
    found = near(["NLPO10443", "KWMA90211", "NLPO10444"], ["KWMA90212"])
    assert found[Likeness.NEIGHBOUR] == {2: 4, 3: 0, 4: 2}


def test_codes_that_stand_alone_are_like_none():
    assert near(["ENXB09494", "CJSZ87051"], ["KWPD30162"]) == {kind: {} for kind in Likeness}


@pytest.mark.parametrize("alphabet", ["01O", "ABCD0123", "0OQDI1L8B"])
def test_every_pair_is_found_that_a_comparison_one_by_one_finds(rng, alphabet):
    new = ["".join(rng.choices(alphabet, k=5)) for _ in range(60)]
    registered = ["".join(rng.choices(alphabet, k=5)) for _ in range(60)]
    found = near(new, registered)

    def likeness(one, other):
        if one == other:
            return Likeness.SAME
        differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
        unlike = [pair for pair in differing if pair[1] not in LOOKALIKES.get(pair[0], "")]
        if not unlike:
            return Likeness.TWIN
        return Likeness.NEIGHBOUR if len(differing) == 1 else None

    for row, code in enumerate(new):
        of_register = {likeness(code, other) for other in registered}
        before = {likeness(code, other) for other in new[:row]}
        anywhere = {likeness(code, other) for at, other in enumerate(new) if at != row}
        for kind in Likeness:
            in_file = anywhere if kind is Likeness.NEIGHBOUR else before
            assert ((row + 2) in found[kind]) == (kind in of_register or kind in in_file)
            assert (found[kind].get(row + 2) == 0) == (kind in of_register)
