"""The register's keys: who and where are sealed per owner, what must be found is indexed blindly.

One master key lies outside the database. From it come, by HKDF-SHA256 (RFC 5869) with a label each: the key that wraps
owners' data keys (AES key wrap, RFC 3394), the key of blind indexes and the key of kit PINs (HMAC-SHA256), the key
that signs cookies, the private key that opens what stations seal (HPKE with X25519, RFC 9180), and the key that signs
the lists which stations keep (Ed25519, RFC 8032) with the salt of the hashes in them. A sealed value is: version byte,
12-byte random nonce, AES-256-GCM ciphertext with tag (NIST SP 800-38D); its associated data are version, table, column
and row, so that a value that was moved does not open.
"""

import hmac
import os
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from registry.errors import KeyFault

__all__ = ["Keyring", "Place", "create_key_file", "read_keyring"]

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives: table, column and the row's unchanging uid."""

    table: str
    column: str
    row: str

    def associated_data(self, version: int) -> bytes:
        """The bytes that bind a ciphertext to this place."""
        return "\x1f".join((str(version), self.table, self.column, self.row)).encode()


class Keyring:
    """Seals, opens and indexes with keys derived from one master key of 32 bytes."""

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_BYTES:
            raise KeyFault(problem=f"it has {len(master)} bytes", allowed="32 bytes as 64 hex digits")
        self._wrapping = _derive(master, "wrap owners' data keys, 1")
        self._indexing = _derive(master, "blind index, 1")
        self._pins = _derive(master, "kit pins, 1")
        self.cookie_key = _derive(master, "cookies, 1")
        # RFC 7748: any 32 bytes are a private key of X25519.
        self._messages = X25519PrivateKey.from_private_bytes(_derive(master, "station messages, 1"))
        self.message_key = self._messages.public_key().public_bytes_raw()
        self._lists = Ed25519PrivateKey.from_private_bytes(_derive(master, "stolen lists, 1"))
        self.list_key = self._lists.public_key().public_bytes_raw()
        # One salt for all lists, so that a mark's slow hash is computed once; each list has a key of its own besides.
        self.list_salt = _derive(master, "salt of stolen lists, 1")[:16]

    def new_data_key(self) -> bytes:
        """A fresh data key, wrapped; this is what the database stores."""
        return aes_key_wrap(self._wrapping, AESGCM.generate_key(bit_length=256))

    def seal(self, wrapped_key: bytes, content: bytes, place: Place) -> bytes:
        """``content`` encrypted under the owner's data key for one place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self._unwrap(wrapped_key))
        return bytes([_VERSION]) + nonce + cipher.encrypt(nonce, content, place.associated_data(_VERSION))

    def open(self, wrapped_key: bytes, sealed: bytes, place: Place) -> bytes:
        """The content of a sealed value; raises KeyFault, with the same words whatever is wrong."""
        version, nonce, content = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != bytes([_VERSION]):
            raise _unopened()
        try:
            return AESGCM(self._unwrap(wrapped_key)).decrypt(nonce, content, place.associated_data(_VERSION))
        except (InvalidTag, ValueError):
            raise _unopened() from None

    def blind_index(self, column: str, value: str) -> bytes:
        """A keyed hash by which equal values are found without being readable; case and width are folded."""
        folded = unicodedata.normalize("NFKC", value).strip().casefold()
        return hmac.digest(self._indexing, f"{column}\x1f{folded}".encode(), "sha256")

    def pin_hash(self, kit_code: str, pin: str) -> bytes:
        """The keyed hash of a kit's PIN, bound to its code so that equal PINs differ."""
        return hmac.digest(self._pins, f"{kit_code}\x1f{pin}".encode(), "sha256")

    def open_message(self, sealed: bytes, binding: bytes) -> bytes:
        """What a station sealed to ``message_key`` for one place in its chain; raises KeyFault."""
        try:
            return _SUITE.decrypt(sealed, self._messages, info=binding)
        except (InvalidTag, ValueError):
            raise _unopened() from None

    def sign_list(self, content: bytes) -> bytes:
        """The signature of ``content`` under ``list_key``."""
        return self._lists.sign(content)

    def _unwrap(self, wrapped_key: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._wrapping, wrapped_key)
        except (InvalidUnwrap, ValueError):
            raise _unopened() from None


def _unopened() -> KeyFault:
    return KeyFault(problem="a sealed value does not open", allowed="the key it was sealed with, in its own place")


def _derive(master: bytes, label: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"markdna {label}".encode()).derive(master)


def read_keyring(key_file: Path, environment: Mapping[str, str] = os.environ) -> Keyring:
    """The keyring of MARKDNA_KEY or of the key file; raises KeyFault when neither holds a usable key."""
    text = environment.get("MARKDNA_KEY", "")
    if not text:
        try:
            if key_file.stat().st_mode & 0o077:
                raise KeyFault(problem=f"{key_file} can be read by others", allowed="mode 0600 (chmod 600)")
            text = key_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as fault:
            raise KeyFault(
                problem=f"{key_file} cannot be read ({fault})",
                allowed="a key file made by `markdna db create`, or the key in MARKDNA_KEY",
            ) from None
    try:
        return Keyring(bytes.fromhex(text.strip()))
    except ValueError:
        raise KeyFault(problem="it is not hexadecimal", allowed="64 hex digits") from None


def create_key_file(key_file: Path) -> None:
    """Write a new random master key that only this user can read; an existing file is never overwritten."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    # Rows sealed with a key that a power cut took could never be opened again, so its name must be on disk too.
    folder = os.open(key_file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
