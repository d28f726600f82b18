"""Requests that may come twice: each carries a key of its sender's, by which the second is told from a new one."""

import re
from typing import Final

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from registry.api.problems import InvalidBody

__all__ = ["KEY", "sent_with_key"]

KEY: Final = re.compile(r"[!-~]{1,64}")
"""An idempotency key."""


def sent_with_key() -> tuple[str, bytes]:
    """The key and the body of the request, which must be JSON; raises UnsupportedMediaType and InvalidBody."""
    content = request.get_data()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise InvalidBody(
            field="Idempotency-Key",
            value=ascii(key[:64]) if key else "nothing",
            allowed="1 to 64 printable ASCII characters, such as a UUID",
        )
    return key, content
