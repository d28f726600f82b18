"""Stations have a key of their own and are enrolled with a code; their numbered messages are counted.

Revision ID: 0005
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
