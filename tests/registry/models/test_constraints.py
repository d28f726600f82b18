"""Every rule that the tables state is tried: a row that breaks it is refused by the database, and by that very rule.

Primary keys, foreign keys, unique keys and NOT NULL are tried by what the models declare; what a check constraint or a
partial index means stands in the tables below, and a constraint without its line there fails a test.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    delete,
    null,
    text,
    update,
)

from registry.models import Base

Row = dict[str, Any]
RowOf = Callable[[Table, int], Row]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

# Check constraint → what is changed in a right row to break it; several when there are several ways.
CHECK_BREAKERS: dict[str, tuple[Row, ...]] = {
    "ck_access_token_scope": ({"scope": "all"},),
    "ck_code_family_code_check": ({"code_check": "guess"},),
    "ck_house_style_one": ({},),
    "ck_account_token_purpose": ({"purpose": "open_sesame"},),
    "ck_attachment_by_message": ({"message_key": "5e:1"},),
    "ck_attachment_by_one": (
        {"attached_by_id": None},
        {"station_id": 1, "message_key": "5e:1"},
    ),
    "ck_audit_event_action": ({"action": ""},),
    "ck_audit_head_single": ({"id": 2},),
    "ck_candidate_grade": ({"grade": 5}, {"grade": -5}),
    "ck_candidate_posterior": ({"posterior": 1.01}, {"posterior": -0.01}),
    "ck_identification_verdict": ({"verdict": "perhaps"},),
    "ck_item_category": ({"category": "animal"},),
    "ck_item_name": ({"name": ""},),
    "ck_item_value": ({"value_sek": -1},),
    "ck_label_job_made": ({"made": -1}, {"made": 5, "total": 4}),
    "ck_label_job_state": ({"state": "asleep"},),
    "ck_kit_code_length": ({"code": "ABC"},),
    "ck_kit_marks": ({"marks": 0},),
    "ck_kit_owner_with_activation": (
        {"owner_id": 1, "activated_at": None},
        {"owner_id": None, "activated_at": NOON},
    ),
    "ck_kit_signature_length": ({"signature": "ACGT" * 4 + "ACG"},),
    "ck_mark_change_digest_of_32_bits": ({"digest_high": 2**32}, {"digest_low": 2**32}, {"digest_low": -1}),
    "ck_mark_change_kits": ({"kits": 0},),
    "ck_mark_change_kits_in_order": ({"first_kit_id": 9, "last_kit_id": 8},),
    "ck_mark_point_place": ({"place": ""},),
    "ck_membership_role": ({"role": "emperor"},),
    "ck_observation_glow": ({"kind": "dot", "glow": True}, {"kind": "uv", "glow": None}),
    "ck_observation_kind": ({"kind": "smell", "glow": None},),
    "ck_organisation_kind": ({"kind": "guild"},),
    "ck_owner_kind": ({"kind": "ghost"},),
    "ck_owner_organisation": (
        {"kind": "person", "organisation_id": 3},
        {"kind": "organisation", "organisation_id": None},
    ),
    "ck_ownership_period_order": ({"ends_at": NOON - timedelta(seconds=1)},),
    "ck_police_case_purpose": ({"purpose": ""},),
    "ck_reader_model_confirmed": ({"confirmed": 0},),
    "ck_reader_model_version": ({"version": 0},),
    "ck_reading_by_one": ({"station_id": None}, {"made_by_id": 1}),
    "ck_reveal_by_one": ({"kit_id": 1, "tag_mark_id": 1},),
    "ck_reveal_reason": ({"reason": ""},),
    "ck_sample_by_one": ({"taken_by_id": None}, {"station_id": 1}),
    "ck_item_weighing_verdict": ({"verdict": "perhaps"},),
    "ck_uv_note_by_one": ({"noted_by_id": None}, {"station_id": 1}),
    "ck_uv_note_colour": ({"colour": "mauve"},),
    "ck_uv_note_photo_with_key": ({"data_key_id": 1}, {"photo_sealed": b"x"}, {"thumbnail_sealed": b"x"}),
    "ck_uv_note_spot": ({"spot": ""},),
    "ck_uv_note_withdrawn_corrects": ({"withdrawn": True},),
    "ck_seized_item_description": ({"description": ""},),
    "ck_seized_item_number": ({"number": 0},),
    "ck_seized_item_status": ({"status": "lost"},),
    "ck_seizure_number": ({"number": 0},),
    "ck_sheet_package_name": ({"name": ""},),
    "ck_sticker_cancel_reason": ({"status": "cancelled", "cancel_reason": "boredom"},),
    "ck_sticker_cancelled": (
        {"status": "issued", "cancelled_at": NOON},
        {"status": "issued", "cancelled_at": None, "cancel_reason": "lost"},
    ),
    "ck_sticker_printed_count": ({"printed_count": -1},),
    "ck_station_segment_received": ({"received": 0}, {"received": 3, "highest": 2}),
    "ck_sticker_status": ({"status": "eaten"},),
    "ck_supplier_emission": ({"emission_nm": 299}, {"emission_nm": 901}),
    "ck_tag_candidate_grade": ({"grade": 5}, {"grade": -5}),
    "ck_tag_candidate_posterior": ({"posterior": 1.01}, {"posterior": -0.01}),
    "ck_tag_mark_kind": ({"kind": "barcode", "number": "WVWZZZ1JZXW000001"},),
    "ck_tag_mark_number_in_capitals": ({"number": "307e4de5c2"},),
    "ck_tag_mark_number_length": ({"number": "307E4DE5C"}, {"kind": "iso11784"}, {"kind": "vin"}),
    "ck_theft_report_police_number": ({"police_number": ""},),
    "ck_theft_report_subject": (
        {"item_id": None, "source": "", "reference": "7"},
        {"item_id": None, "source": "list", "reference": ""},
    ),
}

# Partial unique index → what makes two rows collide in it, and what lets the same two live side by side.
PARTIAL_INDEXES: dict[str, tuple[Row, Row]] = {
    "uq_imported_file_register": ({"organisation_id": None}, {"kind": "suppliers"}),
    "uq_kit_signature": ({"signature": "ACGT" * 15}, {"signature": ""}),
    "uq_location_building": ({"parent_id": None}, {"parent_id": 1}),
    "uq_membership_account_id_role_alone": ({"organisation_id": None}, {"role": "officer"}),
    "uq_ownership_period_open": ({"ends_at": None}, {"ends_at": NOON}),
    "uq_sticker_item_id_issued": (
        {"status": "issued", "cancelled_at": None, "cancel_reason": None},
        {"status": "cancelled"},
    ),
    "uq_tag_mark_number_living": ({"removed_at": None}, {"removed_at": NOON}),
    "uq_theft_report_active": ({"withdrawn_at": None}, {"withdrawn_at": NOON}),
}

APPEND_ONLY = (
    "attachment",
    "audit_event",
    "candidate",
    "identification",
    "item_weighing",
    "mark_change",
    "observation",
    "reader_model",
    "reading",
    "reveal",
    "tag_candidate",
    "uv_note",
)

TABLES = list(Base.metadata.sorted_tables)


def constraints(kind: type[Any]) -> list[Any]:
    """All constraints of a kind with their names as test ids."""
    return [
        pytest.param(table, constraint, id=str(constraint.name))
        for table in TABLES
        for constraint in sorted(table.constraints, key=lambda one: str(one.name))
        if isinstance(constraint, kind)
    ]


def partial_indexes() -> dict[str, tuple[Table, Index]]:
    return {str(index.name): (table, index) for table in TABLES for index in table.indexes if index.unique}


def names(kind: type[Any]) -> set[str]:
    return {parameters.id for parameters in constraints(kind)}


def speaks_of(refusal: str, name: object, table: Table, columns: list[str]) -> bool:
    """PostgreSQL names the constraint; SQLite names a check, and of a key the columns."""
    return str(name) in refusal or ", ".join(f"{table.name}.{column}" for column in columns) in refusal


OF_ONE_ROW = ("audit_head", "house_style")


@pytest.mark.parametrize("table", [table for table in TABLES if table.name not in OF_ONE_ROW], ids=lambda one: one.name)
def test_a_right_row_is_taken(world: Any, row_of: RowOf, table: Table) -> None:
    """The control of all that follows: without the breach nothing is refused."""
    assert world.refusal(table, row_of(table, 2), row_of(table, 3)) == ""


@pytest.mark.parametrize("name", OF_ONE_ROW)
def test_a_right_row_is_taken_as_the_only_one(world: Any, row_of: RowOf, name: str) -> None:
    """The same control where a table has one row at most, which stands there already."""
    table = Base.metadata.tables[name]
    row = row_of(table, 1)
    assert row["id"] == 1
    assert world.refusal_of(delete(table), table.insert().values(row)) == ""


def test_every_check_and_partial_index_is_tried_below() -> None:
    assert set(CHECK_BREAKERS) == names(CheckConstraint)
    assert set(PARTIAL_INDEXES) == set(partial_indexes())


def test_every_constraint_is_of_a_kind_that_is_tried_below() -> None:
    tried = CheckConstraint | ForeignKeyConstraint | PrimaryKeyConstraint | UniqueConstraint
    assert [one for table in TABLES for one in table.constraints if not isinstance(one, tried)] == []


@pytest.mark.parametrize(("table", "constraint"), constraints(CheckConstraint))
def test_a_check_refuses(world: Any, row_of: RowOf, table: Table, constraint: CheckConstraint) -> None:
    for breach in CHECK_BREAKERS[str(constraint.name)]:
        assert str(constraint.name) in world.refusal(table, row_of(table, 2) | breach), breach


@pytest.mark.parametrize(("table", "constraint"), constraints(PrimaryKeyConstraint))
def test_a_primary_key_refuses_a_second_row(
    world: Any, row_of: RowOf, table: Table, constraint: PrimaryKeyConstraint
) -> None:
    columns = [column.name for column in constraint.columns]
    breach = {name: row_of(table, 1)[name] for name in columns}
    assert speaks_of(world.refusal(table, row_of(table, 2) | breach), constraint.name, table, columns)


@pytest.mark.parametrize(("table", "constraint"), constraints(UniqueConstraint))
def test_a_unique_key_refuses_a_second_row(
    world: Any, row_of: RowOf, table: Table, constraint: UniqueConstraint
) -> None:
    columns = [column.name for column in constraint.columns]
    # A key with an empty part equals nothing, so both rows get all parts.
    first = row_of(table, 2) | {name: 1 for name in columns if row_of(table, 2)[name] is None}
    if table.name == "owner" and columns == ["organisation_id"]:
        first |= {"kind": "organisation"}
    if table.name == "attachment":
        first |= {"attached_by_id": None}
    if "made_by_id" in columns:
        first |= {"station_id": None}
    if table.name == "uv_note" and "station_id" in columns:
        first |= {"noted_by_id": None}
    second = first | {name: value for name, value in row_of(table, 3).items() if name not in columns}
    if table.name == "attachment":
        second["attached_by_id"] = None
    if "made_by_id" in columns:
        second["station_id"] = None
    if table.name == "uv_note" and "station_id" in columns:
        second["noted_by_id"] = None
    if table.name == "owner":
        second["kind"], second["organisation_id"] = first["kind"], first["organisation_id"]
    assert speaks_of(world.refusal(table, first, second), constraint.name, table, columns)


@pytest.mark.parametrize("name", PARTIAL_INDEXES)
def test_a_partial_index_refuses_a_second_row_and_only_where_it_reaches(world: Any, row_of: RowOf, name: str) -> None:
    table, index = partial_indexes()[name]
    collision, escape = PARTIAL_INDEXES[name]
    columns = [column.name for column in index.columns]
    first = row_of(table, 2) | collision
    second = row_of(table, 3) | {column: first[column] for column in columns} | collision
    assert speaks_of(world.refusal(table, first, second), name, table, columns)
    side_by_side = [world.refusal(table, first | escape, second | escape), world.refusal(table, first, second | escape)]
    assert "" in side_by_side, side_by_side


@pytest.mark.parametrize(("table", "constraint"), constraints(ForeignKeyConstraint))
def test_a_foreign_key_refuses_what_is_not_there(
    world: Any, row_of: RowOf, table: Table, constraint: ForeignKeyConstraint
) -> None:
    breach = {column.name: 999_999 for column in constraint.columns}
    if constraint.name == "fk_owner_organisation_id":
        breach["kind"] = "organisation"
    if constraint.name == "fk_attachment_station_id":
        breach |= {"attached_by_id": None, "message_key": "5e:1"}
    if constraint.name in {"fk_sample_station_id", "fk_uv_note_station_id"}:
        breach |= {"taken_by_id": None} if table.name == "sample" else {"noted_by_id": None}
    if constraint.name == "fk_uv_note_data_key_id":
        breach |= {"photo_sealed": b"x", "thumbnail_sealed": b"x"}
    if constraint.name == "fk_reading_made_by_id":
        breach["station_id"] = None
    if constraint.name == "fk_reveal_tag_mark_id":
        breach["kit_id"] = None
    if constraint.name == "fk_kit_owner_id":
        breach["activated_at"] = NOON
    refusal = world.refusal(table, row_of(table, 2) | breach)
    assert str(constraint.name) in refusal or refusal == "FOREIGN KEY constraint failed"


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one.name)
def test_what_must_be_there_cannot_be_left_out(world: Any, row_of: RowOf, table: Table) -> None:
    needed = [column.name for column in table.columns if not column.nullable and not column.primary_key]
    refusals = {name: world.refusal(table, row_of(table, 2) | {name: null()}) for name in needed}
    assert [name for name, said in refusals.items() if name not in said or "null" not in said.lower()] == []


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_rows_that_are_written_once_cannot_be_changed_or_removed(world: Any, name: str) -> None:
    table = Base.metadata.tables[name]
    column = next(column for column in table.columns if not column.primary_key)
    for act in (update(table).values({column.name: column}), delete(table)):
        assert f"{name} is append-only" in world.refusal_of(act)


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_without_the_guard_they_could_be_changed(world: Any, name: str) -> None:
    """The control: it is the trigger that refuses, nothing else."""
    table = Base.metadata.tables[name]
    column = next(column for column in table.columns if not column.primary_key)
    on = "" if world.connection.dialect.name == "sqlite" else f" ON {name}"
    drop = text(f"DROP TRIGGER {name}_no_update{on}")
    assert world.refusal_of(drop, update(table).values({column.name: column})) == ""


TAG_MARK = Base.metadata.tables["tag_mark"]
TAG_GUARDS = {
    "tag_mark_no_update": update(TAG_MARK).values(number="FFFFFFFFFF"),
    "tag_mark_no_delete": delete(TAG_MARK),
}


@pytest.mark.parametrize("name", TAG_GUARDS)
def test_a_registered_number_stays_as_it_was_registered(world: Any, name: str) -> None:
    assert "stays as it was registered" in world.refusal_of(TAG_GUARDS[name])


@pytest.mark.parametrize("name", TAG_GUARDS)
def test_without_the_guard_a_number_could_be_changed(world: Any, name: str) -> None:
    """The control."""
    on = "" if world.connection.dialect.name == "sqlite" else " ON tag_mark"
    assert "stays as it was" not in world.refusal_of(text(f"DROP TRIGGER {name}{on}"), TAG_GUARDS[name])


def test_a_number_is_taken_off_the_list_once_and_does_not_come_back(world: Any) -> None:
    off, on_again = (update(TAG_MARK).values(removed_at=moment) for moment in (NOON, None))
    assert world.refusal_of(off) == ""
    assert "stays as it was registered" in world.refusal_of(off, on_again)


KIT_GUARDS = {
    "kit_mark_no_update": (
        "a kit keeps its code and its signature",
        update(Base.metadata.tables["kit"]).values(signature="T" * 20),
    ),
    "kit_no_delete": ("never deleted", delete(Base.metadata.tables["kit"])),
}


@pytest.mark.parametrize("name", KIT_GUARDS)
def test_a_mark_stays_as_it_was_delivered(world: Any, name: str) -> None:
    said, act = KIT_GUARDS[name]
    assert said in world.refusal_of(act)
    same = update(Base.metadata.tables["kit"]).values(signature=Base.metadata.tables["kit"].c.signature, marks=49)
    assert world.refusal_of(same) == ""


@pytest.mark.parametrize("name", KIT_GUARDS)
def test_without_the_guard_a_mark_could_be_changed(world: Any, name: str) -> None:
    """The control."""
    on = "" if world.connection.dialect.name == "sqlite" else " ON kit"
    said, act = KIT_GUARDS[name]
    assert said not in world.refusal_of(text(f"DROP TRIGGER {name}{on}"), act)


def test_every_trigger_of_the_database_is_tried_above(world: Any) -> None:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if world.connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    found = set(world.connection.execute(text(query)).scalars())
    assert found == {f"{name}_no_{act}" for name in APPEND_ONLY for act in ("update", "delete")} | {
        *KIT_GUARDS,
        *TAG_GUARDS,
    }
