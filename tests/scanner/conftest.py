"""What tests of the station share: a registry double on a real socket, moments, and a pulled cable."""

import asyncio
import base64
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty
from datetime import UTC, datetime

import pytest

from scanner import enrolment
from scanner.framing.tally import Tally
from scanner.journal import Journal, JournalCounts
from scanner.language import Language, words
from scanner.reading import DotText, Instant, ReaderIdentity, Reading, UvFinding
from scanner.sealing import SealingKey
from tests.scanner.registry_double import REGISTRY_KEY, SUITE, ListSigner, RegistryDouble

CASE = "5000-K123456-26"


@pytest.fixture(scope="session", autouse=True)
def memory():
    """A folder of our own in memory, where stations keep what must not be on disk."""
    folder = tempfile.mkdtemp(prefix="markdna-tests-", dir="/dev/shm")
    before = os.environ.get("RUNTIME_DIRECTORY")
    os.environ["RUNTIME_DIRECTORY"] = folder
    yield folder
    shutil.rmtree(folder)
    os.environ.pop("RUNTIME_DIRECTORY")
    if before is not None:
        os.environ["RUNTIME_DIRECTORY"] = before


@pytest.fixture
def message_key():
    """The public key to which stations of the registry double seal."""
    return REGISTRY_KEY.public_key().public_bytes_raw()


@pytest.fixture
def unsealed():
    """A function that opens a sealed message, as only the registry can; it gives the body inside."""

    def opened(sent):
        envelope = json.loads(sent)
        binding = f"markdna message, 1\n{envelope['segment']}\n{envelope['sequence']}\n{envelope['previous']}"
        content = SUITE.decrypt(base64.b64decode(envelope["sealed"]), REGISTRY_KEY, info=binding.encode())
        return json.loads(content)["body"]

    return opened


@pytest.fixture
def signer():
    return ListSigner()


@pytest.fixture
def registry(unsealed):
    double = RegistryDouble(unsealed)
    yield double
    double.close()


@pytest.fixture
def folder(tmp_path):
    """Where a journal lies."""
    return tmp_path / "journal"


@pytest.fixture
def opened(folder, message_key):
    """A function that opens the journal anew, closing the one before."""
    held = []

    def reopen():
        while held:
            held.pop().close()
        held.append(Journal(folder, SealingKey(message_key)))
        return held[0]

    yield reopen
    while held:
        held.pop().close()


@pytest.fixture
def now():
    return Instant(datetime(2026, 11, 22, 15, 4, 5, 123000, UTC), 100.0)


@pytest.fixture
def later(now):
    """A function: the same moment, so many seconds later."""
    return lambda seconds: Instant(now.wall, now.monotonic + seconds)


@pytest.fixture
def reading(now):
    """A function that makes a reading; the same arguments make an equal one."""

    def make(reading_id="R-000812", text="ENX?O9494", serial_number="SN00417"):
        return Reading(
            reading_id=reading_id,
            observations=(UvFinding(glow=True, peak_nm=612, intensity=734), DotText(text, "I" * len(text))),
            raw=b"$MDEND,4,R-000812,4*9883E0F3\r\n",
            read_at=now.wall,
            reader=ReaderIdentity("Nordisk Mätteknik", "UVD-2", serial_number, "1.4.2") if serial_number else None,
            receipt=4,
        )

    return make


class Cable:
    """A real pseudo-terminal: ``near`` is the reader's end, ``port`` what the station opens."""

    def __init__(self):
        self.near, self.far = pty.openpty()
        tty.setraw(self.far)
        self.port = os.ttyname(self.far)

    def send(self, data):
        while data:
            data = data[os.write(self.near, data) :]

    def heard(self):
        return os.read(self.near, 65_536)

    def pull(self):
        for end in (self.near, self.far):
            if end is not None:
                os.close(end)
        self.near = self.far = None


@pytest.fixture
def cable():
    one = Cable()
    yield one
    if one.near is not None:
        one.pull()


@pytest.fixture
def new_cable():
    """A function that lays another cable; all are pulled at the end."""
    laid = []

    def lay():
        laid.append(Cable())
        return laid[-1]

    yield lay
    for one in laid:
        if one.near is not None:
            one.pull()


@pytest.fixture
def unused_address():
    """HOST:PORT of a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"127.0.0.1:{port}"


def wait_until(condition, seconds=30.0):
    """True as soon as ``condition()`` is, False when it is not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.005)
    return bool(condition())


@pytest.fixture(name="wait_until")
def _wait_until():
    return wait_until


@pytest.fixture
def on_screen():
    """A function that shows a full screen, does something with it and gives it back."""
    from scanner.fullscreen import FullScreen
    from tests.scanner.full_screen import Desk, Shown

    def show(errand, language=Language.ENGLISH, tally=None, counts=None, size=(100, 30)):
        counts = counts or JournalCounts(0, 12, 0, 0)
        app = FullScreen(words(language), lambda: counts, lambda: tally or Tally(), CASE)
        stopped = threading.Event()
        app._station = Desk(app, stopped)

        async def run():
            async with app.run_test(size=size) as pilot:
                shown = Shown(app, pilot, stopped)
                await shown.settle()
                await errand(shown)
                stopped.set()
                await shown.settle()

        asyncio.run(run())
        return app

    return show


@pytest.fixture
def barcode_station(registry, tmp_path, cable):
    """A function that starts ``markdna scan`` with a scanner of barcodes on the cable; all are ended with the test."""
    started = []
    enrolment.save(tmp_path / "journal", registry.enrolment())
    config = tmp_path / "config.toml"

    def start(*options, language, offline_list):
        config.write_text(
            f'[scanner]\noffline_list = "{offline_list}"\nconnect_seconds = 0.5\nretry_seconds = 0.5\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-c", "from scanner.cli import scan; scan()", "--driver", "barcode", *options]
        places = {"port": cable.port, "case": CASE, "journal": tmp_path / "journal", "config": config}
        process = subprocess.Popen(
            [*command, *(str(part) for name, value in places.items() for part in (f"--{name}", value))],
            env={**os.environ, "MARKDNA_LANGUAGE": language, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
