"""Every answer of every route, for everybody: headers, cookies, methods, valid pages, no fault of ours."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from registry.web.headers import CONTENT_SECURITY_POLICY

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NAMES = ("owner", "another resident", "officer", "administrator", "asset_manager", "supplier", "public", "station")
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


class Page(HTMLParser):
    """What stands in a page that should not: inline code, ids given twice, elements that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.labelled: set[str] = set()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        self.labelled |= {given[name] for name in ("for", "aria-describedby", "aria-labelledby") if given.get(name)}
        self.inline += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(f"<{tag}>")
        if (given.get("href") or "").lower().startswith("javascript:"):
            self.inline.append(f"<{tag} href=javascript>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()


def faults_of_page(text: str) -> list[str]:
    page = Page(text)
    twice = [name for name, count in Counter(page.ids).items() if count > 1]
    lost = sorted({part for one in page.labelled for part in one.split()} - set(page.ids))
    found = [f"inline {one}" for one in page.inline] + [f"id {name} twice" for name in twice]
    found += [f"label of nothing: {name}" for name in lost] + [f"unbalanced {tag}" for tag in page.unbalanced]
    if "<title>" not in text or not re.search(r'<html[^>]* lang="(sv|en)"', text):
        found.append("no title or no language")
    return found


def faults_of_headers(response) -> list[str]:
    found = [
        f"{name}: {response.headers.get(name)}"
        for name, value in EXPECTED.items()
        if response.headers.get(name) != value
    ]
    policy = response.headers.get("Content-Security-Policy", "")
    if policy != CONTENT_SECURITY_POLICY and "default-src 'none'" not in policy:
        found.append(f"Content-Security-Policy: {policy}")
    if "Access-Control-Allow-Origin" in response.headers:
        found.append("Access-Control-Allow-Origin")
    kind = response.headers.get("Content-Type", "")
    if response.status_code != 204 and kind.startswith("text/") and "charset=utf-8" not in kind:
        found.append(f"Content-Type: {kind}")
    if not kind and response.get_data():
        found.append("no Content-Type")
    for cookie in response.headers.getlist("Set-Cookie"):
        # A cookie that is taken away carries nothing that another site could use.
        needed = ("httponly", "path=/") if "Max-Age=0" in cookie else ("httponly", "path=/", "samesite=")
        found += [f"cookie without {mark}: {cookie}" for mark in needed if mark not in cookie.lower()]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_to_everybody_is_sound(register, name):
    """No fault of ours (5xx), all headers, cookies with their marks, pages without inline code."""
    visitor, found = register.visitors[name], {}
    for rule in register.rules():
        if "GET" not in rule.methods:
            continue
        answer = register.open(visitor, rule)
        faults = faults_of_headers(answer)
        if answer.status_code >= 500:
            faults.append(f"status {answer.status_code}")
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            text = answer.get_data(as_text=True)
            if "<html" in text:
                faults += faults_of_page(text)
        if faults:
            found[rule.rule] = faults
    assert found == {}


def test_a_page_with_faults_would_be_noticed():
    """The control of the sweep: it sees what it looks for."""
    wrong = '<html lang="sv"><title>x</title><p id="a" style="x"><b id="a" onclick="y"></p><script>z</script>'
    assert len(faults_of_page(wrong)) >= 5


@pytest.mark.parametrize("name", ["owner", "officer", "administrator", "public", "station"])
def test_an_empty_form_is_refused_without_a_fault_of_ours(register, name):
    visitor, found = register.visitors[name], {}
    client = register.browser(visitor)
    form = {"csrf_token": register.token(client)}
    for rule in register.rules():
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            answer = client.open(register.address(rule), method=method, headers=visitor.headers, data=form)
            faults = faults_of_headers(answer)
            if answer.status_code >= 500 or faults:
                found[f"{method} {rule.rule}"] = [answer.status_code, *faults]
    assert found == {}


def test_over_https_every_answer_asks_for_https_and_cookies_stay_there(settings, database):
    from registry.app import create_app

    app = create_app(settings.model_copy(update={"public_url": "https://register.example"}), database)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for path in ("/", "/sign-in", "/nowhere", "/language/sv", "/api/nothing", "/static/css/base.css"):
        answer = app.test_client().get(path, base_url="https://register.example", buffered=True)
        assert "max-age=31536000; includeSubDomains" in answer.headers["Strict-Transport-Security"], path
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "Secure" in cookie, cookie
        assert faults_of_headers(answer) == [] or path.startswith("/static")


def test_methods_that_a_route_does_not_name_are_refused(register):
    client, wrong = register.browser(register.visitors["officer"]), {}
    for rule in register.rules():
        taken = {one for other in register.rules() if other.rule == rule.rule for one in other.methods}
        for method in {"TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"} - taken:
            answer = client.open(register.address(rule), method=method)
            if answer.status_code != 405 or "Allow" not in answer.headers:
                wrong[f"{method} {rule.rule}"] = answer.status_code
    assert wrong == {}


def test_static_files_have_their_types_and_no_listing(register):
    client = register.app.test_client()
    kinds = {
        "css/base.css": "text/css; charset=utf-8",
        "js/live.js": "text/javascript; charset=utf-8",
        "icons/sprite.svg": "image/svg+xml; charset=utf-8",
    }
    assert {path: client.get(f"/static/{path}", buffered=True).headers["Content-Type"] for path in kinds} == kinds
    for path in ("", "css/", "../app.py", "..%2fapp.py", "%2e%2e/app.py", "nothing.css"):
        answer = client.get(f"/static/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", [".git/config", ".env", "config.toml", "console", "admin", "var/registry.key", "debug"]
)
def test_nothing_lies_at_the_addresses_that_are_tried_first(register, path):
    assert register.app.test_client().get(f"/{path}").status_code == 404
