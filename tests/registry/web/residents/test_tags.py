import re

from registry.services import tag_marks

VIN = "WVWZZZ1JZXWOOOOO1"


def test_an_owner_registers_a_vin_sees_how_it_was_taken_and_takes_it_off(people, fill_in, town, database):
    browser = people.browser(town.owner_account)
    browser.set_cookie("language", "en")
    address = f"/my/items/{town.item_id}/tags"
    assert fill_in(browser, address, tag_number=VIN).status_code == 303
    page = browser.get(f"/my/items/{town.item_id}").get_data(as_text=True)
    assert "WVWZZZ1JZXW000001" in re.sub(r"<[^>]+>", "", page)
    assert "A VIN has no I, O or Q" in page
    with database.transaction() as session:
        tag_id = tag_marks.of_item(session, town.owner_account, town.item_id)[0].id
    page = browser.get(address).get_data(as_text=True)
    assert '<span>Take it off<span class="hidden-text"> WVWZZZ1JZXW000001</span></span>' in page
    assert fill_in(browser, address, f"{address}/{tag_id}/remove").status_code == 303
    assert "000001" not in browser.get(address).get_data(as_text=True)


def test_what_is_wrong_is_said_beside_the_field_with_the_reason(people, fill_in, town):
    browser = people.browser(town.owner_account)
    browser.set_cookie("language", "en")
    refused = fill_in(browser, f"/my/items/{town.item_id}/tags", tag_number="0001315778")
    assert refused.status_code == 422
    assert "two ways" in refused.get_data(as_text=True)


def test_a_number_of_another_thing_is_refused_and_says_nothing_of_it(people, fill_in, town, database):
    stranger = people.resident("bo@exempel.example", "Bo Nilsson")
    with database.transaction() as session:
        tag_marks.register(session, town.owner_account, town.item_id, VIN)
        from registry.services import items
        from registry.services.items import Category, ItemText

        own = items.add(session, stranger, ItemText("Bil", Category.VEHICLE))
    refused = fill_in(people.browser(stranger), f"/my/items/{own}/tags", tag_number=VIN)
    assert refused.status_code == 409
    text = refused.get_data(as_text=True)
    assert "Karin" not in text
    assert "Cykel" not in text
