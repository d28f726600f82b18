"""Slow hashes of marks on stolen things, kept because each takes a core some 25 ms."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base

__all__ = ["SlowMark"]


class SlowMark(Base):
    """The slow hash of one mark: ``mark_index`` is the mark's blind index, ``slow_hash`` its argon2id.

    Derived from kits, stickers and reports: all rows may be deleted, and are made anew when a list is asked for.
    """

    __tablename__ = "slow_mark"

    mark_index: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    slow_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
