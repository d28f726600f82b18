"""A register of signatures built in a process of its own, saved as an index file, and what that took.

``python -m benchmarks.identification_register_file --kits N --file FILE [--version V]`` prints the figures
as JSON. A process of its own tells the memory a build needs, and gives it back.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.identification_registers import LENGTH, signature_planes
from registry.identification.index import Fingerprint, load, save
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf

__all__ = ["RegisterFile", "fingerprint", "register_file"]


@dataclass(frozen=True)
class RegisterFile:
    """What the build of a register came to. Memory is the largest resident set of the process."""

    kits: int
    build_cpu_seconds: float
    save_wall_seconds: float
    memory_bytes: int
    file_bytes: int
    seed_places: int


def fingerprint(kits: int, version: int = 0) -> Fingerprint:
    """What an index file of the invented register says it stands for."""
    return Fingerprint(kits, version)


def register_file(kits: int, file: Path, version: int = 0) -> RegisterFile:
    """Build and save in another process; waits for it."""
    with register_process(kits, file, version) as process:
        told, problem = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"no register of {kits} kits: {problem[-2000:]}")
    return RegisterFile(**json.loads(told))


def register_process(kits: int, file: Path, version: int = 0) -> "subprocess.Popen[str]":
    """The same, not waited for."""
    command = [sys.executable, "-m", "benchmarks.identification_register_file", "--kits", str(kits)]
    command += ["--file", str(file), "--version", str(version)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def build(kits: int, file: Path, version: int) -> RegisterFile:
    """Kit numbers are 64 bits wide, as they come from the database."""
    with tempfile.TemporaryDirectory(prefix="markdna-") as folder:  # Compiles the loops.
        few = SignatureShelf.packed(LENGTH, signature_planes(0, 5000), np.arange(5000, dtype=np.int64))
        save(Path(folder) / "few.index", Layer(few.kit_ids.astype(np.int64), (few,), ()), fingerprint(5000))
    planes = signature_planes(0, kits)
    numbers = np.arange(kits, dtype=np.int64)
    started = time.process_time()
    shelf = SignatureShelf.packed(LENGTH, planes, numbers)
    built = time.process_time() - started
    del planes
    started = time.perf_counter()
    save(file, Layer(numbers, (shelf,), ()), fingerprint(kits, version))
    saved = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    places = len(shelf.seeds.places) if shelf.seeds else 0
    return RegisterFile(kits, built, saved, memory, file.stat().st_size, places)


def bytes_by_part(file: Path, expected: Fingerprint) -> dict[str, int]:
    """Bytes of an index file's parts: signatures, kit numbers (once where a shelf holds all kits), seeds."""
    layer = load(file, expected)
    parts = {"signatures": 0, "kit numbers": layer.kit_ids.nbytes, "seeds": 0}
    for shelf in layer.signatures:
        parts["signatures"] += shelf.planes.nbytes
        if not np.shares_memory(shelf.kit_ids, layer.kit_ids):
            parts["kit numbers"] += shelf.kit_ids.nbytes
        parts["seeds"] += shelf.seeds.nbytes if shelf.seeds else 0
    return parts


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.identification_register_file", description=__doc__)
    parser.add_argument("--kits", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--version", type=int, default=0, help="digest that the file carries")
    options = parser.parse_args()
    print(json.dumps(asdict(build(options.kits, options.file, options.version))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
