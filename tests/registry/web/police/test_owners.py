"""The second step on screen: a reason, the log, then the owner, once."""

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.models.accounts import Account
from registry.models.audit import AuditHead
from registry.models.kits import Kit
from registry.models.readings import Reveal
from registry.services import accounts, audit, cases
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR, Role

REASON = "lämna tillbaka cykeln från Industrigatan"
SECRETS = ("Karin Åkerlund", "070-000 00 01", "karin@exempel.example", "Storgatan 1, Exempelby")


@pytest.fixture
def owner_url(case_id, deliver, town):
    """The page that asks for the reason, for the kit of an identified reading."""
    told = deliver()
    return f"/police/cases/{case_id}/readings/{told['id']}/owner/{town.kit_ids['ENXB09494']}"


def reveals(database):
    with database.transaction(reads_only=True) as session:
        return session.scalar(select(func.count()).select_from(Reveal))


def test_the_first_page_asks_why_and_shows_nobody(officer, owner_url, database):
    page = officer.get(owner_url).get_data(as_text=True)
    assert "Crescent" in page
    assert not [secret for secret in SECRETS if secret in page]
    assert reveals(database) == 0


def test_after_a_reason_the_owner_is_shown_and_everything_is_in_the_log(officer, owner_url, fill_in, database):
    answer = fill_in(officer, owner_url, reason=REASON)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [secret for secret in SECRETS if secret not in page] == []
    assert reveals(database) == 1
    with database.transaction(reads_only=True) as session:
        event = next(event for event in audit.newest(session) if event.action == "owner:revealed")
        everything = str([vars_of(one) for one in audit.newest(session)])
    assert (event.case_number, event.reason) == ("5000-K123456-26", REASON)
    assert not [secret for secret in SECRETS if secret in everything]


def vars_of(event):
    return {name: getattr(event, name) for name in event.__slots__}


@pytest.mark.parametrize("reason", ["", "kort", "   ", "x" * 501])
def test_a_reason_that_says_nothing_reveals_nothing(officer, owner_url, fill_in, database, reason):
    answer = fill_in(officer, owner_url, reason=reason)
    assert answer.status_code == 422
    assert not [secret for secret in SECRETS if secret in answer.get_data(as_text=True)]
    assert reveals(database) == 0


@pytest.mark.parametrize("fault", ["head", "trigger"])
def test_when_the_log_cannot_be_written_no_owner_is_shown(officer, owner_url, fill_in, database, fault):
    officer.get(owner_url)
    if fault == "trigger":
        with database.transaction() as session:
            session.connection().exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON audit_event WHEN NEW.action = 'owner:revealed' "
                "BEGIN SELECT RAISE(ABORT, 'log is full'); END"
            )
    # Reading the page is logged as well, so the head goes away only between form and answer.
    page = officer.get(owner_url)
    token = page.get_data(as_text=True).split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    if fault == "head":
        with database.transaction() as session:
            session.execute(AuditHead.__table__.delete())
    answer = officer.post(owner_url, data={"csrf_token": token, "reason": REASON})
    assert answer.status_code == 500
    assert not [secret for secret in SECRETS if secret in answer.get_data(as_text=True)]
    assert reveals(database) == 0


def test_an_officer_is_refused_their_own_data_and_that_is_logged(people, town, owner_url, fill_in, database):
    with database.transaction() as session:
        account = session.get_one(Account, town.officer.account_id)
        account.owner_id = town.owner_id
    answer = fill_in(people.browser(town.officer), owner_url, reason=REASON)
    assert answer.status_code == 403
    assert_withheld(answer, database)


@pytest.mark.parametrize(
    ("email", "name"), [("k.a@polisen.example", "Karin  åkerlund"), ("Karin@exempel.example ", "Annan Person")]
)
def test_an_officer_who_may_be_the_owner_is_refused(people, town, case_id, owner_url, fill_in, database, email, name):
    with database.transaction() as session:
        organisation = town.officer.organisation_as(Role.OFFICER, "test")
        taken = accounts.find_by_email(session, email)
        if taken is not None:
            account = taken
        else:
            account = accounts.create(session, OPERATOR, NewAccount(email, name, "vinter i Exempelby"))
            account.email_confirmed_at = clock.now()
        accounts.grant(session, OPERATOR, account.id, Role.OFFICER, organisation)
        account.owner_id = None
        snooper = accounts.actor_of(session, account)
    answer = fill_in(people.browser(snooper), owner_url, reason=REASON)
    assert answer.status_code == 403
    assert_withheld(answer, database)


def assert_withheld(answer, database):
    # The first of the secrets is the name, which may stand in the header as the officer's own.
    assert not [secret for secret in SECRETS[1:] if secret in answer.get_data(as_text=True)]
    assert reveals(database) == 0
    with database.transaction(reads_only=True) as session:
        assert "owner:withheld" in [event.action for event in audit.newest(session)]


def test_a_kit_that_is_no_candidate_has_no_owner_here(officer, case_id, deliver, town, database):
    told = deliver({"kind": "dot", "text": "XXAB12345"})
    for kit_id in (*town.kit_ids.values(), 0, 999):
        assert officer.get(f"/police/cases/{case_id}/readings/{told['id']}/owner/{kit_id}").status_code == 404


def test_a_kit_that_nobody_registered_shows_nobody(officer, case_id, deliver, town, fill_in):
    told = deliver({"kind": "dot", "text": "CJSZ87051"})
    url = f"/police/cases/{case_id}/readings/{told['id']}/owner/{town.kit_ids['CJSZ87051']}"
    page = officer.get(url).get_data(as_text=True)
    assert 'name="reason"' not in page
    answer = fill_in(officer, f"/police/cases/{case_id}/close", to=url, reason=REASON)
    assert answer.status_code == 409


def test_a_closed_case_reveals_nobody(officer, owner_url, case_id, town, database, fill_in):
    page = officer.get(owner_url)
    token = page.get_data(as_text=True).split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    with database.transaction() as session:
        cases.close(session, town.officer, case_id)
    answer = officer.post(owner_url, data={"csrf_token": token, "reason": REASON})
    assert answer.status_code == 409
    assert reveals(database) == 0


def test_a_sticker_leads_to_its_owner_too(officer, case_id, deliver, fill_in, database):
    told = deliver({"kind": "number", "symbology": "QR", "text": "4K7Q2M9XW3PZD7N"})
    answer = fill_in(officer, f"/police/cases/{case_id}/readings/{told['id']}/owner/0", reason=REASON)
    assert SECRETS[0] in answer.get_data(as_text=True)
    with database.transaction(reads_only=True) as session:
        assert session.scalars(select(Reveal.kit_id)).all() == [None]


def test_a_reading_of_another_case_is_not_found(officer, town, database, owner_url):
    with database.transaction() as session:
        other = cases.open_case(session, town.officer, "5000-K2-26", "Ett annat ärende")
        assert session.scalar(select(func.count()).select_from(Kit)) == 3
    assert officer.get(owner_url.replace("/cases/1/", f"/cases/{other}/")).status_code == 404
