"""A code family says which check characters its codes carry.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHECKS = ("none", "vin", "luhn", "mod11-2", "mod97-10", "mod37-2", "mod37-36", "sticker")


def upgrade() -> None:
    with op.batch_alter_table("code_family") as table:
        table.add_column(sa.Column("code_check", sa.String(length=8), nullable=False, server_default="none"))
        allowed = ", ".join(f"'{check}'" for check in CHECKS)
        table.create_check_constraint(op.f("ck_code_family_code_check"), f"code_check IN ({allowed})")


def downgrade() -> None:
    with op.batch_alter_table("code_family") as table:
        table.drop_constraint(op.f("ck_code_family_code_check"), type_="check")
        table.drop_column("code_check")
