from datetime import UTC, date, datetime
from typing import cast

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError

from registry.models.accounts import Organisation, OrganisationKind
from registry.models.suppliers import Batch, Supplier
from registry.models.thefts import TheftReport
from registry.services.tables.bulk import bulk_insert

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def supplier(session):
    row = Supplier(name="Nordmark", phone="1", email="a@b.example", created_at=NOON)
    session.add(row)
    session.flush()
    return row.id


def test_values_come_back_as_they_were_put_in(either_database):
    columns = ("police_number", "reference", "source", "occurred_on", "value", "reported_at", "goods")
    text = 'å\t"x"\\N\n;ö'
    rows = [(f"K{n}", f"{n}", "list", date(2026, 1, 1) if n else None, n or None, NOON, text) for n in range(3)]
    filled = ("place", "account", "maker", "model", "serial_folded", "colour")
    with either_database.transaction() as session:
        everything = [(*row, *[""] * len(filled)) for row in rows]
        bulk_insert(session, cast("Table", TheftReport.__table__), (*columns, *filled), iter(everything))
    with either_database.transaction() as session:
        found = session.execute(
            select(*[getattr(TheftReport, name) for name in columns]).order_by(TheftReport.reference)
        ).all()
    assert [tuple(row) for row in found] == rows


def test_words_from_a_list_are_stored_as_their_text(either_database):
    with either_database.transaction() as session:
        table = cast("Table", Organisation.__table__)
        row = ("Polisen", OrganisationKind.POLICE, NOON, "", "")
        bulk_insert(session, table, ("name", "kind", "created_at", "phone", "email"), [row])
        assert session.scalar(select(Organisation.kind)) is OrganisationKind.POLICE


def test_a_row_that_a_constraint_refuses_takes_all_rows_with_it(either_database):
    def load():
        with either_database.transaction() as session:
            number = supplier(session)
            rows = [(number, "A", NOON), (number, "B", NOON), (number, "A", NOON)]
            bulk_insert(session, cast("Table", Batch.__table__), ("supplier_id", "number", "imported_at"), rows)

    with pytest.raises(IntegrityError):
        load()
    with either_database.transaction() as session:
        assert session.scalars(select(Batch.id)).all() == []
