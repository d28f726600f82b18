"""Every text that is shown exists in Swedish, with the same places to fill."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from labels.errors import OWN_WORDS

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "translate": None,
    "lazy": None,
    "say": None,
    "translate_many": (1, 2),
    "ngettext": (1, 2),
}
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
PLACE = re.compile(r"%\(\w+\)[sd]|\{[^}]*\}")
PLACES = re.compile(r"%\((\w+)\)|\{(\w+)")


def shown(part: str) -> set[str]:
    found = set()
    for _, _, message, _, _ in extract_from_dir(ROOT / part, METHODS, keywords=KEYWORDS):
        found |= {message} if isinstance(message, str) else set(message)
    # What consists of places alone reads the same in every language.
    return {text for text in found | set(error_templates(part)) if re.search(r"\w", PLACE.sub("", text))}


def error_templates(part: str) -> Iterator[str]:
    for file in (ROOT / part).rglob("*.py"):
        yield from re.findall(r'^    template = "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)


def catalogues(*parts: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for part in parts:
        for file in (ROOT / part / "translations" / "sv").glob("*.po"):
            catalogue: Catalog = read_po(io.BytesIO(file.read_bytes()), locale="sv")
            for message in catalogue:
                if message.id and message.string:
                    ids = (message.id,) if isinstance(message.id, str) else message.id
                    strings = (message.string,) if isinstance(message.string, str) else message.string
                    merged |= dict(zip(ids, strings, strict=False))
    return merged


@pytest.mark.parametrize(
    ("part", "speaks_with"),
    [("registry", ("registry", "labels")), ("scanner", ("scanner", "labels")), ("labels", ("labels",))],
)
def test_every_text_is_said_in_swedish(part: str, speaks_with: tuple[str, ...]) -> None:
    known = catalogues(*speaks_with)
    assert sorted(text for text in shown(part) if text not in known) == []


def test_a_translation_fills_the_same_places() -> None:
    wrong = [
        text
        for text, said in catalogues("registry", "scanner", "labels").items()
        if set(PLACES.findall(text)) != set(PLACES.findall(said))
    ]
    assert wrong == []


def test_parts_of_refusals_are_said_in_swedish_too() -> None:
    known = catalogues("registry", "labels")
    parts = {
        keyword.value.value
        for file in (ROOT / "registry").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id[:1].isupper()
        for keyword in call.keywords
        if keyword.arg in OWN_WORDS and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    # Examples of dates and lists of signs read the same in every language.
    assert sorted(part for part in parts if re.search(r"[A-Za-z]{4}", part) and part not in known) == []
