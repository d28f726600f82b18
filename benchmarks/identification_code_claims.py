"""Claims about codes of nine characters, damaged in every way that dots are: recall against its cap, time, bytes."""

import random
import time
from argparse import Namespace
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import CODE_LETTERS, DAMAGES, STRANGER, Case
from benchmarks.identification_registers import CODE_LENGTH, code_glyphs
from benchmarks.identification_tally import ROUNDS, in_rounds
from benchmarks.report import Claim
from registry.identification.answer import MarkKind, Observation
from registry.identification.codes import CodeShelf
from registry.identification.engine import Engine
from registry.identification.glyphs import decode_glyphs
from registry.identification.layers import Layer

__all__ = ["Codes", "code_claims", "recall_cap"]

P99 = 1.1
"""CPU milliseconds within which every class of damage is to be answered."""


@dataclass(frozen=True)
class Codes:
    """A register of codes."""

    engine: Engine
    glyphs: NDArray[np.uint8]
    bytes_per_kit: float

    def cases(self, damage: str, count: int, dice: random.Random) -> list[Case]:
        """Readings of kits drawn by lot."""
        kits = [dice.randrange(len(self.glyphs)) for _ in range(count)]
        return [
            Case(kit, (Observation(MarkKind.DOT, DAMAGES[damage](decode_glyphs(self.glyphs[kit]), dice)),))
            for kit in kits
        ]


def code_claims(options: Namespace, claims: list[Claim]) -> Codes:
    """Build the register and measure it."""
    codes = _built(options.kits, claims)
    dice = random.Random(7)
    groups = {name: codes.cases(name, options.reads, dice) for name in DAMAGES}
    groups["unregistered"] = [
        Case(STRANGER, (Observation(MarkKind.DOT, "".join(dice.choices(CODE_LETTERS, k=CODE_LENGTH))),))
        for _ in range(options.reads)
    ]
    tallies = in_rounds(codes.engine, groups)
    wrong = sure = cases = 0
    for name in DAMAGES:
        tally = tallies[name]
        cap = 100 * recall_cap(name, len(codes.glyphs))
        # Three standard deviations of the count below the cap are chance.
        slack = 300 * float(np.sqrt(max(cap / 100 * (1 - cap / 100), 1e-9) / tally.cases))
        said = 100 * tally.sure / tally.cases
        detail = f"information allows {cap:.2f} %; {said:.1f} % at posterior ≥ 0.99, {tally.wrong} of them wrong"
        reach = f"≥ {cap - slack:.2f}"
        holds = tally.recall >= cap - slack
        claims.append(Claim(f"code, {name}: recall", tally.recall, "%", reach, holds, detail))
        wrong, sure, cases = wrong + tally.wrong, sure + tally.sure, cases + tally.cases
    detail = f"best of {ROUNDS} interleaved rounds of {options.reads} texts, {len(codes.glyphs)} codes, one thread"
    for name, tally in tallies.items():
        half, most = tally.percentile(50), tally.percentile(99)
        claims.append(Claim(f"code, {name}: p99", most, "ms CPU", f"≤ {P99}", most <= P99, f"p50 {half:.3f}; {detail}"))
    taken = tallies["unregistered"].sure
    allowed = max(1.0, 0.01 * (sure + taken))  # What posteriors of 0.99 allow themselves.
    claims.append(
        Claim(
            "codes: wrong answers at posterior ≥ 0.99",
            wrong,
            f"of {sure}",
            "≤ 1 % (as they say)",
            wrong <= allowed,
            f"{cases} damaged texts; {taken} of {options.reads} unregistered whole codes taken for one",
        )
    )
    return codes


def _built(count: int, claims: list[Claim]) -> Codes:
    glyphs = code_glyphs(count)
    kits = np.arange(count, dtype=np.int64)
    CodeShelf.sorted(glyphs[:5000], kits[:5000])  # Compiles the loops.
    started = time.process_time()
    shelf = CodeShelf.sorted(glyphs, kits)
    seconds = time.process_time() - started
    each = (glyphs.nbytes + kits.nbytes + (shelf.blocks.nbytes if shelf.blocks else 0)) / count
    claims.append(Claim("code index built", seconds, "s CPU", "≤ 30", seconds <= 30, f"{count} codes, 1 core"))
    claims.append(Claim("code index", each, "B a kit", "", None, "code, kit number of 8 bytes, blocks"))
    return Codes(Engine(Layer(kits, (), (shelf,))), glyphs, each)


def recall_cap(damage: str, count: int) -> float:
    """The share of readings whose own code no other random code explains as well, at 32 characters a place.

    Codes that explain a text as well as its own: 32^k for k unreadable, 9 * 31 for one wrong character, and so on; a
    tie with m others is won in 1 of m + 1 cases.
    """
    ways = {
        "1 unreadable": 32,
        "2 unreadable": 32**2,
        "3 unreadable": 32**3,
        "1 wrong": 9 * 31,
        "2 wrong": 36 * 31**2,
        "1 wrong, 1 unreadable": 8 * 31 * 32,
        "1 lost": 9 * 32,
        "1 added": 10,
        "2 swapped": 36 * 31**2,
    }
    rivals = ways.get(damage, 1) * count / 32.0**CODE_LENGTH
    return float((1 - np.exp(-rivals)) / rivals) if rivals > 0 else 1.0
