"""UV findings noted by hand, samples taken at a station, and evidence of a thing weighed together.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLOURS = (
    "none", "violet", "blue", "blue-green", "green", "yellow-green", "yellow", "orange", "red-pink", "red",
)  # fmt: skip
VERDICTS = ("identified", "ambiguous", "not_registered", "unreadable")


def append_only(table: str) -> None:
    for act in ("UPDATE", "DELETE"):
        refuse = (
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            if op.get_bind().dialect.name == "sqlite"
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refuse}")


def upgrade() -> None:
    op.create_table(
        "uv_note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("seized_item_id", KEY, nullable=False),
        sa.Column("noted_by_id", KEY, nullable=True),
        sa.Column("station_id", KEY, nullable=True),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "colour",
            sa.Enum(*COLOURS, name="colour", native_enum=False, create_constraint=True, length=12),
            nullable=False,
        ),
        sa.Column("spot", sa.String(length=120), nullable=False),
        sa.Column("seal_number", sa.String(length=40), nullable=False),
        sa.Column("corrects_id", KEY, nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("data_key_id", KEY, nullable=True),
        sa.Column("photo_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("thumbnail_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(noted_by_id IS NULL) = (station_id IS NOT NULL)", name=op.f("ck_uv_note_by_one")),
        sa.CheckConstraint(
            "(data_key_id IS NULL) = (photo_sealed IS NULL) AND (data_key_id IS NULL) = (thumbnail_sealed IS NULL)",
            name=op.f("ck_uv_note_photo_with_key"),
        ),
        sa.CheckConstraint("length(spot) > 0", name=op.f("ck_uv_note_spot")),
        sa.CheckConstraint("NOT withdrawn OR corrects_id IS NOT NULL", name=op.f("ck_uv_note_withdrawn_corrects")),
        sa.ForeignKeyConstraint(["seized_item_id"], ["seized_item.id"], name=op.f("fk_uv_note_seized_item_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["account.id"], name=op.f("fk_uv_note_noted_by_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_uv_note_station_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["uv_note.id"], name=op.f("fk_uv_note_corrects_id")),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_key.id"], name=op.f("fk_uv_note_data_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uv_note")),
        sa.UniqueConstraint("uid", name=op.f("uq_uv_note_uid")),
        sa.UniqueConstraint("station_id", "message_key", name=op.f("uq_uv_note_station_id_message_key")),
        sa.UniqueConstraint("noted_by_id", "message_key", name=op.f("uq_uv_note_noted_by_id_message_key")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_uv_note_corrects_id")),
    )
    op.create_index(op.f("ix_uv_note_seized_item_id"), "uv_note", ["seized_item_id"])
    op.create_table(
        "item_weighing",
        sa.Column("id", KEY, nullable=False),
        sa.Column("seized_item_id", KEY, nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(*VERDICTS, name="verdict", native_enum=False, create_constraint=True, length=14),
            nullable=False,
        ),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("searched", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("engine_version", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["seized_item_id"], ["seized_item.id"], name=op.f("fk_item_weighing_seized_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_weighing")),
    )
    op.create_index(op.f("ix_item_weighing_seized_item_id"), "item_weighing", ["seized_item_id"])
    append_only("uv_note")
    append_only("item_weighing")
    with op.batch_alter_table("sample") as table:
        table.alter_column("taken_by_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("station_id", KEY, nullable=True))
        table.add_column(sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_sample_station_id", "station", ["station_id"], ["id"])
        table.create_check_constraint(op.f("ck_sample_by_one"), "(taken_by_id IS NULL) = (station_id IS NOT NULL)")


def downgrade() -> None:
    # A sample that was taken at a station names nobody, which the earlier table needs: with such rows this is refused.
    with op.batch_alter_table("sample") as table:
        table.drop_constraint(op.f("ck_sample_by_one"), type_="check")
        table.drop_constraint("fk_sample_station_id", type_="foreignkey")
        table.drop_column("corrected_at")
        table.drop_column("station_id")
        table.alter_column("taken_by_id", existing_type=KEY, nullable=False)
    op.drop_table("item_weighing")
    op.drop_table("uv_note")
