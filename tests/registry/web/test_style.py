"""The style page, alone and in a real browser under the strict policy."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from werkzeug.serving import make_server

from labels.language import Language, translations
from registry.web.design import install_design
from registry.web.style import style

WEB = Path(__file__).parents[3] / "registry" / "web"
TRANSLATIONS = WEB.parent / "translations"
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
        places = [
            ("Start", "home"),
            ("Föremål", "item"),
            ("Märksatser", "kit"),
            ("Dekaler", "sticker"),
            ("Stölder", "theft"),
        ]
        return {
            "theme": request.args.get("theme", ""),
            "audience": "Boende" if swedish else "Residents",
            "navigation": [
                {"label": label, "url": "#", "icon": icon, "current": index == 1}
                for index, (label, icon) in enumerate(places)
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
    assert "7 of 9 characters agree" in text
    assert "<li>Position 4: unreadable, read ?, mark Q</li>" in text
    assert "<li>Position 5: look-alike, read O, mark 0</li>" in text


def test_the_grades_are_worded_as_the_national_forensic_centre_publishes_them() -> None:
    text = bare_application().test_client().get("/style?language=sv").get_data(as_text=True)
    strengths = ("extremt starkt ", "starkt ", "", "i någon mån ")
    published = [f"Resultaten talar {strength}för att märkningen kommer från" for strength in strengths]
    published += [f"Resultaten talar {strength}för att märkningen inte kommer från" for strength in strengths]
    published.append("Resultaten talar varken för eller emot att märkningen kommer från")
    assert [words for words in published if words not in text] == []


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
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_a_drawing_is_shown_once_and_has_a_name_and_a_description(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, f"{address}/style?language=en", width)
    drawing = page.get_by_role("img", name="4 readings together: 65 of 65 bases agree", exact=True)
    assert drawing.count() == 1, "of the two widths one is shown, and the other is not told either"
    box = drawing.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    letter = drawing.locator("text").last.evaluate("node => node.getBoundingClientRect().height")
    assert letter >= 11, "letters are large enough to compare"
    assert "Reading 2: 64 of 65 bases agree (read from the opposite strand)" in drawing.locator("desc").text_content()
    colours = drawing.evaluate("svg => [...svg.querySelectorAll('rect')].map(one => getComputedStyle(one).fill)")
    assert len(set(colours)) > 1, "the grounds take the page's colours"
    assert "rgb(0, 0, 0)" not in colours
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_style_page_keeps_the_policy_and_fits_the_screen(
    browser: Browser, address: str, language: str, theme: str, width: int
) -> None:
    page = opened(browser, f"{address}/style?language={language}&theme={theme}", width)
    page.wait_for_selector("#style-reading-live")
    page.wait_for_function("document.fonts.status === 'loaded'")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    assert set(page.evaluate(loaded)) == {"Atkinson Hyperlegible Next", "Atkinson Hyperlegible Mono"}
    assert page.evaluate("violations") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
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
def test_a_reading_that_changes_keeps_what_was_opened_and_the_keyboards_place(browser: Browser, address: str) -> None:
    answers = [
        """<article id="r1" data-announce="One"><details><summary>raw</summary>first</details><p>a</p></article>""",
        """<article id="r1"><details><summary>raw</summary>second</details><p onclick="x()">b</p></article>""",
    ]
    page = browser.new_page()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 2:
            page.evaluate("const s = document.querySelector('#r1 summary'); s.click(); s.focus()")
        body = answers[len(asked) - 1] if len(asked) <= len(answers) else ""
        route.fulfill(
            status=200 if body else 204, content_type="text/html", headers={"Live-Cursor": str(len(asked))}, body=body
        )

    page.route("**/style/live**", answer)
    page.goto(f"{address}/style?language=en")
    expect(page.locator("#r1 p")).to_have_text("b")
    assert page.evaluate("document.querySelector('#r1 details').open")
    assert page.evaluate("document.activeElement === document.querySelector('#r1 summary')")
    assert page.locator("#r1").count() == 1
    assert asked[1].endswith("after=1")
    page.close()


@pytest.mark.browser
def test_a_reading_is_not_replaced_under_the_hands_of_somebody_who_writes_in_it(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 2:
            page.evaluate("document.querySelector('#r1 input').focus()")
        words = "old" if len(asked) == 1 else "new"
        body = f'<article id="r1"><p>{words}</p><input aria-label="Reason"></article><p id="r2">{words}</p>'
        route.fulfill(status=200, content_type="text/html", headers={"Live-Cursor": str(len(asked))}, body=body)

    page.route("**/style/live**", answer)
    page.goto(f"{address}/style?language=en")
    expect(page.locator("#r2")).to_have_text("new")
    page.get_by_label("Reason").press_sequentially("beslag B-1")
    assert page.locator("#r1 p").inner_text() == "old"
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("#r1 p")).to_have_text("new")
    assert all(url.endswith("after=1") for url in asked[1:3])
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_live_region_stops_asking_when_it_may_not_look_any_more(browser: Browser, address: str, status: int) -> None:
    page = browser.new_page()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body="")

    page.route("**/style/live**", answer)
    page.goto(f"{address}/style?language=en")
    expect(page.get_by_text("You are signed out or the case is closed. Reload the page.")).to_be_visible()
    page.wait_for_timeout(1600)
    assert len(asked) == 1
    page.close()


@pytest.mark.browser
def test_the_page_is_whole_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/style?language=en")
    expect(page.get_by_text("Reload the page to see new readings.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Delete thing")).to_have_attribute("href", "#actions")
    context.close()


@pytest.mark.browser
def test_the_chosen_theme_is_kept_and_set_before_the_first_paint(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{address}/style?language=en")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 27, 31)"
    context.close()


@pytest.mark.browser
def test_the_error_summary_is_read_first_and_leads_to_the_field(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/style?language=en", 1280)
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.get_by_role("link", name="Choose where the mark is.").click()
    assert page.evaluate("document.activeElement.id") == "wrong-place-0"
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
