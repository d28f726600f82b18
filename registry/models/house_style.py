"""The look of what the register prints, as its administrators set it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["HouseStyleRow"]


class HouseStyleRow(Base):
    """The one row that stands before ``[labels]`` of config.toml; while there is none, that file counts.

    ``coat_of_arms`` is the file as it was uploaded and found fit, None for none. Colours are ``#rrggbb``.
    """

    __tablename__ = "house_style"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    contact: Mapped[str] = mapped_column(String(200))
    ink: Mapped[str] = mapped_column(String(7))
    signal: Mapped[str] = mapped_column(String(7))
    coat_of_arms: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]
