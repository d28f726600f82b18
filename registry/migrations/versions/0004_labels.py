"""Labels: jobs in the background, begun packages of sheets, access tokens, and what became of a sticker number.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
REASONS = ("lost", "damaged", "misprinted", "item_removed")
STATES = ("waiting", "working", "done", "failed")


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_account_id"), "access_token", ["account_id"], unique=False)
    op.create_table(
        "label_job",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("next_start", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(length=500), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("made >= 0 AND made <= total", name=op.f("ck_label_job_made")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_label_job_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_job")),
        sa.UniqueConstraint("account_id", "idempotency_key", name=op.f("uq_label_job_account_id_idempotency_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_label_job_uid")),
    )
    op.create_index(op.f("ix_label_job_expires_at"), "label_job", ["expires_at"], unique=False)
    op.create_table(
        "sheet_package",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("stock", sa.String(length=40), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_sheet_package_name")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_sheet_package_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_package")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_sheet_package_owner_id_name")),
    )
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("printed_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", MOMENT, nullable=True))
        batch_op.add_column(
            sa.Column(
                "cancel_reason",
                sa.Enum(*REASONS, name="cancel_reason", native_enum=False, create_constraint=True),
                nullable=True,
            )
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_sticker_cancelled"),
            "status = 'cancelled' OR (cancelled_at IS NULL AND cancel_reason IS NULL)",
        )
        batch_op.create_check_constraint(batch_op.f("ck_sticker_printed_count"), "printed_count >= 0")
        batch_op.create_index(
            "uq_sticker_item_id_issued",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("status = 'issued'"),
            postgresql_where=sa.text("status = 'issued'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.drop_index("uq_sticker_item_id_issued")
        batch_op.drop_constraint(batch_op.f("ck_sticker_printed_count"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sticker_cancelled"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sticker_cancel_reason"), type_="check")
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("printed_at")
    op.drop_table("sheet_package")
    op.drop_table("label_job")
    op.drop_table("access_token")
