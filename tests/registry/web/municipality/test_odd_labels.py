"""Odd inventories and orders on the page and in the API: a whole sheet, or a refusal that says what is wrong."""

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select, update

from registry.models.accounts import Organisation
from registry.models.equipment import Equipment
from registry.models.items import Item, Sticker
from registry.services import access_tokens, equipment_import
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parents[2] / "data" / "inventory-cp1252.csv"
MANAGER = "forrad@exempelby.example"
ODD = {
    "200 characters": "Motordriven åkgräsklippare " * 7,
    "emoji": "🚲👩‍👩‍👧",
    "right to left": "אופניים אדומים",
    "missing glyph": "自転車",
    "override": "\u202eabc",
}


@pytest.fixture
def inventory(people, database):
    people.staff(Role.ASSET_MANAGER, MANAGER)
    with database.transaction() as session:
        number = session.scalar(select(Organisation.id).where(Organisation.name == "Exempelby kommun"))
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), number)


@pytest.fixture
def order_on_the_page(people, fill_in, inventory):
    browser = people.browser(people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example"))
    browser.set_cookie("language", "sv")

    def order(**values):
        form = {"stock": "L7160", "start": "1", "copies": "1", "q": "BGF-004002", **values}
        return fill_in(browser, "/equipment/labels", **form), browser

    return order


@pytest.fixture
def order_by_program(client, database, inventory):
    with database.transaction() as session:
        token = access_tokens.give(session, OPERATOR, MANAGER, "etikettprogram", 30)

    def order(key="a", **values):
        body = {"inventory_numbers": ["BGF-004002"], **values}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Accept-Language": "sv"}
        return client.post("/api/v1/labels", json=body, headers=headers), lambda path: client.get(path, headers=headers)

    return order


def rename(database, name):
    with database.transaction() as session:
        chosen = select(Equipment.item_id).where(Equipment.inventory_number == "BGF-004002")
        session.execute(update(Item).where(Item.id.in_(chosen)).values(name=name, maker="", model=""))


def codes_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=203 / 72, grayscale=True).to_pil()
    return list(zxingcpp.read_barcodes(page, zxingcpp.BarcodeFormat.QRCode))


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize(("design", "stock"), [("asset-label", "L7160"), ("asset-label", "L7651")])
def test_a_thing_with_an_odd_name_gets_its_label_on_the_page(order_on_the_page, database, kind, design, stock):
    rename(database, ODD[kind])
    answer, browser = order_on_the_page(design=design, stock=stock)
    assert answer.mimetype == "application/pdf"
    assert len(codes_on(answer.data)) == 1
    told = "skrevs ut som frågetecken" in browser.get("/equipment/labels").text
    assert told is (kind in {"right to left", "missing glyph"})


@pytest.mark.parametrize("kind", ODD)
def test_and_from_the_api(order_by_program, database, app, kind):
    rename(database, ODD[kind])
    answer, get = order_by_program()
    assert answer.status_code == 202
    app.extensions["label_press"].stop()
    job = get(f"/api/v1/labels/{answer.json['id']}").json
    assert job["replaced_characters"] is (kind in {"right to left", "missing glyph"})
    assert len(codes_on(get(job["pdf"]).data)) == 1


@pytest.mark.parametrize(
    ("start", "skip", "status", "field"),
    [
        (0, [], 422, "start"),
        (22, [], 422, "start"),
        (-1, [], 422, "start"),
        (1, [0], 422, "skip.0"),
        (1, [22], 422, "skip"),
        (1, list(range(1, 22)), 422, "skip"),
    ],
)
def test_places_that_are_not_on_the_sheet_are_refused_in_both_and_no_number_is_given_out(
    order_on_the_page, order_by_program, database, start, skip, status, field
):
    answer, _ = order_on_the_page(start=str(start), skip=", ".join(map(str, skip)))
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    refused, _ = order_by_program(start=start, skip=skip)
    assert (refused.status_code, refused.json["field"]) == (status, field)
    assert refused.content_type == "application/problem+json"
    with database.transaction() as session:
        assert session.scalars(select(Sticker.id)).all() == []


def test_an_empty_selection_is_refused_in_both(order_on_the_page, order_by_program):
    answer, _ = order_on_the_page(q="finns inte")
    assert answer.status_code == 422
    refused, _ = order_by_program(inventory_numbers=[])
    assert refused.status_code == 422


@pytest.mark.parametrize("number", ["🚲-1", "א-1"])
def test_an_inventory_number_that_cannot_be_printed_is_said_to_be_the_matter(
    order_on_the_page, order_by_program, database, app, number
):
    with database.transaction() as session:
        chosen = update(Equipment).where(Equipment.inventory_number == "BGF-004002")
        session.execute(chosen.values(inventory_number=number))
        thing = session.scalar(select(Equipment.item_id).where(Equipment.inventory_number == number))
    answer, _ = order_on_the_page(q="", item=thing)
    assert answer.status_code == 422
    assert "tecken som inte kan skrivas ut, och ett nummer ändras aldrig" in answer.text
    ordered, get = order_by_program(inventory_numbers=[number])
    app.extensions["label_press"].stop()
    job = get(f"/api/v1/labels/{ordered.json['id']}").json
    assert job["state"] == "failed"
    assert "ändras aldrig" in str(job)
