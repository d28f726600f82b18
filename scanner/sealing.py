"""Messages sealed to the registry's public key: what the station stores it cannot read again itself.

HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, one encapsulation a message.
The ``info`` binds a message to its place: a segment (one run of a station), its number there and the link before it.
A link is SHA-256 over the link before and the sealed bytes, so that messages form a chain.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

__all__ = ["FIRST_LINK", "Envelope", "SealingKey"]

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
FIRST_LINK = "0" * 64
"""What stands for the link before the first message of all."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed message and its place in the chain; ``previous`` is the link before it, in hexadecimal."""

    segment: str
    sequence: int
    previous: str
    sealed: bytes

    @property
    def key(self) -> str:
        """The idempotency key under which the message is delivered: its place, which is given once."""
        return f"{self.segment}:{self.sequence}"

    @property
    def link(self) -> str:
        """What the message after this one carries as ``previous``."""
        return hashlib.sha256(bytes.fromhex(self.previous) + self.sealed).hexdigest()

    def as_json(self) -> dict[str, str | int]:
        """The envelope as the registry takes it."""
        return {
            "segment": self.segment,
            "sequence": self.sequence,
            "previous": self.previous,
            "sealed": base64.b64encode(self.sealed).decode("ascii"),
        }


class SealingKey:
    """The registry's public key, 32 bytes (RFC 7748). Whoever holds it can seal; only the registry can open."""

    def __init__(self, public: bytes) -> None:
        self._public = X25519PublicKey.from_public_bytes(public)

    def seal(self, content: bytes, segment: str, sequence: int, previous: str) -> Envelope:
        """``content`` sealed for one place in the chain."""
        binding = f"markdna message, 1\n{segment}\n{sequence}\n{previous}".encode()
        return Envelope(segment, sequence, previous, _SUITE.encrypt(content, self._public, info=binding))
