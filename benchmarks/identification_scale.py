"""How time and memory grow from 10^5 to 10^8 kits: each register is built, saved, given back and mapped in turn.

``--largest N`` ends earlier: at 10^8 the build takes minutes, some 15 GB of memory and as much disk (``--folder``).
``--chart FILE`` draws the growth. Look-ups are of 64-nt signatures, one thread, best of three interleaved rounds.
"""

import sys
import tempfile
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.growth_chart import Line, Panel, growth_chart
from benchmarks.identification_readings import STRANGER, Case, random_bases, sequenced
from benchmarks.identification_register_file import RegisterFile, fingerprint, register_file
from benchmarks.identification_registers import LENGTH
from benchmarks.identification_signature_claims import Signatures
from benchmarks.identification_tally import ROUNDS, Tally, in_rounds
from benchmarks.identification_workers import engine_digest
from benchmarks.report import Claim, argument_parser, publish
from registry.identification.engine import Engine
from registry.identification.index import load

__all__ = ["main"]

SIZES = (10**5, 10**6, 10**7, 10**8)
GIB = 2**30


@dataclass(frozen=True)
class Grown:
    """What one size came to."""

    made: RegisterFile
    tallies: dict[str, Tally]

    @property
    def kits(self) -> int:
        """Kits in the register."""
        return self.made.kits

    @property
    def name(self) -> str:
        """The size as it is written in claims."""
        return f"10^{round(float(np.log10(self.kits)))} kits"


def main() -> int:
    options = parsed()
    sizes = [size for size in SIZES if size <= options.largest]
    if options.quick:
        sizes, options.reads = [10**4, 10**5], 100
    grown = [measured(size, options) for size in sizes]
    if options.chart:
        options.chart.parent.mkdir(parents=True, exist_ok=True)
        options.chart.write_text(chart(grown), encoding="utf-8")
    claims = [claim for one in grown for claim in size_claims(one)]
    versions = {"engine": engine_digest("signatures")}
    return publish("identification_scale", claims, options, ["markdna", "numpy", "numba"], versions)


def parsed() -> Namespace:
    parser = argument_parser("identification_scale", __doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the last size; sizes are powers of ten")
    parser.add_argument("--reads", type=int, default=1000, help="reads of each kind")
    parser.add_argument("--folder", type=Path, help="where registers are written while they are measured")
    parser.add_argument("--chart", type=Path, help="SVG to draw")
    return parser.parse_args()


def measured(kits: int, options: Namespace) -> Grown:
    """One register, from its build in another process to its look-ups; its file is deleted."""
    dice = np.random.default_rng(20261129)
    with tempfile.TemporaryDirectory(prefix="markdna-", dir=options.folder) as folder:
        file = Path(folder) / "marks.index"
        made = register_file(kits, file)
        engine = Engine(load(file, fingerprint(kits)))
        signatures = Signatures(engine, file, kits, made.file_bytes / kits)
        groups = {f"{rate:.0%} error": signatures.plain(options.reads, rate, dice) for rate in (0.06, 0.10, 0.15)}
        groups["unregistered"] = [
            Case(STRANGER, (sequenced(random_bases(LENGTH, dice), 0.08, dice),)) for _ in range(options.reads)
        ]
        tallies = in_rounds(engine, groups)
    print(f"{kits} kits measured", file=sys.stderr, flush=True)
    return Grown(made, tallies)


def size_claims(one: Grown) -> list[Claim]:
    """What is claimed at 10^8, and the same told of every other size."""
    largest = one.kits >= SIZES[-1]
    made, easy = one.made, one.tallies["6% error"]
    each = made.file_bytes / one.kits
    memory = made.memory_bytes / GIB
    reads = f"{easy.cases} reads, best of {ROUNDS} rounds"

    def claim(what: str, value: float, unit: str, limit: float | None, detail: str = "") -> Claim:
        judged = largest and limit is not None
        reach = f"≤ {limit:g}" if judged else ""
        return Claim(f"{one.name}: {what}", value, unit, reach, value <= (limit or 0) if judged else None, detail)

    claims = [
        claim("p50 at 6% error", easy.percentile(50), "ms CPU", 1, reads),
        claim("p99 at 6% error", easy.percentile(99), "ms CPU", 10, reads),
        claim("index file", each, "B a kit", 75, f"{made.seed_places} seed places, {made.file_bytes / 1e9:.2f} GB"),
        claim("largest memory of the build", memory, "GiB", 20),
        claim("build", made.build_cpu_seconds, "s CPU", None, f"then {made.save_wall_seconds:.0f} s to write the file"),
    ]
    for name, tally in one.tallies.items():
        if tally is easy:
            continue
        detail = f"p50 {tally.percentile(50):.2f} ms, {tally.cases} reads"
        if name != "unregistered":
            detail += f"; {tally.recall:.2f} % right, {tally.wrong} wrong at posterior ≥ 0.99"
        claims.append(claim(f"p99, {name}", tally.percentile(99), "ms CPU", None, detail))
    recall = f"{easy.right} of {easy.cases}; {easy.wrong} wrong at posterior ≥ 0.99"
    claims.append(Claim(f"{one.name}: recall at 6% error", easy.recall, "%", "", None, recall))
    strangers = one.tallies["unregistered"]
    best = max(strangers.best, default=float("-inf"))
    told = f"{strangers.identified} of {strangers.cases} identified"
    claims.append(Claim(f"{one.name}: best log10 V of unregistered reads", best, "", "", None, told))
    return claims


def chart(grown: list[Grown]) -> str:
    """Time and memory over kits."""

    def line(name: str, group: str, share: float) -> Line:
        return Line(name, [(one.kits, one.tallies[group].percentile(share)) for one in grown])

    times = [line("p50 at 6 %", "6% error", 50), line("p99 at 6 %", "6% error", 99)]
    times.append(line("p99 unregistered", "unregistered", 99))
    sizes = [
        Line("index file", [(one.kits, one.made.file_bytes / 1e9) for one in grown]),
        Line("peak of build", [(one.kits, one.made.memory_bytes / 1e9) for one in grown]),
    ]
    panels = [
        Panel("CPU time of a look-up, ms", "kits in the register", times),
        Panel("Size, GB", "kits in the register", sizes),
    ]
    return growth_chart("Growth of time and memory with the number of kits", panels)


if __name__ == "__main__":
    sys.exit(main())
