"""Why the register answers as it does, for the one who asked: figures, searches and how reading and mark agree.

It goes into the answer that is stored with the identification, so that a repeated request gets exactly the first one.
Nothing of an owner or an item is in it.
"""

from typing import Any

from registry.identification.answer import Answer, Candidate
from registry.identification.summary import MOST_AGREEMENTS, agreement

__all__ = ["of_answer", "of_candidate"]


def of_answer(answer: Answer, engine_version: str) -> dict[str, Any]:
    """What was assumed, what was searched and how, and how many marks would agree as well by chance."""
    return {
        "prior": answer.prior,
        "expected_chance_matches": answer.expected_chance_matches,
        "tiers": list(answer.tiers),
        "engine_version": engine_version,
    }


def of_candidate(candidate: Candidate) -> dict[str, Any]:
    """The candidate's likelihood ratio and distance, and how its first observations agree."""
    return {
        "log10_likelihood_ratio": round(candidate.log10_likelihood_ratio, 4),
        "distance": round(candidate.distance, 2),
        "agreement": [agreement(alignment) for alignment in candidate.alignments[:MOST_AGREEMENTS]],
    }
