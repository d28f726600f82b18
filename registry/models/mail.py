"""Messages to send once the transaction that promised them has been committed."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey

__all__ = ["OutgoingMail"]


class OutgoingMail(Base):
    """A message that was promised in a transaction and is sent after it; sealed with the account's data key.

    While ``held_until`` lies ahead one sender has it in hand; after that (it died) another may take it up.
    """

    __tablename__ = "outgoing_mail"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    message_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    held_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
