"""Codes and serial numbers in the one form in which they are compared."""

import unicodedata

__all__ = ["compact_code", "folded_code", "folded_serial"]

# Etched characters that are taken for each other become one (domain: look-alikes in etched dots).
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8", "G": "6"})


def compact_code(code: str) -> str:
    """A kit code as typed or read, in capitals without blanks, hyphens and other separators; ``|`` is an I."""
    wide = unicodedata.normalize("NFKC", code).upper().replace("|", "I")
    return "".join(letter for letter in wide if letter.isascii() and letter.isalnum())


def folded_code(code: str) -> str:
    """The compact code with look-alike characters made one: ``SPB-57RC`` and ``5P8 57RC`` meet."""
    return compact_code(code).translate(_LOOKALIKES)


def folded_serial(number: str) -> str:
    """A serial number in capitals without separators."""
    return "".join(letter for letter in number.upper() if letter.isalnum())
