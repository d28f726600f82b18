"""How often a read that comes from no registered kit is taken for one: the tail of V, counted on many reads.

``--tail`` reads of random molecules at errors of 2 to 15 % are looked up, and fewer of each other kind: qualities that
are 5 too confident, flat ones, none, and three reads of one molecule fused. Two processes share one index file. With
``--partial FOLDER`` a run that is broken off goes on from there. The tail is what reached each half decade of V. It is
compared with the bound of every honest likelihood ratio, P(V >= v) <= 1/v, and with what V itself promises
(``benchmarks.identification_promise``).
"""

import math
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.identification_promise import LIMITS as PROMISED
from benchmarks.identification_promise import Promise, promise
from benchmarks.identification_readings import STRANGER, Case, Errors, random_bases, sequenced
from benchmarks.identification_register_file import register_file
from benchmarks.identification_registers import LENGTH
from benchmarks.identification_tally import look_up
from benchmarks.identification_workers import Chunk, counted, engine_digest, partial_option
from benchmarks.report import Claim, argument_parser, publish
from registry.identification.engine import Engine

__all__ = ["Survival", "tail_claims", "tail_options"]

SEED = 20261124
LOW, HIGH, STEP = -12.0, 6.0, 0.5
"""log10 V that is counted, in half decades; what lies below the lowest counts there."""
LIMITS = np.arange(LOW, HIGH + STEP, STEP)
ACCEPTED = 3.0
"""log10 V from which a kit is identified that has no rival: a thousandth of a mark agrees as well by chance."""
GRADE_2 = 2.0
"""log10 V of grade +2, and (to a hundredth) of posterior 0.99."""
NEEDED = 10**6
KINDS = (
    (Errors.PLAIN, 1, 1),
    (Errors.CONFIDENT, 1, 10),
    (Errors.FLAT, 1, 10),
    (Errors.NO_QUALITY, 1, 10),
    (Errors.PLAIN, 3, 50),
)
"""How reads err, how many of one molecule are fused, and how many plain reads there are for one such reading."""
FITTED, ENOUGH = 4, 5
"""Half decades at the end of the tail that the fall is fitted to; reads that the last of them must hold."""


def main() -> int:
    parser = argument_parser("identification_tail", __doc__)
    parser.add_argument("--kits", type=int, default=10_000_000)
    tail_options(parser)
    partial_option(parser)
    options = parser.parse_args()
    options.tail = options.tail or NEEDED
    if options.quick:
        options.kits, options.tail = min(options.kits, 100_000), 2000
    with tempfile.TemporaryDirectory(prefix="markdna-") as folder:
        file = Path(folder) / "marks.index"
        register_file(options.kits, file)
        claims = tail_claims(file, options)
    return publish(
        "identification_tail", claims, options, ["markdna", "numpy", "numba"], {"engine": engine_digest("signatures")}
    )


def tail_options(parser: ArgumentParser) -> None:
    """The options that this count takes, also as a part of the whole benchmark."""
    parser.add_argument("--tail", type=int, default=0, help="unregistered reads counted")
    parser.add_argument("--tail-kinds", type=int, default=len(KINDS), help="kinds of reads, the plain ones first")


def tail_claims(index_file: Path, options: Namespace) -> list[Claim]:
    """The claims about false accepts, on ``options.tail`` reads against an index file of ``options.kits`` kits."""
    claims: list[Claim] = []
    for place, (kind, fused, rarity) in enumerate(KINDS):
        name = f"{fused} reads of one molecule fused" if fused > 1 else str(kind)
        if place >= options.tail_kinds:
            claims.append(Claim(f"unregistered reads identified, {name}", "not counted", "", "", None, "--tail-kinds"))
            continue
        cases = max(1, options.tail // rarity)
        settings = {"kits": options.kits, "seed": SEED, "errors": kind.name, "fused": fused}
        partial = options.partial / f"{kind.name.lower()}-{fused}.jsonl" if options.partial else None
        chunk = max(1, min(1000, cases // 4))
        survival = Survival.of(counted(count, index_file, cases, settings=settings, chunk=chunk, partial=partial))
        if rarity == 1:
            claims += survival.claims(options.kits)
            partial = options.partial / "promise.jsonl" if options.partial else None
            own = counted(promise, index_file, max(1, cases // 10), settings=settings, chunk=chunk, partial=partial)
            claims += promise_claims(Promise.of(own), survival)
        else:
            claims += survival.short_claims(name, options.kits, rarity)
    return claims


def promise_claims(told: Promise, survival: "Survival") -> list[Claim]:
    """What V promises at the bar, and whether the count keeps to it at every limit."""
    share, error = told.at(ACCEPTED)
    beside = ", ".join(
        f"{10**limit:g}: {told.at(limit)[0]:.1e} and {survival.at(limit) / survival.reads:.1e}"
        for limit in PROMISED.tolist()
    )
    detail = f"± {error:.0e}, from {told.reads} registered reads; V reached, promised and counted share: {beside}"
    holds = share + 2 * error <= 1e-6 if survival.reads >= NEEDED else None
    over = [limit for limit in PROMISED.tolist() if _exceeds(survival.at(limit), survival.reads, *told.at(limit))]
    return [
        Claim("unregistered reads identified, as V promises", share, "a read", "≤ 1e-6", holds, detail),
        Claim(
            "limits that more unregistered reads reach than V promises",
            len(over),
            f"of {len(PROMISED)}",
            "0",
            not over,
            "four standard deviations allowed" + (f"; exceeded at log10 V = {over}" if over else ""),
        ),
    ]


def _exceeds(counted: int, reads: int, share: float, error: float) -> bool:
    expected = share * reads
    return counted > expected + 4 * math.sqrt(expected + (error * reads) ** 2)


def count(engine: Engine, number: int, cases: int, settings: Mapping[str, Any]) -> Chunk:
    """One chunk: how many reads reached each limit, how many were identified, and what they cost."""
    dice = np.random.default_rng([settings["seed"], number])
    kind = Errors[settings["errors"]]
    tally = look_up(engine, (stranger(dice, kind, settings["fused"]) for _ in range(cases)))
    best = np.array(tally.best)
    return {
        "reached": [int((best >= limit).sum()) for limit in LIMITS],
        "identified": tally.identified,
        "best": float(best.max(initial=-math.inf)),
        "cpu_ms": float(sum(tally.rounds[0])),
    }


def stranger(dice: np.random.Generator, kind: Errors, fused: int = 1) -> Case:
    """Reads of one molecule that no register holds."""
    molecule, rate = random_bases(LENGTH, dice), float(dice.uniform(0.02, 0.15))
    return Case(STRANGER, tuple(sequenced(molecule, rate, dice, kind) for _ in range(fused)))


class Survival:
    """How many of ``reads`` unregistered reads reached each limit of log10 V."""

    def __init__(self, reads: int, reached: Iterable[int], identified: int, best: float, milliseconds: float) -> None:
        self.reads = reads
        self.reached = np.array(list(reached), dtype=np.int64)
        self.identified = identified
        self.best = best
        self.milliseconds = milliseconds

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> "Survival":
        """The sum of all chunks."""
        reads = identified = 0
        reached = np.zeros(len(LIMITS), dtype=np.int64)
        best, milliseconds = -math.inf, 0.0
        for one in chunks:
            reads += one["cases"]
            reached += np.array(one["reached"])
            identified += one["identified"]
            best = max(best, one["best"])
            milliseconds += one["cpu_ms"]
        return cls(reads, reached, identified, best, milliseconds / max(reads, 1))

    def at(self, limit: float) -> int:
        """Reads that reached a limit."""
        return int(self.reached[round((limit - LOW) / STEP)])

    @property
    def fall(self) -> float | None:
        """log10 by which the tail falls for each decade of V at its end; None when too few reads are there."""
        held = np.flatnonzero((self.reached >= ENOUGH) & (self.reached <= self.reads // 2))
        if len(held) < FITTED:
            return None
        last = held[-FITTED:]
        return -float(np.polyfit(LIMITS[last], np.log10(self.reached[last]), 1)[0])

    @property
    def expected_accepts(self) -> float | None:
        """Accepts a read that the fitted tail comes to."""
        if self.fall is None:
            return None
        last = int(np.flatnonzero(self.reached >= ENOUGH)[-1])
        return float(self.reached[last]) / self.reads * 10 ** (-self.fall * max(0.0, ACCEPTED - float(LIMITS[last])))

    def claims(self, kits: int) -> list[Claim]:
        """Accepts, the tail, its fall, and the bound."""
        enough = self.reads >= NEEDED
        told = f"{self.reads} unregistered reads, {kits} kits"
        rate = self.identified / self.reads
        above = f"fewer than {3 / self.reads:.1g} with 95 % confidence" if not self.identified else ""
        shown = [f"{limit:+.1f}: {self.at(limit)}" for limit in np.arange(-6.0, ACCEPTED + STEP, STEP)]
        expected, fall = self.expected_accepts, self.fall
        bound = self._over_the_bound()
        return [
            Claim(
                "unregistered reads identified",
                rate,
                "a read",
                "≤ 1e-6",
                rate <= 1e-6 if enough or self.identified else None,
                f"{self.identified} of {told}; {above}",
            ),
            Claim(
                "unregistered reads that reach V = 100 (grade +2)",
                self.at(GRADE_2),
                f"of {self.reads}",
                "",
                None,
                "log10 V reached, reads: " + ", ".join(shown),
            ),
            Claim(
                "best log10 V of unregistered reads",
                self.best,
                "",
                "< 3 (not identified)",
                self.best < ACCEPTED if enough or self.best >= ACCEPTED else None,
                told,
            ),
            Claim(
                "fall of the tail a decade of V",
                "too few reads" if fall is None else fall,
                "" if fall is None else "decades",
                "",
                None,
                f"the bound 1/V falls by 1; fitted to the last {FITTED} half decades with {ENOUGH} reads and more",
            ),
            Claim(
                "accepts that the fitted tail expects at V = 1000",
                "too few reads" if expected is None else expected,
                "" if expected is None else "a read",
                "",
                None,
                f"{told}; its end holds few reads: what V promises is the surer figure",
            ),
            Claim(
                "limits at which the tail breaks the bound 1/V",
                len(bound),
                f"of {len(LIMITS)}",
                "0",
                not bound,
                "P(V ≥ v) ≤ 1/v (Markov) at each half decade, three standard deviations allowed"
                + (f"; broken at log10 V = {bound}" if bound else ""),
            ),
            Claim("mean cost of an unregistered read", self.milliseconds, "ms CPU", "", None, told),
        ]

    def short_claims(self, kind: str, kits: int, rarity: int) -> list[Claim]:
        """Accepts of another kind of read, on fewer of them."""
        rate, expected = self.identified / self.reads, self.expected_accepts
        tail = "" if expected is None else f"the fitted tail expects {expected:.1g} accepts a read; "
        shown = ", ".join(f"{limit:+.0f}: {self.at(limit)}" for limit in range(-4, 5))
        detail = f"{self.identified} of {self.reads}, {kits} kits; {tail}log10 V reached, reads: {shown}"
        holds = rate <= 1e-6 if self.identified or self.reads * rarity >= NEEDED else None
        name = f"unregistered reads identified, {kind}"
        return [Claim(name, rate, "a read", "≤ 1e-6", holds, detail)]

    def _over_the_bound(self) -> list[float]:
        over = []
        for limit, reached in zip(LIMITS.tolist(), self.reached.tolist(), strict=True):
            allowed = self.reads * min(1.0, 10**-limit)
            if reached > allowed + 3 * math.sqrt(allowed):
                over.append(limit)
        return over


if __name__ == "__main__":
    sys.exit(main())
