"""Slow hashes of marks on stolen things, for the lists that stations keep.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slow_mark",
        sa.Column("mark_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("slow_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mark_index", name=op.f("pk_slow_mark")),
    )


def downgrade() -> None:
    op.drop_table("slow_mark")
