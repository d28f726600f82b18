"""Stations are enrolled with a code and have a key; their messages are numbered and counted; they attach readings.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def guard_attachments() -> None:
    """SQLite makes the table anew to change it, and its guards go with the old one; PostgreSQL keeps them."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER attachment_no_{act.lower()} BEFORE {act} ON attachment "
                "BEGIN SELECT RAISE(ABORT, 'attachment is append-only'); END"
            )


def upgrade() -> None:
    with op.batch_alter_table("attachment") as table:
        table.alter_column("attached_by_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("station_id", KEY, nullable=True))
        table.add_column(sa.Column("message_key", sa.String(length=64), nullable=True))
        table.create_foreign_key("fk_attachment_station_id", "station", ["station_id"], ["id"])
        table.create_unique_constraint("uq_attachment_station_id_message_key", ["station_id", "message_key"])
        table.create_check_constraint(
            op.f("ck_attachment_by_one"), "(attached_by_id IS NULL) = (station_id IS NOT NULL)"
        )
        table.create_check_constraint(op.f("ck_attachment_by_message"), "(station_id IS NULL) = (message_key IS NULL)")
    guard_attachments()
    op.add_column("station", sa.Column("public_key", sa.LargeBinary(length=32), nullable=True))
    op.add_column("station", sa.Column("enrolment_hash", sa.LargeBinary(length=32), nullable=True))
    op.add_column("station", sa.Column("enrolment_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_station_enrolment_hash", "station", ["enrolment_hash"])
    op.create_index("ix_reading_case_id_reading_number", "reading", ["case_id", "reading_number"])
    op.create_table(
        "station_segment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("segment", sa.String(length=32), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("received BETWEEN 1 AND highest", name=op.f("ck_station_segment_received")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_segment_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_segment")),
        sa.UniqueConstraint("segment", name=op.f("uq_station_segment_segment")),
    )
    op.create_index(op.f("ix_station_segment_station_id"), "station_segment", ["station_id"])


def downgrade() -> None:
    op.drop_table("station_segment")
    op.drop_index("ix_reading_case_id_reading_number", "reading")
    op.drop_index("ix_station_enrolment_hash", "station")
    for column in ("enrolment_expires_at", "enrolment_hash", "public_key"):
        op.drop_column("station", column)
    # What stations attached names nobody, which the earlier table needs: with such rows this is refused.
    with op.batch_alter_table("attachment") as table:
        table.drop_constraint(op.f("ck_attachment_by_message"), type_="check")
        table.drop_constraint(op.f("ck_attachment_by_one"), type_="check")
        table.drop_constraint("uq_attachment_station_id_message_key", type_="unique")
        table.drop_constraint("fk_attachment_station_id", type_="foreignkey")
        table.drop_column("message_key")
        table.drop_column("station_id")
        table.alter_column("attached_by_id", existing_type=KEY, nullable=False)
    guard_attachments()
