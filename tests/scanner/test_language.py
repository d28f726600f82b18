import ast
import re
import string
from pathlib import Path

import pytest

import scanner
from labels.language import Language
from scanner import errors
from scanner.detection import Certainty
from scanner.drivers import DRIVERS
from scanner.language import words
from scanner.registry_client import WaitReason
from scanner.station import RegistryState

FOLDER = Path(scanner.__file__).parent
# What people are shown of it is the same in both languages.
ALIKE = {"Port", "USB", "Journal", "Program", "Station", "DNA {bases}"}


def literals_given_to_gettext():
    """Each text written out in a call of words(), translate() or self._words()."""
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            first = node.args[0]
            if name in {"words", "translate", "_words", "Difference"} and isinstance(first, ast.Constant):
                yield first.value


def texts_of_pages():
    """Each text in a call of words() in a template."""
    for file in FOLDER.rglob("*.html"):
        yield from re.findall(r"words\('([^']+)'\)", file.read_text(encoding="utf-8"))


def error_templates():
    for name in errors.__all__:
        kind = getattr(errors, name)
        if kind.template != "{what}":
            yield kind.template


MESSAGES = sorted(
    {
        *literals_given_to_gettext(),
        *error_templates(),
        *texts_of_pages(),
        *(entry.description for entry in DRIVERS.values()),
        *RegistryState,
        *Certainty,
        WaitReason.TOKEN,
        WaitReason.CASE,
        "identified",
        "ambiguous",
        "not in this register",
        "unreadable",
        "waiting",
        "accepted",
        "refused",
    }
)


@pytest.mark.parametrize("message", MESSAGES)
def test_every_text_has_swedish_words_with_the_same_places(message):
    swedish = words(Language.SWEDISH)(message)
    assert swedish != message or message in ALIKE
    assert sorted(places(swedish)) == sorted(places(message))


def places(text):
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def test_english_is_the_text_itself():
    assert words(Language.ENGLISH)("REPORTED STOLEN") == "REPORTED STOLEN"


def test_every_error_has_an_example_or_says_what_it_is_the_root_of():
    for name in errors.__all__:
        assert name in errors.__doc__
        assert getattr(errors, name).__doc__
