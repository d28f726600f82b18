"""A key that outlives the process and not the machine's power: it lies in memory, under the name of a file.

A station that is started again must know a reading that the reader repeats; so it keeps keyed fingerprints on disk.
Whoever takes the disk must not be able to try marks against them, so their key is never on it: it is in a file of a
tmpfs.
After a power cut the key is gone, and with it the use of the fingerprints; then the registry knows repetitions.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

__all__ = ["volatile_key"]

_KEY_BYTES = 32
_MOUNTS = Path("/proc/self/mounts")


def volatile_key(journal: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """The 32 bytes kept in memory for a journal's folder, made if need be.

    Where the system has no folder in memory the key lives as long as this process.
    """
    name = f"markdna-{hashlib.sha256(os.fsencode(journal.absolute())).hexdigest()[:16]}.key"
    for folder in _in_memory(environment):
        with contextlib.suppress(OSError):
            return _kept(folder / name)
    return secrets.token_bytes(_KEY_BYTES)


def _in_memory(environment: Mapping[str, str]) -> list[Path]:
    """Folders of ours that lie on a tmpfs: what systemd gives a service or a user, else the system's shared memory."""
    wanted = [environment.get("RUNTIME_DIRECTORY", ""), environment.get("XDG_RUNTIME_DIR", ""), "/dev/shm"]  # noqa: S108
    try:
        mounts = [line.split(" ") for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
    kinds = {mount[1]: mount[2] for mount in mounts}
    return [
        folder
        for folder in map(Path, filter(None, wanted))
        if next((kinds[str(one)] for one in (folder, *folder.parents) if str(one) in kinds), "") in {"tmpfs", "ramfs"}
    ]


def _kept(path: Path) -> bytes:
    """The key in a file of this user alone. Raises OSError, also for a file that somebody else put there."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as made:
            made.write(secrets.token_bytes(_KEY_BYTES))
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        state = os.fstat(file.fileno())
        key = file.read(_KEY_BYTES)
    if state.st_uid != os.getuid() or state.st_mode & 0o077 or len(key) != _KEY_BYTES:
        raise PermissionError(path)
    return key
