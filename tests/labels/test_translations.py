"""Every English text of the label part has a Swedish one with the same places."""

import ast
import string
from pathlib import Path

import labels
from labels.cli import labels as commands
from labels.designs import DESIGNS
from labels.language import Language, translations
from labels.receipt import GRADES

PART = Path(labels.__file__).parent


def message_ids():
    found = {design.title for design in DESIGNS.values()} | {design.purpose for design in DESIGNS.values()}
    found |= set(GRADES.values())
    found |= {command.help for command in (commands, *commands.commands.values())}
    for file in PART.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                texts = node.args[:1] if name in {"say", "_say"} else []
                texts += [keyword.value for keyword in node.keywords if keyword.arg in {"reason", "help"}]
                found |= {text.value for text in texts if isinstance(text, ast.Constant)}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "template":
                found.add(node.value.value)
    return found - {"{what}", "{where}: {reason}"}


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_has_a_swedish_text_with_the_same_places():
    swedish = translations(Language.SWEDISH, PART / "translations").gettext
    ids = message_ids()
    assert len(ids) > 40
    assert [text for text in sorted(ids) if swedish(text) == text] == []
    assert [text for text in ids if places(swedish(text)) != places(text)] == []
