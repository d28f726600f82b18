"""What signatures of a register look like, so that a constant part that a maker gives all of them is no evidence.

A signature made at random like the register's is of one of its families, and within it each base is drawn alone. Were
all bases drawn alone, a third of the register that begins alike would make its beginning look like as many bases that
agree by luck: sixteen are worth 10^4.3 then. ``code_background`` does the same for codes.
"""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from registry.identification.parts import read_only

__all__ = ["SignatureBackground", "even_profile"]

WORD = 6
"""Bases of the shortest constant part by which a family is told; one in 4096 signatures has them by chance."""
FREQUENT = 0.02
"""Share of a shelf from which the signatures with one word at one place are a family."""
FEWEST = 20
"""Signatures that make a family at the least."""
MOST_FAMILIES = 24
CONSTANT = 0.9
"""Share of one base that makes a place of a family a constant one."""
IMAGINED, IMAGINED_CONSTANT = 50.0, 0.25
"""Imagined signatures for each base, at places of any base and at constant ones: a small shelf does not believe its
few, and a constant base is no evidence in a small family either."""


class SignatureBackground:
    """``families`` (f, length, 4) are P(base) at each place in each family, ``shares`` (f,) how frequent each is."""

    def __init__(self, families: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
        self.families = read_only(families)
        self.shares = read_only(shares)

    @classmethod
    def of(cls, codes: NDArray[np.uint8]) -> "SignatureBackground":
        """What signatures (n, length) look like; those that are in no other family are one as well."""
        families, rest = _parted(codes)
        profiles = [*(_profile(rows, IMAGINED_CONSTANT) for rows in families), _profile(rest, IMAGINED)]
        shares = np.array([len(rows) + 1.0 for rows in (*families, rest)])
        return cls(np.stack(profiles), shares / shares.sum())

    @property
    def several(self) -> bool:
        """Whether there are families with a part of their own."""
        return len(self.shares) > 1

    def family_of(self, bases: NDArray[np.uint8]) -> int:
        """The family that a signature (length,) is most likely of."""
        return int(self._logs(bases, 0, len(bases)).argmax())

    def commonness(self, bases: NDArray[np.uint8], family: int, start: int, stop: int) -> float:
        """Ln of how much commoner the stretch ``start`` to ``stop`` of a signature is than within one family.

        Down to the log of the family's share, which is what the stretch tells by being of it.
        """
        logs = self._logs(bases, start, stop)
        return float(np.logaddexp.reduce(logs) - logs[family] + np.log(self.shares[family]))

    def _logs(self, bases: NDArray[np.uint8], start: int, stop: int) -> NDArray[np.float64]:
        """Ln P(family and stretch) of each family."""
        places = np.arange(start, stop)
        logs: NDArray[np.float64] = np.log(self.shares) + self._log_families[:, places, bases[start:stop]].sum(axis=1)
        return logs

    @cached_property
    def _log_families(self) -> NDArray[np.float64]:
        return np.log(self.families)


@lru_cache(maxsize=256)
def even_profile(length: int) -> NDArray[np.float64]:
    """P(base) at each place of a signature of which nothing is known, shape (length, 4)."""
    return read_only(np.full((length, 4), 0.25))


def _parted(codes: NDArray[np.uint8]) -> tuple[list[NDArray[np.uint8]], NDArray[np.uint8]]:
    """The signatures that have a frequent word at its place, the most frequent first, and those that have none."""
    families: list[NDArray[np.uint8]] = []
    least = max(FREQUENT * len(codes), FEWEST)
    words = _words(codes)
    while len(codes) >= least and len(families) < MOST_FAMILIES:
        counts = [np.bincount(column) for column in words.T]
        place = int(np.argmax([count.max() for count in counts]))
        word = int(counts[place].argmax())
        if counts[place][word] < least:
            break
        has = words[:, place] == word
        families.append(codes[has])
        codes, words = codes[~has], words[~has]
    return families, codes


def _words(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The ``WORD`` bases from each place of each signature as one number, shape (n, length - WORD + 1)."""
    places = codes.shape[1] - WORD + 1
    words = np.zeros((len(codes), places), dtype=np.int16)
    for base in range(WORD):
        words = words * np.int16(4) + codes[:, base : base + places]
    return words


def _profile(rows: NDArray[np.uint8], imagined_constant: float) -> NDArray[np.float64]:
    """P(base) at each place, shape (length, 4), beside imagined signatures, other ones where a base is constant."""
    counts = np.stack([(rows == base).sum(axis=0) for base in range(4)], axis=1).astype(np.float64)
    constant = counts.max(axis=1, keepdims=True) > CONSTANT * len(rows)
    imagined = np.where(constant, imagined_constant, IMAGINED)
    profile: NDArray[np.float64] = (counts + imagined) / (len(rows) + 4 * imagined)
    return profile
