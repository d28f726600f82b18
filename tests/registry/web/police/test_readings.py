"""Readings on the case's page: live, explained, never naming the owner, and inert whatever they hold."""

import re

import pytest
from sqlalchemy import select

from registry.models.audit import AuditHead
from registry.models.suppliers import CodeCheck, CodeFamily, Supplier
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
    for shown in ("7 of 9 characters agree", "Marks searched", "Whose is it?", "$MDDOT,2,R-000812"):
        assert shown in page
    for secret in SECRETS:
        assert secret not in page
    assert page.index("Crescent") < page.index("Whose is it?")


def test_a_dna_read_is_shown_base_by_base(english, case_id, deliver):
    signature = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
    deliver({"kind": "dna", "bases": signature[:20] + "A" + signature[21:]})
    page = page_of(english, case_id)
    assert "<title>63 of 64 bases agree</title>" in page
    assert "<desc>A was read for C at place 21.</desc>" in page


def test_several_reads_of_one_sample_are_stacked_with_one_legend(english, case_id, deliver):
    signature = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
    deliver(
        {"kind": "dna", "bases": signature},
        {"kind": "dna", "bases": signature[:20] + "A" + signature[21:]},
        {"kind": "dot", "text": "ENX?O9494"},
    )
    page = page_of(english, case_id)
    assert "<title>2 readings together: 63 of 64 bases agree</title>" in page
    legend = page[page.index('class="alignment-legend"') :]
    assert page.count('class="alignment-legend"') == 1
    for kind in ("column-mismatch", "column-lookalike", "column-unreadable"):
        assert kind in legend, "the legend tells the signs of both pictures"


def test_a_court_finds_how_it_was_found_under_the_grade(english, case_id, deliver):
    deliver()
    page = page_of(english, case_id)
    for shown in ("Likelihood ratio (V)", "Grade on the NFC scale", "every microdot code was compared"):
        assert shown in page


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


def test_waiting_does_not_keep_a_session_alive_and_looking_does(english, case_id, deliver, database):
    from datetime import timedelta

    from sqlalchemy import select, update

    from registry import clock
    from registry.models.accounts import SignInSession

    def seen_again_by(url):
        long_ago = clock.now() - timedelta(minutes=5)
        with database.transaction() as session:
            session.execute(update(SignInSession).values(seen_at=long_ago))
        english.get(url)
        with database.transaction(reads_only=True) as session:
            return max(session.scalars(select(SignInSession.seen_at))) > long_ago

    fragment = f"/police/cases/{case_id}/readings"
    assert not seen_again_by(f"{fragment}?after=0")
    deliver()
    assert seen_again_by(f"{fragment}?after=0")


def test_a_photo_of_the_item_is_shown_and_logged_but_no_other(english, case_id, deliver, database, town):
    from registry import clock
    from registry.models.items import Item, Photo
    from registry.models.owners import Owner
    from registry.services.sealing import new_uid, sealer

    with database.transaction() as session:
        owner = session.get_one(Owner, town.owner_id)
        uids = {}
        for name in ("marked", "other"):
            item_id = town.item_id
            if name == "other":
                other = Item(owner_id=owner.id, name="TV", category="electronics", created_at=clock.now())
                session.add(other)
                session.flush()
                item_id = other.id
            uids[name] = new_uid()
            seal = sealer(session, "photo", uids[name], owner.data_key_id)
            session.add(
                Photo(
                    uid=uids[name],
                    item_id=item_id,
                    width=1,
                    height=1,
                    content_sealed=seal.seal_bytes("content", b"whole"),
                    thumbnail_sealed=seal.seal_bytes("thumbnail", b"small"),
                    added_at=clock.now(),
                )
            )
    told = deliver()
    base = f"/police/cases/{case_id}/readings/{told['id']}/photos"
    assert f"{base}/{uids['marked']}?size=small" in page_of(english, case_id)
    answer = english.get(f"{base}/{uids['marked']}?size=small")
    assert (answer.mimetype, answer.data) == ("image/jpeg", b"small")
    assert english.get(f"{base}/{uids['marked']}").data == b"whole"
    assert english.get(f"{base}/{uids['other']}").status_code == 404
    with database.transaction(reads_only=True) as session:
        assert [event.action for event in audit.newest(session)].count("photo:shown") == 2
    with database.transaction() as session:
        session.execute(AuditHead.__table__.delete())
    assert b"whole" not in english.get(f"{base}/{uids['marked']}").data


def test_what_a_reader_says_stays_out_of_the_log_of_faults(client, case_id, body, station_headers, database, caplog):
    with database.transaction() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON observation BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    number = {"kind": "number", "symbology": "QR", "text": "hemligt\r\nFORGED LINE"}
    answer = client.post("/api/v1/readings", json=body(number), headers=station_headers())
    assert answer.status_code == 500
    assert "disk is full" in caplog.text
    assert "hemligt" not in caplog.text
    assert "FORGED" not in caplog.text


@pytest.fixture
def checked_family(database, town):
    """The supplier declares mod 37-36 for a second family; ENXB09494N agrees with it, ENXB09494M does not."""
    with database.transaction() as session:
        supplier_id = session.scalar(select(Supplier.id))
        session.add(
            CodeFamily(supplier_id=supplier_id, pattern="[A-Z]{4}[0-9]{5}[0-9A-Z]", code_check=CodeCheck.MOD_37_36)
        )


def test_a_code_that_fails_its_check_is_told_to_be_misread_before_any_candidates(
    english, case_id, deliver, checked_family
):
    told = deliver({"kind": "dot", "text": "ENXB09494M"})
    assert told["family"] == {
        "supplier": "Nordmark Forensik",
        "check": "mod37-36",
        "doubt": "check",
        "misread": True,
    }
    page = page_of(english, case_id)
    said = "The code looks like one of Nordmark Forensik, but its check character does not agree"
    assert said in page
    assert [candidate["kit_code"] for candidate in told["candidates"]] == ["ENXB09494"]
    assert page.index(said) < page.index("candidate-head")
    english.set_cookie("language", "sv")
    assert "men kontrolltecknet stämmer inte: minst ett tecken är felläst" in page_of(english, case_id, "sv")


def test_a_code_that_agrees_with_its_check_is_not_told_to_be_misread(english, case_id, deliver, checked_family):
    assert deliver({"kind": "dot", "text": "QQQQ00000S"})["family"]["misread"] is False
    page = page_of(english, case_id)
    assert "The code looks like one of Nordmark Forensik. Ask them:" in page
    assert "Misread" not in page


def test_what_is_misread_is_asked_about_only_if_it_reads_the_same_again(english, case_id, deliver, checked_family):
    told = deliver({"kind": "dot", "text": "QQQQ00000?"})
    assert told["family"]["doubt"] == "shape"
    page = page_of(english, case_id)
    assert "characters are missing or misread" in page
    assert told["verdict"] == "not_registered"
    assert "If it reads the same again, ask Nordmark Forensik:" in page


def test_the_page_says_what_each_observation_adds_and_how_it_counts(english, case_id, deliver):
    signature = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
    deliver({"kind": "dot", "text": "ENX?O9494"})
    assert "What does each observation add?" not in page_of(english, case_id), "one observation is all there is"
    told = deliver(
        {"kind": "dot", "text": "ENX?O9494"},
        {"kind": "dna", "bases": signature},
        {"kind": "dna", "bases": signature[:20] + "A" + signature[21:]},
        {"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 700},
        {"kind": "number", "symbology": "QR", "text": "4K7Q2M9XW3PZD7N"},
    )
    lines = told["candidates"][0]["evidence"]["lines"]
    assert [(line["kind"], line["counted"]) for line in lines][:3] == [
        ("dot", "independent"),
        ("dna", "same_mark"),
        ("dna", "same_mark"),
    ]
    assert (lines[4]["counted"], lines[4]["log10_ratio"]) == ("no_evidence", None)
    page = page_of(english, case_id)
    assert page.count("What does each observation add?") == 1
    for shown in ("DNA read × 2", "what they share is taken off below", "the best of all marks was picked out"):
        assert shown in page
    assert "a number can be moved" in page
    english.set_cookie("language", "sv")
    assert "Vad bidrar varje observation med?" in page_of(english, case_id, "sv")
