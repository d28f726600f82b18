"""Words on screen and paper in Swedish and English, from .po catalogues read as they are.

Message ids are the English texts, so English needs no catalogue. A part keeps its Swedish words in
``translations/sv/*.po``, one file an area, so that people who work on different areas do not meet in one file.
"""

import gettext
import io
import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["Language", "Translations", "reader_language", "translations"]


class Language(StrEnum):
    """A language the project speaks; Swedish comes first."""

    SWEDISH = "sv"
    ENGLISH = "en"


class Translations(gettext.GNUTranslations):
    """The words of one language from several catalogues; a text without translation stays English."""


def _catalogue_files(folder: Path, language: Language) -> Iterator[Path]:
    yield from sorted((folder / language.value).glob("*.po"))


@cache
def translations(language: Language, *folders: Path) -> gettext.NullTranslations:
    """The merged catalogues of ``folders`` (each a ``translations`` directory) for ``language``.

    A .po file is read directly, so that nothing has to be compiled before the program runs.
    """
    merged: gettext.NullTranslations = gettext.NullTranslations()
    for folder in folders:
        for file in _catalogue_files(folder, language):
            with file.open("rb") as source:
                catalogue = read_po(source, locale=language.value)
            compiled = io.BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            one = Translations(compiled)
            one.add_fallback(merged)
            merged = one
    return merged


def reader_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of the person at the terminal: MARKDNA_LANGUAGE, LC_ALL, LC_MESSAGES or LANG, else English."""
    for name in ("MARKDNA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return Language.SWEDISH if value.lower().startswith("sv") else Language.ENGLISH
    return Language.ENGLISH
