import io
import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import func, select

from registry.models.accounts import Organisation
from registry.models.audit import AuditEvent
from registry.models.items import Item, Sticker
from registry.services import equipment_import
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parents[2] / "data" / "inventory-cp1252.csv"


def token(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True)).group(1)


def take_in(database, organisation="Exempelby kommun"):
    with database.transaction() as session:
        number = session.scalar(select(Organisation.id).where(Organisation.name == organisation))
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), number)


@pytest.fixture
def manager(people, database):
    """The browser of an asset manager whose municipality has the sample inventory."""
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    take_in(database)
    return browser


def text_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def logged(database, action):
    with database.transaction() as session:
        return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def item_number(database, inventory_number):
    from registry.models.equipment import Equipment

    with database.transaction() as session:
        return session.scalar(select(Equipment.item_id).where(Equipment.inventory_number == inventory_number))


def test_the_start_page_of_an_empty_municipality_asks_for_the_inventory(people):
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    assert browser.get("/").location == "/equipment/start"
    assert "/equipment/inventory" in text_of(browser, "/equipment/start")


def test_the_start_page_shows_figures_and_the_next_thing_to_do(manager):
    page = text_of(manager, "/equipment/start")
    assert "/equipment/labels?label=without" in page
    assert ">15<" in page


def test_an_inventory_is_handed_in_on_the_web_with_the_report(people, database):
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    form = {"csrf_token": token(browser.get("/equipment/inventory"))}
    sent = {**form, "file": (io.BytesIO(SAMPLE.read_bytes()), "inventarier.csv")}
    answer = browser.post("/equipment/inventory", data=sent, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "BGF-004123" in page
    assert "=SUMMA(1;2)" in page
    assert len(logged(database, "equipment:imported")) == 1


def test_a_file_that_is_refused_on_the_web_leaves_nothing(people, database):
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    form = {"csrf_token": token(browser.get("/equipment/inventory"))}
    sent = {**form, "file": (io.BytesIO(b"a;b\n1;2\n"), "x.csv")}
    answer = browser.post("/equipment/inventory", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Inventarienummer" in answer.get_data(as_text=True)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=motorsåg", 3),
        ("q=MOTORSÅG+stihl", 1),
        ("q=BGF-004020", 1),
        ("q=fc14+la9ed", 1),
        ("q=fc14-la9ed", 1),
        ("q=100%25", 0),
        ("marking=unmarked", 4),
        ("marking=marked&q=kamera", 1),
        ("label=with", 0),
        ("order=place", 15),
        ("order=purchased", 15),
        ("page=99", 15),
        ("page=-1&marking=nonsense&department=x", 15),
    ],
)
def test_the_list_is_filtered(manager, query, found):
    page = text_of(manager, f"/equipment?{query}")
    assert page.count('<th scope="row">') == found


def test_the_list_is_filtered_by_department_building_and_room(manager, database):
    from registry.models.equipment import Department, Location

    with database.transaction() as session:
        department = session.scalar(select(Department.id).where(Department.name == "Räddningstjänsten"))
        building = session.scalar(select(Location.id).where(Location.name == "Strömkullegymnasiet"))
        room = session.scalar(select(Location.id).where(Location.name == "Rum 214"))
    counts = [
        text_of(manager, f"/equipment?{query}").count('<th scope="row">')
        for query in (f"department={department}", f"place={building}", f"place={room}", f"place={room}&q=kamera")
    ]
    assert counts == [3, 4, 4, 0]


def test_a_list_that_was_opened_is_logged_without_the_words_that_were_searched(manager, database):
    text_of(manager, "/equipment?q=hemligt")
    (event,) = logged(database, "equipment:listed")
    assert event.details == {"found": 0, "page": 1, "searched": True}


def test_a_thing_has_a_page_of_its_own(manager, database):
    page = text_of(manager, f"/equipment/{item_number(database, 'BGF-004002')}")
    for word in ("Motorsåg", "Björn Ängström", "Strömkullegymnasiet", "väntar på service"):
        assert word in page


def test_another_municipality_sees_none_of_it(manager, people, database):
    stranger = people.browser(people.staff(Role.ASSET_MANAGER, "annan@exempel.example", "Annans kommun"))
    number = item_number(database, "BGF-004002")
    assert stranger.get(f"/equipment/{number}").status_code == 404
    assert text_of(stranger, "/equipment").count('<th scope="row">') == 0
    assert stranger.get("/equipment/list.csv").get_data(as_text=True).count("\n") == 1
    form = {"csrf_token": token(stranger.get("/equipment/inventory"))}
    answer = stranger.post("/equipment/labels", data={**form, "item": number, "stock": "L7160", "start": 1})
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPPLIER, Role.ADMINISTRATOR, Role.COORDINATOR])
def test_other_roles_do_not_get_in(people, role):
    browser = people.browser(people.staff(role))
    assert browser.get("/equipment").status_code == 403
    assert people.app.test_client().get("/equipment").status_code == 302


def test_the_export_is_safe_and_is_read_back_by_the_import_without_a_change(manager, database):
    answer = manager.get("/equipment/list.csv")
    assert answer.mimetype == "text/csv"
    content = answer.get_data()
    assert b'"\'=SUMMA(1;2)"' in content
    assert b'"\'+46 531-52 60 00"' in content
    assert len(logged(database, "export:made")) == 1
    with database.transaction() as session:
        number = session.scalar(select(Organisation.id).where(Organisation.name == "Exempelby kommun"))
        source = Source.of_bytes("export.csv", content)
        again = equipment_import.import_file(session, OPERATOR, source, number)
    assert (again.rows, again.already, again.taken, again.refused) == (15, 15, 0, 0)


def labels(manager, **values):
    form = {
        "csrf_token": token(manager.get("/equipment/labels")),
        "stock": "L7160",
        "start": "1",
        "copies": "1",
        **values,
    }
    return manager.post("/equipment/labels", data=form)


def codes_on(pdf: bytes) -> list[str]:
    import pypdfium2

    page = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil()
    image = page.convert("L") if isinstance(page, Image.Image) else page
    return sorted(code.text for code in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode))


def test_labels_of_a_filtered_list_print_and_read_back(manager, database):
    answer = labels(manager, q="motorsåg", start="5", skip="6, 8-9")
    assert answer.mimetype == "application/pdf"
    with database.transaction() as session:
        numbers = session.scalars(select(Sticker.number)).all()
    read = codes_on(answer.get_data())
    assert len(read) == len(numbers) == 3
    assert all(any(number in code.replace("-", "") for code in read) for number in numbers)
    (event,) = logged(database, "labels:printed")
    assert (event.details["things"], event.details["stock"]) == (3, "L7160")
    assert "/equipment?" in text_of(manager, "/equipment/labels?q=motorsåg")


def test_a_label_that_is_printed_again_keeps_its_code(manager, database):
    number = item_number(database, "BGF-004002")
    first, second = (codes_on(labels(manager, item=number).get_data()) for _ in range(2))
    assert first == second != []


@pytest.mark.parametrize(
    "wrong", [{"stock": "NONE"}, {"start": "22"}, {"start": "0"}, {"skip": "x"}, {"skip": "99"}, {"skip": "1-21"}]
)
def test_a_wrong_sheet_is_told_and_no_code_is_given_out(manager, database, wrong):
    answer = labels(manager, **wrong)
    assert answer.status_code == 422
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Sticker)) == 0


def test_twenty_thousand_things_are_listed_quickly_by_index(people, database):
    """The plan uses the organisation's index; a page is fetched by it, not by walking all items of all owners."""
    from sqlalchemy import text

    from registry.services.equipment import Order, Wish, _lines, _where

    actor = people.staff(Role.ASSET_MANAGER)
    with database.transaction() as session:
        query = _lines(_where(actor, Wish()), Order.NUMBER).limit(50)
        sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    assert "uq_equipment_organisation_id_inventory_number" in plan or "sqlite_autoindex_equipment" in plan
    assert "SCAN item" not in plan
    assert "TEMP B-TREE" not in plan
