"""What happened to the register's marks, so that an index of them can be compared by a few numbers."""

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["MarkChange"]


class MarkChange(Base):
    """Kits that came or were revoked in one transaction. Never updated, never deleted: triggers refuse it.

    Whoever holds an index looks again at the kits from ``first_kit_id`` to ``last_kit_id``; kits of others may lie
    between. ``kits`` is by how many living kits there are more, or less. The sum of hashes of all living marks grew by
    ``digest_high`` * 2^32 + ``digest_low``, modulo 2^64: two halves, since SQLite refuses to add numbers of 64 bits.
    """

    __tablename__ = "mark_change"
    __table_args__ = (
        CheckConstraint("first_kit_id <= last_kit_id", name="kits_in_order"),
        CheckConstraint("kits <> 0", name="kits"),
        CheckConstraint(
            "digest_high BETWEEN 0 AND 4294967295 AND digest_low BETWEEN 0 AND 4294967295", name="digest_of_32_bits"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    first_kit_id: Mapped[int] = mapped_column(BigInteger)
    last_kit_id: Mapped[int] = mapped_column(BigInteger)
    kits: Mapped[int]
    digest_high: Mapped[int] = mapped_column(BigInteger)
    digest_low: Mapped[int] = mapped_column(BigInteger)
