"""Which reading an alignment shows, and where its reader was unsure."""

from registry.identification.answer import Mark, MarkKind, Observation
from registry.identification.engine import Engine
from registry.identification.picture.sources import readings_of

SIGNATURE = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"


def answered(observations):
    engine = Engine.build([Mark(1, "ENXB09494", SIGNATURE)])
    return engine.identify(observations).candidates[0].alignments


def test_low_quality_is_found_on_either_strand(english):
    quality = "".join("#" if at in {5, 6} else "I" for at in range(64))
    turned = SIGNATURE[::-1].translate(str.maketrans("ACGT", "TGCA"))
    observations = [Observation(MarkKind.DNA, SIGNATURE, quality), Observation(MarkKind.DNA, turned, quality)]
    forward, reverse = readings_of(answered(observations), observations, english)
    assert forward.unsure == {5, 6}
    assert reverse.unsure == {57, 58}
    assert (forward.name, reverse.name) == ("Reading 1", "Reading 2")


def test_quality_of_a_dot_goes_with_its_characters_whatever_stood_between_them(english):
    observations = [Observation(MarkKind.DOT, "ENXB-09494", "III#I#IIII")]
    (reading,) = readings_of(answered(observations), observations, english)
    assert reading.unsure == {3, 4}, "the hyphen has a quality too, and falls away with it"


def test_without_quality_nothing_is_unsure(english):
    observations = [Observation(MarkKind.DNA, SIGNATURE)]
    assert readings_of(answered(observations), observations, english)[0].unsure == frozenset()


def test_an_alignment_whose_reading_is_not_there_is_drawn_all_the_same(english):
    alignments = answered([Observation(MarkKind.DOT, "ENXB09494", "#########")])
    (reading,) = readings_of(alignments, [], english)
    assert reading.unsure == frozenset()
