"""Errors that say what, where and what is allowed, in the reader's language.

ExplainedError            anything this project refuses; carries a template and its values
└── LabelError            root of everything the label generator refuses
    ├── ConfigFileError   config.toml has an unknown key or a value that is not allowed
    └── ReasonedError     the following, whose reason is one of several sentences
        ├── MarkCodeError     a text is not one of our sticker numbers
        │   └── MisreadNumberError  it has the shape of one, but its check characters say it was misread
        ├── StockError        a label stock is unknown or its dimensions do not close on the page
        ├── SheetError        a position does not exist on the sheet, or none is left
        ├── CodeError         a QR code or bar code would not scan at the size there is
        ├── DesignError       a design is unknown or does not fit the stock
        ├── ContentError      a label lacks a value its design needs, or a list of labels cannot be read
        ├── ArtworkError      the coat of arms of the house style is missing or cannot be drawn
        └── PrinterError      a label printer is unknown, cannot be reached, or cannot print this

Texts are English message ids; the surface that shows an error translates it.
"""

from collections.abc import Callable
from typing import ClassVar

__all__ = [
    "OWN_WORDS",
    "ArtworkError",
    "CodeError",
    "ConfigFileError",
    "ContentError",
    "DesignError",
    "ExplainedError",
    "LabelError",
    "MarkCodeError",
    "MisreadNumberError",
    "PrinterError",
    "ReasonedError",
    "SheetError",
    "StockError",
]


OWN_WORDS = frozenset({"act", "allowed", "problem", "reason", "what"})
"""Names of values that hold our own words; they are message ids of their own."""


class ExplainedError(Exception):
    """A refusal with words that can be translated.

    ``template`` is the English text with named places (``"{number} is not …"``); it is also the message id in
    the translation catalogues. ``values`` fills the places and is available to programs.
    """

    template: ClassVar[str] = "{what}"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.template.format(**values))

    def said(self, name: str, translate: Callable[[str], str]) -> object:
        """The value ``name`` as it is said in the language of ``translate``: our own words are translated.

        What a person typed never is, and no value is ever used as a format.
        """
        value = self.values.get(name, "")
        return translate(value) if name in OWN_WORDS and isinstance(value, str) and value else value

    def explain(self, translate: Callable[[str], str]) -> str:
        """The text in the language of ``translate`` (a gettext function), its values said in it too."""
        return translate(self.template).format(**{name: self.said(name, translate) for name in self.values})


class LabelError(ExplainedError):
    """Root of what the label generator refuses."""


class ConfigFileError(LabelError):
    """A setting is unknown or not allowed, e.g. ``[labels] modul_mm`` or ``module_mm = -1``."""

    template = "{file}: [{section}] {key}: {problem}. Allowed: {allowed}."


class ReasonedError(LabelError):
    """A refusal whose reason is itself one of several sentences, e.g. a stock that overlaps: ``reason`` is its id."""

    template = "{where}: {reason}"

    def explain(self, translate: Callable[[str], str]) -> str:
        """The text in the language of ``translate``, the reason translated before it is put in its place."""
        reason = translate(str(self.values["reason"])).format(**self.values)
        return translate(self.template).format(**{**self.values, "reason": reason})

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.args = (self.explain(lambda text: text),)


class MarkCodeError(ReasonedError):
    """A text is not one of our numbers, e.g. ``4K7Q`` (too short) or one with a U in it."""

    template = "Sticker number {where}: {reason}"


class MisreadNumberError(MarkCodeError):
    """A number with the right shape that was misread, e.g. with an 8 where the sticker has a B.

    ``values["suspects"]`` holds the positions (from 1) where one wrong character would explain it; may be empty.
    """


class StockError(ReasonedError):
    """A stock that cannot be, e.g. three labels of 80 mm beside each other on A4, or the unknown name ``L9999``."""

    template = "Label stock {where}: {reason}"


class SheetError(ReasonedError):
    """A position that is not on the sheet, e.g. 0 or 22 of 21, or a sheet whose positions are all used."""

    template = "Sheet {where}: {reason}"


class CodeError(ReasonedError):
    """A code that would not scan, e.g. 40 characters in 10 mm, where a module would be 0.27 mm."""

    template = "Code {where}: {reason}"


class DesignError(ReasonedError):
    """A design that is unknown or too big for the stock, e.g. a certificate on a label of 38 x 21 mm."""

    template = "Design {where}: {reason}"


class ContentError(ReasonedError):
    """A label without what its design needs, or a list without the column, e.g. a warning sticker without number."""

    template = "Label {where}: {reason}"


class ArtworkError(ReasonedError):
    """A coat of arms that cannot be drawn, e.g. a file that is not there, of 9 MB, or an SVG with texts in it."""

    template = "Coat of arms {where}: {reason}"


class PrinterError(ReasonedError):
    """A printer that cannot print this, e.g. an unknown name, a refused connection or a roll of another size."""

    template = "Printer {where}: {reason}"
