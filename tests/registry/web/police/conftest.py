"""What tests of the police's pages share: signed-in officers and a station that delivers."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient


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
