"""Which addresses lead a finder's phone to itself."""

import pytest

from labels.addresses import local_address


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("HTTP://LOCALHOST:8480/S/1", "http://localhost:8480"),
        ("http://[::1]:8480/S/1", "http://[::1]:8480"),
        ("http://0.0.0.0:8480/S/1", "http://0.0.0.0:8480"),
        ("http://127.1.2.3/S/1", "http://127.1.2.3"),
        ("http://register.localhost/S/1", "http://register.localhost"),
        ("https://localhost.kommun.example/S/1", ""),
        ("https://127.0.0.1.kommun.example/S/1", ""),
        ("http://192.0.2.10/S/1", ""),
        ("http://[::1/S/1", ""),
        ("", ""),
    ],
)
def test_an_address_is_local_by_its_host(url, told):
    assert local_address(url) == told
