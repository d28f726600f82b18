"""Invented kits and a simulated reader: what the identification tests share."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from registry.identification import kernels
from registry.identification.answer import Mark, PrimerPair

NORDMARK = PrimerPair("GTCATGCTAGGACTTCACGA", "CAGTTGACCTAGCATGTCGT")
SPARBAR = PrimerPair("ACGGTTCATCGATGCAAGTC", "TTGCAGGACTTACGATCCTG")
COMPLEMENT = str.maketrans("ACGT", "TGCA")


@pytest.fixture
def rng() -> random.Random:
    return random.Random(20261122)


@pytest.fixture
def dice(rng):
    """The same chance for whole arrays."""
    return np.random.default_rng(rng.randrange(2**32))


@pytest.fixture
def primers() -> list[PrimerPair]:
    return [NORDMARK, SPARBAR]


@pytest.fixture
def random_bases(rng: random.Random) -> Callable[[int], str]:
    return lambda length: "".join(rng.choices("ACGT", k=length))


@pytest.fixture
def random_code(rng: random.Random) -> Callable[[], str]:
    return lambda: "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4)) + "".join(rng.choices("0123456789", k=5))


@pytest.fixture
def make_marks(
    random_bases: Callable[[int], str], random_code: Callable[[], str]
) -> Callable[[int, Sequence[int]], list[Mark]]:
    """Marks with signatures of the given lengths in turn; length 0 is a kit without a signature."""

    def make(count: int, lengths: Sequence[int] = (64,)) -> list[Mark]:
        return [
            Mark(1000 + number, random_code(), random_bases(lengths[number % len(lengths)])) for number in range(count)
        ]

    return make


@pytest.fixture
def sequence(rng: random.Random) -> Callable[..., tuple[str, str]]:
    """A base-called read of a molecule and its quality: substitutions, insertions and deletions at a given rate."""

    def read(molecule: str, rate: float, *, reverse: bool = False) -> tuple[str, str]:
        if reverse:
            molecule = molecule[::-1].translate(COMPLEMENT)
        bases, quality = [], []
        sign = chr(33 + 20) if rate < 0.03 else chr(33 + 10)
        for base in molecule:
            chance = rng.random()
            if chance < 0.3 * rate:
                continue
            if chance < 0.6 * rate:
                bases.append(rng.choice("ACGT"))
                quality.append(sign)
            bases.append(rng.choice("ACGT".replace(base, "")) if 0.6 * rate <= chance < rate else base)
            quality.append(sign)
        return "".join(bases), "".join(quality)

    return read


@pytest.fixture
def numba(skip_or_fail):
    """The compiled loops; without numba a test of them is skipped, or fails where skipping is forbidden."""
    if kernels.compiled() is None:
        skip_or_fail("numba is not installed", "pip install 'markdna[fast]'")
