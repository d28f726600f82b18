"""The code on a kit's box leads to the page for registering it, through signing in."""

import pytest


@pytest.mark.parametrize("path", ["/K", "/k"])
def test_whoever_scans_a_box_comes_to_the_page_for_registering_a_kit(people, path):
    page = people.browser(people.resident()).get(path, follow_redirects=True)
    assert page.request.path == "/my/kits"
    assert 'name="pin"' in page.text


def test_a_newcomer_signs_in_or_creates_an_account_first_and_is_then_led_there(client):
    page = client.get("/K", follow_redirects=True)
    assert page.request.path == "/sign-in"
    assert "/create-account" in page.text
    assert 'name="next" value="/my/kits"' in page.text
