"""An access token says what it is for and when it was used last.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_token") as table:
        table.add_column(sa.Column("scope", sa.String(length=6), nullable=False, server_default="labels"))
        table.add_column(sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint(op.f("ck_access_token_scope"), "scope IN ('labels')")


def downgrade() -> None:
    with op.batch_alter_table("access_token") as table:
        table.drop_constraint(op.f("ck_access_token_scope"), type_="check")
        table.drop_column("used_at")
        table.drop_column("scope")
