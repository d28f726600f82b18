"""A municipality's blank stickers: ordered by one of its asset managers, linked by any of them, and by nobody else."""

import re

import pytest
from sqlalchemy import select

from labels import markcode
from registry.models.audit import AuditEvent
from registry.models.equipment import Equipment
from registry.models.items import Sticker
from registry.models.owners import Owner
from registry.services import access_tokens
from registry.services.actor import OPERATOR, Role

PATH = "/equipment/stickers/blank"


@pytest.fixture
def number(manager, fill_in, database):
    """The first number of an order."""
    answer = fill_in(manager, PATH, count="2", stock="L7160", start="1")
    assert answer.status_code == 303
    assert manager.get(answer.location).status_code == 200
    with database.transaction() as session:
        return session.scalars(select(Sticker.number).order_by(Sticker.id)).first()


def test_any_manager_of_the_municipality_who_scans_one_finds_the_thing_and_links_it(
    manager, number, people, fill_in, database
):
    assert PATH in manager.get("/equipment").text
    colleague = people.browser(people.staff(Role.ASSET_MANAGER, "eva@exempelby.example"))
    address = colleague.get(f"/S/{number}").location
    assert address == f"{PATH}/{number}"
    with database.transaction() as session:
        thing = session.scalars(select(Equipment).order_by(Equipment.item_id.desc())).first()
        item_id, inventory_number = thing.item_id, thing.inventory_number
    found = colleague.get(f"{address}?q={inventory_number}").text
    assert re.findall(r'name="item_id"[^>]*value="(\d+)"', found) == [str(item_id)]
    assert "Inget inventarium utan etikett passar" in colleague.get(f"{address}?q=finns-inte").text
    assert fill_in(colleague, address, item_id=str(item_id)).location == f"/equipment/{item_id}"
    with database.transaction() as session:
        assert session.scalar(select(Sticker.item_id).where(Sticker.number == number)) == item_id
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "sticker:linked"))
        assert event.details == {"item": item_id}
    assert manager.get(f"/S/{number}").status_code == 200


def test_numbers_that_a_program_ordered_are_linked_by_whoever_scans_one_and_cancelled_ones_are_not(
    manager, client, fill_in, database
):
    with database.transaction() as session:
        token = access_tokens.give(session, OPERATOR, "asset_manager@exempel.example", "program", 1)
        item_id = session.scalars(select(Equipment.item_id)).first()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a"}
    assert client.post("/api/v1/blank-stickers", json={"count": 2}, headers=headers).status_code == 202
    (order,) = client.get("/api/v1/blank-stickers", headers=headers).json["orders"]
    lost, kept = order["numbers"]
    assert f'value="{kept}"' in manager.get(PATH).text
    body = {"numbers": [lost], "reason": "lost"}
    assert client.post("/api/v1/blank-stickers/cancel", json=body, headers=headers).json == {"cancelled": 1}
    assert manager.get(f"/S/{lost}").status_code == 200, "it is nobody's any more"
    assert manager.get(f"{PATH}/{lost}").status_code == 404
    address = manager.get(f"/S/{kept}").location
    assert fill_in(manager, address, item_id=str(item_id)).location == f"/equipment/{item_id}"
    assert client.get("/api/v1/blank-stickers", headers=headers).json == {"orders": []}
    with database.transaction() as session:
        linked = dict(session.execute(select(Sticker.number, Sticker.item_id)).all())
        assert linked == {lost: None, kept: item_id}


def test_another_municipality_and_residents_see_what_a_finder_sees(number, people, client, fill_in):
    other = people.browser(people.staff(Role.ASSET_MANAGER, "bo@annanby.example", "Annanby kommun"))
    pages = set()
    for browser in (other, people.browser(people.resident()), client):
        answer = browser.get(f"/s/{number}", headers={"Accept-Language": "sv"})
        assert answer.status_code == 200
        pages.add(answer.text)
    assert len(pages) == 1
    assert other.get(f"{PATH}/{number}").status_code == 404
    assert number not in other.get(PATH).text
    assert fill_in(other, PATH, f"{PATH}/cancel", numbers=[number], reason="lost").status_code == 409


def test_a_lost_sheet_is_cancelled(manager, number, fill_in):
    assert fill_in(manager, PATH, f"{PATH}/cancel", numbers=[number], reason="lost").status_code == 303
    assert manager.get(f"/S/{number}").status_code == 200
    assert manager.get(f"{PATH}/{number}").status_code == 404


def test_looking_makes_no_owner_of_a_municipality(people, database):
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    for address in (PATH, f"/s/{markcode.issue()}"):
        assert browser.get(address).status_code == 200
    with database.transaction() as session:
        assert session.scalars(select(Owner.id)).all() == []
