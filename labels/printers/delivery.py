"""How a job reaches its printer: a raw connection to port 9100, or a queue of the print server by name."""

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Final

from labels.errors import PrinterError

__all__ = ["send_to_address", "send_to_queue"]

RAW_PORT: Final = 9100
PATIENCE: Final = 20.0
"""Seconds for a connection or a command; a printer that is switched off must not hold a person up for longer."""


def send_to_address(address: str, job: bytes) -> None:
    """Send ``job`` to a printer at ``host`` or ``host:port`` (9100 by default), waiting until it has taken it all.

    Raises PrinterError if it cannot be reached or stops taking the job.
    """
    host, _, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "")
    if port and not port.isdecimal():
        raise PrinterError(where=address, reason="the port must be a number, such as 192.0.2.10:9100.")
    try:
        with socket.create_connection((host, int(port or RAW_PORT)), timeout=PATIENCE) as connection:
            connection.sendall(job)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(PATIENCE)
            while connection.recv(4096):  # Some printers answer with their status before they close.
                pass
    except TimeoutError:
        raise PrinterError(
            where=address, reason="it did not take the job within {seconds} seconds.", seconds=PATIENCE
        ) from None
    except OSError as fault:
        raise PrinterError(where=address, reason="it cannot be reached ({fault}).", fault=fault) from None


def send_to_queue(queue: str, file: Path, *, raw: bool = False, copies: int = 1) -> str:
    """Hand ``file`` to the queue called ``queue`` of the print server (CUPS) and give its answer, the job's name.

    A PDF is printed without scaling; ``raw`` sends the bytes as they are, for label printers. Raises PrinterError if
    there is no print server or it refuses.
    """
    program = shutil.which("lp")
    if program is None:
        raise PrinterError(where=queue, reason="the command lp of the print system CUPS is not installed.")
    options = ["-o", "raw"] if raw else ["-o", "print-scaling=none", "-o", "sides=one-sided"]
    command = [program, "-d", queue, "-n", str(copies), *options, "--", str(file)]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, a list of arguments, no shell
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise PrinterError(
            where=queue, reason="it did not take the job within {seconds} seconds.", seconds=PATIENCE
        ) from None
    if done.returncode:
        raise PrinterError(where=queue, reason="the print system refuses: {fault}.", fault=done.stderr.strip()[:200])
    return done.stdout.strip()
