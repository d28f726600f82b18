"""How a foreign list of stolen goods is read: which column holds what, told on the command line or in a TOML file.

    delimiter = ","                        # found in the header when it is not given
    encoding = "auto"                      # auto, utf-8 or cp1252
    date_formats = ["%Y.%m.%d"]            # strptime codes, tried in order; default %Y-%m-%d

    [columns]                              # field = heading in the file
    police_number = "event_unique_id"
    reference = "FID"

    [constants]                            # field = the same value for every row
    goods = "Bicycle"

    [words.colour]                         # value in the file = value to take; "" means that nothing is known
    BLK = "black"

    [letters]                              # a field whose code holds several words of so many letters
    colour = 3

The fields are those of FIELDS. ``state`` says whether a thing is ``stolen`` or ``recovered``.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from registry.errors import InvalidInput
from registry.services.tables.encoding import Encoding

__all__ = ["FIELDS", "TheftMapping", "read_mapping"]

FIELDS: Mapping[str, str] = {
    "police_number": "the police's number of the report; needed",
    "reference": "what makes a row of this list unique; when missing, the row's own content does",
    "source": "name of the list; rows of one list are known again by their reference",
    "goods": "what was stolen",
    "maker": "its maker",
    "model": "its model",
    "serial_number": "its serial or frame number",
    "colour": "its colour",
    "value": "its value; fractions are rounded",
    "occurred_on": "the day of the theft",
    "place": "where it was stolen",
    "account": "anything else that is told",
    "state": "stolen or recovered",
}
_TABLES = ("columns", "constants", "words", "letters")
_KEYS = (*_TABLES, "delimiter", "encoding", "date_formats")
_DELIMITERS = ("", ";", ",", "\t")
_MOST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class TheftMapping:
    """A mapping that was checked."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    encoding: Encoding = Encoding.AUTO
    delimiter: str = ""

    def with_wishes(
        self,
        columns: Sequence[tuple[str, str]] = (),
        constants: Sequence[tuple[str, str]] = (),
        date_formats: Sequence[str] = (),
    ) -> "TheftMapping":
        """The mapping with what the command line adds or replaces."""
        return replace(
            self,
            columns={**self.columns, **dict(columns)},
            constants={**self.constants, **dict(constants)},
            date_formats=tuple(date_formats) or self.date_formats,
        )

    def check(self) -> None:
        """Raise InvalidInput when a field is unknown, told twice, or the police's number is nowhere."""
        for name in (*self.columns, *self.constants, *self.words, *self.letters):
            if name not in FIELDS:
                raise InvalidInput(field="mapping", value=name, allowed=", ".join(FIELDS))
        for name in self.columns:
            if name in self.constants:
                raise InvalidInput(field="mapping", value=name, allowed="a column or a constant, not both")
        if "police_number" not in {*self.columns, *self.constants}:
            raise InvalidInput(field="mapping", value="police_number", allowed="a column for it (it is needed)")
        for name, count in self.letters.items():
            if not 1 <= count <= _MOST_LETTERS:
                raise InvalidInput(field=f"letters.{name}", value=count, allowed=f"1 to {_MOST_LETTERS}")
        if self.delimiter not in _DELIMITERS:
            raise InvalidInput(field="delimiter", value=repr(self.delimiter), allowed="; , TAB")


def read_mapping(path: Path) -> TheftMapping:
    """The mapping in a TOML file; raises InvalidInput naming file, key and what is allowed."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        # No UTF-8, no TOML, a number of thousands of digits, or brackets nested a thousand deep.
        raise InvalidInput(field=str(path), value=str(fault), allowed="a TOML file in UTF-8") from None
    for key in content:
        if key not in _KEYS:
            raise InvalidInput(field=str(path), value=key, allowed=", ".join(_KEYS))
    formats = content.get("date_formats", ["%Y-%m-%d"])
    if not isinstance(formats, list) or not formats or not all(isinstance(form, str) for form in formats):
        raise InvalidInput(field=f"{path}: date_formats", value=formats, allowed='a list such as ["%Y-%m-%d"]')
    words = _table(path, content, "words")
    return TheftMapping(
        columns=_texts(path, "columns", _table(path, content, "columns")),
        constants=_texts(path, "constants", _table(path, content, "constants")),
        words={name: _texts(path, f"words.{name}", _table(path, words, name)) for name in words},
        letters=_numbers(path, _table(path, content, "letters")),
        date_formats=tuple(formats),
        encoding=_encoding(path, content.get("encoding", "auto")),
        delimiter=str(content.get("delimiter", "")),
    )


def _table(path: Path, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise InvalidInput(field=f"{path}: {name}", value=repr(table), allowed=f"a table [{name}]")
    return table


def _texts(path: Path, name: str, table: Mapping[str, Any]) -> dict[str, str]:
    for key, value in table.items():
        if not isinstance(value, str):
            raise InvalidInput(field=f"{path}: {name}.{key}", value=repr(value), allowed="a text in quotation marks")
    return dict(table)


def _numbers(path: Path, table: Mapping[str, Any]) -> dict[str, int]:
    for key, value in table.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidInput(field=f"{path}: letters.{key}", value=repr(value), allowed="a whole number")
    return dict(table)


def _encoding(path: Path, name: object) -> Encoding:
    if name not in set(Encoding):
        raise InvalidInput(field=f"{path}: encoding", value=repr(name), allowed=", ".join(Encoding))
    return Encoding(str(name))
