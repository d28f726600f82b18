"""Numbers of tags and vehicles are marks; an officer may type what stands on a thing.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIXED = "a registered number stays as it was registered"
GUARDED = "item_id, kind, number, registered_at"
CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in GUARDED.split(", "))
"""A number that was taken off the list never counts again either."""
CHANGED_OR_BACK = f"{CHANGED} OR OLD.removed_at IS NOT NULL"


def append_only(table: str) -> None:
    for act in ("UPDATE", "DELETE"):
        refuse = (
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            if op.get_bind().dialect.name == "sqlite"
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refuse}")


def append_only_again(*tables: str) -> None:
    """SQLite makes a table anew to change it, and its guards go with the old one; PostgreSQL keeps them."""
    if op.get_bind().dialect.name == "sqlite":
        for table in tables:
            append_only(table)


def guard_numbers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER tag_mark_no_update BEFORE UPDATE ON tag_mark WHEN {CHANGED_OR_BACK} "
            f"BEGIN SELECT RAISE(ABORT, '{FIXED}'); END"
        )
        op.execute(
            f"CREATE TRIGGER tag_mark_no_delete BEFORE DELETE ON tag_mark BEGIN SELECT RAISE(ABORT, '{FIXED}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_other_number() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{FIXED}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER tag_mark_no_update BEFORE UPDATE ON tag_mark FOR EACH ROW WHEN ({CHANGED_OR_BACK}) "
        "EXECUTE FUNCTION refuse_other_number()"
    )
    op.execute(
        "CREATE TRIGGER tag_mark_no_delete BEFORE DELETE ON tag_mark FOR EACH ROW "
        "EXECUTE FUNCTION refuse_other_number()"
    )


def upgrade() -> None:
    op.create_table(
        "tag_mark",
        sa.Column("id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("em4100", "iso11784", "vin", name="kind", native_enum=False, create_constraint=True, length=8),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=17), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(number) = CASE kind WHEN 'em4100' THEN 10 WHEN 'iso11784' THEN 15 ELSE 17 END",
            name=op.f("ck_tag_mark_number_length"),
        ),
        sa.CheckConstraint("number = upper(number)", name=op.f("ck_tag_mark_number_in_capitals")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_tag_mark_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_mark")),
    )
    op.create_index(op.f("ix_tag_mark_item_id"), "tag_mark", ["item_id"])
    op.create_index(
        "uq_tag_mark_number_living",
        "tag_mark",
        ["number"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    guard_numbers()
    op.create_table(
        "tag_candidate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("identification_id", KEY, nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("tag_mark_id", KEY, nullable=False),
        sa.Column("read", sa.String(length=17), nullable=False),
        sa.Column("differences", sa.BigInteger(), nullable=False),
        sa.Column("log10_likelihood_ratio", sa.Double(), nullable=False),
        sa.Column("posterior", sa.Double(), nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grade BETWEEN -4 AND 4", name=op.f("ck_tag_candidate_grade")),
        sa.CheckConstraint("posterior BETWEEN 0 AND 1", name=op.f("ck_tag_candidate_posterior")),
        sa.ForeignKeyConstraint(
            ["identification_id"], ["identification.id"], name=op.f("fk_tag_candidate_identification_id")
        ),
        sa.ForeignKeyConstraint(["tag_mark_id"], ["tag_mark.id"], name=op.f("fk_tag_candidate_tag_mark_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_candidate")),
        sa.UniqueConstraint("identification_id", "rank", name=op.f("uq_tag_candidate_identification_id_rank")),
    )
    append_only("tag_candidate")
    with op.batch_alter_table("reveal") as table:
        table.add_column(sa.Column("tag_mark_id", KEY, nullable=True))
        table.create_foreign_key("fk_reveal_tag_mark_id", "tag_mark", ["tag_mark_id"], ["id"])
        table.create_check_constraint(op.f("ck_reveal_by_one"), "kit_id IS NULL OR tag_mark_id IS NULL")
    with op.batch_alter_table("reading") as table:
        table.alter_column("station_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("made_by_id", KEY, nullable=True))
        table.create_foreign_key("fk_reading_made_by_id", "account", ["made_by_id"], ["id"])
        table.create_unique_constraint("uq_reading_made_by_id_idempotency_key", ["made_by_id", "idempotency_key"])
        table.create_check_constraint(op.f("ck_reading_by_one"), "(station_id IS NULL) = (made_by_id IS NOT NULL)")
    append_only_again("reveal", "reading")


def downgrade() -> None:
    # What an officer typed names no station, which the earlier table needs: with such rows this is refused.
    with op.batch_alter_table("reading") as table:
        table.drop_constraint(op.f("ck_reading_by_one"), type_="check")
        table.drop_constraint("uq_reading_made_by_id_idempotency_key", type_="unique")
        table.drop_constraint("fk_reading_made_by_id", type_="foreignkey")
        table.drop_column("made_by_id")
        table.alter_column("station_id", existing_type=KEY, nullable=False)
    with op.batch_alter_table("reveal") as table:
        table.drop_constraint(op.f("ck_reveal_by_one"), type_="check")
        table.drop_constraint("fk_reveal_tag_mark_id", type_="foreignkey")
        table.drop_column("tag_mark_id")
    append_only_again("reveal", "reading")
    op.drop_table("tag_candidate")
    op.drop_table("tag_mark")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_other_number()")
