"""The list of stolen marks on the station's disk: sealed, 24 hours long, and not kept alive by setting the clock back.

``stolen.list`` is AES-256-GCM under a key that comes from the station's signing key and token and, unless it is to
outlive the machine's power, from a key that lies in memory alone (``scanner.volatile``): then what a thief takes away
with the disk cannot be opened at all. ``stolen.clock`` is sealed likewise and holds the greatest time seen.

Its age is the greater of two: by the clock on the wall, which is not believed when it stands before the greatest time
seen, and by the seconds since the machine was started, sleep included, which nobody can set.
"""

import hashlib
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scanner.enrolment import Enrolment
from scanner.errors import BadListError, JournalUnwritableError
from scanner.settings import OfflineList
from scanner.stolen_list import ListStanding, ListState, StolenList, opened
from scanner.volatile import volatile_key

__all__ = ["KeptList", "Moment", "kept_list"]

_LIST_NAME, _CLOCK_NAME = "stolen.list", "stolen.clock"
_NONCE_BYTES = 12
_MOST_SET_BACK = 300.0
"""Seconds by which a clock may be put right without the list being doubted."""
_NOTE_EVERY = 60.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in seconds: on the wall (since 1970), and since the start of the machine that ``boot`` names."""

    wall: float
    running: float
    boot: str

    @classmethod
    def now(cls) -> "Moment":
        """The moment it is."""
        return cls(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), _boot())


@cache
def _boot() -> str:
    """The name of this start of the machine, which no process outlives; empty where there is none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class _Held:
    """The opened list, when it was fetched, and the greatest time seen since."""

    stolen: StolenList
    fetched: Moment
    seal: bytes
    greatest: float


class KeptList:
    """The list in a journal's folder. Its methods may be called from several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        secret: bytes,
        list_key: bytes,
        outlives_power: bool,
        only_looks: bool = False,
        now: Callable[[], Moment] = Moment.now,
    ) -> None:
        """``secret`` is what the station proves itself with, ``list_key`` the registry's key that signs lists.

        One that ``only_looks`` writes no file: the station that runs beside it writes them.
        """
        folder = folder.expanduser()
        self._list, self._clock = folder / _LIST_NAME, folder / _CLOCK_NAME
        self._list_key = list_key
        self._cipher = AESGCM(_key(secret if outlives_power else secret + volatile_key(folder)))
        self._now = now
        self._only_looks = only_looks
        self._mutex = threading.Lock()
        self._noted = float("-inf")
        self._held = self._read()

    def keep(self, content: bytes, nonce: str) -> None:
        """Keep what the registry sent in place of the list before. Raises BadListError, JournalUnwritableError.

        ``nonce`` is what the question named: a list that was given for another, perhaps long ago, is refused.
        """
        stolen = opened(content, self._list_key)
        if stolen.nonce != nonce:
            raise BadListError(problem="nonce")
        now = self._now()
        sealed = self._sealed(json.dumps(asdict(now)).encode() + b"\n" + content, _LIST_NAME)
        with self._mutex:
            _write(self._list, sealed)
            self._held = _Held(stolen, now, hashlib.sha256(sealed).digest(), now.wall)
            self._note(now.wall)

    def standing(self) -> ListStanding:
        """How the list stands now; notes the time now and then."""
        with self._mutex:
            held, now = self._held, self._now()
            if held is None:
                return ListStanding(ListState.CLOSED if self._list.exists() else ListState.ABSENT)
            if not self._only_looks and now.wall > self._noted + _NOTE_EVERY:
                with suppress(JournalUnwritableError):
                    self._note(max(now.wall, held.greatest))
            greatest = max(now.wall, held.greatest)
            age = greatest - held.fetched.wall
            if held.fetched.boot == now.boot:
                age = max(age, now.running - held.fetched.running)
            state = ListState.VALID
            if now.wall < held.greatest - _MOST_SET_BACK:
                state = ListState.SET_BACK
            elif age >= held.stolen.valid_seconds:
                state = ListState.EXPIRED
            # On the station's own clock, which may go wrong by a few minutes without anybody minding.
            expires = datetime.fromtimestamp(now.wall - age + held.stolen.valid_seconds, UTC)
            expires = expires.replace(second=0, microsecond=0)
            return ListStanding(state, held.stolen.issued_at, expires, held.stolen.marks)

    def current(self) -> StolenList | None:
        """The list, while it may be asked."""
        if self.standing().state is not ListState.VALID:
            return None
        held = self._held
        return held.stolen if held else None

    def delete(self) -> None:
        """Forget the list, in memory and on disk."""
        with self._mutex:
            self._held = None
            for path in (self._list, self._clock):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _read(self) -> _Held | None:
        """The list on disk; None when there is none, or when it or its clock was changed or taken from elsewhere."""
        try:
            sealed = self._list.read_bytes()
            fetched, _, content = self._unsealed(sealed, _LIST_NAME).partition(b"\n")
            clock = json.loads(self._unsealed(self._clock.read_bytes(), _CLOCK_NAME))
            seal = hashlib.sha256(sealed).digest()
            if clock["list"] != seal.hex():
                return None
            held = _Held(opened(content, self._list_key), Moment(**json.loads(fetched)), seal, float(clock["greatest"]))
        except (OSError, InvalidTag, ValueError, KeyError, TypeError, BadListError):
            return None
        self._noted = held.greatest
        return held

    def _note(self, greatest: float) -> None:
        """Put the greatest time seen on disk. Raises JournalUnwritableError."""
        held = self._held
        if held is None:
            return
        content = json.dumps({"list": held.seal.hex(), "greatest": greatest}).encode()
        _write(self._clock, self._sealed(content, _CLOCK_NAME))
        self._noted = greatest
        self._held = _Held(held.stolen, held.fetched, held.seal, greatest)

    def _sealed(self, content: bytes, name: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def _unsealed(self, sealed: bytes, name: str) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())


def kept_list(
    wish: OfflineList, folder: Path, enrolment: Enrolment, token: str, *, only_looks: bool = False
) -> KeptList | None:
    """The list of the station in this folder; None when the settings ask for none."""
    if wish == "off":
        return None
    secret = enrolment.signing_key + token.encode()
    return KeptList(
        folder, secret=secret, list_key=enrolment.list_key, outlives_power=wish == "on-disk", only_looks=only_looks
    )


def _key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"markdna kept list, 1").derive(secret)


def _write(path: Path, content: bytes) -> None:
    """Whole, on disk, or not at all. Raises JournalUnwritableError."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as fault:
        # A full disk needs the room, and half a file is of use to nobody.
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise JournalUnwritableError(file=path, problem=fault.strerror) from fault
