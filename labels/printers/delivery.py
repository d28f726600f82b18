"""How a job reaches a printer of its own address: a raw connection to port 9100."""

import socket
from typing import Final

from labels.errors import PrinterError

__all__ = ["PATIENCE", "send_to_address"]

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
