"""What the station is measured in: a registry that keeps to the contract, the station as a process, its screen read."""

import atexit
import base64
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from scanner.reading import ReaderIdentity
from scanner.simulator.ports import PseudoTerminal

SCAN = [sys.executable, "-c", "from scanner.cli import scan; scan()"]
IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
CASE = "5000-K123456-26"
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
REGISTRY_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
MESSAGE_KEY = REGISTRY_KEY.public_key().public_bytes_raw()
ANSWER = {"verdict": "identified", "grade": 4, "candidates": [], "supplier": None, "searched": 1000}


def _unsealed(envelope: dict[str, str]) -> str:
    """The reading id of a sealed message."""
    binding = f"markdna message, 1\n{envelope['segment']}\n{envelope['sequence']}\n{envelope['previous']}"
    content = SUITE.decrypt(base64.b64decode(envelope["sealed"]), REGISTRY_KEY, info=binding.encode())
    return str(json.loads(content)["body"]["reading_id"])


def _serve_registry(pipe: Connection, *, idempotent: bool, loss: float) -> None:
    """Be a registry until told to report; lose a share of the answers after having taken the reading."""
    order: list[str] = []
    answers: dict[str, int] = {}
    dice = random.Random(1)
    mutex = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            key = base64.b64encode(MESSAGE_KEY).decode("ascii")
            self.answer(200, {"name": "Station", "organisation": "Polisen", "message_key": key})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            content = self.rfile.read(length)
            if len(content) < length:
                # The station was killed in the middle of its request.
                self.close_connection = True
                return
            envelope = json.loads(content)
            key, reading_id = f"{envelope['segment']}:{envelope['sequence']}", _unsealed(envelope)
            with mutex:
                known = idempotent and key in answers
                if not known:
                    order.append(reading_id)
                    answers[key] = len(order)
                lost = dice.random() < loss
            if lost:
                self.close_connection = True
            else:
                told = {"id": answers[key], "reading_id": reading_id, "duplicate": known, **ANSWER}
                self.answer(200 if known else 201, told)

        def answer(self, status: int, content: dict[str, object]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A station that was killed hangs up in the middle; that is what is measured here."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(f"http://127.0.0.1:{server.server_address[1]}")
    while (asked := pipe.recv()) != "end":
        with mutex:
            pipe.send(list(order) if asked == "order" else len(order))


class Registry:
    """A registry in a process of its own."""

    def __init__(self, *, idempotent: bool = True, loss: float = 0.0) -> None:
        self._pipe, far = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_serve_registry, args=(far,), kwargs={"idempotent": idempotent, "loss": loss}
        )
        self._process.start()
        self.address: str = self._pipe.recv()

    def order(self) -> list[str]:
        """The ids of the readings taken, in order."""
        self._pipe.send("order")
        order: list[str] = self._pipe.recv()
        return order

    def taken(self) -> int:
        """How many readings were taken."""
        self._pipe.send("taken")
        count: int = self._pipe.recv()
        return count

    def close(self) -> None:
        """End the process."""
        self._pipe.send("end")
        self._process.join(2)
        self._process.kill()


@contextmanager
def registry(*, idempotent: bool = True, loss: float = 0.0) -> Iterator[Registry]:
    one = Registry(idempotent=idempotent, loss=loss)
    try:
        yield one
    finally:
        one.close()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a measurement; keys that stations keep in memory are in one of their own, which goes with it."""
    memory = tempfile.mkdtemp(prefix="markdna-station-", dir="/dev/shm")
    os.environ["RUNTIME_DIRECTORY"] = memory
    try:
        with tempfile.TemporaryDirectory(prefix="markdna-station-") as name:
            yield Path(name)
    finally:
        shutil.rmtree(memory)


def start(port: str | Path, address: str, journal: Path, *more: str, case: str = CASE) -> subprocess.Popen[str]:
    environment = {"MARKDNA_STATION_TOKEN": "token", **os.environ, "MARKDNA_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    arguments = [
        "--port",
        str(port),
        "--registry",
        address,
        "--case",
        case,
        "--journal",
        str(journal),
        "--driver",
        "mdr",
    ]
    process = subprocess.Popen(
        [*SCAN, *arguments, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    # A station left behind would wait for its port, and take the next one of the same name.
    atexit.register(process.kill)
    return process


def wait_for(process: subprocess.Popen[str], words: str) -> bool:
    """Read what the station shows until ``words`` are in it; False when it ended before."""
    return process.stdout is not None and any(words in line for line in iter(process.stdout.readline, ""))


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    atexit.unregister(process.kill)
    if process.stdout:
        process.stdout.close()


class Line:
    """The reader's end of a pseudo-terminal, spoken to by hand."""

    def __init__(self, link: Path) -> None:
        self.terminal = PseudoTerminal(link)
        self._heard = b""

    def until(self, words: bytes, seconds: float = 10.0) -> bool:
        """Wait until the station has said ``words``."""
        deadline = time.monotonic() + seconds
        while words not in self._heard:
            if time.monotonic() > deadline:
                return False
            if not self.terminal.connected():
                time.sleep(0.001)
                continue
            self._heard += self.terminal.read(0.01)
        self._heard = self._heard.partition(words)[2]
        return True
