"""The station's page, served to a test; a browser; and a station that runs with a page."""

import os
import re
import shutil

import httpx
import pytest
from playwright.sync_api import sync_playwright

from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.language import Language, words
from scanner.web.view import WebView
from tests.scanner.web.driving import CASE, Nowhere


@pytest.fixture
def page():
    """The page of a station that does nothing, served."""
    view = WebView(Nowhere(), words(Language.ENGLISH), lambda: JournalCounts(0, 0, 0, 0), Tally, CASE)
    with view:
        yield view


@pytest.fixture
def ask(page):
    """A function that sends a request to the page's server, with the secret unless told otherwise."""
    address, _, secret = page.address.partition("#")

    def send(path, method="GET", *, known=True, json=None, data=None, files=None, **headers):
        given = {"Authorization": f"Bearer {secret}"} if known else {}
        body = {"json": json, "data": data, "files": files}
        return httpx.request(method, address + path.lstrip("/"), **body, headers=given | headers, timeout=30)

    return send


@pytest.fixture(scope="module")
def browser(request):
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("MARKDNA_NO_SKIP"):
            pytest.fail("no Chromium here; to run it: apt-get install chromium")
        pytest.skip("no Chromium here; to run it: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser):
    """A function that opens an address and fails at the end on whatever the page complained of."""
    contexts, complaints = [], []

    def go(address, *, phone=False, dark=False):
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(address)
        return tab

    yield go
    for context in contexts:
        context.close()
    # A station that has ended is asked in vain; a page must not complain of anything else.
    in_vain = ("ERR_CONNECTION", "ERR_SOCKET_NOT_CONNECTED", "401")
    assert [text for text in complaints if not any(one in text for one in in_vain)] == []


@pytest.fixture
def station(barcode_station):
    """A function that starts a station with a page; its process and the page's address."""

    def start(language="en"):
        process = barcode_station("--web", language=language, offline_list="on-disk")
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/#\S+", line):
                return process, found[0]
        pytest.fail("no address was printed")

    return start
