"""What codes of a register look like, so that an agreement is worth no more than it would be by chance.

Codes come in families: a supplier's prefix with a number behind. A code made at random like the register's is of one
of its families, and within it each place is drawn alone. Taking all places alone would make a prefix that thousands
of codes share look like four letters that agree by luck.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from registry.identification.glyphs import GLYPHS
from registry.identification.parts import read_only
from registry.identification.sampling import drawn

__all__ = ["CodeBackground"]

SAMPLE = 50_000
"""Codes that are counted, at most."""
PREFIXES = (4, 3, 2)
"""Characters of a prefix by which families are told, the longest first."""
FREQUENT = 0.02
"""Share of a shelf from which the codes of one prefix are a family."""
FEWEST = 20
"""Codes that make a family at the least."""
MOST_FAMILIES = 24
IMAGINED = 2.0, 0.05
"""Imagined codes for each glyph at each place, among the codes of no family and in each family: so a small shelf does
not believe its few."""
OTHER_NUMBERS = 0.2
"""Share of unknown marks of a family that are numbered unlike the registered ones, e.g. of the next box."""
MOSTLY, UNEVEN = 0.9, 0.3
"""Share of digits that makes a place one of a number, and share of one digit that makes numbers unevenly used."""
PROBED = 2000
"""Codes out of which the share of the space that is taken is estimated."""
_COUNT, _DIGITS = len(GLYPHS), 10


class CodeBackground:
    """``families`` (f, length, 36) are P(glyph) at each place in each family, ``shares`` (f,) how frequent each is.

    One family is that of all codes in no other. A family whose numbers begin alike has a second one beside it in which
    any digit stands where digits do.
    """

    def __init__(self, families: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
        self.families = read_only(families)
        self.shares = read_only(shares)

    @classmethod
    def of(cls, glyphs: NDArray[np.uint8]) -> "CodeBackground":
        """What codes (n, length) look like; some, drawn by lot, are looked at when there are many."""
        families, rest = _parted(glyphs[drawn(len(glyphs), SAMPLE)])
        profiles = [_profile(rows, IMAGINED[1]) for rows in families] + [_profile(rest, IMAGINED[0])]
        shares = [float(len(rows)) for rows in families] + [len(rest) + IMAGINED[0] * _COUNT]
        for place, profile in enumerate(profiles[:]):
            if (others := _other_numbers(profile)) is not None:
                profiles.append(others)
                shares.append(OTHER_NUMBERS * shares[place])
                shares[place] *= 1 - OTHER_NUMBERS
        return cls(np.stack(profiles), np.array(shares) / sum(shares))

    @cached_property
    def marginal(self) -> NDArray[np.float64]:
        """P(glyph) at each place of a code of any family, shape (length, 36)."""
        marginal: NDArray[np.float64] = np.tensordot(self.shares, self.families, axes=1)
        return marginal

    @cached_property
    def entropy(self) -> NDArray[np.float64]:
        """Information of each place for who knows the family, in natural units, shape (length,)."""
        entropy: NDArray[np.float64] = -np.tensordot(
            self.shares, (self.families * np.log(self.families)).sum(axis=2), axes=1
        )
        return entropy

    def probabilities(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
        """P(code) of each of some codes (k, length), shape (k,)."""
        places = np.arange(glyphs.shape[1])
        probabilities: NDArray[np.float64] = self.shares @ self.families[:, places, glyphs].prod(axis=2)
        return probabilities

    def taken(self, glyphs: NDArray[np.uint8]) -> float:
        """The chance that a code made at random is one of these (n, length): near 0 unless numbers are used up."""
        if not len(glyphs):
            return 0.0
        probed = glyphs[drawn(len(glyphs), PROBED)]
        return min(1.0, float(self.probabilities(probed).mean()) * len(glyphs))


def _parted(sample: NDArray[np.uint8]) -> tuple[list[NDArray[np.uint8]], NDArray[np.uint8]]:
    """The codes of each frequent prefix, longer prefixes first, and those of none."""
    families: list[NDArray[np.uint8]] = []
    least = max(FREQUENT * len(sample), FEWEST)
    for length in PREFIXES:
        if length > sample.shape[1] - 2:
            continue
        keys = sample[:, :length].astype(np.int64) @ (_COUNT + 1) ** np.arange(length)
        prefixes, counts = np.unique(keys, return_counts=True)
        frequent = prefixes[counts >= least][: MOST_FAMILIES - len(families)]
        families += [sample[keys == prefix] for prefix in frequent]
        sample = sample[~np.isin(keys, frequent)]
    return families, sample


def _profile(rows: NDArray[np.uint8], imagined: float) -> NDArray[np.float64]:
    """P(glyph) at each place, beside some imagined codes with each glyph."""
    counts = np.stack([np.bincount(column, minlength=_COUNT + 1)[:_COUNT] for column in rows.T]).astype(np.float64)
    return (counts + imagined) / (len(rows) + imagined * _COUNT)


def _other_numbers(profile: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A family's profile with numbers of any kind; None when its digits are evenly used, or it has none."""
    digits = profile[:, :_DIGITS].sum(axis=1) > MOSTLY
    if not (profile[digits, :_DIGITS] > UNEVEN).any():
        return None
    others = profile.copy()
    others[digits, :_DIGITS] = others[digits, :_DIGITS].mean(axis=1, keepdims=True)
    return others
