"""A delivery on its way into the register: checked rows in a private temporary database on disk.

It keeps memory flat however long the file is, finds rows that repeat each other by sorting instead of remembering,
and keeps the register's own write lock short, because everything is checked before it is taken.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

__all__ = ["StagedKit", "Staging"]

_CHUNK = 500
_TABLE = """
CREATE TABLE staged (
    line INTEGER PRIMARY KEY, supplier_id INTEGER, batch TEXT, code TEXT, pin_hash BLOB, signature TEXT,
    emission_nm INTEGER, best_before TEXT, marks INTEGER, known INTEGER DEFAULT 0
)
"""
_COLUMNS = "line, supplier_id, batch, code, pin_hash, signature, emission_nm, best_before, marks"


@dataclass(frozen=True, slots=True)
class StagedKit:
    """A kit of the file, checked by itself; ``best_before`` is ISO text or None."""

    line: int
    supplier_id: int
    batch: str
    code: str
    pin_hash: bytes
    signature: str
    emission_nm: int | None
    best_before: str | None
    marks: int


class Staging:
    """The rows of one file.

    An empty name makes SQLite keep the database in a file that no other program can open and that disappears with it.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "PRAGMA cache_size=-65536",
            _TABLE,
        ):
            self._database.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._database.close()

    def add(self, kits: Iterable[StagedKit]) -> None:
        """Take the rows, one after another."""
        self._database.execute("BEGIN")
        self._database.executemany(
            f"INSERT INTO staged ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
            (
                (k.line, k.supplier_id, k.batch, k.code, k.pin_hash, k.signature, k.emission_nm, k.best_before, k.marks)
                for k in kits
            ),
        )
        self._database.execute("COMMIT")

    def repeated(self, column: str) -> Iterator[tuple[int, str, int]]:
        """Line, value and first line of each row that repeats an earlier row's ``column`` (code or signature)."""
        self._database.execute(f"CREATE INDEX IF NOT EXISTS staged_{column} ON staged ({column})")
        yield from self._database.execute(
            f"SELECT later.line, later.{column}, first.line FROM ("  # noqa: S608 - our own names
            f" SELECT {column}, min(line) AS line FROM staged WHERE {column} <> ''"
            f" GROUP BY {column} HAVING count(*) > 1"
            f") AS first JOIN staged AS later ON later.{column} = first.{column} AND later.line > first.line"
            " ORDER BY later.line"
        )

    def chunks(self) -> Iterator[list[StagedKit]]:
        """All rows in the order of the file, a few hundred at a time."""
        cursor = self._database.execute(f"SELECT {_COLUMNS} FROM staged ORDER BY line")  # noqa: S608 - our own names
        while rows := cursor.fetchmany(_CHUNK):
            yield [StagedKit(*row) for row in rows]

    def mark_known(self, lines: Iterable[int]) -> None:
        """These rows are in the register already."""
        self._database.executemany("UPDATE staged SET known = 1 WHERE line = ?", ((line,) for line in lines))

    def new_kits(self) -> Iterator[StagedKit]:
        """Rows that are not in the register yet, in the order of the file."""
        for row in self._database.execute(
            f"SELECT {_COLUMNS} FROM staged WHERE known = 0 ORDER BY line"  # noqa: S608 - our own names
        ):
            yield StagedKit(*row)

    def new_marks(self) -> Iterator[list[tuple[int, int, str, str, str]]]:
        """Line, supplier, batch, code and signature of the new rows as they stand, a few hundred at a time."""
        cursor = self._database.execute(
            "SELECT line, supplier_id, batch, code, signature FROM staged WHERE known = 0 ORDER BY line"
        )
        while rows := cursor.fetchmany(_CHUNK):
            yield rows

    def values(self, column: str, lines: Iterable[int]) -> dict[int, str]:
        """The code or signature of some lines."""
        return {
            line: value
            for wanted in lines
            for line, value in self._database.execute(
                f"SELECT line, {column} FROM staged WHERE line = ?",  # noqa: S608 - our own names
                (wanted,),
            )
        }

    def new_batches(self) -> list[tuple[int, str, int, int]]:
        """Supplier, batch, number of new kits and first line of each, of each batch with new kits."""
        return list(
            self._database.execute(
                "SELECT supplier_id, batch, count(*), min(line) FROM staged WHERE known = 0"
                " GROUP BY supplier_id, batch ORDER BY min(line)"
            )
        )

    def count(self, *, known: bool | None = None) -> int:
        """How many rows there are, or how many of them are known or new."""
        where = "" if known is None else f" WHERE known = {int(known)}"
        (found,) = self._database.execute(f"SELECT count(*) FROM staged{where}").fetchone()  # noqa: S608 - our own words
        return int(found)
