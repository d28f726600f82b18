"""A PostgreSQL server of the system, with its contributed modules, for a benchmark: a cluster in a folder.

The server that comes as a Python package has no pg_trgm; Debian's ``postgresql`` package has. A server does not run as
root, so that under root it runs as the user ``postgres``.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

__all__ = ["MissingServerError", "cpu_seconds", "programs", "server", "server_version"]

SYSTEM_USER = "postgres"
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "1GB",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "fsync": "off",
}


class MissingServerError(Exception):
    """No PostgreSQL programs are installed, or they lack what is wanted."""


def programs() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``, the newest version that has pg_trgm."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: -float(one.parent.name)):
        if (folder.parent / "lib" / "pg_trgm.so").exists():
            return folder
    found = shutil.which("pg_ctl")
    if found is None:
        raise MissingServerError("PostgreSQL with pg_trgm is not installed (Debian: postgresql, postgresql-contrib)")
    return Path(found).parent


def server_version() -> str:
    """What the server says of itself, or ``missing``."""
    try:
        told = subprocess.run([str(programs() / "postgres"), "--version"], capture_output=True, text=True, check=True)
    except (MissingServerError, OSError, subprocess.CalledProcessError):
        return "missing"
    found = re.search(r"\d+(\.\d+)?", told.stdout)
    return found[0] if found else "unknown"


@contextmanager
def server(data: Path) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection to a server on the cluster in ``data``, which is made when there is none; stopped at the end."""
    folder = programs()
    with tempfile.TemporaryDirectory(prefix="markdna-pg-") as sockets:
        _give_away(Path(sockets))
        if not (data / "PG_VERSION").exists():
            data.mkdir(parents=True, exist_ok=True)
            _give_away(data)
            made = ["-U", SYSTEM_USER, "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]
            _run([str(folder / "initdb"), "-D", str(data), *made])
        given = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        control = [str(folder / "pg_ctl"), "-D", str(data), "-w", "-s"]
        _run([*control, "-l", str(data / "server.log"), "-o", f"-k {sockets} {given}", "start"])
        try:
            with psycopg.connect(host=sockets, user=SYSTEM_USER, dbname="postgres", autocommit=True) as connection:
                yield connection
        finally:
            _run([*control, "-m", "fast", "stop"])


def cpu_seconds(connection: "psycopg.Connection[tuple[object, ...]]") -> float:
    """CPU time so far of the server process behind a connection (Linux)."""
    text = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    return int(text.split()[0]) / 1e9


def _user() -> str | None:
    return SYSTEM_USER if os.geteuid() == 0 else None


def _give_away(folder: Path) -> None:
    if _user():
        shutil.chown(folder, SYSTEM_USER, SYSTEM_USER)
    folder.chmod(0o700)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, user=_user(), cwd="/"
        )
    except subprocess.CalledProcessError as problem:
        raise MissingServerError(f"{command[0]}: {problem.stderr.strip()[-300:]}") from problem
