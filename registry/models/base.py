"""What all tables share: names of constraints, moments in UTC, words from a fixed list."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

__all__ = ["Base", "BigKey", "Moment", "words_of"]

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only in a column of type INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused, since nobody can say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as the database keeps it; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a moment without time zone: {value!r}"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment, aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of the tables; constraints are named so that migrations can drop them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment(), int: BigInteger()}  # noqa: RUF012 - SQLAlchemy reads this class attribute


def words_of(words: type[StrEnum], name: str) -> Enum:
    """A column type for one of ``words``, kept as text with a named check constraint."""
    longest: Any = max(len(word.value) for word in words)
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=longest,
        values_callable=lambda members: [member.value for member in members],
    )
