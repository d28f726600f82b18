"""The words of the station in the language of the person at the terminal."""

from collections.abc import Callable
from pathlib import Path

import labels
from labels.language import Language, reader_language, translations

__all__ = ["words"]

_FOLDERS = (
    Path(__file__).parent / "translations",
    # Errors of config.toml belong to labels, and are shown by the station's commands as well.
    Path(labels.__file__).parent / "translations",
)


def words(language: Language | None = None) -> Callable[[str], str]:
    """The gettext function of ``language``, by default that of ``reader_language()``."""
    return translations(language or reader_language(), *_FOLDERS).gettext
