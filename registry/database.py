"""Connections to the database, SQLite or PostgreSQL, with the safety that each needs.

SQLite runs in WAL with ``synchronous=FULL``: in simulated power cuts WAL with NORMAL lost acknowledged commits, FULL
lost none. A transaction that may write opens with BEGIN IMMEDIATE, since a deferred one that turns into a writer is
refused at once ("database is locked") when another wrote meanwhile.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["Database", "is_out_of_reach"]

_BUSY_SECONDS = 15
_CONNECT_SECONDS = 5
_ACCESS = "markdna_access"


class Database:
    """An engine and its sessions; ``context`` is what services find in ``session.info``."""

    def __init__(self, url: str, context: dict[str, Any] | None = None) -> None:
        self.url = url
        self.context: dict[str, Any] = context or {}
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        # A page, or a check of the whole log, sees one state of the register from its first query to its last.
        snapshot = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self.engine.execution_options(**{_ACCESS: "reads"}, **snapshot)
        self._writing = self.engine.execution_options(**{_ACCESS: "writes"})
        self._sessions = sessionmaker(expire_on_commit=False, info=self.context)

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, False for PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    def open(self, *, reads_only: bool = False) -> Session:
        """A session whose transaction the caller ends; it begins at the first query.

        With ``reads_only`` it runs beside a writer, and the database refuses whatever it would change.
        """
        return self._sessions(bind=self._reading if reads_only else self._writing)

    @contextmanager
    def transaction(self, *, reads_only: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with self.open(reads_only=reads_only) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def is_out_of_reach(fault: BaseException) -> bool:
    """Whether a fault says that the database does not answer now (locked, gone, full), not that we erred."""
    return isinstance(fault, OperationalError | PoolTimeout)


def _postgresql(url: str) -> Engine:
    # As on SQLite nobody waits for a lock for ever, and faults do not quote the values of a statement.
    patience = f"-c lock_timeout={_BUSY_SECONDS * 1000}"
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": patience},
    )


def _sqlite(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and path != ":memory:":
        _make_private(Path(path))
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not open transactions of its own: _begin does it, knowing whether a write is coming.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        access = connection.get_execution_options().get(_ACCESS)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if access == 'reads' else 'OFF'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if access == "writes" else "BEGIN")

    return engine


def _make_private(path: Path) -> None:
    """Create the database's file for its user alone; SQLite gives the log beside it the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
