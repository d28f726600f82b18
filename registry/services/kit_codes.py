"""Kit codes as people type them and as they are compared."""

import re

__all__ = ["compact", "folded"]

_SEPARATORS = re.compile(r"[^0-9A-Z]+")
# The look-alikes of etched dots (domain: code shapes): each group is written as its first character.
_LOOK_ALIKES = str.maketrans({"O": "0", "L": "I", "1": "I", "|": "I", "S": "5", "Z": "2", "B": "8", "G": "6"})


def compact(code: str) -> str:
    """The code in capitals without blanks, hyphens and other separators."""
    return _SEPARATORS.sub("", code.upper().replace("|", "I"))


def folded(code: str) -> str:
    """The compact code with look-alike characters made one, so that ``O`` for ``0`` is no mistake."""
    return compact(code).translate(_LOOK_ALIKES)
