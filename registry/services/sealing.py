"""Sealed columns of a row: the one place that pairs a data key with the place it seals for."""

import secrets

from sqlalchemy.orm import Session

from registry import clock
from registry.errors import KeyFault
from registry.keyring import Place
from registry.models.accounts import DataKey
from registry.services.context import keyring_of

__all__ = ["Sealer", "new_uid", "sealer"]


def new_uid() -> str:
    """128 random bits in hexadecimal: a row's name that never changes and tells nothing."""
    return secrets.token_hex(16)


class Sealer:
    """Seals and opens the columns of one row with its owner's data key."""

    def __init__(self, session: Session, data_key: DataKey, table: str, row_uid: str) -> None:
        if data_key.wrapped is None:
            raise KeyFault(problem="the data key was destroyed", allowed="an owner who has not been erased")
        self.data_key_id = data_key.id
        self._keyring = keyring_of(session)
        self._wrapped = data_key.wrapped
        self._table = table
        self._row = row_uid

    def seal(self, column: str, text: str) -> bytes:
        """``text`` sealed for ``column`` of this row."""
        return self.seal_bytes(column, text.encode())

    def open(self, column: str, sealed: bytes) -> str:
        """The text in a sealed column; raises KeyFault when it was not sealed for this place."""
        return self.open_bytes(column, sealed).decode()

    def seal_bytes(self, column: str, content: bytes) -> bytes:
        """``content`` sealed for ``column`` of this row."""
        return self._keyring.seal(self._wrapped, content, Place(self._table, column, self._row))

    def open_bytes(self, column: str, sealed: bytes) -> bytes:
        """The bytes in a sealed column; raises KeyFault when they were not sealed for this place."""
        return self._keyring.open(self._wrapped, sealed, Place(self._table, column, self._row))


def sealer(session: Session, table: str, row_uid: str, data_key_id: int | None = None) -> Sealer:
    """A sealer for a row: with its data key, or with a new one when it has none yet."""
    if data_key_id is None:
        data_key = DataKey(wrapped=keyring_of(session).new_data_key(), created_at=clock.now())
        session.add(data_key)
        session.flush()
    else:
        data_key = session.get_one(DataKey, data_key_id)
    return Sealer(session, data_key, table, row_uid)
