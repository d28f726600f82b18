from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry.errors import NotFound, RefusedFile
from registry.models.accounts import Organisation, OrganisationKind
from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.models.suppliers import CodeFamily, Primer, Supplier
from registry.services import kit_deliveries, suppliers
from registry.services.actor import OPERATOR, Actor, Role
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source

DATA = Path(__file__).parent.parent / "data"
HEADER = ";".join(suppliers.COLUMNS)
GOOD = "Nordmark Forensik;[A-Z]{4}[0-9]{5};GTCATGCTAGGACTTCACGA;CAGTTGACCTAGCATGTCGT;612;010-000 01 00;a@b.example"


def source(*rows: str) -> Source:
    return Source.of_bytes("suppliers.csv", "\n".join((HEADER, *rows, "")).encode())


def refused(session, *rows):
    with pytest.raises(RefusedFile) as refusal:
        suppliers.import_file(session, OPERATOR, source(*rows))
    return [(row.line, row.column, row.reason) for row in refusal.value.values["rows"]]


def counts(session):
    return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Supplier, CodeFamily, Primer))


def test_the_sample_file_is_taken_once(either_database):
    file = Source.of_file(DATA / "suppliers.csv")
    with either_database.transaction() as session:
        result = suppliers.import_file(session, OPERATOR, file)
        assert (result.taken, result.already) == (3, 0)
    with either_database.transaction() as session:
        again = suppliers.import_file(session, OPERATOR, file)
        assert (again.taken, again.already, again.imported_before is not None) == (0, 3, True)
        assert counts(session) == (3, 3, 2)
        events = select(func.count()).where(AuditEvent.action == "suppliers:imported")
        assert session.scalar(events) == 1


def test_the_same_rows_in_another_file_change_nothing(session):
    suppliers.import_file(session, OPERATOR, source(GOOD))
    before = counts(session)
    result = suppliers.import_file(session, OPERATOR, source("", GOOD))
    assert (result.taken, result.already) == (0, 1)
    assert counts(session) == before


def test_a_second_family_of_a_supplier_is_added_to_it(session):
    suppliers.import_file(session, OPERATOR, source(GOOD))
    suppliers.import_file(session, OPERATOR, source(GOOD.replace("[A-Z]{4}[0-9]{5}", "NM[0-9]{7}")))
    assert counts(session) == (1, 2, 1)


def test_a_supplier_becomes_an_organisation_that_accounts_can_belong_to(session):
    suppliers.import_file(session, OPERATOR, source(GOOD))
    assert session.scalar(select(Organisation.kind)) is OrganisationKind.SUPPLIER


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("Nordmark Forensik", "", "supplier"),
        ("[A-Z]{4}[0-9]{5}", "", "code_pattern"),
        ("[A-Z]{4}[0-9]{5}", "(a+)+$", "code_pattern"),
        ("[A-Z]{4}[0-9]{5}", "[Z-A]", "code_pattern"),
        ("GTCATGCTAGGACTTCACGA", "", "forward_primer"),
        ("CAGTTGACCTAGCATGTCGT", "CAGTNNN", "reverse_primer"),
        ("612", "61", "emission_nm"),
        ("612", "rött", "emission_nm"),
        ("010-000 01 00", "", "phone"),
        ("a@b.example", "a b", "email"),
    ],
)
def test_a_bad_cell_is_told_with_line_and_column_and_nothing_is_taken(session, old, new, column):
    found = refused(session, GOOD.replace(old, new))
    assert [(line, name) for line, name, _ in found] == [(2, column)]
    assert counts(session) == (0, 0, 0)


def test_a_row_that_contradicts_the_register_is_refused(session):
    suppliers.import_file(session, OPERATOR, source(GOOD))
    assert refused(session, GOOD.replace("612", "545")) == [(2, "supplier", Reason.DIFFERS_FROM_REGISTER)]


def test_rows_of_one_supplier_must_agree_and_not_repeat_each_other(session):
    other = GOOD.replace("612", "545")
    assert refused(session, GOOD, GOOD, other) == [
        (3, "", Reason.REPEATED_IN_FILE),
        (4, "supplier", Reason.REPEATED_WITH_OTHER_CONTENT),
    ]


def test_the_name_of_a_municipality_is_no_supplier(session, people):
    with people.database.transaction() as other:
        from registry.services import accounts

        accounts.organisation_named(other, OPERATOR, "Exempelby kommun", OrganisationKind.MUNICIPALITY)
    found = refused(session, GOOD.replace("Nordmark Forensik", "Exempelby kommun"))
    assert found == [(2, "supplier", Reason.NAME_IN_USE)]


def delivered(session):
    suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
    kit_deliveries.import_file(session, OPERATOR, Source.of_file(DATA / "kits.csv"))


def test_a_supplier_sees_its_own_deliveries_and_nobody_elses(session):
    delivered(session)
    nordmark = session.scalar(select(Supplier.organisation_id).where(Supplier.name == "Nordmark Forensik"))
    stranger = Actor("account:1", 1, roles=frozenset({(Role.SUPPLIER, nordmark)}))
    assert {line.supplier for line in suppliers.batches(session, stranger)} == {"Nordmark Forensik"}
    assert [line.name for line in suppliers.every(session, stranger)] == ["Nordmark Forensik"]
    administrator = Actor("account:2", 2, roles=frozenset({(Role.ADMINISTRATOR, None)}))
    assert {line.supplier for line in suppliers.batches(session, administrator)} > {"Nordmark Forensik"}
    assert len(suppliers.every(session, administrator)) == 3


def test_a_revoked_delivery_stops_its_kits_and_takes_no_more(session):
    delivered(session)
    line = suppliers.revoke_batch(session, OPERATOR, "Nordmark Forensik", "NF26-001")
    assert line.revoked == line.delivered > 0
    stopped = session.scalar(select(func.count()).where(Kit.revoked_at.is_not(None)))
    assert stopped == line.delivered
    with pytest.raises(NotFound):
        suppliers.revoke_batch(session, OPERATOR, "Nordmark Forensik", "NF26-001")
    more = (DATA / "kits.csv").read_text(encoding="utf-8").splitlines()
    row = more[1].replace(more[1].split(";")[2], "QQQQ12345")
    with pytest.raises(RefusedFile) as refusal:
        kit_deliveries.import_file(session, OPERATOR, Source.of_bytes("more.csv", f"{more[0]}\n{row}\n".encode()))
    assert Reason.BATCH_REVOKED in {remark.reason for remark in refusal.value.values["rows"]}
