from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry.errors import NotFound, RefusedFile
from registry.identification.checks import Check
from registry.models.accounts import Organisation, OrganisationKind
from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.models.suppliers import CodeCheck, CodeFamily, Primer, Supplier
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


CHECKED = f"{HEADER};code_check"
DIGITS = "Kontrollmärkt AB;[0-9]{11};;;;010-000 04 00;a@kontroll.example"


def checked_source(*rows: str) -> Source:
    return Source.of_bytes("suppliers.csv", "\n".join((CHECKED, *rows, "")).encode())


def kits(*codes: str) -> Source:
    header = ";".join(kit_deliveries.COLUMNS)
    rows = (f"Kontrollmärkt AB;KM-1;{code};1234;;;;50" for code in codes)
    return Source.of_bytes("kits.csv", "\n".join((header, *rows, "")).encode())


def checks(session):
    return {
        (line.name, family.pattern): family.check
        for line in suppliers.every(session, OPERATOR)
        for family in line.families
    }


def test_the_words_of_checks_are_those_of_the_engine():
    assert {word.name: word.value for word in CodeCheck} == {word.name: word.value for word in Check}


def test_a_check_is_declared_once_and_a_file_that_leaves_it_open_changes_nothing(either_database):
    key = ("Kontrollmärkt AB", "[0-9]{11}")
    for rows, taken, expected in (
        (checked_source(f"{DIGITS};luhn"), 1, "luhn"),
        (source(DIGITS), 0, "luhn"),
        (checked_source(f"{DIGITS};", "", f"{DIGITS};luhn"), 0, "luhn"),
        (checked_source(f"{DIGITS};none"), 1, "none"),
    ):
        with either_database.transaction() as session:
            assert suppliers.import_file(session, OPERATOR, rows).taken == taken
        with either_database.transaction() as session:
            assert checks(session) == {key: expected}


def test_a_check_that_registered_codes_do_not_carry_is_refused_with_examples_and_nothing_is_changed(either_database):
    with either_database.transaction() as session:
        suppliers.import_file(session, OPERATOR, source(DIGITS))
        kit_deliveries.import_file(session, OPERATOR, kits("79927398713", "79927398714", "00000000001"))
    with pytest.raises(RefusedFile) as refusal, either_database.transaction() as session:
        suppliers.import_file(session, OPERATOR, checked_source(GOOD + ";", f"{DIGITS};luhn"))
    (remark,) = refusal.value.values["rows"]
    assert (remark.line, remark.column, remark.reason) == (3, "code_check", Reason.CHECK_CONTRADICTED)
    assert remark.values == {"count": 2, "examples": "79927398714, 00000000001"}
    with either_database.transaction() as session:
        assert checks(session) == {("Kontrollmärkt AB", "[0-9]{11}"): "none"}


def test_a_check_that_all_registered_codes_carry_is_taken_later(session):
    suppliers.import_file(session, OPERATOR, source(DIGITS))
    kit_deliveries.import_file(session, OPERATOR, kits("79927398713", "00000000000"))
    assert suppliers.import_file(session, OPERATOR, checked_source(f"{DIGITS};luhn")).taken == 1
    assert checks(session) == {("Kontrollmärkt AB", "[0-9]{11}"): "luhn"}


def test_a_code_of_another_family_of_the_supplier_does_not_contradict_a_check(session):
    suppliers.import_file(session, OPERATOR, source(DIGITS, DIGITS.replace("[0-9]{11}", "KM[0-9]{5}")))
    kit_deliveries.import_file(session, OPERATOR, kits("79927398713", "KM00001"))
    assert suppliers.import_file(session, OPERATOR, checked_source(f"{DIGITS};luhn")).taken == 1


@pytest.mark.parametrize("check", ["luhn ", "LUHN", "mod 10", "crc"])
def test_a_check_that_the_engine_does_not_know_is_refused_with_those_it_knows(session, check):
    with pytest.raises(RefusedFile) as refusal:
        suppliers.import_file(session, OPERATOR, checked_source(f"{DIGITS};{check}"))
    (remark,) = refusal.value.values["rows"]
    assert (remark.line, remark.column, remark.reason) == (2, "code_check", Reason.NOT_ALLOWED)
    assert remark.values["allowed"] == "none, vin, luhn, mod11-2, mod97-10, mod37-2, mod37-36, sticker"


def test_rows_that_give_one_family_two_checks_are_refused(session):
    with pytest.raises(RefusedFile) as refusal:
        suppliers.import_file(session, OPERATOR, checked_source(f"{DIGITS};luhn", f"{DIGITS};mod11-2"))
    found = [(row.line, row.column, row.reason) for row in refusal.value.values["rows"]]
    assert found == [(3, "code_check", Reason.REPEATED_WITH_OTHER_CONTENT)]
