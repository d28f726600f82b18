"""A register as suppliers would fill it: lengths from 20 to 128 bases, constant beginnings, repeats, both strands."""

from argparse import Namespace
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import STRANGER, Case, Errors, sequenced
from benchmarks.identification_tally import ROUNDS, Tally, in_rounds, look_up, wrong_claim
from benchmarks.report import Claim
from registry.identification.bases import pack
from registry.identification.engine import Engine
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf

__all__ = ["MixedRegister", "mixed_claims"]

LARGEST = 1_000_000
LENGTHS = (20, 32, 40, 48, 64, 65, 96, 128)
CONSTANT = 16
"""Bases at the beginning that all signatures of one maker share."""
MAKERS = ("free", "constant beginning", "low complexity")


class MixedRegister:
    """Equal parts of each length; a third of each free, a third with a constant beginning, a third of repeats.

    A repeat is a random unit of two to four bases that goes on through a third of the signature.
    """

    def __init__(self, kits: int) -> None:
        self.dice = np.random.default_rng(20261128)
        self.each = max(len(MAKERS), kits // len(LENGTHS))
        self.beginnings = {length: self.dice.integers(0, 4, CONSTANT, dtype=np.uint8) for length in LENGTHS}
        self.codes = {length: self._signatures(length, self.each) for length in LENGTHS}
        shelves = []
        for number, (length, codes) in enumerate(self.codes.items()):
            ids = np.arange(number * self.each, (number + 1) * self.each, dtype=np.int64)
            shelves.append(SignatureShelf.packed(length, pack(codes), ids))
        self.kits = self.each * len(LENGTHS)
        self.engine = Engine(Layer(np.arange(self.kits, dtype=np.int64), tuple(shelves), ()))

    def _signatures(self, length: int, count: int) -> NDArray[np.uint8]:
        codes = self.dice.integers(0, 4, (count, length), dtype=np.uint8)
        if length >= 2 * CONSTANT:
            codes[1 :: len(MAKERS), :CONSTANT] = self.beginnings[length]
        size = length // 3
        for row in range(2, count, len(MAKERS)):
            unit = self.dice.integers(0, 4, int(self.dice.integers(2, 5)), dtype=np.uint8)
            start = int(self.dice.integers(0, length - size + 1))
            codes[row, start : start + size] = np.resize(unit, size)
        return codes

    def cases(self, length: int, maker: str, rate: float, count: int) -> Iterator[Case]:
        """Reads of kits of one length and maker, drawn by lot."""
        first = LENGTHS.index(length) * self.each
        rows = self.dice.integers(0, self.each // len(MAKERS), count) * len(MAKERS) + MAKERS.index(maker)
        for row in rows.tolist():
            yield Case(first + row, (sequenced(self.codes[length][row], rate, self.dice, Errors.PLAIN),))

    def unregistered(self, length: int, rate: float, count: int) -> Iterator[Case]:
        """Reads of marks that the same makers, in turn, made for another register."""
        for codes in self._signatures(length, count):
            yield Case(STRANGER, (sequenced(codes, rate, self.dice, Errors.PLAIN),))


def mixed_claims(options: Namespace) -> list[Claim]:
    """Recall by length and maker at 6 % error, time by maker, wrong answers."""
    register = MixedRegister(min(options.kits, LARGEST))
    count = max(1, options.reads // 10)
    claims = []
    tallies: list[Tally] = []
    groups: dict[str, list[Case]] = {maker: [] for maker in MAKERS}
    for length in LENGTHS:
        told, right = [], 0
        missed: list[Case] = []
        for maker in MAKERS:
            cases = list(register.cases(length, maker, 0.06, count))
            tally = look_up(register.engine, cases)
            tallies.append(tally)
            right += tally.right
            missed += tally.missed
            if length >= 64:
                groups[maker] += cases
            told.append(f"{maker} {tally.recall:.1f} % ({100 * tally.sure / count:.0f} % at ≥ 0.99)")
        if missed:
            found = look_up(register.engine, missed[:5], exhaustive=True).right
            told.append(f"of {len(missed[:5])} missed the exhaustive search finds {found}")
        share = 100 * right / (count * len(MAKERS))
        name = f"mixed register, {length} nt at 6% error: recall"
        reach, holds = ("≥ 99.5", share >= 99.5) if length >= 48 else ("", None)
        claims.append(Claim(name, share, "%", reach, holds if count >= 100 else None, ", ".join(told)))
    strangers = [case for length in LENGTHS for case in register.unregistered(length, 0.06, count)]
    unregistered = look_up(register.engine, strangers)
    tallies.append(unregistered)
    claims.append(wrong_claim("mixed register: wrong answers at posterior ≥ 0.99", tallies))
    name, detail = "mixed register: unregistered marks identified", "of the same makers, a third with their beginning"
    taken = unregistered.identified
    claims.append(Claim(name, taken, f"of {len(strangers)}", "0", taken == 0, detail))
    for maker, tally in in_rounds(register.engine, groups).items():
        name = f"mixed register, {maker}: p99 at 6% error"
        detail = f"p50 {tally.percentile(50):.2f}; {tally.cases} reads of 64 to 128 nt, best of {ROUNDS} rounds"
        claims.append(Claim(name, tally.percentile(99), "ms CPU", "", None, detail))
    return claims
