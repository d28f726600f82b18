"""Labels for what is held in a case: chosen, made as a job, read back by a scanner, and shown to nobody else."""

import re
from html import unescape

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from registry import clock
from registry.models.audit import AuditEvent
from registry.models.labels import LabelJob
from registry.services import samples, seizures


@pytest.fixture
def held(database, town, case_id):
    """Two things of one seizure, the first with two samples: their ids."""
    with database.transaction() as session:
        seizure_id = seizures.add(session, town.officer, case_id, "Källare på Storgatan", clock.now())
        bicycle = seizures.add_item(session, town.officer, case_id, seizure_id, "Cykel, röd", "Hylla 3")
        drill = seizures.add_item(session, town.officer, case_id, seizure_id, "Borrmaskin", "")
        for seal in ("FS-204881", "FS-204882"):
            samples.take(session, town.officer, case_id, bicycle, seal)
    return bicycle, drill


@pytest.fixture
def path(case_id):
    return f"/police/cases/{case_id}/labels"


def ordered(fill_in, browser, path, items, design="seized-item-label", stock="L7163", **values):
    wish = {"items": items, "design": design, "stock": stock, "start": "1", "copies": "1", **values}
    return fill_in(browser, path, **wish)


def ticked(page):
    return [int(value) for value in re.findall(r'<input checked[^>]*name="items"[^>]*value="(\d+)"', page.text)]


def printed(browser, job_page):
    found = re.search(r'href="([^"]+labels\.pdf)"', browser.get(job_page).text)
    answer = browser.get(found[1])
    assert answer.mimetype == "application/pdf"
    with pypdfium2.PdfDocument(answer.get_data()) as document:
        page = document[0]
        picture = page.render(scale=300 / 72, grayscale=True).to_pil()
        return page.get_textpage().get_text_bounded(), sorted(code.text for code in zxingcpp.read_barcodes(picture))


def test_all_things_are_labelled_and_a_scan_leads_to_the_thing(officer, fill_in, app, held, path, case_id, database):
    assert f"{path}?seizure=" in officer.get(f"/police/cases/{case_id}").text
    assert ticked(officer.get(path)) == list(held)
    answer = ordered(fill_in, officer, path, list(held))
    assert answer.status_code == 303
    app.extensions["label_press"].stop()
    words, addresses = printed(officer, answer.location)
    for text in ("5000-K123456-26", "1:1", "Cykel, röd", "Hylla 3", "1:2", "Borrmaskin", "Polisen Exempelby"):
        assert text in words
    assert [address.partition("/B/")[2] for address in addresses] == [str(number) for number in sorted(held)]
    for place in (f"/B/{held[0]}", f"/b/{held[0]}"):
        assert officer.get(place).location == f"/police/cases/{case_id}#item-{held[0]}"
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "labels:printed"))
        assert (event.subject, event.case_number) == (f"case:{case_id}", "5000-K123456-26")
        assert event.details == {"things": 2, "stock": "L7163", "design": "seized-item-label"}
        assert session.scalars(select(LabelJob.labels)).one() == [], "what stood on them is wiped when they are made"


def test_one_thing_gets_a_label_for_each_sample_with_its_seal_number(officer, fill_in, app, held, path):
    page = officer.get(f"{path}?design=sample-bag-label")
    assert ticked(page) == [held[0]], "a thing without a sample has nothing to seal"
    assert "FS-204881, FS-204882" in page.text
    answer = ordered(fill_in, officer, path, [held[0]], design="sample-bag-label", start="3", skip="4")
    app.extensions["label_press"].stop()
    words, addresses = printed(officer, answer.location)
    assert "FS-204881" in words
    assert "FS-204882" in words
    assert "Hylla 3" not in words
    assert len(addresses) == 2
    assert 'value="6"' in re.search(r'<input[^>]*id="start"[^>]*>', officer.get(path).text)[0], "the sheet goes on"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"items": []}, "Kryssa för minst en sak."),
        ({"items": [987654]}, "beslagtagna föremål i det här ärendet"),
        ({"stock": "L6008"}, "Välj"),
        ({"start": "15"}, "1 till 14"),
        ({"skip": "1-14"}, "minst en ledig plats"),
        ({"copies": "0"}, "1 till 20"),
        ({"design": "sample-bag-label", "items": "drill"}, "minst ett föremål med ett prov"),
    ],
)
def test_a_wrong_wish_is_refused_in_the_form(officer, fill_in, held, path, database, values, message):
    wish = {"items": list(held), **values}
    if wish["items"] == "drill":
        wish["items"] = [held[1]]
    page = fill_in(
        officer, path, **{"design": "seized-item-label", "stock": "L7163", "start": "1", "copies": "1", **wish}
    )
    assert page.status_code == 422
    assert message in page.text
    with database.transaction() as session:
        assert session.scalars(select(LabelJob)).all() == []


def test_replaced_characters_are_told_beside_the_download(officer, fill_in, app, held, path, case_id, database, town):
    with database.transaction() as session:
        seizure_id = seizures.add(session, town.officer, case_id, "Lager", clock.now())
        odd = seizures.add_item(session, town.officer, case_id, seizure_id, "Skylt 自転車", "")
    jobs = {item: ordered(fill_in, officer, path, [item]).location for item in (odd, held[1])}
    app.extensions["label_press"].stop()
    told = {
        "sv": "Några tecken finns inte i typsnittet och skrevs ut som frågetecken.",
        "en": "Some characters are not in the typeface and were printed as a question mark.",
    }
    for language, words in told.items():
        officer.set_cookie("language", language)
        for item, job in jobs.items():
            page = officer.get(job).text
            assert "labels.pdf" in page
            assert (words in page) is (item == odd)


def test_a_refused_wish_keeps_the_filter_of_its_address(officer, fill_in, held, path):
    page = fill_in(officer, f"{path}?item={held[1]}", items=[], design="seized-item-label", stock="L7163", start="1")
    assert page.status_code == 422
    addresses = re.findall(rf'(?:action|href)="({path}[^"]*)"', page.text)
    assert len(addresses) == 3, "the form and two designs"
    assert all(f"item={held[1]}" in address for address in addresses)
    assert ticked(officer.get(unescape(addresses[0]))) == [held[1]]


def test_another_authority_finds_neither_form_nor_job_nor_thing(officer, other_officer, fill_in, held, path):
    job = ordered(fill_in, officer, path, list(held)).location
    for address in (path, job, f"{job}/labels.pdf", f"/B/{held[0]}"):
        assert other_officer.get(address).status_code == 404, address
    assert officer.get(f"/B/{987654}").status_code == 404


def test_a_finder_who_scans_a_label_is_told_nothing_of_the_case(client, held):
    answer = client.get(f"/B/{held[0]}")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_a_closed_case_can_still_be_labelled_and_an_empty_one_says_what_to_do(
    officer, fill_in, held, path, case_id, database, town
):
    fill_in(officer, f"/police/cases/{case_id}/close")
    assert ordered(fill_in, officer, path, [held[1]]).status_code == 303
    from registry.services import cases

    with database.transaction() as session:
        empty = cases.open_case(session, town.officer, "5000-K7-26", "Stöld av cyklar")
    assert "Beskriv ett beslagtaget föremål först" in officer.get(f"/police/cases/{empty}/labels").text
