"""The house style of what is printed, set on a page.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "house_style",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("ink", sa.String(length=7), nullable=False),
        sa.Column("signal", sa.String(length=7), nullable=False),
        sa.Column("coat_of_arms", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_house_style_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_style")),
    )


def downgrade() -> None:
    op.drop_table("house_style")
