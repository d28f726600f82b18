"""What an identification rests on, and what was learnt of kinds of readers.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added by ALTER TABLE, not by copying the table: its triggers refuse every change.
    op.add_column("identification", sa.Column("basis", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("candidate", sa.Column("contributions", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "reader_model",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reader", sa.String(length=160), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_reader_model_version")),
        sa.CheckConstraint("confirmed > 0", name=op.f("ck_reader_model_confirmed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_model")),
        sa.UniqueConstraint("reader", "version", name=op.f("uq_reader_model_reader_version")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for act in ("UPDATE", "DELETE"):
        refuse = (
            "BEGIN SELECT RAISE(ABORT, 'reader_model is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER reader_model_no_{act.lower()} BEFORE {act} ON reader_model {refuse}")


def downgrade() -> None:
    op.drop_table("reader_model")
    op.drop_column("candidate", "contributions")
    op.drop_column("identification", "basis")
