"""The registry's words in the reader's language."""

import gettext
from pathlib import Path

import labels.language
from labels.language import Language

__all__ = ["Language", "words"]

# The last one wins, so that a page speaks its own word where a label uses a shorter one.
_FOLDERS = (
    Path(labels.language.__file__).parent / "translations",
    Path(__file__).parent / "translations",
)


def words(language: Language) -> gettext.NullTranslations:
    """The catalogue of ``language`` for pages, API and command."""
    return labels.language.translations(language, *_FOLDERS)
