"""Errors that say what, where and what is allowed, in the reader's language.

ExplainedError            anything this project refuses; carries a template and its values
└── LabelError            root of everything the label generator refuses
    └── ConfigFileError   config.toml has an unknown key or a value that is not allowed

Texts are English message ids; the surface that shows an error translates it.
"""

from collections.abc import Callable
from typing import ClassVar

__all__ = ["ConfigFileError", "ExplainedError", "LabelError"]


class ExplainedError(Exception):
    """A refusal with words that can be translated.

    ``template`` is the English text with named places (``"{number} is not …"``); it is also the message id in
    the translation catalogues. ``values`` fills the places and is available to programs.
    """

    template: ClassVar[str] = "{what}"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.template.format(**values))

    def explain(self, translate: Callable[[str], str]) -> str:
        """The text in the language of ``translate`` (a gettext function)."""
        return translate(self.template).format(**self.values)


class LabelError(ExplainedError):
    """Root of what the label generator refuses."""


class ConfigFileError(LabelError):
    """A setting is unknown or not allowed, e.g. ``[labels] modul_mm`` or ``module_mm = -1``."""

    template = "{file}: [{section}] {key}: {problem}. Allowed: {allowed}."
