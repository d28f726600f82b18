"""A real server that is killed (SIGKILL) under several writers loses nothing that it said was done.

Each writer is a resident who changes the language of the account over HTTP, again and again: an answer of 302 means
that the change and its event in the log are stored. After the kill the log is counted, and database and chain checked.
The control answers before it commits, and is caught.
"""

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from registry.database import Database
from registry.keyring import create_key_file, read_keyring
from registry.models.accounts import Account
from registry.services import accounts, audit, sessions
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR, Role
from registry.settings import RegistrySettings

WRITERS = 4
LATE = Path(__file__).parent / "late_commit.py"


@dataclass
class Register:
    """A register on disk, a port for its server and a signed-in cookie for each writer."""

    config: Path
    database: Database
    port: int
    cookies: dict[int, str]
    acknowledged: dict[int, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self, account_id: int) -> int:
        """How many changes of the account the log holds."""
        with self.database.transaction(reads_only=True) as session:
            found = audit.newest(session, limit=100_000, subject=f"account:{account_id}")
        return sum(event.action == audit.Action.ACCOUNT_CHANGED for event in found)

    def lost(self) -> dict[int, int]:
        """Acknowledged changes that the log does not hold, by account."""
        short = {key: count - self.events(key) for key, count in self.acknowledged.items()}
        return {key: missing for key, missing in short.items() if missing > 0}


@pytest.fixture
def register(tmp_path, migrated_sqlite) -> Iterator[Register]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path, key_file = tmp_path / "register.db", tmp_path / "registry.key"
    path.write_bytes(migrated_sqlite.read_bytes())
    create_key_file(key_file)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[registry]\ndatabase = "sqlite:///{path}"\nkey_file = "{key_file}"\nport = {port}\n'
        f'public_url = "http://127.0.0.1:{port}"\nmail_directory = "{tmp_path}/mail"\n',
        encoding="utf-8",
    )
    settings = RegistrySettings(database=f"sqlite:///{path}", key_file=key_file)
    database = Database(settings.database, {"keyring": read_keyring(key_file, {}), "settings": settings})
    cookies = {}
    with database.transaction() as session:
        for number in range(WRITERS):
            new = NewAccount(f"bo{number}@exempel.example", "Bo Nilsson", "vinter i Exempelby")
            account: Account = accounts.create(session, OPERATOR, new)
            accounts.grant(session, OPERATOR, account.id, Role.RESIDENT)
            cookies[account.id] = sessions.start(session, account)
    yield Register(config, database, port, cookies)
    database.close()


def start(register: Register, *command: str) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own and wait until it answers."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MARKDNA")}
    server = subprocess.Popen(
        [sys.executable, *command],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        try:
            if httpx.get(f"{register.url}/health", timeout=5).status_code == 200:
                return server
        except httpx.HTTPError:
            time.sleep(0.05)
    os.killpg(server.pid, signal.SIGKILL)
    pytest.fail("the server did not start within a minute")


def serve(register: Register) -> subprocess.Popen[bytes]:
    """The real server, as an operator starts it."""
    return start(register, "-m", "registry", "--config", str(register.config), "serve")


def serve_late(register: Register) -> subprocess.Popen[bytes]:
    """The control: it answers first and commits afterwards."""
    return start(register, str(LATE), str(register.config), str(register.port))


def write(register: Register, account_id: int, stopped: threading.Event) -> None:
    """Change the language until the server is gone, counting what it said was done."""
    with httpx.Client(base_url=register.url, cookies={"markdna": register.cookies[account_id]}, timeout=20) as client:
        try:
            page = client.get("/account")
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token is not None
            while not stopped.is_set():
                language = random.choice(["sv", "en"])
                answer = client.post("/account/language", data={"csrf_token": token[1], "language": language})
                if answer.status_code in {302, 303}:
                    register.acknowledged[account_id] = register.acknowledged.get(account_id, 0) + 1
        except httpx.HTTPError:
            return


def kill_under_writers(
    register: Register, begin: Callable[[Register], subprocess.Popen[bytes]], seconds: float
) -> None:
    server, stopped = begin(register), threading.Event()
    writers = [threading.Thread(target=write, args=(register, key, stopped)) for key in register.cookies]
    for writer in writers:
        writer.start()
    patience = time.monotonic() + 20
    before = sum(register.acknowledged.values())
    while sum(register.acknowledged.values()) < before + WRITERS and time.monotonic() < patience:
        time.sleep(0.01)
    time.sleep(seconds)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    stopped.set()
    for writer in writers:
        writer.join()


def faults(register: Register) -> list[str]:
    """What is wrong with the register after the kill."""
    connection = sqlite3.connect(register.database.url.removeprefix("sqlite:///"))
    check = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    found = [] if check == "ok" else [f"integrity: {check}"]
    with register.database.transaction(reads_only=True) as session:
        chain = audit.verify(session)
    if chain.broken_at is not None:
        found.append(f"log: {chain.problem}")
    return found + [f"account {key} lost {count}" for key, count in register.lost().items()]


def faults_after_kills(register: Register, rounds: int) -> list[str]:
    """Kill the server ``rounds`` times and stop at the first fault; too few acknowledged writes are a fault too."""
    for number in range(rounds):
        kill_under_writers(register, serve, random.Random(number).uniform(0, 0.6))
        if found := faults(register):
            return found
    written = sum(register.acknowledged.values())
    return [] if written >= rounds * WRITERS else [f"only {written} writes were acknowledged"]


def test_a_killed_server_loses_nothing_that_it_acknowledged(register):
    assert faults_after_kills(register, 2) == []


@pytest.mark.long
def test_a_server_that_is_killed_again_and_again_loses_nothing(register):
    assert faults_after_kills(register, int(os.environ.get("MARKDNA_CRASH_ROUNDS", "6"))) == []


def test_a_server_that_answers_before_it_commits_is_caught(register):
    """The control."""
    for _ in range(3):
        kill_under_writers(register, serve_late, 0.2)
        if register.lost():
            break
    assert register.lost() != {}


def test_a_server_that_is_told_to_stop_finishes_what_it_began(register):
    server = serve(register)
    account_id, cookie = next(iter(register.cookies.items()))
    with httpx.Client(base_url=register.url, cookies={"markdna": cookie}, timeout=20) as client:
        page = client.get("/account")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token is not None
        form_cookie = client.cookies["form"]
    content = f"csrf_token={token[1]}&language=en".encode()
    head = (
        f"POST /account/language HTTP/1.1\r\nHost: 127.0.0.1:{register.port}\r\nConnection: close\r\n"
        f"Cookie: markdna={cookie}; form={form_cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", register.port), timeout=20) as line:
        line.sendall(head.encode() + content[:10])
        time.sleep(0.5)
        server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        line.sendall(content[10:])
        answer = line.recv(4096)
    server.wait(30)
    assert answer.startswith((b"HTTP/1.1 302", b"HTTP/1.1 303"))
    assert register.events(account_id) == 1
