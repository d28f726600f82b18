"""From a token made in a browser to labels that a program orders with it, over a real connection."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from werkzeug.serving import make_server

from registry.services import accounts, equipment_import
from registry.services.accounts import OrganisationKind
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

PASSWORD = "vinter i Exempelby"
SAMPLE = Path(__file__).parents[1] / "registry" / "data" / "inventory-cp1252.csv"

pytestmark = pytest.mark.browser


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(20)
    server.server_close()


def test_a_manager_copies_a_new_token_and_a_program_orders_labels_with_it(
    served: str, app: Flask, people: Any, walker: Callable[..., Any]
) -> None:
    people.staff(Role.ASSET_MANAGER, "forrad@exempelby.example")
    with people.database.transaction() as session:
        number = accounts.organisation_named(session, OPERATOR, "Exempelby kommun", OrganisationKind.MUNICIPALITY)
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), number)
    person = walker("label-program", served)
    page = person.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/sign-in?next=/account/tokens")
    page.fill("[name=email]", "forrad@exempelby.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/account/tokens")
    page.fill("[name=name]", "ekonomisystemet")
    page.fill("[name=current]", PASSWORD)
    page.get_by_role("button", name="Gör nyckeln").click()
    page.get_by_role("button", name="Kopiera").click()
    page.get_by_role("button", name="Kopierat").wait_for()
    assert page.locator("[aria-live]", has_text="Kopierat").count() == 1, "told beside the button too"
    token = page.evaluate("navigator.clipboard.readText()")
    assert token == page.locator("#token").input_value()
    for width, scheme in ((390, "light"), (1280, "light"), (390, "dark"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert person.fits()
        person.picture(f"token-{width}-{scheme}")
    assert person.complaints == []

    with httpx.Client(base_url=served, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}) as program:
        ordered = program.post("/api/v1/labels", json={"inventory_numbers": ["BGF-004002"]})
        assert ordered.status_code == 202, ordered.text
        app.extensions["label_press"].stop()
        assert program.get(ordered.json()["pdf"]).content.startswith(b"%PDF-")
        page.goto("/account/tokens")
        page.get_by_role("link", name="Återkalla").click()
        person.picture("token-question")
        page.get_by_role("button", name="Återkalla den").click()
        page.get_by_text("Nyckeln är återkallad").wait_for()
        person.picture("token-revoked")
        assert program.get(ordered.json()["pdf"]).status_code == 401
