import re
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.services import accounts, kit_deliveries, stations, suppliers
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

DATA = Path(__file__).parents[2] / "data"


def token(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True)).group(1)


def post(browser, form_page, address, **values):
    return browser.post(address, data={"csrf_token": token(browser.get(form_page)), **values})


@pytest.fixture
def administrator(people):
    return people.browser(people.staff(Role.ADMINISTRATOR))


@pytest.fixture
def delivered(database):
    with database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
        kit_deliveries.import_file(session, OPERATOR, Source.of_file(DATA / "kits.csv"))


def text_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def events(database, action):
    with database.transaction() as session:
        return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def test_the_start_page_names_the_next_thing_to_do(administrator, people):
    assert administrator.get("/").location == "/administration"
    assert "markdna suppliers import" in text_of(administrator, "/administration")


@pytest.mark.usefixtures("delivered")
def test_deliveries_show_counts_and_no_owners(administrator, people, database):
    people.resident()
    page = text_of(administrator, "/deliveries")
    assert "NF26-001" in page
    assert "Karin" not in page
    assert len(events(database, "deliveries:listed")) == 1


def test_what_is_worth_knowing_of_a_delivery_stands_with_it_and_only_for_who_sees_it(administrator, people, database):
    rows = "".join(f"Datapunkt Norden;DP1;EU{number:07d};1234;;;;20\n" for number in range(30))
    file = Source.of_bytes("kits.csv", (";".join(kit_deliveries.COLUMNS) + "\n" + rows).encode())
    with database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
        kit_deliveries.import_file(session, OPERATOR, file)
    assert "DP1: 30 koder skiljer sig från en annan i filen i ett enda tecken" in text_of(administrator, "/deliveries")
    other = people.browser(people.staff(Role.SUPPLIER, organisation="Nordmark Forensik"))
    assert "DP1" not in text_of(other, "/deliveries")


def test_the_check_that_a_family_carries_stands_with_its_pattern(administrator, database):
    rows = ";".join((*suppliers.COLUMNS, *suppliers.OPTIONAL_COLUMNS))
    rows += "\nKontrollmärkt AB;[0-9]{11};;;;010-000 04 00;a@kontroll.example;luhn\n"
    with database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("suppliers.csv", rows.encode()))
    page = text_of(administrator, "/deliveries")
    assert "sista siffran är en kontrollsiffra (Luhn, mod 10)" in page


@pytest.mark.usefixtures("delivered")
def test_a_supplier_sees_its_own_deliveries_only_and_cannot_stop_them(people, database):
    supplier = people.browser(people.staff(Role.SUPPLIER, organisation="Nordmark Forensik"))
    assert supplier.get("/").location == "/deliveries"
    page = text_of(supplier, "/deliveries")
    assert "Nordmark Forensik" in page
    assert "Spårbar" not in page
    assert "Datapunkt" not in page
    assert supplier.get("/deliveries/1/revoke").status_code == 403
    assert supplier.get("/administration").status_code == 403


@pytest.mark.usefixtures("delivered")
def test_a_delivery_is_stopped_after_a_question(administrator, database):
    number = next(line.id for line in deliveries(database) if line.number == "NF26-001")
    answer = post(administrator, f"/deliveries/{number}/revoke", f"/deliveries/{number}/revoke")
    assert answer.status_code == 303
    assert next(line for line in deliveries(database) if line.id == number).revoked_at is not None
    with database.transaction() as session:
        assert session.scalar(select(Kit.id).where(Kit.batch_id == number, Kit.revoked_at.is_(None))) is None
    assert len(events(database, "batch:revoked")) == 1
    assert administrator.get("/deliveries/999/revoke").status_code == 404


def deliveries(database):
    with database.transaction() as session:
        return suppliers.batches(session, OPERATOR)


def test_a_station_is_invited_takes_its_place_with_the_code_shown_once_and_is_stopped(administrator, people, database):
    people.staff(Role.OFFICER)
    with database.transaction() as session:
        number = accounts.organisation_named(session, OPERATOR, "Polisen Exempelby", accounts.OrganisationKind.POLICE)
    page = post(
        administrator, "/administration/stations", "/administration/stations", organisation=number, name="Beslagsrum"
    )
    assert page.status_code == 201
    shown = re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", re.sub(r"<[^>]*>", "", page.get_data(as_text=True))).group()
    assert shown not in text_of(administrator, "/administration/stations")
    with database.transaction() as session:
        token = stations.enrol_with_code(session, shown, bytes(32)).token
        actor = stations.actor_for(session, token)
    address = f"/administration/stations/{actor.station_id}/revoke"
    assert post(administrator, address, address).status_code == 303
    with database.transaction() as session:
        assert stations.actor_for(session, token) is None
    assert len(events(database, "station:revoked")) == 1
    again = post(administrator, "/administration/stations", f"/administration/stations/{actor.station_id}/code")
    assert again.status_code == 201
    assert len(events(database, "station:invited")) == 2


def test_a_staff_account_is_created_can_sign_in_gets_a_role_and_is_stopped(administrator, people, database, app):
    people.staff(Role.OFFICER)
    page = post(
        administrator,
        "/administration/staff",
        "/administration/staff",
        name="Åke Exempel",
        email="ake@exempel.example",
        role="administrator",
        organisation="0",
    )
    assert page.status_code == 201
    shown = re.search(r"[A-Za-z0-9_-]{20}(?=<)", page.get_data(as_text=True)).group()
    newcomer = app.test_client()
    signed_in = post(newcomer, "/sign-in", "/sign-in", email="ake@exempel.example", password=shown)
    assert signed_in.status_code == 302
    assert newcomer.get("/administration").status_code == 200
    with database.transaction() as session:
        account_id = accounts.find_by_email(session, "ake@exempel.example").id
        police = accounts.organisation_named(session, OPERATOR, "Polisen Exempelby", accounts.OrganisationKind.POLICE)
    card = f"/administration/staff/{account_id}"
    assert post(administrator, card, f"{card}/roles", role="officer", organisation=police).status_code == 303
    assert "Polisen Exempelby" in text_of(administrator, card)
    assert post(administrator, card, f"{card}/disable").status_code == 303
    assert newcomer.get("/administration").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "officer", "organisation": "0"},
        {"role": "resident"},
        {"role": "administrator", "organisation": "1"},
        {"email": "no address"},
        {"name": ""},
    ],
)
def test_a_wrong_account_is_told_and_not_made(administrator, people, database, wrong):
    people.staff(Role.ASSET_MANAGER)
    values = {"name": "Åke", "email": "ake@exempel.example", "role": "administrator", "organisation": "0", **wrong}
    page = post(administrator, "/administration/staff", "/administration/staff", **values)
    assert page.status_code == 422
    with database.transaction() as session:
        assert accounts.find_by_email(session, "ake@exempel.example") is None


def test_nobody_stops_their_own_account_and_residents_are_not_shown(administrator, people, database):
    resident = people.resident()
    own = events(database, "role:granted")[0].subject.removeprefix("account:")
    page = text_of(administrator, "/administration/staff")
    assert "Karin" not in page
    answer = post(administrator, "/administration/staff", f"/administration/staff/{own}/disable")
    assert answer.status_code == 409
    assert administrator.get(f"/administration/staff/{resident.account_id}").status_code == 404


def test_the_log_is_read_with_filters_and_verified(administrator, database, people):
    people.staff(Role.OFFICER)
    page = text_of(administrator, "/administration/log?action=account:created")
    assert page.count("<td") > 0
    assert "session:started" not in re.sub(r"<option.*?</option>", "", page)
    assert len(events(database, "log:read")) == 1
    verified = post(administrator, "/administration/log", "/administration/log/verify")
    assert "notice-success" in verified.get_data(as_text=True)


def test_a_broken_log_is_told(administrator, database):
    with database.engine.begin() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE audit_event SET reason = 'x' WHERE sequence = 1")
    verified = post(administrator, "/administration/log", "/administration/log/verify")
    assert "notice-danger" in verified.get_data(as_text=True)


def test_the_log_is_read_page_by_page(administrator, database):
    from registry.services import audit

    with database.transaction() as session:
        for number in range(60):
            audit.record(session, OPERATOR, audit.Action.ITEM_ADDED, f"item:{number}")
    page = text_of(administrator, "/administration/log?action=item:added")
    older = re.search(r'href="(/administration/log\?before=[^"]+)"', page).group(1).replace("&amp;", "&")
    assert text_of(administrator, older).count('<th scope="row">') == 10
