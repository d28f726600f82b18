"""What makes a machine a station: kept in one file of the journal's folder, readable by this user alone."""

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.errors import BadEnrolmentError, JournalUnwritableError

__all__ = ["Enrolment", "load", "save"]

_FILE_NAME = "station.json"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The registry that knows this machine, and what the machine has to prove itself with.

    ``message_key`` is the registry's public key (X25519), ``list_key`` the one under which it signs lists of stolen
    marks (Ed25519), empty while it has not told one. ``token`` and ``signing_key`` (Ed25519, private) are empty
    for a station whose token comes from the environment.
    """

    registry: str
    name: str
    organisation: str
    message_key: bytes
    token: str = field(default="", repr=False)
    signing_key: bytes = field(default=b"", repr=False)
    list_key: bytes = b""

    def sign(self, content: bytes) -> bytes:
        """The signature of ``content``; empty for a station without a key of its own."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_key).sign(content) if self.signing_key else b""


def load(folder: Path) -> Enrolment | None:
    """The enrolment kept in a journal's folder, or None. Raises BadEnrolmentError."""
    path = folder.expanduser() / _FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = Enrolment(
            registry=str(content["registry"]),
            name=str(content["name"]),
            organisation=str(content["organisation"]),
            message_key=base64.b64decode(content["message_key"], validate=True),
            token=str(content["token"]),
            signing_key=base64.b64decode(content["signing_key"], validate=True),
            list_key=base64.b64decode(content.get("list_key", ""), validate=True),
        )
    except FileNotFoundError:
        return None
    except (OSError, KeyError, TypeError, ValueError, RecursionError, binascii.Error) as fault:
        raise BadEnrolmentError(file=path, problem=type(fault).__name__) from fault
    if len(found.message_key) != 32 or not {len(found.signing_key), len(found.list_key)} <= {0, 32}:
        raise BadEnrolmentError(file=path, problem="length of a key")
    return found


def save(folder: Path, enrolment: Enrolment) -> None:
    """Keep the enrolment in place of an earlier one: whole, on disk, or not at all. Raises JournalUnwritableError."""
    path = folder.expanduser() / _FILE_NAME
    content = {
        "registry": enrolment.registry,
        "name": enrolment.name,
        "organisation": enrolment.organisation,
        "message_key": base64.b64encode(enrolment.message_key).decode("ascii"),
        "token": enrolment.token,
        "signing_key": base64.b64encode(enrolment.signing_key).decode("ascii"),
        "list_key": base64.b64encode(enrolment.list_key).decode("ascii"),
    }
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as fault:
        raise JournalUnwritableError(file=path, problem=fault.strerror) from fault
