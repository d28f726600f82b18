"""The design language: its colours, its templates, its words, and the style page in a real browser."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from labels.language import Language, translations
from registry.web.contrast import PAIRS, contrast_ratio, measure, read_colours
from registry.web.design import glow_colour, grouped, install_design
from registry.web.style import style

WEB = Path(__file__).parents[3] / "registry" / "web"
TRANSLATIONS = WEB.parent / "translations"
SHARED = [*(WEB / "templates" / "shared").rglob("*.html"), *(WEB / "templates" / "style").rglob("*.html")]
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NO_SKIP = os.environ.get("MARKDNA_NO_SKIP") == "1"


def bare_application() -> Flask:
    """The style page without the rest of the registry: language and theme come from the address."""
    app = Flask("registry.web", root_path=str(WEB), template_folder="templates", static_folder="static")
    app.secret_key = "only for this test"
    app.jinja_env.add_extension("jinja2.ext.i18n")

    def chosen() -> str:
        return request.args.get("language") or request.cookies.get("language", "sv")

    install_design(app, chosen)

    def words(text: str) -> str:
        return translations(Language(chosen()), TRANSLATIONS).gettext(text)

    def counted(one: str, many: str, number: int) -> str:
        return words(one if number == 1 else many)

    app.jinja_env.install_gettext_callables(words, counted, newstyle=False)
    app.register_blueprint(style)

    @app.context_processor
    def frame() -> dict[str, object]:
        swedish = chosen() == "sv"
        places = [("Start", "home"), ("Föremål", "item"), ("Märksatser", "kit"), ("Dekaler", "sticker")]
        return {
            "theme": request.args.get("theme", ""),
            "audience": "Boende" if swedish else "Residents",
            "navigation": [
                {"label": label, "url": "#", "icon": icon, "current": index == 1}
                for index, (label, icon) in enumerate([*places, ("Stöldanmälan", "theft")])
            ],
            "account": {"name": "Asta Lindqvist", "organisation": "Hushållet Lindqvist", "sign_out_url": "#"},
            "language_links": [
                {"code": "sv", "label": "Svenska", "url": "?language=sv", "current": swedish},
                {"code": "en", "label": "English", "url": "?language=en", "current": not swedish},
            ],
            "accessibility_url": "#",
        }

    @app.after_request
    def strict(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = STRICT_CSP
        answer.set_cookie("language", chosen())
        return answer

    return app


def test_every_pair_of_colours_reaches_its_contrast_in_both_themes() -> None:
    failing = [one for one in measure(read_colours()) if not one.holds]
    assert failing == []
    assert len(PAIRS) > 40


def test_contrast_agrees_with_the_figures_of_wcag() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_a_colour_that_is_too_pale_is_found() -> None:
    colours = read_colours()
    colours["ink-soft"]["light"] = "#9aa5a8"
    assert "ink-soft" in {one.pair.foreground for one in measure(colours) if not one.holds}


def test_every_colour_written_outside_tokens_is_a_token() -> None:
    stray = {}
    for sheet in (WEB / "static" / "css").glob("*.css"):
        if sheet.name in {"tokens.css", "print.css"}:
            continue  # Paper is black on white and needs no themes.
        found = re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text(encoding="utf-8"))
        if found:
            stray[sheet.name] = found
    assert stray == {}


def test_every_custom_property_in_use_is_defined() -> None:
    sheets = [sheet.read_text(encoding="utf-8") for sheet in (WEB / "static" / "css").glob("*.css")]
    defined = {name for text in sheets for name in re.findall(r"(--[a-z0-9-]+):", text)}
    used = {name for text in sheets for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    assert used - defined == set()


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
    """Every text of the shared templates and of the style page that is shown translated."""
    found: set[str] = set()
    sources = [("templates/shared/**.html", "jinja2"), ("templates/style/**.html", "jinja2"), ("style.py", "python")]
    messages = extract_from_dir(
        WEB, method_map=sources, keywords={"_": None, "gettext": None, "translate": None}, options_map={}
    )
    for _file, _line, message, _comments, _context in messages:
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_every_text_of_the_shared_templates_has_swedish_words() -> None:
    with (TRANSLATIONS / "sv" / "shared.po").open("rb") as source:
        worded = {message.id for message in read_po(source, locale="sv") if message.string}
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


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_style_page_shows_the_dates_and_money_of_the_language(language: str) -> None:
    page = bare_application().test_client().get(f"/style?language={language}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in text
    assert ("22 november 2026 kl. 16.04" if language == "sv" else "22 November 2026, 16:04") in text
    assert ("12\u00a0500\u00a0kr" if language == "sv" else "12,500\u00a0SEK") in text


def test_the_alignment_is_told_in_words_to_a_screen_reader() -> None:
    text = bare_application().test_client().get("/style?language=en").get_data(as_text=True)
    assert "7 of 9 places agree" in text
    assert "<li>Position 4: unreadable, read ?, mark Q</li>" in text
    assert "<li>Position 5: look-alike, read O, mark 0</li>" in text


def test_every_id_of_the_style_page_is_used_once() -> None:
    ids = re.findall(r'\sid="([^"]+)"', bare_application().test_client().get("/style").get_data(as_text=True))
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, bare_application(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "Chromium is missing; install it with: apt-get install chromium"
        if NO_SKIP:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield started
        started.close()


VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def opened(browser: Browser, url: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.set_default_timeout(10_000)
    page.add_init_script(VIOLATIONS)
    page.goto(url)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_style_page_keeps_the_policy_and_fits_the_screen(
    browser: Browser, address: str, language: str, theme: str, width: int
) -> None:
    page = opened(browser, f"{address}/style?language={language}&theme={theme}", width)
    page.wait_for_selector("#style-reading-live")
    assert page.evaluate("violations") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    if folder := os.environ.get("MARKDNA_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"style-{language}-{theme}-{width}.png", full_page=True)
    page.close()


@pytest.mark.browser
def test_the_policy_watch_notices_an_inline_style(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/style", 390)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_function("violations.length > 0")
    assert "style-src" in page.evaluate("violations[0]")
    page.close()


@pytest.mark.browser
def test_everything_to_press_is_large_enough_on_a_phone(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/style", 390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.button, .input, summary, nav a, .choice label, .site-header a')]
        .filter(e => e.offsetParent && !e.closest('.breadcrumbs, .table'))
        .map(e => [e.className || e.outerHTML, Math.round(e.getBoundingClientRect().height)])
        .filter(([, height]) => height < 44)"""
    )
    assert small == []
    page.close()


@pytest.mark.browser
def test_the_dangerous_act_asks_first_and_the_key_escape_leaves_it(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/style?language=en", 1280)
    page.get_by_role("link", name="Delete thing").click()
    dialog = page.get_by_role("dialog", name="Delete Crescent Femto?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.close()


@pytest.mark.browser
def test_a_live_region_says_when_the_connection_is_lost_and_mends_itself(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/style?language=en", 1280)
    lost = page.get_by_text("Connection lost, trying again")
    expect(page.get_by_text("Live: new readings appear here by themselves.")).to_be_visible()
    expect(page.locator("[data-live-announcer]")).to_have_text("New reading: not in this register")
    page.context.set_offline(True)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    expect(lost).to_be_hidden()
    expect(page.locator("#style-reading-live")).to_have_count(1)
    page.close()
