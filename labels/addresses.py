"""Addresses that codes lead to, and whether anybody else reaches them."""

from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["local_address"]


def local_address(url: str) -> str:
    """Scheme and host of ``url`` if they lead a finder's phone to itself, else nothing."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    try:
        reached = ip_address(host)
        local = reached.is_loopback or reached.is_unspecified
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
    return f"{parts.scheme}://{parts.netloc.lower()}" if local else ""
