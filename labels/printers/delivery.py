"""How a job reaches a printer of its own address: a raw connection to port 9100."""

import socket
from typing import Final

from labels.errors import PrinterError

__all__ = ["PATIENCE", "send_to_address"]

RAW_PORT: Final = 9100
PATIENCE: Final = 20.0
"""Seconds for a connection or a command; a printer that is switched off must not hold a person up for longer."""
FAREWELL: Final = 3.0
"""Seconds for the printer to close the connection once it has everything; some never do."""


def send_to_address(address: str, job: bytes) -> None:
    """Send ``job`` to a printer at ``host``, ``host:port`` or ``[IPv6]:port`` (9100 by default).

    Raises PrinterError if it cannot be reached, which means that nothing was printed, or if it broke off or stopped
    taking the job, and then how much it had taken.
    """
    host, port = _host_and_port(address)
    try:
        connection = socket.create_connection((host, port), timeout=PATIENCE)
    except TimeoutError:
        raise PrinterError(
            where=address,
            reason="it did not answer within {seconds} seconds; nothing was sent.",
            seconds=round(PATIENCE),
        ) from None
    except OSError as fault:
        raise PrinterError(
            where=address, reason="it cannot be reached ({fault}); nothing was sent.", fault=fault.strerror or fault
        ) from None
    with connection:
        _send(connection, address, job)


def _send(connection: socket.socket, address: str, job: bytes) -> None:
    sent = 0
    try:
        while sent < len(job):
            sent += connection.send(job[sent : sent + 65_536])
        connection.shutdown(socket.SHUT_WR)
    except TimeoutError:
        raise PrinterError(
            where=address,
            reason="it took {sent} of {total} bytes and then no more. Is there paper in it? Look at what came out "
            "before you print again.",
            sent=sent,
            total=len(job),
        ) from None
    except OSError:
        raise PrinterError(
            where=address,
            reason="the connection broke after {sent} of {total} bytes. Look at what came out before you print again.",
            sent=sent,
            total=len(job),
        ) from None
    _wait_for_close(connection, address)


def _wait_for_close(connection: socket.socket, address: str) -> None:
    """Wait until the printer has read everything: a connection that is reset now has lost its end."""
    connection.settimeout(FAREWELL)
    try:
        while connection.recv(4096):  # Some printers answer with their status before they close.
            pass
    except TimeoutError:
        return  # It has taken the job and keeps the connection open, as some do.
    except OSError:
        raise PrinterError(
            where=address,
            reason="the connection broke at the end of the job. Look at what came out before you print again.",
        ) from None


def _host_and_port(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        host, port = address, str(RAW_PORT)
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        raise PrinterError(where=address, reason="the port must be a number up to 65535, such as 192.0.2.10:9100.")
    return host.removeprefix("[").removesuffix("]"), int(port)
