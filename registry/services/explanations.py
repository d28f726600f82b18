"""Why the register answers as it does, for the one who asked: figures, searches and how reading and mark agree.

It goes into the answer that is stored with the identification, so that a repeated request gets exactly the first one.
Nothing of an owner or an item is in it.
"""

from collections.abc import Sequence
from typing import Any

from registry.identification.answer import Answer, Candidate
from registry.identification.summary import MOST_AGREEMENTS, agreement
from registry.services.evidence_lines import Evidence, Seen, account

__all__ = ["evidence", "of_answer", "of_candidate"]


def of_answer(answer: Answer, engine_version: str) -> dict[str, Any]:
    """What was assumed, what was searched and how, and how many marks would agree as well by chance."""
    return {
        "prior": answer.prior,
        "expected_chance_matches": answer.expected_chance_matches,
        "tiers": list(answer.tiers),
        "engine_version": engine_version,
    }


def evidence(candidate: Candidate, answer: Answer, observed: Sequence[Seen]) -> Evidence:
    """What each observation adds to the candidate's likelihood ratio, and how it is counted."""
    return account(
        observed,
        _added(candidate),
        candidate.log10_likelihood_ratio,
        best=_added(answer.candidates[0]),
        log10_shared=answer.log10_shared,
        searched=answer.searched,
    )


def _added(candidate: Candidate) -> list[tuple[str, float]]:
    return [(one.kind.value, one.log10_ratio) for one in candidate.contributions]


def of_candidate(candidate: Candidate, answer: Answer, observed: Sequence[Seen]) -> dict[str, Any]:
    """The candidate's likelihood ratio and distance, what it rests on, and how its first observations agree."""
    return {
        "evidence": evidence(candidate, answer, observed).content(),
        "log10_likelihood_ratio": round(candidate.log10_likelihood_ratio, 4),
        "distance": round(candidate.distance, 2),
        "agreement": [agreement(alignment) for alignment in candidate.alignments[:MOST_AGREEMENTS]],
    }
