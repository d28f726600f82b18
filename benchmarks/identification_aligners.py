"""Aligners and search tools as peers of the signature search: how each indexes a register and searches reads.

Each runs at settings tuned for noisy 64-mers (defaults answer faster and find 3 to 40 % of reads at 15 % error), with
one thread. ``python -m benchmarks.identification_aligners --kits N --peer-folder DIR`` builds their indices ahead.
"""

import re
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from pathlib import Path

from benchmarks.identification_peer_folder import Built, PeerFolder
from benchmarks.identification_registers import register_digest, signature_texts

__all__ = ["ALIGNERS", "Aligner", "program_versions", "reference"]

BUILD_TIMEOUT, SEARCH_TIMEOUT = 3 * 3600, 1800


class Aligner(ABC):
    """One peer. ``build`` writes an index to its folder, ``search`` names the best kit of each read of a FASTA file."""

    program: str
    settings: str
    index_files: tuple[str, ...]

    @property
    def name(self) -> str:
        """Program and settings."""
        return f"{self.program} {self.settings}"

    @property
    def version(self) -> str | None:
        """What the program says of itself; None when it is not installed."""
        return version_of(self.program)

    def index(self, kept: PeerFolder) -> Built:
        """Its index of the register, built when there is none."""
        fasta = kept.path / "kits.fa"
        return kept.built(self.program, self.version or "", lambda folder: self.build(fasta, folder))

    def index_bytes(self, folder: Path) -> int:
        """Bytes of the files that a search needs."""
        return sum(file.stat().st_size for glob in self.index_files for file in folder.glob(glob) if file.is_file())

    @abstractmethod
    def build(self, fasta: Path, folder: Path) -> None:
        """Index the signatures of a FASTA file."""

    @abstractmethod
    def search(self, reads: Path, folder: Path) -> dict[str, int]:
        """The best kit by the name of the read; ``reads`` is a FASTA file."""


class Bwa(Aligner):
    """Burrows-Wheeler Aligner, Li 2013, arXiv:1303.3997."""

    program = "bwa"
    settings = "mem -k 10 -T 12 -A 1 -B 1 -O 1 -E 1"
    index_files = ("kits.*",)

    def build(self, fasta: Path, folder: Path) -> None:
        _run(["bwa", "index", "-b", "50000000", "-p", "kits", str(fasta)], folder, BUILD_TIMEOUT)

    def search(self, reads: Path, folder: Path) -> dict[str, int]:
        return _sam(_run(["bwa", *self.settings.split(), "-t", "1", "-v", "1", "kits", str(reads)], folder))


class Bowtie2(Aligner):
    """Bowtie 2, Langmead and Salzberg 2012, Nature Methods 9:357."""

    program = "bowtie2"
    settings = "-D 60 -R 4 -N 0 -L 12 -i S,1,0.50 --score-min L,0,-1.0"
    index_files = ("kits.*",)

    def build(self, fasta: Path, folder: Path) -> None:
        _run(["bowtie2-build", "-q", "--threads", "1", str(fasta), "kits"], folder, BUILD_TIMEOUT)

    def search(self, reads: Path, folder: Path) -> dict[str, int]:
        command = ["bowtie2", *self.settings.split(), "-p", "1", "--no-unal", "-f", "-x", "kits", "-U", str(reads)]
        return _sam(_run(command, folder))


class Vsearch(Aligner):
    """VSEARCH, Rognes et al. 2016, PeerJ 4:e2584."""

    program = "vsearch"
    settings = "--usearch_global --id 0.7 --strand both"
    index_files = ("kits.udb",)

    def build(self, fasta: Path, folder: Path) -> None:
        _run(["vsearch", "--makeudb_usearch", str(fasta), "--output", "kits.udb", "--quiet"], folder, BUILD_TIMEOUT)

    def search(self, reads: Path, folder: Path) -> dict[str, int]:
        command = ["vsearch", "--usearch_global", str(reads), "--db", "kits.udb", "--id", "0.7", "--strand", "both"]
        return _table(_run([*command, "--threads", "1", "--quiet", "--blast6out", "/dev/stdout"], folder))


class Mmseqs(Aligner):
    """MMseqs2, Steinegger and Söding 2017, Nature Biotechnology 35:1026. It writes to ``reads.parent``."""

    program = "mmseqs"
    settings = "search --search-type 3 -k 10 --strand 2"
    index_files = ("target*",)

    def build(self, fasta: Path, folder: Path) -> None:
        _run(["mmseqs", "createdb", str(fasta), "target", "-v", "0"], folder, BUILD_TIMEOUT)
        options = ["--search-type", "3", "-k", "10", "--threads", "1", "-v", "0"]
        _run(["mmseqs", "createindex", "target", "scratch", *options], folder, BUILD_TIMEOUT)
        shutil.rmtree(folder / "scratch", ignore_errors=True)

    def search(self, reads: Path, folder: Path) -> dict[str, int]:
        for stale in [*reads.parent.glob("found*"), *reads.parent.glob("query*")]:
            stale.unlink()
        target, quiet = str(folder / "target"), ["-v", "0"]
        _run(["mmseqs", "createdb", str(reads), "query", *quiet], reads.parent)
        options = ["--search-type", "3", "-k", "10", "--strand", "2", "--threads", "1", *quiet]
        _run(["mmseqs", "search", "query", target, "found", "scratch", *options], reads.parent)
        options = ["--search-type", "3", "--threads", "1", *quiet]
        _run(["mmseqs", "convertalis", "query", target, "found", "found.m8", *options], reads.parent)
        return _table((reads.parent / "found.m8").read_text(encoding="ascii"))


ALIGNERS: tuple[Aligner, ...] = (Vsearch(), Mmseqs(), Bwa(), Bowtie2())
"""Those that are quickly built first."""


def reference(kept: PeerFolder, count: int) -> Path:
    """The register as a FASTA file, named by kit number; written once."""
    fasta = kept.path / "kits.fa"
    if not fasta.exists():
        kept.path.mkdir(parents=True, exist_ok=True)
        unfinished = fasta.with_suffix(".part")
        kit = 0
        with unfinished.open("w", encoding="ascii") as target:
            for texts in signature_texts(count):
                target.write("".join(f">{kit + row}\n{text}\n" for row, text in enumerate(texts)))
                kit += len(texts)
        unfinished.replace(fasta)
    return fasta


def version_of(program: str) -> str | None:
    """The line in which a program tells its version; None when it is not installed."""
    if shutil.which(program) is None:
        return None
    arguments = {"bwa": [], "mmseqs": ["version"]}.get(program, ["--version"])
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    patterns = (r"vsearch v([\d.]+)", r"(?i:version):? (\S+)", r"(\S*\d\S*)")
    found = [match[1] for pattern in patterns if (match := re.search(pattern, told))]
    return found[0] if found else "unknown"


def program_versions() -> dict[str, str]:
    """The versions of all aligners, or ``missing``."""
    return {aligner.program: aligner.version or "missing" for aligner in ALIGNERS}


def _run(command: list[str], folder: Path, timeout: float = SEARCH_TIMEOUT) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=timeout).stdout


def _sam(text: str) -> dict[str, int]:
    answers: dict[str, int] = {}
    for line in text.splitlines():
        if not line.startswith("@"):
            fields = line.split("\t", 3)
            if fields[2] != "*":
                answers.setdefault(fields[0], int(fields[2]))
    return answers


def _table(text: str) -> dict[str, int]:
    answers: dict[str, int] = {}
    for line in text.splitlines():
        query, target = line.split("\t", 2)[:2]
        answers.setdefault(query, int(target))
    return answers


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.identification_aligners", description=__doc__)
    parser.add_argument("--kits", type=int, default=10_000_000)
    parser.add_argument("--peer-folder", type=Path, required=True)
    options = parser.parse_args()
    kept = PeerFolder(options.peer_folder, register_digest(options.kits))
    reference(kept, options.kits)
    for aligner in ALIGNERS:
        if aligner.version is None:
            print(f"{aligner.program}: missing")
            continue
        built = aligner.index(kept)
        size = aligner.index_bytes(built.folder) / options.kits
        how = "kept" if built.kept else "built"
        print(f"{aligner.name}: {how}, {built.cpu_seconds:.0f} s CPU, {size:.0f} B a kit", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
