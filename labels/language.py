"""Words on screen and paper in Swedish and English, from .po catalogues read as they are.

Message ids are the English texts, so English needs no catalogue. A part keeps its Swedish words in
``translations/sv/*.po``, one file an area, so that people who work on different areas do not meet in one file.
"""

import gettext
import json
import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

__all__ = ["Catalogue", "Language", "messages_in", "reader_language", "translations"]


class Language(StrEnum):
    """A language the project speaks; Swedish comes first."""

    SWEDISH = "sv"
    ENGLISH = "en"


class Catalogue(gettext.NullTranslations):
    """The words of one language; a text without translation stays English.

    ``messages`` gives each English text its translations: one, or one for 1 and one for every other number, which is
    the rule of both languages (``plural=(n != 1)``).
    """

    def __init__(self, messages: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        """The translation of ``message``."""
        return self._messages.get(message, (message,))[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation of ``msgid1`` for one and of ``msgid2`` for any other number."""
        return self._messages.get(msgid1, (msgid1, msgid2))[0 if n == 1 else -1]


def messages_in(file: Path) -> dict[str, tuple[str, ...]]:
    """The translated texts of a .po ``file``: those that are neither empty nor marked as fuzzy.

    The part of the format that translation editors write (GNU gettext manual, "The Format of PO Files"), without
    contexts. It is read here because the library for it doubles the time of a short command; a test compares the two.
    Raises ValueError for a line of another kind.
    """
    messages: dict[str, tuple[str, ...]] = {}
    for entry in file.read_text(encoding="utf-8").split("\n\n"):
        fields, name = dict[str, str](), ""
        for line in filter(None, map(str.strip, entry.splitlines())):
            if line.startswith("#"):
                if line.startswith("#,") and "fuzzy" in line:
                    break
                continue
            keyword, quote, rest = line.partition('"')
            name = keyword.strip() or name
            if not quote or name not in {"msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]"}:
                msg = f"{file}: {line!r} is no line of a catalogue"
                raise ValueError(msg)
            fields[name] = fields.get(name, "") + str(json.loads(quote + rest))
        else:
            said = tuple(fields[name] for name in ("msgstr", "msgstr[0]", "msgstr[1]") if fields.get(name))
            if said and fields.get("msgid"):
                messages[fields["msgid"]] = said
    return messages


def _catalogue_files(folder: Path, language: Language) -> Iterator[Path]:
    yield from sorted((folder / language.value).glob("*.po"))


@cache
def translations(language: Language, *folders: Path) -> Catalogue:
    """The merged catalogues of ``folders`` (each a ``translations`` directory) for ``language``; the last one wins.

    A .po file is read directly, so that nothing has to be compiled before the program runs.
    """
    merged: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        for file in _catalogue_files(folder, language):
            merged |= messages_in(file)
    return Catalogue(merged)


def reader_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of the person at the terminal: MARKDNA_LANGUAGE, LC_ALL, LC_MESSAGES or LANG, else English."""
    for name in ("MARKDNA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return Language.SWEDISH if value.lower().startswith("sv") else Language.ENGLISH
    return Language.ENGLISH
