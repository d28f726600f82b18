"""Codes and serial numbers in the one form in which they are searched."""

__all__ = ["folded_code", "folded_serial"]

# Etched characters that are taken for each other become one (domain: look-alikes in etched dots).
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "|": "1", "S": "5", "Z": "2", "B": "8", "G": "6"})


def folded_code(code: str) -> str:
    """A kit code in capitals without separators, look-alike characters made one: ``SPB-57RC`` and ``5P8 57RC`` meet."""
    return "".join(letter for letter in code.upper() if letter.isalnum() or letter == "|").translate(_LOOKALIKES)


def folded_serial(number: str) -> str:
    """A serial number in capitals without separators."""
    return "".join(letter for letter in number.upper() if letter.isalnum())
