"""Where the signature lies in a read."""

import pytest

from registry.identification.bases import clean_read
from registry.identification.primers import regions

LENGTHS = range(64, 64)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_signature_is_cut_out_between_its_primers(primers, random_bases, reverse):
    signature = random_bases(64)
    molecule = random_bases(30) + primers[1].forward + signature + primers[1].reverse + random_bases(11)
    read = clean_read(molecule)
    best = next(regions(read.reversed_complement if reverse else read, primers, LENGTHS))
    assert (best.read.text, best.reverse) == (signature, reverse)
    assert best.left
    assert best.right
    assert best.oriented


def test_one_primer_fixes_one_end(primers, random_bases):
    signature = random_bases(64)
    best = next(regions(clean_read(primers[0].forward + signature), primers, LENGTHS))
    assert (best.left, best.right, best.read.text) == (True, False, signature)
    best = next(regions(clean_read(signature + primers[0].reverse), primers, LENGTHS))
    assert (best.left, best.right, best.read.text) == (False, True, signature)


def test_primers_too_far_apart_are_no_pair(primers, random_bases):
    molecule = primers[0].forward + random_bases(300) + primers[0].reverse
    assert not any(region.left and region.right for region in regions(clean_read(molecule), primers, LENGTHS))


def test_without_primers_the_whole_read_is_looked_at_both_ways(primers, random_bases):
    read = clean_read(random_bases(64))
    assert [region.reverse for region in regions(read, primers, LENGTHS)] == [False, True]
    assert [region.reverse for region in regions(read, [], LENGTHS)] == [False, True]


@pytest.mark.parametrize(
    ("text", "clean"),
    [("acgu", "ACGT"), ("AC GT\n", "ACGT"), ("ACRYGT", "ACNNGT"), ("\x00?", "NN"), ("å", "N"), ("", "")],
)
def test_reads_are_cleaned(text, clean):
    assert clean_read(text).text == clean


def test_a_quality_that_does_not_fit_is_ignored():
    assert clean_read("ACGT", "I").error == pytest.approx(clean_read("ACGT").error)
    assert clean_read("ACGT", "++++").error == pytest.approx([0.1] * 4)
