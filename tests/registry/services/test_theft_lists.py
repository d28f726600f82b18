from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry.errors import InvalidInput, RefusedFile
from registry.models.audit import AuditEvent
from registry.models.thefts import TheftReport
from registry.services import accounts
from registry.services.accounts import OrganisationKind
from registry.services.actor import OPERATOR
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source
from registry.services.theft_lists import import_file
from registry.services.theft_mapping import TheftMapping, read_mapping

# Invented rows in the shape of open police data on bicycle thefts: BOM, blanks after values, codes for makes and
# colours, an event with two bicycles, a row cut in two by a line break in a cell.
HEADER = (
    "event_unique_id,Occurrence_Date,Bike_Make,Bike_Model,Bike_Colour,Cost_of_Bike,Status,Neighbourhood,Location_Type,"
    "FID"
)
ROWS = (
    'GO-1,2017.07.19,GI   ,ESCAPE   ,BLK   ,750,STOLEN,Mölle (1),"Streets, Roads",1',
    'GO-2,2017.07.20,OT   ,         ,BLKSIL,659.99,STOLEN,Mölle (1),"Streets, Roads",2',
    'GO-2,2017.07.20,TR   ,UNKNOWN  ,      ,,RECOVERED,Mölle (1),"Streets, Roads",3',
    '   ",ORPHAN,BLK',
)
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "thefts-toronto.toml"


def police_list(*rows: str) -> Source:
    return Source.of_bytes("thefts.csv", "\n".join((HEADER, *rows, "")).encode("utf-8-sig"))


def take(session, source, mapping=None, **wishes):
    authority = accounts.organisation_named(session, OPERATOR, "Polisen Exempelby", OrganisationKind.POLICE)
    return import_file(session, OPERATOR, source, authority, mapping or read_mapping(EXAMPLE), **wishes)


def test_a_police_list_is_taken_with_the_example_mapping(either_database):
    with either_database.transaction() as session:
        result = take(session, police_list(*ROWS))
    assert (result.rows, result.taken, result.refused) == (4, 3, 1)
    assert [(row.line, row.reason) for row in result.refusals] == [(5, Reason.CELL_COUNT)]
    with either_database.transaction() as session:
        first, second, third = session.scalars(select(TheftReport).order_by(TheftReport.reference)).all()
    assert (first.police_number, first.maker, first.model, first.colour) == ("GO-1", "Giant", "ESCAPE", "black")
    assert (first.occurred_on, first.value, first.goods) == (date(2017, 7, 19), 750, "Bicycle")
    assert (second.maker, second.colour, second.value) == ("", "black, silver", 660)
    assert (third.police_number, third.model, third.value) == ("GO-2", "", None)
    assert [report.withdrawn_at is not None for report in (first, second, third)] == [False, False, True]


def test_a_second_run_changes_nothing_and_a_newer_list_adds_what_is_new(either_database):
    for rows, taken in ((ROWS[:2], 2), (ROWS[:2], 0), (ROWS, 1)):
        with either_database.transaction() as session:
            assert take(session, police_list(*rows)).taken == taken
    with either_database.transaction() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.action == "thefts:imported")) == 2


def test_a_thing_that_a_newer_list_calls_recovered_is_no_longer_reported(session):
    take(session, police_list(ROWS[0]))
    result = take(session, police_list(ROWS[0].replace("STOLEN", "RECOVERED")))
    assert (result.changed, result.refused) == (1, 0)
    assert session.scalar(select(TheftReport.withdrawn_at)) is not None


def test_without_a_reference_the_rows_own_content_is_it(session):
    mapping = TheftMapping(columns={"police_number": "event_unique_id", "maker": "Bike_Make"})
    for taken, already in ((3, 0), (0, 3)):
        result = take(session, police_list(*ROWS[:3]), mapping)
        assert (result.taken, result.already) == (taken, already)


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("GO-1", "", "event_unique_id", Reason.NEEDED),
        (",1", ",", "FID", Reason.NEEDED),
        ("2017.07.19", "19/7 2017", "Occurrence_Date", Reason.NOT_A_DATE),
        ("2017.07.19", "2999.01.01", "Occurrence_Date", Reason.NOT_ALLOWED),
        ("750", "dyr", "Cost_of_Bike", Reason.NOT_AN_AMOUNT),
        ("STOLEN", "SOLD", "Status", Reason.NOT_ALLOWED),
    ],
)
def test_a_row_that_cannot_be_taken_is_told(session, old, new, column, reason):
    row = ROWS[0].replace(old, new) if old != ",1" else ROWS[0].removesuffix(",1") + ","
    result = take(session, police_list(row))
    assert [(remark.line, remark.column, remark.reason) for remark in result.refusals] == [(2, column, reason)]
    assert result.taken == 0


def test_one_reference_with_two_contents_is_taken_once_and_told(session):
    result = take(session, police_list(ROWS[0], ROWS[0].replace("750", "751"), ROWS[0]))
    assert (result.taken, result.already, result.refused) == (1, 1, 1)


def test_strict_refuses_the_whole_list(session):
    with pytest.raises(RefusedFile):
        take(session, police_list(*ROWS), strict=True)
    assert session.scalar(select(func.count()).select_from(TheftReport)) == 0


def test_a_mapping_that_names_a_column_the_file_lacks_is_refused_naming_the_columns(session):
    with pytest.raises(RefusedFile) as refusal:
        take(session, police_list(*ROWS), TheftMapping(columns={"police_number": "K-nummer"}))
    (remark,) = refusal.value.values["rows"]
    assert remark.reason is Reason.NOT_MAPPED
    assert "event_unique_id" in str(remark.values["allowed"])


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        'colums = {police_number = "a"}',
        "columns = 5",
        "[columns]\npolice_number = 5",
        'encoding = "latin"\n[columns]\npolice_number = "a"',
        "date_formats = []",
        '[letters]\ncolour = "3"',
        "columns = " + "[" * 3000,
        "columns = " + "1" * 5000,
    ],
)
def test_a_mapping_file_with_a_mistake_is_refused_naming_the_key(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"mapping\.toml"):
        read_mapping(path)


@pytest.mark.parametrize(
    "mapping",
    [
        TheftMapping(columns={"model": "Bike_Model"}),
        TheftMapping(columns={"police_number": "a", "owner": "b"}),
        TheftMapping(columns={"police_number": "a"}, constants={"police_number": "b"}),
        TheftMapping(columns={"police_number": "a"}, letters={"colour": 0}),
        TheftMapping(columns={"police_number": "a"}, delimiter="|"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(session, mapping):
    with pytest.raises(InvalidInput):
        take(session, police_list(*ROWS), mapping)
