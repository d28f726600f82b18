"""A reading appears on the open case page of a real browser within a second, without a reload."""

import os
import shutil
import threading
import time

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from registry.models.accounts import Account
from registry.services import sessions

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]


@pytest.fixture
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.mark.browser
def test_a_reading_appears_within_a_second(address, case_id, deliver, town, database):
    if CHROMIUM is None:
        message = "no Chromium here; to run it: apt-get install chromium"
        pytest.fail(message) if os.environ.get("MARKDNA_NO_SKIP") else pytest.skip(message)
    with database.transaction() as session:
        token = sessions.start(session, session.get_one(Account, town.officer.account_id))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(locale="sv-SE")
        context.add_cookies([{"name": "markdna", "value": token, "url": address}])
        page = context.new_page()
        faults = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"{address}/police/cases/{case_id}")
        expect(page.get_by_text("Väntar på den första avläsningen")).to_be_visible()
        told = deliver()
        started = time.monotonic()
        expect(page.locator(f"#reading-{told['id']}")).to_be_visible(timeout=5000)
        waited = time.monotonic() - started
        expect(page.get_by_text("Väntar på den första avläsningen")).to_have_count(0)
        expect(page.locator("[data-live-announcer]")).to_contain_text("Identifierad")
        hostile = deliver({"kind": "number", "symbology": "QR", "text": "<img src=x onerror=document.title='owned'>"})
        expect(page.locator(f"#reading-{hostile['id']}")).to_be_visible(timeout=5000)
        assert page.title() != "owned"
        browser.close()
    assert faults == []
    assert waited < 2.0, "the page asks every 0.7 seconds; the rest is what a busy machine may add"
