"""A print job says whether its labels had characters that the typeface lacks.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("label_job") as table:
        table.add_column(sa.Column("replaced_characters", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("label_job") as table:
        table.drop_column("replaced_characters")
