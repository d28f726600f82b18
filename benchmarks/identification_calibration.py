"""Whether posteriors are honest: of all answers said to be right with 95 %, 95 % are right.

Half of the readings come from registered kits, as the stated prior says. Marks are short and readings poor, so that
certainty is in question at all; registers of long marks would fill the highest bin alone. Four kinds: DNA reads, dots,
several reads fused, and a dot fused with reads. Chunks run in two processes; with ``--partial FOLDER`` a run that is
broken off goes on from there.
"""

import random
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_readings import (
    CODE_LETTERS,
    STRANGER,
    Case,
    damaged,
    random_bases,
    sequenced,
)
from benchmarks.identification_register_file import fingerprint
from benchmarks.identification_tally import look_up
from benchmarks.identification_workers import Chunk, counted, engine_digest, partial_option
from benchmarks.report import Claim, argument_parser, publish
from registry.identification.answer import MarkKind, Observation
from registry.identification.bases import pack
from registry.identification.codes import CodeShelf
from registry.identification.engine import Engine
from registry.identification.glyphs import decode_glyphs, encode_glyphs
from registry.identification.index import save
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf

__all__ = ["calibration_claims", "calibration_options", "reliability"]

SEED = 20261125
NEEDED = 50_000
BINS = ((0.1, 0.5, 3.0), (0.5, 0.9, 3.0), (0.9, 0.99, 1.0), (0.99, 0.999, 1.0), (0.999, 2.0, 1.0))
"""From, to, and points by which said and true may differ."""
FEW = 100
"""Candidates that a bin must hold to be judged; three standard deviations of 100 are more than the bound."""


def main() -> int:
    parser = argument_parser("identification_calibration", __doc__)
    calibration_options(parser)
    partial_option(parser)
    options = parser.parse_args()
    if options.quick:
        options.readings = min(options.readings, 1000)
    claims = calibration_claims(options)
    versions = {"engine": engine_digest()}
    return publish("identification_calibration", claims, options, ["markdna", "numpy", "numba"], versions)


def calibration_options(parser: ArgumentParser) -> None:
    """The options that this count takes, also as a part of the whole benchmark."""
    parser.add_argument("--readings", type=int, default=NEEDED, help="readings of each kind for calibration")


def calibration_claims(options: Namespace) -> list[Claim]:
    """Each posterior bin of each kind of reading."""
    claims = []
    with tempfile.TemporaryDirectory(prefix="markdna-") as folder:
        for kind, (layer, what) in KINDS.items():
            file = Path(folder) / f"{kind}.index"
            marks = layer()
            save(file, marks, fingerprint(len(marks)))
            chunk = max(1, min(500, options.readings // 4))
            settings = {"kind": kind, "seed": SEED}
            kept = options.partial / f"calibration of {kind}.jsonl" if options.partial else None
            chunks = counted(count, file, options.readings, settings=settings, chunk=chunk, partial=kept)
            claims += reliability(kind, chunks, options.readings, what)
    return claims


def reliability(kind: str, chunks: Iterator[Chunk], readings: int, what: str) -> list[Claim]:
    """What was said and what was true, bin by bin."""
    posteriors = np.array([pair for chunk in chunks for pair in chunk["posteriors"]]).reshape(-1, 2)
    said, true = posteriors[:, 0], posteriors[:, 1]
    claims = []
    for low, high, allowed in BINS:
        chosen = (said >= low) & (said < high)
        many = int(chosen.sum())
        name = f"calibration of {kind}, posterior {low} to {min(high, 1)}"
        if not many:
            claims.append(Claim(name, "no answer", "", f"≤ {allowed:.0f}", None, what))
            continue
        off = 100 * abs(float(said[chosen].mean() - true[chosen].mean()))
        chance = 100 * float(np.sqrt((said[chosen] * (1 - said[chosen])).sum())) / many
        told = f"said {said[chosen].mean():.4f}, true {true[chosen].mean():.4f} of {many} (chance ±{chance:.2f})"
        holds = off <= allowed if readings >= NEEDED and many >= FEW else None
        claims.append(Claim(name, off, "points off", f"≤ {allowed:.0f}", holds, f"{told}; {readings} readings, {what}"))
    return claims


def count(engine: Engine, number: int, cases: int, settings: Mapping[str, Any]) -> Chunk:
    """One chunk: (posterior said, whether it was the kit) of every candidate shown above 0.1."""
    make = MAKERS[settings["kind"]](number)
    tally = look_up(engine, (next(make) for _ in range(cases)))
    return {"posteriors": [(said, float(true)) for said, true in tally.posteriors if said >= BINS[0][0]]}


READ_KITS, READ_LENGTH = 5000, 24
DOT_KITS, DOT_LENGTH = 100_000, 7
FUSED_KITS, FUSED_BASES, FUSED_CODE = 20_000, 20, 5


def _bases(kits: int, length: int) -> NDArray[np.uint8]:
    return np.random.default_rng([SEED, kits, length]).integers(0, 4, (kits, length), dtype=np.uint8)


def _glyphs(kits: int, length: int) -> NDArray[np.uint8]:
    letters = encode_glyphs(CODE_LETTERS)
    glyphs: NDArray[np.uint8] = letters[
        np.random.default_rng([SEED, kits, length]).integers(0, len(letters), (kits, length))
    ]
    return glyphs


def _layer(bases: NDArray[np.uint8] | None, glyphs: NDArray[np.uint8] | None) -> Layer:
    rows = bases if bases is not None else glyphs
    numbers = np.arange(len(rows) if rows is not None else 0, dtype=np.int64)
    signatures = () if bases is None else (SignatureShelf.packed(bases.shape[1], pack(bases), numbers),)
    return Layer(numbers, signatures, () if glyphs is None else (CodeShelf.sorted(glyphs, numbers),))


def _reads(number: int) -> Iterator[Case]:
    codes = _bases(READ_KITS, READ_LENGTH)
    dice = np.random.default_rng([SEED, 1, number])
    while True:
        kit, molecule = _source(codes, dice)
        yield Case(kit, (sequenced(molecule, float(dice.uniform(0.02, 0.25)), dice),))


def _dots(number: int) -> Iterator[Case]:
    glyphs = _glyphs(DOT_KITS, DOT_LENGTH)
    rolls = random.Random(f"{SEED} {number}")
    while True:
        kit = rolls.randrange(DOT_KITS) if rolls.random() < 0.5 else STRANGER
        code = decode_glyphs(glyphs[kit]) if kit >= 0 else "".join(rolls.choices(CODE_LETTERS, k=DOT_LENGTH))
        yield Case(kit, (Observation(MarkKind.DOT, damaged(code, rolls)),))


def _fused(number: int, mixtures: tuple[tuple[int, int], ...]) -> Iterator[Case]:
    """Readings of (reads, dots) each, of one thing."""
    codes, glyphs = _bases(FUSED_KITS, FUSED_BASES), _glyphs(FUSED_KITS, FUSED_CODE)
    dice = np.random.default_rng([SEED, 2, len(mixtures), number])
    rolls = random.Random(f"fused {SEED} {mixtures} {number}")
    while True:
        kit, molecule = _source(codes, dice)
        reads, dots = mixtures[int(dice.integers(len(mixtures)))]
        rate = float(dice.uniform(0.1, 0.3))
        seen = [sequenced(molecule, rate, dice) for _ in range(reads)]
        if dots:
            code = decode_glyphs(glyphs[kit]) if kit >= 0 else "".join(rolls.choices(CODE_LETTERS, k=FUSED_CODE))
            seen.append(Observation(MarkKind.DOT, damaged(code, rolls)))
        yield Case(kit, tuple(seen))


def _source(codes: NDArray[np.uint8], dice: np.random.Generator) -> tuple[int, NDArray[np.uint8]]:
    if dice.random() < 0.5:
        kit = int(dice.integers(len(codes)))
        return kit, codes[kit]
    return STRANGER, random_bases(codes.shape[1], dice)


MAKERS: dict[str, Callable[[int], Iterator[Case]]] = {
    "reads": _reads,
    "codes": _dots,
    "fused reads": partial(_fused, mixtures=((2, 0), (3, 0))),
    "fused dot and reads": partial(_fused, mixtures=((1, 1), (2, 1))),
}
KINDS: dict[str, tuple[Callable[[], Layer], str]] = {
    "reads": (
        lambda: _layer(_bases(READ_KITS, READ_LENGTH), None),
        f"{READ_LENGTH} nt, 2 to 25 % error, {READ_KITS} kits, half registered",
    ),
    "codes": (
        lambda: _layer(None, _glyphs(DOT_KITS, DOT_LENGTH)),
        f"dots of {DOT_LENGTH} characters, a quarter unreadable, {DOT_KITS} kits, half registered",
    ),
    "fused reads": (
        lambda: _layer(_bases(FUSED_KITS, FUSED_BASES), None),
        f"2 or 3 reads of {FUSED_BASES} nt, 10 to 30 % error, {FUSED_KITS} kits, half registered",
    ),
    "fused dot and reads": (
        lambda: _layer(_bases(FUSED_KITS, FUSED_BASES), _glyphs(FUSED_KITS, FUSED_CODE)),
        f"a dot of {FUSED_CODE} characters and 1 or 2 reads of {FUSED_BASES} nt, {FUSED_KITS} kits, half registered",
    ),
}


if __name__ == "__main__":
    sys.exit(main())
