"""Programs of the register started as processes of their own, as an operator would start them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from registry.errors import Unavailable

__all__ = ["Program", "Programs", "free_port"]

_START_SECONDS = 120.0
_STOP_SECONDS = 10.0


def free_port(preferred: int = 0) -> int:
    """``preferred`` if nobody listens there, else a port that the system says is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


class Program:
    """One running ``markdna`` command; what it prints goes to a file."""

    def __init__(self, name: str, arguments: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            # A group of its own: Ctrl-C in the terminal reaches only us, and we end the others in order.
            self.process = subprocess.Popen(  # noqa: S603 - our own command with arguments as a list
                [sys.executable, "-m", "registry", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def said(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def check(self) -> None:
        """Raise Unavailable, with the program's own last words, if it has ended."""
        if self.process.poll() is not None:
            last = " ".join(self.said().split())[-500:]
            raise Unavailable(what=f"{self.name} (ended with code {self.process.returncode}: {last})")

    def wait(self, seconds: float) -> int:
        """Wait for its end and return its exit code; raises Unavailable when it takes longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Unavailable(what=f"{self.name} (not done after {seconds:.0f} s)") from None

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Programs:
    """Starts programs and stops them, last first, when the block ends."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._running = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Program:
        """Start ``markdna`` with ``arguments``; ``name`` is for messages and its log file."""
        log = self.folder / f"{name.replace(' ', '-')}.log"
        program = Program(name, list(arguments), log, {**self.environment, **(environment or {})})
        self._running.callback(program.stop)
        return program

    def serve(self, url: str, *arguments: str) -> Program:
        """Start the registry's server and wait until it answers at ``url``."""
        program = self.start("registry", "serve", *arguments)
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            program.check()
            try:
                if httpx.get(f"{url}/health", timeout=2).is_success:
                    return program
            except httpx.TransportError:
                time.sleep(0.1)
        raise Unavailable(what=f"{program.name} (no answer at {url} in {_START_SECONDS:.0f} s)")
