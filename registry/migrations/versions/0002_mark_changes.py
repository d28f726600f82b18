"""Changes of the register's marks are recorded, so that an index is compared with them by numbers.

Revision ID: 0002
Revises: 0001
"""

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FIXED = "a kit keeps its code and its signature"


def upgrade() -> None:
    op.create_table(
        "mark_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_kit_id", sa.BigInteger(), nullable=False),
        sa.Column("last_kit_id", sa.BigInteger(), nullable=False),
        sa.Column("kits", sa.BigInteger(), nullable=False),
        sa.Column("digest_high", sa.BigInteger(), nullable=False),
        sa.Column("digest_low", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_kit_id <= last_kit_id", name=op.f("ck_mark_change_kits_in_order")),
        sa.CheckConstraint("kits <> 0", name=op.f("ck_mark_change_kits")),
        sa.CheckConstraint(
            "digest_high BETWEEN 0 AND 4294967295 AND digest_low BETWEEN 0 AND 4294967295",
            name=op.f("ck_mark_change_digest_of_32_bits"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_change")),
    )
    record_kits_that_are_here()
    guard()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for trigger in ("kit_mark_no_update", "kit_no_delete"):
            op.execute(f"DROP TRIGGER {trigger}")
    else:
        op.execute("DROP TRIGGER kit_mark_no_update ON kit")
        op.execute("DROP TRIGGER kit_no_delete ON kit")
        op.execute("DROP FUNCTION refuse_other_mark()")
    op.drop_table("mark_change")


def record_kits_that_are_here() -> None:
    """One change that brings all kits of an older register."""
    connection = op.get_bind()
    kits = digest = first = last = 0
    rows = connection.execute(
        sa.text("SELECT id, code, signature FROM kit WHERE revoked_at IS NULL ORDER BY id"),
        execution_options={"yield_per": 10_000},
    )
    for kit_id, code, signature in rows:
        kits, first, last = kits + 1, first or kit_id, kit_id
        digest += int.from_bytes(blake2b(f"{kit_id}\n{code}\n{signature}".encode(), digest_size=8).digest(), "little")
    if kits:
        connection.execute(
            sa.text(
                "INSERT INTO mark_change (first_kit_id, last_kit_id, kits, digest_high, digest_low)"
                " VALUES (:first, :last, :kits, :high, :low)"
            ),
            {
                "first": first,
                "last": last,
                "kits": kits,
                "high": digest % 2**64 >> 32,
                "low": digest % 2**32,
            },
        )


def guard() -> None:
    """The record is only added to; a kit is never deleted, and its mark stays as it was delivered."""
    if op.get_bind().dialect.name == "sqlite":
        for table, name, act in (
            ("mark_change", "mark_change_no_update", "UPDATE"),
            ("mark_change", "mark_change_no_delete", "DELETE"),
        ):
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'mark_change is append-only'); END"
            )
        op.execute(
            "CREATE TRIGGER kit_mark_no_update BEFORE UPDATE OF code, signature ON kit "
            "WHEN OLD.code <> NEW.code OR OLD.signature <> NEW.signature "
            f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END"
        )
        op.execute(
            "CREATE TRIGGER kit_no_delete BEFORE DELETE ON kit BEGIN SELECT RAISE(ABORT, 'a kit is never deleted'); END"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER mark_change_no_{act.lower()} BEFORE {act} ON mark_change "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_other_mark() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_FIXED}, and is never deleted'; END $$"
    )
    op.execute(
        "CREATE TRIGGER kit_mark_no_update BEFORE UPDATE OF code, signature ON kit FOR EACH ROW "
        "WHEN (OLD.code <> NEW.code OR OLD.signature <> NEW.signature) EXECUTE FUNCTION refuse_other_mark()"
    )
    op.execute("CREATE TRIGGER kit_no_delete BEFORE DELETE ON kit FOR EACH ROW EXECUTE FUNCTION refuse_other_mark()")
