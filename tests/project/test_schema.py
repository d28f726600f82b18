from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from registry import migrations
from registry.database import Database
from registry.models import Base


def test_migrations_build_exactly_the_tables_of_the_models(either_database: Database) -> None:
    with either_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_to_nothing_and_up_again(either_database: Database) -> None:
    engine = either_database.engine
    before = sorted(inspect(engine).get_table_names())
    migrations.downgrade(engine, "base")
    assert sorted(inspect(engine).get_table_names()) == ["alembic_version"]
    migrations.upgrade(engine)
    assert sorted(inspect(engine).get_table_names()) == before
    assert migrations.current_revision(engine) == migrations.head_revision()


def test_every_constraint_has_a_name() -> None:
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


def test_columns_that_hold_moments_end_in_at() -> None:
    from registry.models.base import Moment

    wrong = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Moment) and not column.name.endswith(("_at", "_until"))
    ]
    assert wrong == []
