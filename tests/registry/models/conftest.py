"""A small world with one row in every table, on SQLite and on PostgreSQL, in which rows are tried and taken back."""

import shutil
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Enum,
    Executable,
    Float,
    LargeBinary,
    String,
    Table,
    create_engine,
)
from sqlalchemy.exc import DBAPIError

from registry.database import Database
from registry.models import Base
from registry.models.base import Moment

Row = dict[str, Any]

# What the types alone cannot know: values that a check constraint of the table asks for.
OWN_VALUES: Mapping[str, Row] = {
    "sticker": {"status": "issued", "cancelled_at": None, "cancel_reason": None},
    "audit_head": {"id": 1},
    "account": {"language": "sv"},
    "attachment": {"station_id": None, "message_key": None},
    "candidate": {"grade": 4, "posterior": 0.99},
    "kit": {"signature": None, "owner_id": None, "activated_at": None},
    "observation": {"kind": "uv", "glow": True},
    "owner": {"kind": "person", "organisation_id": None},
    "ownership_period": {"ends_at": None},
    "sample": {"station_id": None},
    "uv_note": {
        "station_id": None,
        "corrects_id": None,
        "withdrawn": False,
        "data_key_id": None,
        "photo_sealed": None,
        "thumbnail_sealed": None,
    },
    "supplier": {"emission_nm": 612},
    "reading": {"made_by_id": None},
    "reveal": {"tag_mark_id": None},
    "tag_candidate": {"grade": 4, "posterior": 0.99},
    "tag_mark": {"removed_at": None},
    "theft_report": {"withdrawn_at": None},
}
DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def value_of(column: Column[Any], number: int) -> object:
    """A value that fits the column, and that no row with another number has where values can differ."""
    kind = column.type
    counted = column.primary_key and column.table.name != "audit_head" and not isinstance(kind, LargeBinary)
    if column.foreign_keys or counted:
        return number
    if isinstance(kind, Enum):
        return kind.enums[0]
    if isinstance(kind, String):
        return f"{column.name[:2]}{number:0{min((kind.length or 4) - 2, 8)}}"
    if isinstance(kind, LargeBinary):
        return number.to_bytes(32)
    fixed: tuple[tuple[type, object], ...] = (
        (Moment, NOON),
        (Date, DAY),
        (JSON, {"number": number}),
        (Boolean, True),
        (Float, float(number)),
    )
    return next((value for python_type, value in fixed if isinstance(kind, python_type)), number)


def row_of(table: Table, number: int) -> Row:
    """A right row; the rows that it refers to have the same number."""
    row = {column.name: value_of(column, number) for column in table.columns} | OWN_VALUES.get(table.name, {})
    if table.name == "kit":
        row["signature"] = f"{number:020b}".replace("0", "A").replace("1", "C")
    if table.name == "tag_mark":
        row["number"] = f"{number:010X}"
    if table.name == "location":
        row["parent_id"] = None
    return row


def ancestors_of(table: Table) -> set[Table]:
    """The tables that a row of ``table`` refers to, directly or through others."""
    found: set[Table] = set()
    waiting = [table]
    while waiting:
        for key in waiting.pop().foreign_keys:
            if key.column.table not in {*found, table}:
                found.add(key.column.table)
                waiting.append(key.column.table)
    return found


class World:
    """A connection to a database in which row 1 of every table stands, and on which further rows are tried."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._put(1, set(Base.metadata.tables.values()))

    def _put(self, number: int, tables: set[Table]) -> None:
        for table in Base.metadata.sorted_tables:
            # The head of the log stands there from the beginning.
            if table in tables and table.name != "audit_head":
                self.connection.execute(table.insert().values(row_of(table, number)))

    def refusal(self, table: Table, *rows: Row) -> str:
        """Put ``rows`` in beside row 1 and take them back; what the database said to it, or nothing.

        What rows 2 and 3 of the table refer to is there.
        """
        attempt = self.connection.begin_nested()
        self._put(2, ancestors_of(table))
        self._put(3, ancestors_of(table))
        try:
            for row in rows:
                self.connection.execute(table.insert().values(row))
        except DBAPIError as fault:
            diagnosis = getattr(fault.orig, "diag", None)
            named = [diagnosis.constraint_name, diagnosis.column_name] if diagnosis else []
            return " ".join([str(fault.orig), *filter(None, named)])
        finally:
            attempt.rollback()
        return ""

    def refusal_of(self, *statements: Executable) -> str:
        """What the database says to statements that are tried and taken back."""
        attempt = self.connection.begin_nested()
        try:
            for statement in statements:
                self.connection.execute(statement)
        except DBAPIError as fault:
            return str(fault.orig)
        finally:
            attempt.rollback()
        return ""


@pytest.fixture(scope="module")
def world_on_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = tmp_path_factory.mktemp("world") / "register.db"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        yield World(connection)
        connection.rollback()
    database.close()


@pytest.fixture(scope="module")
def world_on_postgresql(postgresql_server: str) -> Iterator[World]:
    name = f"world_{uuid.uuid4().hex}"
    administration = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template_register")
    database = Database(postgresql_server.replace("/postgres?", f"/{name}?"))
    with database.engine.connect() as connection:
        yield World(connection)
        connection.rollback()
    database.close()
    with administration.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    administration.dispose()


@pytest.fixture(
    scope="module",
    params=["world_on_sqlite", pytest.param("world_on_postgresql", marks=pytest.mark.postgresql)],
)
def world(request: pytest.FixtureRequest) -> World:
    """The test runs twice: on SQLite and on PostgreSQL."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session", name="row_of")
def row_of_fixture() -> Any:
    """``row_of(table, number)`` for the test files of this folder."""
    return row_of
