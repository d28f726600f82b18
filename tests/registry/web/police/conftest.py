"""What tests of the police's pages share: signed-in officers, a station that delivers, forms that are filled in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@pytest.fixture
def officer(people, town) -> FlaskClient:
    """The browser of the town's officer."""
    return people.browser(town.officer)


@pytest.fixture
def other_officer(people, town) -> FlaskClient:
    """The browser of an officer of another authority."""
    return people.browser(town.officer_of_another_authority)


@pytest.fixture
def deliver(client, case_id, body, station_headers) -> Callable[..., dict[str, Any]]:
    """Sends one reading with the observations given and returns what the station is told."""

    def send(*observations: dict[str, Any], **changes: Any) -> dict[str, Any]:
        answer = client.post("/api/v1/readings", json=body(*observations, **changes), headers=station_headers())
        assert answer.status_code == 201, answer.json
        told: dict[str, Any] = answer.json
        return told

    return send


@pytest.fixture
def fill_in() -> Callable[..., TestResponse]:
    """Opens a page with a form, fills it in and sends it to the same address, or to ``to``."""

    def send(browser: FlaskClient, url: str, to: str = "", **values: Any) -> TestResponse:
        page = browser.get(url)
        assert page.status_code == 200, page.status
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
        assert token is not None, "the page has no form"
        return browser.post(to or url, data={"csrf_token": token[1], **values})

    return send
