"""Peers and the engine on the same register, in turn: who finds more, and at what cost."""

import random
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.identification_peers import PeerResult, code_peers, signature_peers
from benchmarks.identification_readings import CODE_LETTERS, DAMAGES, Errors, sequenced
from benchmarks.identification_tally import CODE_LENGTH, LENGTH, look_up
from benchmarks.report import Claim
from registry.identification.answer import MarkKind, Observation
from registry.identification.bases import clean_read, pack
from registry.identification.codes import CodeShelf
from registry.identification.engine import Engine
from registry.identification.glyphs import decode_glyphs, encode_glyphs
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf


def peer_claims(options: Namespace, dice: np.random.Generator) -> list[Claim]:
    """Peers and the engine on the same smaller register, in turn."""
    count = options.peer_kits
    claims: list[Claim] = []
    bases = dice.integers(0, 4, (count, LENGTH), dtype=np.uint8)
    shelf = SignatureShelf.packed(LENGTH, pack(bases), np.arange(count, dtype=np.uint32))
    engine = Engine(Layer(np.arange(count, dtype=np.int64), (shelf,), ()))
    each = (shelf.planes.nbytes + shelf.kit_ids.nbytes + (shelf.seeds.nbytes if shelf.seeds else 0)) / count
    kits = [clean_read("").text + "".join("ACGT"[base] for base in row) for row in bases.tolist()]
    for rate in (0.06, 0.10, 0.15):
        rows = dice.integers(0, count, 500).tolist()
        readings = [(row, sequenced(bases[row], rate, dice, Errors.PLAIN)) for row in rows]
        tally = look_up(engine, readings)
        recall, spent = tally.right / len(readings), float(np.mean(tally.milliseconds))
        name = f"at {rate:.0%} error"
        claims.append(
            Claim(
                f"this engine {name}",
                100 * recall,
                "%",
                "",
                None,
                f"{spent:.3f} ms CPU, {each:.0f} B a kit, {count} kits",
            )
        )
        with tempfile.TemporaryDirectory(prefix="markdna-") as folder:
            peers = signature_peers(kits, [(row, reading.text) for row, reading in readings], Path(folder))
        claims += [_of_peer(peer, name) for peer in peers]
        claims += _against(peers, recall, spent, each, name)
    letters = encode_glyphs(CODE_LETTERS)
    glyphs = letters[dice.integers(0, len(letters), (count, CODE_LENGTH))]
    codes = [decode_glyphs(row) for row in glyphs]
    rolls = random.Random(13)
    texts = {
        name: [(row, DAMAGES[name](codes[row], rolls)) for row in rolls.sample(range(count), 20)]
        for name in ("1 wrong", "2 wrong", "2 unreadable", "1 lost")
    }
    code_engine = Engine(Layer(np.arange(count, dtype=np.int64), (), (CodeShelf.sorted(glyphs, np.arange(count)),)))
    for name, named in texts.items():
        tally = look_up(code_engine, [(row, Observation(MarkKind.DOT, text)) for row, text in named])
        detail = f"{float(np.mean(tally.milliseconds)):.3f} ms CPU, {count} codes"
        claims.append(Claim(f"this engine, code with {name}", 100 * tally.right / len(named), "%", "", None, detail))
    claims += [_of_peer(peer, f"code with {damage}") for damage, peer in code_peers(codes, texts)]
    return claims


def _of_peer(peer: PeerResult, name: str) -> Claim:
    if peer.recall is None or peer.milliseconds is None:
        return Claim(f"{peer.name} {name}", "missing", "", "", None, peer.detail)
    size = f", {peer.bytes_per_kit:.0f} B a kit" if peer.bytes_per_kit else ""
    return Claim(
        f"{peer.name} {name}", 100 * peer.recall, "%", "", None, f"{peer.milliseconds:.3f} ms{size}; {peer.detail}"
    )


def _against(peers: Sequence[PeerResult], recall: float, spent: float, each: float, name: str) -> list[Claim]:
    """The best peer that finds at least as many, if there is one."""
    equals = [peer for peer in peers if peer.recall is not None and peer.recall >= recall and peer.milliseconds]
    if not equals:
        return [Claim(f"peer of equal recall {name}", "none", "", "", None, "every peer installed here finds fewer")]
    fastest = min(equals, key=lambda peer: peer.milliseconds or 0.0)
    times = (fastest.milliseconds or 0.0) / spent
    size = (fastest.bytes_per_kit or 0.0) / each
    return [
        Claim(f"times faster than the best equal peer {name}", times, "times", "≥ 10", times >= 10, fastest.name),
        Claim(f"its bytes against ours {name}", size, "times", "≥ 4", size >= 4, fastest.name),
    ]
