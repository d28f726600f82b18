"""Text search as a peer of the code search: rapidfuzz, SQLite's FTS5 with trigrams, PostgreSQL's pg_trgm."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import distance, process

from benchmarks.identification_peer_folder import PeerFolder
from benchmarks.identification_postgres import cpu_seconds, server, server_version
from registry.identification.glyphs import decode_glyphs

__all__ = ["CODE_PEERS", "CodePeer", "Finder"]

CHUNK = 1_000_000


@dataclass(frozen=True)
class Finder:
    """A peer with its index: ``find`` names the kit of a text, ``seconds`` tells the CPU time it has used."""

    find: Callable[[str], int | None]
    seconds: Callable[[], float]
    bytes_per_kit: float
    built: str


@dataclass(frozen=True)
class CodePeer:
    """A peer's name, how it is opened on a register, and how many texts of a class it is asked."""

    name: str
    opened: Callable[[NDArray[np.uint8], PeerFolder], AbstractContextManager[Finder]]
    texts: int


@contextmanager
def rapidfuzz_list(glyphs: NDArray[np.uint8], _kept: PeerFolder) -> Iterator[Finder]:
    """Every code compared by Levenshtein distance; the list stands in memory."""
    codes = [code for part in code_texts(glyphs) for code in part]

    def find(text: str) -> int | None:
        found = process.extractOne(text, codes, scorer=distance.Levenshtein.distance, score_cutoff=3)
        return int(found[2]) if found else None

    # A Python string of nine ASCII characters takes 58 bytes, rounded up to 64, and 8 in the list.
    yield Finder(find, time.process_time, 72.0, "no index: a list in memory")


@contextmanager
def fts5(glyphs: NDArray[np.uint8], kept: PeerFolder) -> Iterator[Finder]:
    """Full text of trigrams, ranked by bm25; the table holds no text but its index."""

    def build(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "codes.sqlite")) as database:
            database.execute("pragma journal_mode = off")
            database.execute("pragma synchronous = off")
            database.execute("create virtual table codes using fts5(code, tokenize='trigram')")
            kit = 0
            for part in code_texts(glyphs):
                rows = enumerate(part, kit)
                database.executemany("insert into codes(rowid, code) values (?, ?)", rows)
                kit += len(part)
            database.commit()

    built = kept.built("fts5", sqlite3.sqlite_version, build)
    file = built.folder / "codes.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("pragma mmap_size = 8000000000")

        def find(text: str) -> int | None:
            wanted = " OR ".join(f'"{trigram}"' for trigram in _trigrams(text))
            if not wanted:
                return None
            query = "select rowid from codes where codes match ? order by bm25(codes) limit 1"
            row = database.execute(query, (wanted,)).fetchone()
            return None if row is None else int(row[0])

        yield Finder(find, time.process_time, file.stat().st_size / len(glyphs), f"built in {built.wall_seconds:.0f} s")


@contextmanager
def pg_trgm(glyphs: NDArray[np.uint8], kept: PeerFolder) -> Iterator[Finder]:
    """Trigrams in a GIN index, candidates by ``%`` at its default threshold of 0.3, ranked by similarity."""

    def build(folder: Path) -> None:
        with server(folder / "data") as connection:
            connection.execute("create extension pg_trgm")
            connection.execute("create unlogged table codes (kit int, code text)")
            with connection.cursor().copy("copy codes from stdin") as rows:
                kit = 0
                for part in code_texts(glyphs):
                    rows.write("".join(f"{number}\t{code}\n" for number, code in enumerate(part, kit)))
                    kit += len(part)
            connection.execute("create index by_trigram on codes using gin (code gin_trgm_ops)")
            connection.execute("vacuum analyze codes")

    built = kept.built("pg_trgm", server_version(), build)
    with server(built.folder / "data") as connection:
        row = connection.execute("select pg_relation_size('by_trigram') + pg_table_size('codes')").fetchone()
        size = float(str(row[0])) if row else 0.0

        def find(text: str) -> int | None:
            query = "select kit from codes where code %% %s order by similarity(code, %s) desc limit 1"
            found = connection.execute(query, (text, text)).fetchone()
            return None if found is None else int(str(found[0]))

        wall = f"built in {built.wall_seconds:.0f} s"
        yield Finder(find, lambda: cpu_seconds(connection), size / len(glyphs), wall)


def code_texts(glyphs: NDArray[np.uint8]) -> Iterator[list[str]]:
    """The codes as texts, some at a time."""
    length = glyphs.shape[1]
    for first in range(0, len(glyphs), CHUNK):
        text = decode_glyphs(glyphs[first : first + CHUNK].ravel())
        yield [text[start : start + length] for start in range(0, len(text), length)]


def _trigrams(text: str) -> Iterable[str]:
    return (text[place : place + 3] for place in range(len(text) - 2) if "?" not in text[place : place + 3])


CODE_PEERS = (
    CodePeer("rapidfuzz extractOne", rapidfuzz_list, 4),
    CodePeer("SQLite FTS5 trigram", fts5, 100),
    CodePeer("PostgreSQL pg_trgm", pg_trgm, 100),
)
