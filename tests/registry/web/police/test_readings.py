"""Readings on the case's page: live, explained, never naming the owner, and inert whatever they hold."""

import re

import pytest

from registry.models.audit import AuditHead
from registry.services import audit

SECRETS = ("Karin", "Åkerlund", "070-000 00 01", "karin@exempel.example", "Storgatan 1")
HOSTILE = "<script>alert(1)</script>{{7*7}}'; --\r\n=cmd|x\u202e\x01"


def page_of(browser, case_id, language="en"):
    return browser.get(f"/police/cases/{case_id}", headers={"Accept-Language": language}).get_data(as_text=True)


@pytest.fixture
def english(officer):
    officer.set_cookie("language", "en")
    return officer


def test_a_new_reading_is_fetched_without_a_reload(english, case_id, deliver, database):
    fragment = f"/police/cases/{case_id}/readings"
    assert english.get(f"{fragment}?after=0").status_code == 204
    told = deliver()
    answer = english.get(f"{fragment}?after=0")
    assert answer.status_code == 200
    assert answer.headers["Live-Cursor"] == str(told["id"])
    text = answer.get_data(as_text=True)
    assert f'id="reading-{told["id"]}"' in text
    assert "<html" not in text
    assert english.get(f"{fragment}?after={told['id']}").status_code == 204


def test_asking_for_news_writes_nothing_and_showing_them_is_logged(english, case_id, deliver, database):
    deliver()
    fragment = f"/police/cases/{case_id}/readings"

    def reads():
        with database.transaction(reads_only=True) as session:
            return sum(event.action == "case:read" for event in audit.newest(session))

    for _ in range(3):
        english.get(f"{fragment}?after=1")
    assert reads() == 0
    english.get(f"{fragment}?after=0")
    assert reads() == 1


def test_an_identified_reading_shows_item_grade_and_how_it_agrees_but_no_owner(english, case_id, deliver):
    deliver()
    page = page_of(english, case_id)
    for shown in ("ENXB09494", "Crescent", "99812", "5000-K98765-26", "under sadeln", "column-lookalike"):
        assert shown in page
    for shown in ("7 of 9 places agree", "Marks searched", "Whose is it?", "$MDDOT,2,R-000812"):
        assert shown in page
    for secret in SECRETS:
        assert secret not in page
    assert page.index("Crescent") < page.index("Whose is it?")


def test_a_dna_read_is_shown_base_by_base(english, case_id, deliver):
    signature = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
    deliver({"kind": "dna", "bases": signature[:20] + "A" + signature[21:]})
    page = page_of(english, case_id)
    assert "alignment is-dense" in page
    assert "column-mismatch" in page


def test_an_unregistered_code_names_how_many_were_searched_and_whom_to_call(english, case_id, deliver):
    deliver({"kind": "dot", "text": "XXAB12345"})
    page = page_of(english, case_id)
    assert "Not in this register" in page
    assert "compared with all 3 marks" in page
    assert "010-000 01 00" in page
    assert "Whose is it?" not in page


def test_an_unreadable_reading_says_what_to_try(english, case_id, deliver):
    deliver({"kind": "dot", "text": "?????????"})
    assert "Clean the spot" in page_of(english, case_id)


def test_a_sticker_shows_its_item_and_that_it_is_no_evidence(english, case_id, deliver):
    deliver({"kind": "number", "symbology": "QR", "text": "4K7Q-2M9X-W3PZ-D7N"})
    page = page_of(english, case_id)
    assert "Crescent" in page
    assert "no evidence of the mark" in page


def test_hostile_bytes_are_inert_on_the_page(english, case_id, deliver):
    deliver(
        {"kind": "dot", "text": "<script>alert(1)</script>{{7*7}}'; --"},
        {"kind": "number", "symbology": "<b>", "text": HOSTILE},
        reading_id="<img src=x onerror=alert(1)>",
        reader={"maker": HOSTILE, "model": "<b>", "serial_number": "", "firmware": ""},
    )
    page = page_of(english, case_id)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in re.sub(r"[^\n]*(csrf|svg|path|href)[^\n]*", "", page) or "{{7*7}}" in page
    assert "\u202e" not in page
    assert "\x01" not in page
    assert "⟨U+202E⟩" in page


def test_without_a_log_nothing_of_a_case_is_shown(english, case_id, deliver, database):
    deliver()
    with database.transaction() as session:
        session.execute(AuditHead.__table__.delete())
    for url in (f"/police/cases/{case_id}", f"/police/cases/{case_id}/readings?after=0"):
        answer = english.get(url)
        assert answer.status_code == 500
        assert "ENXB09494" not in answer.get_data(as_text=True)


def test_a_reading_is_put_with_an_item_and_a_mistake_is_corrected_by_doing_it_again(
    english, case_id, deliver, fill_in, database
):
    from sqlalchemy import func, select

    from registry.models.readings import Attachment

    told = deliver()
    seize = {"place": "Annanby", "seized_at": "2026-11-01T10:00"}
    where = fill_in(english, f"/police/cases/{case_id}/seizures/new", **seize).location
    for thing in ("Svart cykel", "Röd cykel"):
        fill_in(english, where, description=thing, storage_place="Rum 2, hylla 4")
    attach = f"/police/cases/{case_id}/readings/{told['id']}/attach"
    for item in (1, 2):
        assert fill_in(english, f"/police/cases/{case_id}", to=attach, seized_item=item).status_code == 302
    page = page_of(english, case_id)
    assert re.search(r"Belongs to seized item <strong>1:2</strong> Röd cykel", page)
    assert "Rum 2, hylla 4" in page
    with database.transaction(reads_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 2


def test_an_item_of_another_case_is_not_found(english, case_id, deliver, fill_in, database, town):
    from registry.services import cases, seizures

    told = deliver()
    with database.transaction() as session:
        other = cases.open_case(session, town.officer, "5000-K2-26", "Ett annat ärende")
        from registry import clock

        seizure = seizures.add(session, town.officer, other, "Annanby", clock.now())
        item = seizures.add_item(session, town.officer, other, seizure, "Båtmotor", "")
    attach = f"/police/cases/{case_id}/readings/{told['id']}/attach"
    token_page = f"/police/cases/{case_id}/close"
    assert fill_in(english, token_page, to=attach, seized_item=item).status_code == 404
