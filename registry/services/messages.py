"""What stations seal: opened here, and each run's messages counted so that a missing one is seen.

A station seals every message to the register's public key for its place in a chain (decision 11). Opened for any other
place, or after a bit has changed, it does not open.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import BrokenChain, InvalidInput, KeyFault
from registry.models.accounts import StationSegment
from registry.services.context import keyring_of

__all__ = ["Envelope", "count", "message_key", "opened"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed message and its place: segment (a run of a station), number there, link before it (hexadecimal)."""

    segment: str
    sequence: int
    previous: str
    sealed: bytes

    @property
    def key(self) -> str:
        """The idempotency key of the message: its place, which is given once."""
        return f"{self.segment}:{self.sequence}"

    @property
    def link(self) -> str:
        """What the next message carries as ``previous``."""
        return hashlib.sha256(bytes.fromhex(self.previous) + self.sealed).hexdigest()

    @property
    def body_hash(self) -> bytes:
        """SHA-256 of what was sent, place included."""
        return hashlib.sha256(self.binding + self.sealed).digest()

    @property
    def binding(self) -> bytes:
        """What the seal is bound to, HPKE's ``info``."""
        return f"markdna message, 1\n{self.segment}\n{self.sequence}\n{self.previous}".encode()


def message_key(session: Session) -> bytes:
    """The register's public key (X25519, 32 bytes), to which stations seal."""
    return keyring_of(session).message_key


def opened(session: Session, envelope: Envelope) -> bytes:
    """The content of a message; raises InvalidInput, with the same words whatever is wrong."""
    try:
        return keyring_of(session).open_message(envelope.sealed, envelope.binding)
    except KeyFault:
        raise InvalidInput(
            field="sealed", value="this content", allowed="a message sealed to this register for its own place"
        ) from None


def count(session: Session, station_id: int, envelope: Envelope, *, repeated: bool = False) -> None:
    """Count a message among those of its segment; ``repeated`` when what it says had come in another message.

    Raises BrokenChain when the segment is another station's, or the message says that another one came before it than
    the one that is here.
    """
    row = _row(session, envelope.segment)
    if row is None:
        row = StationSegment(
            station_id=station_id,
            segment=envelope.segment,
            received=1,
            highest=envelope.sequence,
            link=envelope.link,
            started_at=clock.now(),
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # Two messages of a new segment came in at the same moment.
            count(session, station_id, envelope, repeated=repeated)
        return
    if row.station_id != station_id:
        raise BrokenChain(key=envelope.key)
    if envelope.sequence == row.highest + 1 and envelope.previous != row.link:
        raise BrokenChain(key=envelope.key)
    if repeated and envelope.sequence <= row.highest:
        # No row of its own tells whether this message has been counted; it has, unless it overtook another.
        return
    if envelope.sequence > row.highest:
        row.highest, row.link = envelope.sequence, envelope.link
    row.received = min(row.received + 1, row.highest)
    session.flush()


def _row(session: Session, segment: str) -> StationSegment | None:
    return session.scalar(select(StationSegment).where(StationSegment.segment == segment).with_for_update())
