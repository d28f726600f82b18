"""A file of reads answered on one process and on two: reads a second, and what takes the time.

Random 64-base signatures; reads of 80-base molecules that hold one of them, 6 % errors, either strand, one in twenty of
no kit. Parsing is timed alone; then the whole stream is answered by ``batch.identify_portions``, from the first answer
to the last, with the processor time of the parent and of the processes that answer.
"""

import io
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.report import Claim, argument_parser, publish
from registry.identification.answer import Mark
from registry.identification.batch import identify_portions
from registry.identification.engine import Engine
from registry.identification.fastq import lines_of, read_fastq
from registry.identification.index import Fingerprint, save
from registry.identification.summary import of_read

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def main() -> int:
    parser = argument_parser("reads_stream", __doc__)
    parser.add_argument("--kits", type=int, help="kits in the index; default 1000000, quick 10000")
    parser.add_argument("--reads", type=int, help="reads in the file; default 100000, quick 4000")
    options = parser.parse_args()
    kits = options.kits or (10_000 if options.quick else 1_000_000)
    reads = options.reads or (4_000 if options.quick else 100_000)
    with tempfile.TemporaryDirectory(prefix="markdna-") as name:
        index, file = Path(name) / "marks.index", Path(name) / "reads.fastq"
        signatures = made(index, kits)
        file.write_text("".join(fastq(signatures, reads)), encoding="ascii")
        claims = [parsed(file, reads)]
        alone, _ = streamed(index, file, 1, claims)
        both, share = streamed(index, file, 2, claims)
    claims += [
        Claim("two processes against one", round(both / alone, 2), "times", "≥ 1.7", holds=both / alone >= 1.7),
        Claim("parent's share of the processor time", round(100 * share, 1), "%", "≤ 10", holds=share <= 0.1),
    ]
    return publish("reads_stream", claims, options, packages=["markdna", "numpy", "edlib", "numba"])


def made(file: Path, kits: int) -> list[str]:
    """An index file of so many kits; returns their signatures."""
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)[np.random.default_rng(7).integers(0, 4, (kits, 64))]
    signatures = [row.tobytes().decode("ascii") for row in letters]
    marks = [Mark(number, "", signature) for number, signature in enumerate(signatures, start=1)]
    save(file, Engine.build(marks).base, Fingerprint(kits, 0))
    return signatures


def fastq(signatures: list[str], reads: int) -> list[str]:
    rng = random.Random(7)
    return [record(rng, number, rng.choice(signatures)) for number in range(reads)]


def record(rng: random.Random, number: int, signature: str) -> str:
    if rng.random() < 0.05:
        signature = "".join(rng.choices("ACGT", k=64))
    molecule = "".join(rng.choices("ACGT", k=8)) + signature + "".join(rng.choices("ACGT", k=8))
    if rng.random() < 0.5:
        molecule = molecule[::-1].translate(COMPLEMENT)
    bases = "".join(damaged(rng, base) for base in molecule)
    return f"@read-{number}\n{bases}\n+\n{'-' * len(bases)}\n"


def damaged(rng: random.Random, base: str) -> str:
    """40 % of errors are substitutions, 30 % insertions, 30 % deletions, at 6 % in all."""
    chance = rng.random()
    if chance < 0.018:
        return ""
    if chance < 0.036:
        return rng.choice("ACGT") + base
    return rng.choice("ACGT".replace(base, "")) if chance < 0.06 else base


def parsed(file: Path, reads: int) -> Claim:
    start = time.perf_counter()
    with io.FileIO(file) as raw:
        count = sum(1 for _ in read_fastq(lines_of(raw)))
    rate = count / (time.perf_counter() - start)
    return Claim("parsing alone", round(rate), "reads/s", "≥ 100000", holds=rate >= 100_000, detail=f"{reads} reads")


def streamed(index: Path, file: Path, processes: int, claims: list[Claim]) -> tuple[float, float]:
    """Reads a second and the parent's share of the processor time."""
    count, first, before = 0, 0.0, os.times()
    with io.FileIO(file) as raw:
        for portion in identify_portions(index, read_fastq(lines_of(raw)), of_read, processes=processes):
            if portion and not first:
                first = time.perf_counter()
                continue
            count += len(portion)
    rate = count / (time.perf_counter() - first)
    after = os.times()
    parent = after.user + after.system - before.user - before.system
    workers = after.children_user + after.children_system - before.children_user - before.children_system
    detail = f"{count} reads; processor time {parent:.1f} s parent, {workers:.1f} s answering, start included"
    claims.append(Claim(f"answered by {processes}", round(rate), "reads/s", "", holds=None, detail=detail))
    return rate, parent / (parent + workers)


if __name__ == "__main__":
    sys.exit(main())
