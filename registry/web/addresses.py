"""Addresses that a page may send its reader on to."""

import re

__all__ = ["own_path"]

_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def own_path(wish: str, otherwise: str = "/") -> str:
    """``wish`` if it is a path on this very site, else ``otherwise``; it never leads to another host."""
    return wish if _OWN_PATH.fullmatch(wish) else otherwise
