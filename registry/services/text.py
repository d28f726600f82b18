"""What a person typed, made fit to be stored: no control characters, no stray blanks, within its length."""

import unicodedata

from registry.errors import InvalidInput

__all__ = ["one_line"]

# Control, format (which holds the marks that turn the direction of text), surrogate and private characters.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co"})


def one_line(field: str, text: str, shortest: int, longest: int) -> str:
    """``text`` on one line with single blanks.

    Raises InvalidInput unless it has ``shortest`` to ``longest`` characters, all of which can be printed.
    """
    line = " ".join(text.split())
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in line):
        raise InvalidInput(field=field, value="…", allowed="letters, digits and signs that can be printed")
    if not shortest <= len(line) <= longest:
        shown = repr(line[:40]) if line else "nothing"
        raise InvalidInput(field=field, value=shown, allowed=f"{shortest} to {longest} characters")
    return line
