"""Cases on screen: opened, found, read, closed; another authority's do not exist."""

import pytest

from registry.services import audit, cases


def events(database, action):
    with database.transaction(reads_only=True) as session:
        return [event for event in audit.newest(session) if event.action == action]


def test_the_starting_page_says_what_to_do_first(officer, town):
    page = officer.get("/police/", headers={"Accept-Language": "sv"}).get_data(as_text=True)
    assert "Öppna ett ärende" in page
    assert "/police/cases/new" in page


@pytest.mark.parametrize("number", ["5000-K123456-26", " 5000-k123456-26 ", "A123.456/2026", "AA123/26"])
def test_a_case_is_opened_with_number_and_purpose(officer, town, fill_in, database, number):
    answer = fill_in(officer, "/police/cases/new", case_number=number, purpose="Stöld av cyklar")
    assert answer.status_code == 302
    page = officer.get(answer.location)
    assert page.status_code == 200
    assert "Stöld av cyklar" in page.get_data(as_text=True)
    (opened,) = events(database, "case:opened")
    assert opened.reason == "Stöld av cyklar"


@pytest.mark.parametrize(
    ("number", "purpose", "field"),
    [
        ("", "Stöld av cyklar", "case_number"),
        ("hej", "Stöld av cyklar", "case_number"),
        ("5000-K123456-26' OR 1=1", "Stöld av cyklar", "case_number"),
        ("5000-K123456-26", "", "purpose"),
        ("5000-K123456-26", "abc", "purpose"),
        ("5000-K123456-26", "med\u202e vänd text", "purpose"),
    ],
)
def test_a_wrong_case_is_refused_at_its_field(officer, town, fill_in, database, number, purpose, field):
    answer = fill_in(officer, "/police/cases/new", case_number=number, purpose=purpose)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert events(database, "case:opened") == []


def test_a_number_is_opened_once_by_each_authority(officer, other_officer, town, fill_in):
    values = {"case_number": "5000-K1-26", "purpose": "Stöld av cyklar"}
    assert fill_in(officer, "/police/cases/new", **values).status_code == 302
    assert fill_in(officer, "/police/cases/new", **values).status_code == 422
    assert fill_in(other_officer, "/police/cases/new", **values).status_code == 302


def test_reading_a_case_is_logged_before_it_is_shown(officer, case_id, database):
    assert officer.get(f"/police/cases/{case_id}").status_code == 200
    (read,) = events(database, "case:read")
    assert (read.subject, read.case_number) == (f"case:{case_id}", "5000-K123456-26")


def test_finding_a_case_leads_to_it_and_is_logged(officer, case_id, fill_in, database):
    answer = fill_in(officer, "/police/cases", to="/police/cases/find", case_number="5000-K123456-26")
    assert answer.location == f"/police/cases/{case_id}"
    assert len(events(database, "case:read")) == 1


def test_another_authority_finds_nothing(other_officer, case_id, fill_in):
    answer = fill_in(other_officer, "/police/cases", to="/police/cases/find", case_number="5000-K123456-26")
    assert answer.status_code == 404
    assert "Stöld av cyklar" not in answer.get_data(as_text=True)


def test_another_authoritys_case_does_not_exist(other_officer, case_id, deliver, app, database):
    reading = deliver()
    addresses = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("police.") and "case_id" in rule.arguments
    ]
    values = {
        "case_id": case_id,
        "reading_id": reading["id"],
        "kit_id": 1,
        "tag_mark_id": 1,
        "seizure_id": 1,
        "seized_item_id": 1,
        "sample_id": 1,
        "note_id": 1,
        "photo_uid": "0" * 32,
        "job_uid": "0" * 32,
    }
    app.config["WTF_CSRF_ENABLED"] = False
    with database.transaction(reads_only=True) as session:
        before = audit.verify(session).events
    assert len(addresses) > 15
    for rule in addresses:
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(rule.endpoint, {k: values[k] for k in rule.arguments})
        method = "POST" if "POST" in rule.methods else "GET"
        form = {
            "reason": "lämna tillbaka cykeln",
            "seal_number": "S-1",
            "place": "Storgatan",
            "seized_at": "2026-11-01T10:00",
            "description": "Cykel",
            "identity_checked": "körkort",
            "ground": "1-1-1",
        }
        answer = other_officer.open(url, method=method, data=form if method == "POST" else None)
        assert answer.status_code in {404, 422}, (rule, answer.status)
        for secret in ("Karin", "ENXB09494", "Crescent", "Stöld av"):
            assert secret not in answer.get_data(as_text=True)
    with database.transaction(reads_only=True) as session:
        assert audit.verify(session).events == before


@pytest.mark.parametrize("kind", ["resident", "public"])
def test_police_pages_are_for_officers(app, people, town, client, case_id, kind):
    browser = client if kind == "public" else people.browser(town.owner_account)
    for url in ("/police/", "/police/cases", f"/police/cases/{case_id}", f"/police/cases/{case_id}/readings"):
        answer = browser.get(url)
        assert answer.status_code == (302 if kind == "public" else 403)
        assert "Stöld av" not in answer.get_data(as_text=True)


def test_a_closed_case_is_read_but_takes_nothing_more(officer, case_id, fill_in, database, town):
    ask = f"/police/cases/{case_id}/close"
    assert fill_in(officer, ask).status_code == 302
    assert officer.get(f"/police/cases/{case_id}").status_code == 200
    assert officer.get(f"/police/cases/{case_id}/seizures/new").status_code == 409
    assert officer.get(ask).status_code == 409
    assert len(events(database, "case:closed")) == 1


def test_of_two_who_close_a_case_one_is_told_that_it_is_closed(database, town, case_id):
    from registry.errors import Conflict

    with database.transaction() as session:
        cases.close(session, town.officer, case_id)
    with pytest.raises(Conflict), database.transaction() as session:
        cases.close(session, town.officer, case_id)
