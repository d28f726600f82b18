"""Indices of the peers, kept between runs: building one for 10^7 signatures takes up to half an hour.

``ROOT/REGISTER/PEER/`` holds a peer's files and, written last, ``built.json`` with what the build took. REGISTER is a
hash of the register, so that an index is never used for another one; an index of another version of the peer, or one
whose build was broken off, is made anew. ``PEER.lock`` lets only one run build at a time; others wait for it.
"""

import fcntl
import json
import resource
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Built", "PeerFolder", "children_seconds"]


@dataclass(frozen=True)
class Built:
    """A peer's index: where it is, what its build took, and whether an earlier run made it."""

    folder: Path
    cpu_seconds: float
    wall_seconds: float
    kept: bool


class PeerFolder:
    """The folder of one register's peers."""

    def __init__(self, root: Path, register: str) -> None:
        self.path = root / register

    def built(self, name: str, version: str, build: Callable[[Path], None]) -> Built:
        """The index of one peer, built now when no finished one is there. What ``build`` raises passes through."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / f"{name}.lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._built(name, version, build)

    def _built(self, name: str, version: str, build: Callable[[Path], None]) -> Built:
        folder = self.path / name
        note = folder / "built.json"
        if note.exists():
            told = json.loads(note.read_text(encoding="utf-8"))
            if told.pop("version") == version:
                return Built(folder, told["cpu_seconds"], told["wall_seconds"], kept=True)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        cpu, wall = children_seconds() + time.process_time(), time.perf_counter()
        build(folder)
        made = Built(folder, children_seconds() + time.process_time() - cpu, time.perf_counter() - wall, kept=False)
        told = {key: value for key, value in asdict(made).items() if key not in ("folder", "kept")}
        note.write_text(json.dumps({"version": version, **told}) + "\n", encoding="utf-8")
        return made


def children_seconds() -> float:
    """CPU seconds of every child process that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
