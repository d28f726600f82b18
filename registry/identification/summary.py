"""An answer in short, as it travels from a worker process: figures, and on wish how reading and mark agree."""

from typing import Any, NamedTuple

from registry.identification.alignment import in_lines
from registry.identification.answer import Alignment, Answer, Grade
from registry.identification.fastq import FastqRecord

__all__ = [
    "MOST_AGREEMENTS",
    "CandidateSummary",
    "Summary",
    "agreement",
    "of_answer",
    "of_read",
    "of_read_with_agreement",
]

MOST_AGREEMENTS = 6
"""Observations of a candidate whose agreement is told; a sample of hundreds of reads is explained by a few."""


class CandidateSummary(NamedTuple):
    """A candidate without its alignments; ``agreement`` holds what ``agreement`` makes of the first of them."""

    kit_id: int
    grade: int
    log10_likelihood_ratio: float
    posterior: float
    distance: float
    agreement: tuple[dict[str, Any], ...] = ()


class Summary(NamedTuple):
    """What was found for one reading, under the name it came with."""

    name: str
    verdict: str
    candidates: tuple[CandidateSummary, ...]
    searched: int
    prior: float
    expected_chance_matches: float
    tiers: tuple[str, ...]


def agreement(alignment: Alignment) -> dict[str, Any]:
    """How one observation agrees with a mark: three texts of one length, and whether the read was turned round."""
    read, signs, mark = in_lines(alignment)
    return {"read": read, "signs": signs, "mark": mark, "reverse_strand": alignment.reverse_strand}


def of_answer(name: str, answer: Answer, *, agreements: bool) -> Summary:
    """The summary of an answer, with agreements or without; a kit that the reading speaks against is no candidate."""
    candidates = tuple(
        CandidateSummary(
            one.kit_id,
            int(one.grade),
            one.log10_likelihood_ratio,
            one.posterior,
            one.distance,
            tuple(agreement(alignment) for alignment in one.alignments[:MOST_AGREEMENTS]) if agreements else (),
        )
        for one in answer.candidates
        if one.grade >= Grade.ZERO
    )
    return Summary(
        name,
        answer.verdict.value,
        candidates,
        answer.searched,
        answer.prior,
        answer.expected_chance_matches,
        answer.tiers,
    )


def of_read(record: FastqRecord, answer: Answer) -> Summary:
    """The figures of a read's answer; for ``batch.identify_portions``."""
    return of_answer(record.name, answer, agreements=False)


def of_read_with_agreement(record: FastqRecord, answer: Answer) -> Summary:
    """The same, with how the read agrees."""
    return of_answer(record.name, answer, agreements=True)
