import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry.errors import RefusedFile
from registry.models.audit import AuditEvent
from registry.models.equipment import Department, Equipment, Location
from registry.models.items import Category, Item
from registry.models.owners import Owner, OwnerKind, OwnershipPeriod
from registry.services import accounts
from registry.services.accounts import OrganisationKind
from registry.services.actor import OPERATOR
from registry.services.equipment_import import ImportWishes, import_file
from registry.services.import_reports import report_bytes
from registry.services.inventory_rows import HEADER
from registry.services.tables.encoding import Encoding
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parent.parent / "data" / "inventory-cp1252.csv"
ROW = "B-1;Motorsåg;Stihl;MS 261;X1;ja;Teknik;Förråd;Hylla 3;Åsa Öberg;2020-01-02;1 000,50;;Ny"


def municipality(session):
    return accounts.organisation_named(session, OPERATOR, "Exempelby kommun", OrganisationKind.MUNICIPALITY)


def inventory(*rows: str, encoding: str = "cp1252", header: str = ";".join(HEADER)) -> Source:
    return Source.of_bytes("inventory.csv", "\r\n".join((header, *rows, "")).encode(encoding))


def take(session, source, **wishes):
    return import_file(session, OPERATOR, source, municipality(session), ImportWishes(**wishes))


def test_an_export_is_taken_as_it_is_and_told_line_by_line(either_database):
    with either_database.transaction() as session:
        result = take(session, Source.of_file(SAMPLE))
    assert (result.rows, result.taken, result.refused) == (17, 15, 2)
    assert [(row.line, row.value, row.reason) for row in result.refusals] == [
        (15, "BGF-004123", Reason.REPEATED_WITH_OTHER_CONTENT),
        (17, "BGF-004315", Reason.REPEATED_WITH_OTHER_CONTENT),
    ]
    mended = {(row.column, row.value, row.taken) for row in result.mendings}
    assert mended >= {
        ("Serienummer", "-", ""),
        ("Serienummer", "saknas", ""),
        ("Inköpsdatum", "okänt", ""),
        ("Inköpsdatum", "23/11 2009", "2009-11-23"),
        ("Inköpspris", "20\u00a0083,00", "20083,00"),
        ("Anmärkning", "  ", ""),
        ("Anmärkning", "=SUMMA(1;2)", "=SUMMA(1;2)"),
        ("Inköpsdatum", "2096-11-28", "2096-11-28"),
    }
    with either_database.transaction() as session:
        saw = session.scalars(select(Equipment).where(Equipment.inventory_number == "BGF-004002")).one()
        item = session.get_one(Item, saw.item_id)
        room = session.get_one(Location, saw.location_id)
        assert (item.name, item.category, item.maker, item.value_sek) == ("Motorsåg", Category.TOOL, "Husqvarna", 62503)
        assert (saw.note, saw.price_ore) == ("Trasig\nväntar på service", 6250290)
        assert (saw.purchased_on, saw.custodian) == (date(2021, 7, 3), "Björn Ängström")
        assert (room.name, session.get_one(Location, room.parent_id).name) == ("Rum 214", "Strömkullegymnasiet")
        owner = session.get_one(Owner, item.owner_id)
        assert (owner.kind, owner.organisation_id) == (OwnerKind.ORGANISATION, saw.organisation_id)
        assert session.scalar(select(func.count()).select_from(OwnershipPeriod)) == 15
        assert session.scalar(select(func.count()).select_from(Department)) == 5


def test_a_second_run_changes_nothing(either_database):
    for expected in (15, 0):
        with either_database.transaction() as session:
            assert take(session, Source.of_file(SAMPLE)).taken == expected
    with either_database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 15
        assert session.scalar(select(func.count()).where(AuditEvent.action == "equipment:imported")) == 1


def test_the_log_and_what_is_remembered_name_no_person(session):
    take(session, Source.of_file(SAMPLE))
    events = session.scalars(select(AuditEvent.details)).all()
    from registry.models.imports import ImportedFile

    reports = session.scalars(select(ImportedFile.report)).all()
    told = json.dumps([*events, *reports], ensure_ascii=False)
    assert "Ängström" not in told
    assert "BGF-" not in told


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("B-1;", ";", "Inventarienummer", Reason.NEEDED),
        ("B-1;", "saknas;", "Inventarienummer", Reason.NEEDED),
        ("Motorsåg", " ", "Benämning", Reason.NEEDED),
        ("Motorsåg", "M" * 121, "Benämning", Reason.TOO_LONG),
        ("2020-01-02", "31/2 2020", "Inköpsdatum", Reason.NOT_A_DATE),
        ("1 000,50", "dyrt", "Inköpspris", Reason.NOT_AN_AMOUNT),
        ("Åsa Öberg", "Åsa\x07", "Ansvarig", Reason.CONTROL_CHARACTER),
        ("Hylla 3;", "", "", Reason.CELL_COUNT),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_and_the_others_taken(session, old, new, column, reason):
    result = take(session, inventory(ROW.replace("B-1", "B-0"), ROW.replace(old, new)))
    assert [(row.line, row.column, row.reason) for row in result.refusals] == [(3, column, reason)]
    assert (result.taken, result.refused) == (1, 1)


def test_strict_refuses_the_whole_file_for_one_row(session):
    with pytest.raises(RefusedFile):
        take(session, inventory(ROW, ROW.replace("X1", "X2")), strict=True)
    assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_the_same_row_twice_is_taken_once(session):
    result = take(session, inventory(ROW, ROW))
    assert (result.taken, result.already, result.refused) == (1, 1, 0)
    assert result.mendings[-1].reason is Reason.SAME_ROW_AGAIN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_encoding_of_an_export_gives_the_same_things(session, encoding):
    take(session, inventory(ROW, encoding=encoding))
    assert session.scalar(select(Item.name)) == "Motorsåg"


def test_a_wrong_encoding_that_is_insisted_on_refuses_the_file(session):
    with pytest.raises(RefusedFile):
        take(session, inventory(ROW), encoding=Encoding.UTF8)


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"Inventarienummer;Ben\xe4mning\n1;Ben\0\n"])
def test_a_file_that_is_no_inventory_is_refused_whole(session, content):
    with pytest.raises(RefusedFile):
        take(session, Source.of_bytes("x.csv", content))


def test_columns_nobody_knows_are_left_out_and_told(session):
    result = take(session, inventory("B-1;Såg;7", header="Inventarienummer;Benämning;Vikt"))
    assert result.taken == 1
    assert [(row.value, row.reason) for row in result.mendings] == [("Vikt", Reason.COLUMN_LEFT_OUT)]


def test_other_content_in_the_register_is_kept_unless_the_file_may_change_it(session):
    take(session, inventory(ROW))
    newer = inventory(ROW.replace("Hylla 3", "Hylla 4").replace("Ny", ""))
    refused = take(session, newer)
    assert [row.reason for row in refused.refusals] == [Reason.DIFFERS_FROM_REGISTER]
    assert refused.refusals[0].values["columns"] == "room, note"
    changed = take(session, newer, update=True)
    assert (changed.changed, changed.refused) == (1, 0)
    shelf = select(Location.name).join(Equipment, Equipment.location_id == Location.id)
    assert session.scalar(shelf) == "Hylla 4"
    assert take(session, newer).already == 1


def test_the_report_is_safe_in_a_spreadsheet_and_whole_as_json(session):
    result = take(session, Source.of_file(SAMPLE))
    table = report_bytes(result, str, as_json=False).decode("utf-8-sig")
    assert '"\'=SUMMA(1;2)"' in table
    report = json.loads(report_bytes(result, str, as_json=True))
    assert (report["taken"], report["refused"]) == (15, 2)
    assert {remark["kind"] for remark in report["remarks"]} == {"mended", "refused"}
