"""The engine and text search on the same register of codes and the same damaged texts, in turn."""

import random
import sqlite3
import tempfile
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from benchmarks.identification_code_claims import Codes
from benchmarks.identification_code_peers import CODE_PEERS, CodePeer
from benchmarks.identification_peer_folder import PeerFolder
from benchmarks.identification_postgres import MissingServerError
from benchmarks.identification_readings import DAMAGES, Case
from benchmarks.identification_registers import codes_digest
from benchmarks.identification_tally import Tally, look_up
from benchmarks.report import Claim

__all__ = ["code_peer_claims"]

CLASSES = tuple(name for name in DAMAGES if name != "whole")
TEXTS = 100
FASTER = 10


@dataclass(frozen=True)
class _Found:
    """A peer on one class of damage; the engine's time and recall are of the same texts, taken just before."""

    texts: int
    right: int
    milliseconds: float
    engine: Tally


def code_peer_claims(codes: Codes, options: Namespace) -> list[Claim]:
    """Every peer on every class of damage."""
    dice = random.Random(13)
    texts = {name: codes.cases(name, TEXTS, dice) for name in CLASSES}
    claims = []
    with tempfile.TemporaryDirectory(prefix="markdna-peers-") as scratch:
        # PostgreSQL runs as another user, who has to get to his folder.
        Path(scratch).chmod(0o755)
        kept = PeerFolder(options.peer_folder or Path(scratch), codes_digest(codes.glyphs))
        for peer in CODE_PEERS:
            claims += _peer(peer, codes, kept, texts)
    return claims


def _peer(peer: CodePeer, codes: Codes, kept: PeerFolder, texts: dict[str, list[Case]]) -> list[Claim]:
    found: dict[str, _Found] = {}
    try:
        with peer.opened(codes.glyphs, kept) as finder:
            finder.find(texts[CLASSES[0]][-1].observations[0].text)
            for damage, all_cases in texts.items():
                cases = all_cases[: peer.texts]
                look_up(codes.engine, cases[:20])
                engine = look_up(codes.engine, cases)
                before = finder.seconds()
                right = sum(finder.find(case.observations[0].text) == case.kit for case in cases)
                spent = (finder.seconds() - before) * 1000 / len(cases)
                found[damage] = _Found(len(cases), right, spent, engine)
    except (ImportError, OSError, MissingServerError, sqlite3.Error) as problem:
        return [Claim(f"{peer.name}, codes", "missing", "", "", None, str(problem)[:200])]
    claims = [Claim(f"index of {peer.name}", finder.bytes_per_kit, "B a code", "", None, finder.built)]
    for damage, one in found.items():
        recall = 100 * one.right / one.texts
        ours = f"this engine {one.engine.recall:.0f} %, {one.engine.mean:.3f} ms"
        detail = f"{one.milliseconds:.2f} ms CPU a text; {ours}; {one.texts} texts, {len(codes.glyphs)} codes"
        claims.append(Claim(f"{peer.name}, code, {damage}", recall, "%", "", None, detail))
    return [*claims, _faster(peer.name, found, len(codes.glyphs))]


def _faster(peer: str, found: dict[str, _Found], kits: int) -> Claim:
    """The least ratio of all classes in which the peer finds as many."""
    equal = {damage: one for damage, one in found.items() if one.right >= one.engine.right}
    name, reach = f"times faster than {peer}, codes", f"≥ {FASTER}"
    if not equal:
        return Claim(name, "none", "", reach, None, "it finds fewer in every class")
    ratios = {damage: one.milliseconds / one.engine.mean for damage, one in equal.items()}
    where = min(ratios, key=ratios.__getitem__)
    detail = f"least of the {len(equal)} of {len(found)} classes in which it finds as many: {where}"
    holds = ratios[where] >= FASTER if kits >= 10**7 else None
    return Claim(name, ratios[where], "times", reach, holds, detail)
