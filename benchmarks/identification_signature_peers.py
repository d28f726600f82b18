"""The engine and its peers on the same register of signatures and reads, in turn."""

import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import edlib
import numpy as np
from rapidfuzz import distance, process

from benchmarks.identification_aligners import ALIGNERS, Aligner, reference
from benchmarks.identification_peer_folder import PeerFolder, children_seconds
from benchmarks.identification_readings import Case
from benchmarks.identification_registers import register_digest, signature_texts
from benchmarks.identification_signature_claims import Signatures
from benchmarks.identification_tally import Tally, look_up
from benchmarks.report import Claim
from registry.identification.bases import clean_read

__all__ = ["PEER_RATES", "PeerResult", "signature_peer_claims"]

PEER_RATES = (0.06, 0.10, 0.15)
FASTER, SMALLER = 10, 4
"""Times that the engine is to be faster, and smaller, than the best peer of at least equal recall."""


@dataclass(frozen=True)
class PeerResult:
    """What a peer reached, and what the engine took for the same reads just before."""

    name: str
    reads: int
    right: int
    milliseconds: float
    engine_milliseconds: float
    bytes_per_kit: float
    indexed: bool
    detail: str

    @property
    def recall(self) -> float:
        """Percent."""
        return 100 * self.right / max(self.reads, 1)

    @property
    def times(self) -> float:
        """How many times faster the engine was."""
        return self.milliseconds / self.engine_milliseconds


def signature_peer_claims(signatures: Signatures, options: Namespace) -> list[Claim]:
    """Every peer at every error rate, then the engine against the best of them."""
    dice = np.random.default_rng(20261126)
    reads = {rate: signatures.plain(options.peer_reads, rate, dice) for rate in PEER_RATES}
    engine = {rate: look_up(signatures.engine, cases) for rate, cases in reads.items()}
    results: dict[float, list[PeerResult]] = {rate: [] for rate in PEER_RATES}
    claims: list[Claim] = []
    with tempfile.TemporaryDirectory(prefix="markdna-peers-") as scratch:
        kept = PeerFolder(options.peer_folder or Path(scratch), register_digest(signatures.kits))
        for aligner in ALIGNERS:
            claims += _aligner(aligner, kept, signatures, reads, results)
    for result, rate in _exhaustive(signatures, reads, options.exhaustive_reads):
        results[rate].append(result)
    for rate in PEER_RATES:
        claims += _compared(engine[rate], results[rate], signatures, f"at {rate:.0%} error")
    return claims


def _aligner(
    aligner: Aligner,
    kept: PeerFolder,
    signatures: Signatures,
    reads: dict[float, list[Case]],
    results: dict[float, list[PeerResult]],
) -> list[Claim]:
    """One aligner's results are added; what is said of its index, or of why it is missing, is returned."""
    if aligner.version is None:
        return [Claim(f"{aligner.name}", "missing", "", "", None, f"{aligner.program} is not installed")]
    try:
        reference(kept, signatures.kits)
        built = aligner.index(kept)
        each = aligner.index_bytes(built.folder) / signatures.kits
        with tempfile.TemporaryDirectory(prefix="markdna-reads-") as scratch:
            folder = Path(scratch)
            one = next(iter(reads.values()))[:1]
            _searched(aligner, one, built.folder, folder)  # Brings the files into memory.
            loading = [_searched(aligner, one, built.folder, folder)[1]]
            searched = []
            for rate, cases in reads.items():
                ours = look_up(signatures.engine, cases).mean
                answers, seconds = _searched(aligner, cases, built.folder, folder)
                right = sum(answers.get(str(number)) == case.kit for number, case in enumerate(cases))
                searched.append((rate, ours, right, seconds))
            loading.append(_searched(aligner, one, built.folder, folder)[1])
    except (OSError, subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        told = getattr(problem, "stderr", "") or ""
        return [Claim(f"{aligner.name}", "gave up", "", "", None, f"{problem} {told}"[-200:])]
    load = float(np.mean(loading))
    for rate, ours, right, seconds in searched:
        count = len(reads[rate])
        milliseconds = max(seconds - load, 0.0) * 1000 / max(count - 1, 1)
        detail = f"{count} reads, load of the index ({load:.1f} s) taken off"
        results[rate].append(
            PeerResult(aligner.name, count, right, milliseconds, ours, each, indexed=True, detail=detail)
        )
    how = "kept from an earlier run" if built.kept else "built in this run"
    detail = f"{built.cpu_seconds:.0f} s CPU to build ({how}), version {aligner.version}"
    return [Claim(f"index of {aligner.name}", each, "B a kit", "", None, detail)]


def _searched(aligner: Aligner, cases: Sequence[Case], index: Path, folder: Path) -> tuple[dict[str, int], float]:
    """The answers by number of the read, and CPU seconds."""
    file = folder / "reads.fa"
    lines = (f">{number}\n{case.observations[0].text}\n" for number, case in enumerate(cases))
    file.write_text("".join(lines), encoding="ascii")
    before = children_seconds()
    answers = aligner.search(file, index)
    return answers, children_seconds() - before


def _exhaustive(signatures: Signatures, reads: dict[float, list[Case]], count: int) -> list[tuple[PeerResult, float]]:
    """Peers that compare every signature: full recall, a few reads of the two highest error rates."""
    if count < 1:
        return []
    texts = [text for part in signature_texts(signatures.kits) for text in part]
    results = []
    for name, search, share in (
        ("rapidfuzz extractOne, both strands", _rapidfuzz, 1),
        ("edlib in a loop, both strands", _edlib, 4),
    ):
        for rate in PEER_RATES[1:]:
            cases = reads[rate][: max(1, count // share)]
            ours = look_up(signatures.engine, cases).mean
            started = time.process_time()
            right = sum(search(case, texts) == case.kit for case in cases)
            spent = (time.process_time() - started) * 1000 / len(cases)
            # A Python string of 64 ASCII characters takes 113 bytes, and 8 in the list.
            detail = f"{len(cases)} reads; no index: a list in memory"
            results.append(
                (PeerResult(name, len(cases), right, spent, ours, 121.0, indexed=False, detail=detail), rate)
            )
    return results


def _strands(case: Case) -> tuple[str, str]:
    read = clean_read(case.observations[0].text)
    return read.text, read.reversed_complement.text


def _rapidfuzz(case: Case, texts: Sequence[str]) -> int:
    found = [process.extractOne(strand, texts, scorer=distance.Levenshtein.distance) for strand in _strands(case)]
    return int(min(found, key=lambda one: one[1])[2])


def _edlib(case: Case, texts: Sequence[str]) -> int:
    nearest, kit = 10**6, -1
    for strand in _strands(case):
        for number, text in enumerate(texts):
            edits = edlib.align(strand, text, mode="NW", task="distance", k=nearest - 1 if kit >= 0 else -1)
            if 0 <= edits["editDistance"] < nearest:
                nearest, kit = edits["editDistance"], number
    return kit


def _compared(engine: Tally, peers: Sequence[PeerResult], signatures: Signatures, where: str) -> list[Claim]:
    """The engine, each peer, and how the engine stands to the best of them."""
    each = signatures.bytes_per_kit
    detail = f"{engine.mean:.3f} ms CPU a read, {each:.0f} B a kit, {engine.cases} reads, {signatures.kits} kits"
    claims = [Claim(f"this engine {where}", engine.recall, "%", "", None, detail)]
    for peer in peers:
        detail = f"{peer.milliseconds:.3f} ms CPU a read, {peer.bytes_per_kit:.0f} B a kit, {peer.detail}"
        claims.append(Claim(f"{peer.name} {where}", peer.recall, "%", "", None, detail))
    indexed = [peer for peer in peers if peer.indexed]
    if indexed:
        nearest = max(indexed, key=lambda peer: (peer.right, -peer.milliseconds))
        equal = nearest.recall >= engine.recall
        name = f"an index of equal recall {where}"
        told = f"the best finds {nearest.recall:.2f} % against {engine.recall:.2f} %: {nearest.name}"
        claims.append(Claim(name, "yes" if equal else "none", "", "", None, told))
        what = "of equal recall" if equal else "nearest in recall"
        size = nearest.bytes_per_kit / each
        claims += [
            _faster(nearest, f"times faster than the best index {what} {where}", signatures.kits),
            Claim(
                f"bytes of the best index {what} against ours {where}",
                size,
                "times",
                f"≥ {SMALLER}",
                size >= SMALLER if signatures.kits >= 10**7 else None,
                nearest.name,
            ),
        ]
    scans = [peer for peer in peers if not peer.indexed]
    if scans:
        best = min(scans, key=lambda peer: peer.milliseconds)
        claims.append(_faster(best, f"times faster than the best scan (full recall) {where}", signatures.kits))
    return claims


def _faster(peer: PeerResult, name: str, kits: int) -> Claim:
    detail = f"{peer.name}; the engine's {peer.engine_milliseconds:.3f} ms taken just before on the same reads"
    holds = peer.times >= FASTER if kits >= 10**7 else None
    return Claim(name, peer.times, "times", f"≥ {FASTER}", holds, detail)
