"""The account of V: every observation is named with what it adds and how it counts, and the sum closes."""

import pytest

from registry.identification.answer import Mark, MarkKind, Observation
from registry.identification.engine import Engine
from registry.services import explanations
from registry.services.evidence_lines import Counted, account

SIGNATURE = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
OTHER = "AGTGTGATGCATACGCCTTTACTTGCTGTGTCCACCCCATCGGACTGGCATTTTTATTACACTC"
NEAR, FAR = SIGNATURE[:20] + "A" + SIGNATURE[21:], SIGNATURE[:40] + "T" + SIGNATURE[41:]
DOT = Observation(MarkKind.DOT, "ENX?O9494")
READS = tuple(Observation(MarkKind.DNA, bases) for bases in (NEAR, FAR))
GLOW = Observation(MarkKind.UV, glow=True, peak_nm=611)


@pytest.fixture(scope="module")
def engine():
    return Engine.build(
        [
            Mark(1, "ENXB09494", SIGNATURE, 612),
            Mark(2, "CJSZ87051", OTHER, 545),
            Mark(3, "KWPD30162"),
        ]
    )


def evidence(engine, *observations):
    answer = engine.identify(observations)
    return explanations.evidence(answer.candidates[0], answer, observations)


def told(account_of):
    return [(line.kind, line.observation, line.counted) for line in account_of.lines]


def closes(found):
    less = found.shared_by_reads + found.shared_by_tracer + found.searched + found.others
    return found.added - less == pytest.approx(found.log10_ratio, abs=1e-6)


def test_dot_and_signature_count_whole_and_the_tracer_only_between_makers(engine):
    found = evidence(engine, DOT, READS[0], GLOW)
    assert told(found) == [
        ("dot", 1, Counted.INDEPENDENT),
        ("dna", 2, Counted.INDEPENDENT),
        ("uv", 3, Counted.MAKERS_ONLY),
    ]
    assert all(line.log10_ratio > 0 for line in found.lines)
    assert found.shared_by_tracer == pytest.approx(found.lines[2].log10_ratio)
    assert found.shared_by_reads == pytest.approx(0, abs=1e-9)
    assert closes(found)


def test_reads_of_one_mark_are_not_independent_and_what_they_share_is_taken_off(engine):
    found = evidence(engine, *READS, DOT)
    assert [line.counted for line in found.lines] == [Counted.SAME_MARK, Counted.SAME_MARK, Counted.INDEPENDENT]
    assert found.shared_by_reads > 10
    assert closes(found)
    (reads, dot) = found.summed()
    assert (reads.kind, reads.count, dot.count) == ("dna", 2, 1)
    assert reads.log10_ratio == pytest.approx(sum(line.log10_ratio for line in found.lines[:2]))


def test_a_tracer_that_does_not_fit_speaks_against_the_kit_and_nothing_is_taken_off_for_it(engine):
    found = evidence(engine, DOT, Observation(MarkKind.UV, glow=True, peak_nm=545))
    assert found.lines[1].log10_ratio < 0
    assert found.shared_by_tracer == 0
    assert closes(found)


def test_what_does_not_count_is_named_with_the_reason(engine):
    blank = Observation(MarkKind.DOT, "?????")
    again = Observation(MarkKind.UV, glow=True, peak_nm=613)
    found = evidence(engine, DOT, DOT, blank, GLOW, again)
    assert [line.counted for line in found.lines] == [
        Counted.INDEPENDENT,
        Counted.REPEATED,
        Counted.NOTHING_READ,
        Counted.MAKERS_ONLY,
        Counted.SAME_FLUID,
    ]
    assert [line.log10_ratio is None for line in found.lines] == [False, True, True, False, True]
    assert closes(found)


def test_a_kit_without_signature_or_tracer_neither_gains_nor_loses_by_them(engine):
    found = evidence(engine, Observation(MarkKind.DOT, "KWPD30162"), READS[0], GLOW)
    if found.lines[0].counted is Counted.NO_SUCH_MARK:
        pytest.fail("the dot's own kit stands first or second")
    answer = engine.identify((Observation(MarkKind.DOT, "KWPD30162"), READS[0], GLOW))
    third = next(one for one in answer.candidates if one.kit_id == 3)
    observations = (Observation(MarkKind.DOT, "KWPD30162"), READS[0], GLOW)
    lines = explanations.evidence(third, answer, observations).lines
    assert [line.counted for line in lines] == [Counted.INDEPENDENT, Counted.NO_SUCH_MARK, Counted.NO_SUCH_MARK]
    assert [line.log10_ratio is None for line in lines] == [False, True, True]


def test_where_it_cannot_be_told_which_read_was_compared_all_figures_are_still_told():
    added = [("dna", 3.0), ("dna", 4.0)]
    reads = [Observation(MarkKind.DNA, SIGNATURE[at:] + "A") for at in range(3)]
    found = account(reads, added, 5.0, best=added, log10_shared=1.0, searched=10)
    assert [(line.observation, line.log10_ratio) for line in found.lines] == [(0, 3.0), (0, 4.0)]
    assert (found.shared_by_reads, found.searched, found.others) == (1.0, 1.0, pytest.approx(0.0))
