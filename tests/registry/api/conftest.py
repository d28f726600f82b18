"""A program that uses the API with an access token of an account."""

import pytest

from registry.services import access_tokens
from registry.services.actor import OPERATOR


@pytest.fixture
def token_of(database):
    """A token for a program of the account with this address."""

    def give(email):
        with database.transaction() as session:
            return access_tokens.give(session, OPERATOR, email, "etikettprogram", 30)

    return give


@pytest.fixture
def program_of(client, token_of):
    """What sends requests with a new token of the account with this address, each with the key ``a`` unless told."""

    def made(email):
        token = token_of(email)

        def send(method, path, body=None, key="a", **headers):
            given = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, **headers}
            return client.open(path, method=method, json=body, headers=given)

        return send

    return made
