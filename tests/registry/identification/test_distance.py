"""The bit-parallel distances against edlib, which computes them another way."""

import edlib
import numpy as np
import pytest

from registry.identification.bases import encode, encode_many, pack, unpack
from registry.identification.distance import Ends, distances

CASES = {
    "global": (Ends(), "NW", False),
    "read hangs over at both ends": (Ends(read_start=True, read_end=True), "HW", False),
    "read hangs over at its end": (Ends(read_end=True), "SHW", False),
    "mark hangs over at both ends": (Ends(mark_start=True, mark_end=True), "HW", True),
    "mark hangs over at its end": (Ends(mark_end=True), "SHW", True),
}


@pytest.mark.parametrize("length", [20, 63, 64, 65, 128])
@pytest.mark.parametrize("case", CASES)
def test_distances_agree_with_edlib(random_bases, length, case):
    ends, mode, read_is_query = CASES[case]
    signatures = [random_bases(length) for _ in range(40)]
    planes = pack(encode_many(signatures, length))
    reads = [random_bases(length // 2 if read_is_query else length + 9), signatures[3][2:-2], signatures[0]]
    for read in reads:
        if len(read) > length and read_is_query:
            continue
        expected = [
            edlib.align(*((read, mark) if read_is_query else (mark, read)), mode=mode)["editDistance"]
            for mark in signatures
        ]
        assert distances(planes, length, encode(read), ends).tolist() == expected


def test_a_base_that_was_not_called_agrees_with_every_base(random_bases):
    signature = random_bases(64)
    planes = pack(encode_many([signature], 64))
    assert distances(planes, 64, encode("N" * 5 + signature[5:]), Ends()).tolist() == [0]


def test_an_empty_read_is_as_far_as_the_signature_is_long(random_bases):
    planes = pack(encode_many([random_bases(64)], 64))
    assert distances(planes, 64, np.empty(0, dtype=np.uint8), Ends()).tolist() == [64]


@pytest.mark.parametrize("length", [20, 64, 65, 127, 128])
def test_packing_and_unpacking_brings_the_signature_back(random_bases, length):
    signatures = [random_bases(length) for _ in range(5)]
    planes = pack(encode_many(signatures, length))
    assert planes.shape == (5, 2 if length <= 64 else 4)
    assert [unpack(row, length) for row in planes] == signatures
