"""What an import has to say of a file, line by line: what was mended and what was refused, and why."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from registry.errors import RefusedFile

__all__ = ["SHOWN", "CellRefused", "Reason", "Remark", "Remarks"]

SHOWN = 50
"""So many refused rows are listed; the rest is counted."""
_LONGEST_SHOWN = 60


class Reason(StrEnum):
    """Why a cell was refused or mended; the English text is the message id, ``{name}`` places are filled."""

    # The file as a whole.
    UNREADABLE = "the file cannot be read: {problem}"
    EMPTY_FILE = "the file is empty"
    NO_ROWS = "there is a header but no row after it"
    UTF16 = "the file is UTF-16; allowed: UTF-8"
    NUL = "there is a NUL byte; a text file has none"
    NOT_DECODABLE = "the line is not {encoding}"
    MIXED_ENCODING = "the file mixes UTF-8 and Windows-1252; say which it is with --encoding"
    NO_DELIMITER = "the header has only one column; allowed between columns: ; , or TAB"
    MISSING_COLUMN = "the column is missing"
    UNKNOWN_COLUMN = "no such column is known; allowed: {allowed}"
    REPEATED_COLUMN = "the column stands twice"
    NOT_MAPPED = "the mapping names a column that the file does not have; it has: {allowed}"
    QUOTATION = "a quotation mark opens here and is not closed as it should be"
    # A row.
    CELL_COUNT = "the row has {found} cells, the header {expected}"
    NEEDED = "must not be empty"
    TOO_LONG = "has {length} characters; at most {most} are allowed"
    NOT_ALLOWED = "is not allowed; allowed: {allowed}"
    CONTROL_CHARACTER = "holds a control character"
    NOT_A_DATE = "is not a date; allowed: {allowed}"
    NOT_AN_AMOUNT = "is not an amount; allowed: an amount such as 26501,00"
    NOT_A_NUMBER = "is not a whole number from {least} to {most}"
    REPEATED_IN_FILE = "stands already in line {first}"
    REPEATED_WITH_OTHER_CONTENT = "is already used for something else in line {first}"
    DIFFERS_FROM_REGISTER = "is in the register with other content ({columns})"
    TAKEN_BY_ANOTHER = "belongs to another kit in the register"
    UNKNOWN_SUPPLIER = "is not a supplier of this register; import the suppliers first"
    NOT_OF_THE_FAMILY = "does not look like a code of this supplier; allowed: {allowed}"
    CHECK_FAILS = (
        "has the shape of a code of this supplier, but its check character disagrees, so at least one character is "
        "wrong; allowed: codes that agree with their check ({check})"
    )
    CHECK_CONTRADICTED = (
        "registered codes of this supplier do not carry it ({count}, such as {examples}); allowed: a check that they "
        "all carry, or none"
    )
    BATCH_REVOKED = "was revoked; its kits are not taken any more"
    SAME_WITHOUT_SEPARATORS = (
        "reads the same as line {first}: a reader does not tell - and blanks; allowed: codes that differ in A-Z or 0-9"
    )
    SAME_AS_REGISTERED = (
        "reads the same as a code in the register: a reader does not tell - and blanks; allowed: codes that differ in "
        "A-Z or 0-9"
    )
    NEAR_IN_FILE = (
        "is only {distance} edits from line {first}; about 1 in {one_in} readings would be taken for the other; "
        "allowed: more than {allowed} edits at {length} bases"
    )
    NEAR_IN_REGISTER = (
        "is only {distance} edits from another kit in the register; about 1 in {one_in} readings would be taken for "
        "the other; allowed: more than {allowed} edits at {length} bases"
    )
    NO_TAG_NUMBER = "is no number of a tag or a vehicle; allowed: up to six numbers with / between them"
    TAG_IN_FILE = "the number of the tag or vehicle stands already in line {first}"
    TAG_OF_ANOTHER = "the number of the tag or vehicle is registered for another thing"
    TAG_SLOWED = "too many numbers of others in a short time; import this row again in {seconds} seconds"
    NAME_IN_USE = "is the name of another kind of organisation in this register"
    # Taken, but worth knowing; one for all kits of a delivery, ``line`` is the first.
    TWINS_IN_FILE = (
        "{batch}: {count} codes differ from another one in the file only in characters that look alike, such as 0 and "
        "O (lines {line} and {first}). About 1 in {one_in} readings of such a dot alone is taken for the other"
    )
    TWINS_IN_REGISTER = (
        "{batch}: {count} codes differ from one in the register only in characters that look alike, such as 0 and O "
        "(line {line}). About 1 in {one_in} readings of such a dot alone is taken for the other"
    )
    NEIGHBOURS_IN_FILE = (
        "{batch}: {count} codes differ from another one in the file in a single character, as codes numbered in "
        "sequence do (lines {line} and {first}). "
        "About 1 in {one_in} readings of such a dot alone is taken for the other"
    )
    NEIGHBOURS_IN_REGISTER = (
        "{batch}: {count} codes differ from one in the register in a single character, as codes numbered in sequence "
        "do (line {line}). About 1 in {one_in} readings of such a dot alone is taken for the other"
    )
    SHORT_SIGNATURES = (
        "{batch}: {count} signatures are so short that chance alone puts another one within {distance} edits (line "
        "{line}); about 1 in {one_in} readings is taken for the other. Longer signatures stand further apart"
    )
    # Mended.
    BLANKS_REMOVED = "blanks around the value were taken away"
    NOTHING_KNOWN = "means that nothing is known; left empty"
    DATE_REWRITTEN = "read as day/month year"
    HARD_SPACE = "hard spaces in the number were taken away"
    AMOUNT_REWRITTEN = "the amount was written in another way"
    FORMULA_KEPT_AS_TEXT = "looks like a formula; kept as plain text, never calculated"
    LINE_BREAKS_JOINED = "line breaks were made blanks"
    TAG_REWRITTEN = "written as the register keeps it"
    TAG_DOUBTFUL = "the check digit of the VIN does not agree, which not every maker uses; look again"
    IN_THE_FUTURE = "lies in the future; taken as it stands"
    COLUMN_LEFT_OUT = "the register has no place for this column; left out"
    SAME_ROW_AGAIN = "the same row stands already in line {first}; taken once"
    VALUE_MAPPED = "replaced as the mapping says"
    NOTHING_TO_MAP = "the mapping says that this means nothing; left empty"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say of one cell (or of the row or file, when ``column`` is empty)."""

    line: int
    column: str
    value: str
    reason: Reason
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    taken: str = ""
    """For a mended cell: what was taken instead."""

    def explain(self, translate: Callable[[str], str]) -> str:
        """The reason in the language of ``translate``."""
        return translate(self.reason.value).format(**self.values)

    @property
    def shown_value(self) -> str:
        """The value as it can be shown on one line: shortened, control characters written out."""
        text = "".join(_visible(letter) for letter in self.value)
        return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    # A hard space looks like a blank; the open box tells that it is none.
    return "\u2423" if unicodedata.category(letter) == "Zs" else repr(letter)[1:-1]


class CellRefused(Exception):
    """A cell cannot be taken, for ``reason``; the importer turns it into a remark with line and column."""

    def __init__(self, reason: Reason, **values: Any) -> None:
        self.reason = reason
        self.values = values
        super().__init__(reason.value)


class Remarks:
    """Gathers remarks; keeps the first ``keep`` of them and counts all, so that memory stays flat."""

    def __init__(self, keep: int = SHOWN) -> None:
        self.kept: list[Remark] = []
        self.counts: Counter[tuple[str, Reason]] = Counter()
        self.fatal = False
        """True when the file as a whole cannot be trusted, so that no row of it may be taken."""
        self._keep = keep

    def __len__(self) -> int:
        return self.counts.total()

    def add(
        self, line: int, column: str, value: str, reason: Reason, *, taken: str = "", fatal: bool = False, **values: Any
    ) -> None:
        """Note one thing."""
        self.counts[column, reason] += 1
        self.fatal = self.fatal or fatal
        if len(self.kept) < self._keep:
            self.kept.append(Remark(line, column, value, reason, values, taken))

    def raise_if_any(self, file: str, refusal: type[RefusedFile] = RefusedFile) -> None:
        """Raise RefusedFile (or the kind of it that is given) listing what was noted, if anything was."""
        if len(self):
            rows = tuple(sorted(self.kept, key=lambda remark: remark.line))
            raise refusal(file=file, count=len(self), rows=rows)
