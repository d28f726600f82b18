"""What tests of pages share: a form that is opened, filled in and sent."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


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
