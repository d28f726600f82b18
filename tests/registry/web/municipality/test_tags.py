import io

import pytest
from sqlalchemy import func, select

from registry.models.accounts import Organisation
from registry.models.audit import AuditEvent
from registry.models.tag_marks import TagMark
from registry.services import accounts, equipment_import
from registry.services.accounts import OrganisationKind
from registry.services.actor import OPERATOR, Role
from registry.services.equipment_import import ImportWishes
from registry.services.inventory_rows import HEADER
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source

SHORT = "Inventarienummer;Benämning;RFID/VIN"


def take(session, *rows, header=SHORT, **wishes):
    number = session.scalar(select(Organisation.id).where(Organisation.name == "Exempelby kommun"))
    source = Source.of_bytes("inventory.csv", "\r\n".join((header, *rows, "")).encode())
    return equipment_import.import_file(session, OPERATOR, source, number, ImportWishes(**wishes))


@pytest.fixture
def manager(people):
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    browser.set_cookie("language", "en")
    return browser


def living(session):
    return sorted(session.scalars(select(TagMark.number).where(TagMark.removed_at.is_(None))))


def test_the_inventory_brings_numbers_in_any_spelling_and_the_export_reads_back(manager, database):
    with database.transaction() as session:
        result = take(session, "B-1;Såg;900-250000023921 / 307e4de5c2", "B-2;Bil;WVWZZZ1JZXWOOOOO1", "B-3;Stol;")
        assert (result.taken, result.refused) == (3, 0)
        assert [remark.reason for remark in result.mendings] == [Reason.TAG_REWRITTEN]
        assert living(session) == ["307E4DE5C2", "900250000023921", "WVWZZZ1JZXW000001"]
    exported = manager.get("/equipment/list.csv").data.decode("utf-8-sig")
    assert '"307E4DE5C2 / 900 250000023921"' in exported
    with database.transaction() as session:
        rows = exported.split("\r\n")
        again = take(session, *rows[1:-1], header=rows[0])
        assert (again.taken, again.changed, again.refused, again.already) == (0, 0, 0, 3)


def test_a_number_that_cannot_be_is_refused_with_its_row_and_one_of_another_thing_too(manager, database):
    with database.transaction() as session:
        take(session, "B-1;Såg;307E4DE5C2")
        result = take(
            session, "B-2;Bil;12345", "B-3;Borr;307E4DE5C2", "B-4;Släp;900250000023921", "B-5;Släp;900250000023921"
        )
        assert [(remark.line, remark.reason) for remark in result.refusals] == [
            (2, Reason.NO_TAG_NUMBER),
            (3, Reason.TAG_OF_ANOTHER),
            (5, Reason.TAG_IN_FILE),
        ]
        assert result.taken == 1


def test_a_file_without_the_column_says_nothing_of_numbers_and_one_with_it_replaces_them(manager, database):
    with database.transaction() as session:
        take(session, "B-1;Såg;307E4DE5C2")
        assert take(session, "B-1;Såg", header="Inventarienummer;Benämning").already == 1
        refused = take(session, "B-1;Såg;900250000023921")
        assert refused.refusals[0].values["columns"] == "tag_numbers"
        assert take(session, "B-1;Såg;900250000023921", update=True).changed == 1
        assert living(session) == ["900250000023921"]
    assert "RFID/VIN" in HEADER


def test_many_are_registered_at_once_and_the_lines_that_are_wrong_stay_to_be_mended(manager, fill_in, database):
    with database.transaction() as session:
        take(session, "B-1;Såg;", "B-2;Bil;")
    lines = "B-1; 900 250000023921\nB-9; 307E4DE5C2\nB-2\tWVWZZZ1JZXW000001\nnonsense\n"
    page = fill_in(manager, "/equipment/tags", lines=lines)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "2 registered, 2 refused." in text
    field = text.split("<textarea")[1].split("</textarea>")[0]
    assert "B-9; 307E4DE5C2" in field
    assert "B-1;" not in field
    with database.transaction() as session:
        assert living(session) == ["900250000023921", "WVWZZZ1JZXW000001"]


def test_a_thing_has_its_own_page_of_numbers(manager, fill_in, database):
    with database.transaction() as session:
        take(session, "B-1;Såg;")
        item_id = session.scalar(select(equipment_import.Equipment.item_id))
    assert fill_in(manager, f"/equipment/{item_id}/tags", tag_number="307E4DE5C224").status_code == 303
    assert "307E4DE5C2" in manager.get(f"/equipment/{item_id}").get_data(as_text=True)
    assert manager.get("/equipment/999999/tags").status_code == 404


def test_a_file_that_asks_for_tags_of_others_is_slowed_and_logged_also_over_several_files(manager, fill_in, database):
    with database.transaction() as session:
        other = accounts.organisation_named(session, OPERATOR, "Annanby kommun", OrganisationKind.MUNICIPALITY)
        rows = (f"N-{number};Såg;9002500000239{number:02d}" for number in range(20))
        source = Source.of_bytes("theirs.csv", "\r\n".join((SHORT, *rows, "")).encode())
        assert equipment_import.import_file(session, OPERATOR, source, other).taken == 20

    def told(numbers):
        rows = "".join(f"P-{number};Bil;9002500000239{number:02d}\r\n" for number in numbers)
        file = (io.BytesIO(f"{SHORT}\r\n{rows}".encode()), "probe.csv")
        page = fill_in(manager, "/equipment/inventory", file=file).get_data(as_text=True)
        return page.count("is registered for another thing"), page.count("too many numbers of others in a short time")

    assert told(range(6)) == (6, 0)
    assert told(range(6, 14)) == (4, 4)
    # Number 77 is nobody's, which is not said either.
    assert told([14, 77]) == (0, 2)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.action == "tag:refused")) == 3
        assert living(session) == [f"9002500000239{number:02d}" for number in range(20)]
