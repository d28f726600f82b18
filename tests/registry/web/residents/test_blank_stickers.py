"""A resident's blank stickers, from the order to the thing: scanned by their owner, and by anybody else."""

import re

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from labels import markcode
from registry.models.items import Item, Sticker, StickerStatus
from registry.services import items
from registry.services.items import Category, ItemText

PATH = "/my/stickers/blank"


@pytest.fixture
def actor(people, database):
    """Karin, with a bicycle and a drill: things 1 and 2."""
    actor = people.resident()
    with database.transaction() as session:
        for name in ("Karins cykel", "Karins borr"):
            items.add(session, actor, ItemText(name, Category.BICYCLE))
    return actor


@pytest.fixture
def karin(people, actor):
    browser = people.browser(actor)
    browser.set_cookie("language", "sv")
    return browser


def ordered(fill_in, browser, **values):
    return fill_in(browser, PATH, **{"count": "3", "stock": "L7160", "start": "1", **values})


def numbers_of(database):
    with database.transaction() as session:
        return list(session.scalars(select(Sticker.number).order_by(Sticker.id)))


def body(browser, number):
    answer = browser.get(f"/S/{number}")
    assert answer.status_code == 200
    return answer.text.replace(number, "NUMBER").replace(markcode.grouped(number), "GROUPED")


def test_stickers_are_ordered_as_a_job_and_read_back(karin, fill_in, app, database):
    assert PATH in karin.get("/my/stickers").text
    answer = ordered(fill_in, karin, package="hallen")
    assert answer.status_code == 303
    app.extensions["label_press"].stop()
    ready = karin.get(answer.location).text
    assert "3 etiketter på 1 ark" in ready
    pdf = karin.get(re.search(r'href="([^"]+labels\.pdf)"', ready)[1]).get_data()
    with pypdfium2.PdfDocument(pdf) as document:
        codes = zxingcpp.read_barcodes(document[0].render(scale=300 / 72, grayscale=True).to_pil())
    numbers = numbers_of(database)
    assert sorted(code.text.rpartition("/")[2] for code in codes) == sorted(numbers)
    page = karin.get(PATH).text
    assert all(f'value="{number}"' in page for number in numbers)
    assert "hallen (L7160, från plats 4)" in page
    assert 'value="4"' in re.search(r'<input[^>]*id="start"[^>]*>', karin.get("/my/stickers").text)[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": "0"}, "Skriv ett tal från 1 till 500."),
        ({"count": "501"}, "Skriv ett tal från 1 till 500."),
        ({"count": ""}, "Skriv hur många"),
        ({"stock": "L6008"}, "Välj"),
        ({"start": "22"}, "1 till 21"),
        ({"skip": "1-21"}, "minst en ledig plats"),
    ],
)
def test_a_wrong_order_is_refused_in_the_form_and_no_number_given_out(karin, fill_in, database, values, message):
    page = ordered(fill_in, karin, **values)
    assert page.status_code == 422
    assert message in page.text
    assert numbers_of(database) == []


def test_the_owner_who_scans_one_says_which_thing_it_is_on(karin, fill_in, database):
    ordered(fill_in, karin)
    first, second, _ = numbers_of(database)
    answer = karin.get(f"/S/{first}")
    assert answer.location == f"{PATH}/{first}"
    page = karin.get(answer.location).text
    assert "Karins cykel" in page
    assert "Karins borr" in page
    assert "Välj en sak." in fill_in(karin, answer.location).text
    assert "Välj något i listan." in fill_in(karin, answer.location, item_id="borr").text
    assert fill_in(karin, answer.location, item_id="999").status_code == 404
    assert fill_in(karin, answer.location, item_id="2").location == "/my/items/2"
    assert "kopplad till sin sak" in karin.get("/my/items/2").text
    assert "Karins borr" not in karin.get(f"{PATH}/{second}").text, "it has a sticker now"
    assert karin.get(f"/s/{first}").status_code == 200, "it is like any other sticker now"
    assert karin.get(f"{PATH}/{first}").status_code == 404
    refused = fill_in(karin, f"{PATH}/{second}", item_id="2")
    assert refused.status_code == 409
    assert "Saken har redan en dekal" in refused.text


def test_a_new_thing_is_registered_with_the_sticker_that_is_on_it(karin, fill_in, database):
    ordered(fill_in, karin)
    number = numbers_of(database)[0]
    address = re.search(r'href="(/my/items/new[^"]+)"', karin.get(f"{PATH}/{number}").text)[1]
    assert markcode.grouped(number) in karin.get(address).text
    made = fill_in(karin, address, name="Kajak", category="boat", sticker=number)
    assert made.location == "/my/items/3"
    with database.transaction() as session:
        assert session.scalar(select(Sticker.item_id).where(Sticker.number == number)) == 3


def test_a_new_thing_whose_sticker_was_cancelled_meanwhile_is_not_half_registered(karin, fill_in, database):
    ordered(fill_in, karin)
    number = numbers_of(database)[0]
    fill_in(karin, PATH, f"{PATH}/cancel", numbers=[number], reason="lost")
    refused = fill_in(karin, "/my/items/new", name="Kajak", category="boat", sticker=number)
    assert refused.status_code == 409
    assert "Numret är makulerat" in refused.text
    with database.transaction() as session:
        assert session.scalar(select(Item.id).where(Item.name == "Kajak")) is None


def test_a_lost_sheet_is_cancelled_whole_or_number_by_number(karin, fill_in, database):
    ordered(fill_in, karin)
    ordered(fill_in, karin, count="2")
    numbers = numbers_of(database)
    assert "Välj en anledning" in fill_in(karin, PATH, f"{PATH}/cancel", numbers=numbers[:1]).text
    assert "minst ett nummer" in fill_in(karin, PATH, f"{PATH}/cancel", reason="lost").text
    key = re.search(r'name="orders" value="([^"]+)"', karin.get(PATH).text)[1]
    assert fill_in(karin, PATH, f"{PATH}/cancel", orders=[key], numbers=numbers[:1], reason="lost").status_code == 303
    with database.transaction() as session:
        rows = session.execute(select(Sticker.number, Sticker.status).order_by(Sticker.id)).all()
    cancelled = [number for number, status in rows if status is StickerStatus.CANCELLED]
    assert cancelled == [numbers[0], *numbers[3:]], "the newest order stands first"
    assert fill_in(karin, PATH, f"{PATH}/cancel", numbers=numbers[:1], reason="lost").status_code == 409


def test_an_order_whose_link_has_ended_is_printed_once_more_with_its_numbers(karin, fill_in, database):
    ordered(fill_in, karin)
    numbers = numbers_of(database)
    address = re.search(rf'href="({PATH}\?again=[^"]+)"', karin.get(PATH).text)[1].replace("&amp;", "&")
    page = karin.get(address).text
    assert "3 dekaler ur en tidigare beställning" in page
    assert 'name="count"' not in page
    key = re.search(r'name="again" value="([^"]+)"', page)[1]
    assert fill_in(karin, address, PATH, again=key, stock="L7160", start="1").status_code == 303
    assert numbers_of(database) == numbers
    assert fill_in(karin, PATH, again="2020-01-01T00:00:00+00:00", stock="L7160", start="1").status_code == 404


def test_anybody_else_sees_what_a_finder_of_any_sticker_sees(karin, fill_in, database, people, client):
    ordered(fill_in, karin)
    number, unknown = numbers_of(database)[0], markcode.issue()
    other = people.browser(people.resident("bo@exempel.example", "Bo Nilsson"))
    for browser in (client, other):
        assert body(browser, number) == body(browser, unknown)
    for address in (f"{PATH}/{number}", "/my/stickers/jobs/unknown", "/my/stickers/jobs/unknown/labels.pdf"):
        assert other.get(address).status_code == 404
        assert client.get(address).location.startswith("/sign-in")
    assert number not in other.get(PATH).text
    assert karin.get(f"/S/{number}").status_code == 302, "the control"
