"""The shared templates: their icons, words and written signatures, and nothing inline."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from labels.language import Language, translations
from registry.web.design import glow_colour, grouped

WEB = Path(__file__).parents[3] / "registry" / "web"
TRANSLATIONS = WEB.parent / "translations"
DOCUMENT = WEB.parents[1] / "docs" / "design.md"


def test_every_macro_is_in_the_written_design_with_its_signature() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    macros = {
        signature
        for file in (WEB / "templates" / "shared" / "macros").glob("*.html")
        for signature in re.findall(r"{%- macro ([a-z]\w*\(.*?\)) -%}", file.read_text(encoding="utf-8"))
    }
    private = {"signed(grade)", "column_kind(kind)", "glow_word(nanometres)"}
    long_default = 'kinds=("match", "lookalike", "mismatch", "unreadable", "extra", "missing")'
    assert len(macros) > 40
    assert sorted(one for one in macros - private if one.replace(long_default, "kinds=all") not in written) == []


def test_every_stylesheet_and_script_named_by_the_layout_exists() -> None:
    layout = (WEB / "templates" / "shared" / "layout.html").read_text(encoding="utf-8")
    sheets = re.search(r"for sheet in \(([^)]+)\)", layout)
    assert sheets is not None
    named = {f"css/{name}.css" for name in re.findall(r'"([a-z-]+)"', sheets[1])}
    named |= set(re.findall(r"filename='([a-z/0-9.-]+\.[a-z0-9]+)'", layout))
    assert {name for name in named if not (WEB / "static" / name).is_file()} == set()


def icon_names() -> set[str]:
    return set(re.findall(r'<symbol id="([a-z-]+)"', (WEB / "static" / "icons" / "sprite.svg").read_text()))


def icons_in_use() -> set[str]:
    asked = re.compile(r"""\bicon\(["']([a-z-]+)["']|symbol=["']([a-z-]+)["']|["']icon["']: ["']([a-z-]+)["']""")
    templates = (WEB / "templates").rglob("*.html")
    return {name for file in templates for match in asked.findall(file.read_text()) for name in match if name}


def test_every_icon_in_use_is_drawn() -> None:
    assert icons_in_use() - icon_names() == set()
    assert len(icons_in_use()) > 10


@pytest.mark.parametrize("file", sorted((WEB / "templates").rglob("*.html")), ids=lambda file: file.name)
def test_no_template_holds_inline_style_or_script(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []


def message_ids() -> set[str]:
    """Every text of the shared templates and of the style page that is translated; of counted ones the singular."""
    found: set[str] = set()
    sources = [("templates/shared/**.html", "jinja2"), ("templates/style/**.html", "jinja2"), ("style.py", "python")]
    keywords = {"_": None, "gettext": None, "translate": None, "ngettext": (1, 2)}
    messages = extract_from_dir(WEB, method_map=sources, keywords=keywords, options_map={})
    for _file, _line, message, _comments, _context in messages:
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_every_text_of_the_shared_templates_has_swedish_words() -> None:
    with (TRANSLATIONS / "sv" / "shared.po").open("rb") as source:
        worded = {
            message.id[0] if message.pluralizable else message.id
            for message in read_po(source, locale="sv")
            if (all(message.string) if message.pluralizable else message.string)
        }
    ids = message_ids()
    assert len(ids) > 100
    assert sorted(ids - worded) == []
    assert sorted(worded - ids - {""}) == []


def test_the_swedish_wording_keeps_every_place() -> None:
    swedish = translations(Language.SWEDISH, TRANSLATIONS)
    places = re.compile(r"%\((\w+)\)s")
    changed = [
        text for text in message_ids() if set(places.findall(text)) != set(places.findall(swedish.gettext(text)))
    ]
    assert changed == []


def test_a_code_is_cut_at_its_own_hyphens_or_in_fours() -> None:
    assert grouped("SDNA-4K7Q-2M9X") == ["SDNA", "4K7Q", "2M9X"]
    assert grouped("ENXQ09494") == ["ENXQ", "0949", "4"]


def test_every_visible_wavelength_has_a_colour() -> None:
    assert glow_colour(612) != glow_colour(470)
    assert all(re.fullmatch("#[0-9a-f]{6}", glow_colour(nanometres)) for nanometres in range(380, 781))
