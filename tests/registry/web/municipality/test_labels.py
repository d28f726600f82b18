"""Choosing a design, going on with a begun package, jobs with a link that ends, replacing a label."""

import re
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import select, update

from registry import clock
from registry.models.equipment import Equipment
from registry.models.items import Sticker, StickerStatus
from registry.models.labels import LabelJob, LabelJobState
from registry.services import asset_labels, label_jobs
from registry.services.actor import Role


@pytest.fixture
def few_at_once(monkeypatch):
    """More than three labels are a job."""
    monkeypatch.setattr(asset_labels, "AT_ONCE", 3)


def page(browser, address):
    return browser.get(address).get_data(as_text=True)


def send(browser, address="/equipment/labels", **values):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page(browser, "/equipment/labels")).group(1)
    form = {"csrf_token": token, "stock": "L7160", "start": "1", "copies": "1", **values}
    return browser.post(address, data=form)


def text_on(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(one.get_textpage().get_text_bounded() for one in document)


def made(app):
    """Let the press make what was ordered."""
    app.extensions["label_press"].stop()


def test_designs_are_offered_by_name_with_their_pictures(manager):
    shown = page(manager, "/equipment/labels?q=motorsåg")
    for name, title in (("asset-label", "Inventarieetikett"), ("warning-sticker", "Varningsdekal")):
        assert f"static/labels/{name}-sv.png" in shown
        assert title in shown
        with manager.get(f"/static/labels/{name}-sv.png") as picture:
            assert picture.mimetype == "image/png"
    chosen = page(manager, "/equipment/labels?q=motorsåg&design=asset-tag")
    assert re.search(r'name="design" value="asset-tag"', chosen)
    assert '<option value="L6008"' in chosen
    assert '<option value="L6008"' not in shown, "a QR code does not fit a label of 25 by 10 mm"


@pytest.mark.parametrize(
    ("design", "stock", "found"), [("asset-label", "L7160", "BGF-0040"), ("asset-tag", "L6008", "BGF-0040"),
                                   ("warning-sticker", "L6011", "DNA-märkt")]
)  # fmt: skip
def test_the_chosen_design_is_printed(manager, design, stock, found):
    answer = send(manager, q="motorsåg", design=design, stock=stock)
    assert answer.mimetype == "application/pdf"
    assert found in text_on(answer.get_data())


@pytest.mark.parametrize(
    "wrong", [{"design": "asset-label", "stock": "L6008"}, {"copies": "21"}, {"copies": ""}, {"package": "x" * 61}]
)
def test_what_cannot_be_printed_is_told_in_the_form(manager, wrong):
    answer = send(manager, q="motorsåg", **wrong)
    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)


def test_a_package_is_gone_on_with_at_its_first_free_place_by_everybody_of_the_municipality(manager, people):
    assert send(manager, q="motorsåg", package="blå  lådan", start="4", skip="5").mimetype == "application/pdf"
    colleague = people.browser(people.staff(Role.ASSET_MANAGER, "kollega@exempelby.example"))
    assert "blå lådan (L7160, från plats 8)" in page(colleague, "/equipment/labels")
    chosen = page(colleague, "/equipment/labels?package=blå lådan")
    assert re.search(r'id="start"[^>]*value="8"', chosen)
    assert re.search(r'id="package"[^>]*value="blå lådan"', chosen)


def test_another_municipality_does_not_see_the_package(manager, people):
    send(manager, q="motorsåg", package="blå lådan")
    stranger = people.browser(people.staff(Role.ASSET_MANAGER, "bo@annanby.example", "Annanby kommun"))
    assert "blå lådan" not in page(stranger, "/equipment/labels")


def test_many_labels_are_a_job_with_progress_and_a_link(manager, app, few_at_once, database):
    answer = send(manager, package="stor")
    assert answer.status_code == 303
    made(app)
    ready = page(manager, answer.location)
    assert "15 etiketter på 1 ark" in ready
    assert "http-equiv" not in ready
    pdf = manager.get(f"{answer.location}/labels.pdf")
    assert pdf.mimetype == "application/pdf"
    assert "BGF-004123" in text_on(pdf.get_data())
    with database.transaction() as session:
        assert set(session.scalars(select(Sticker.printed_count))) == {1}
    assert "stor (L7160, från plats 16)" in page(manager, "/equipment/labels")


def test_while_it_is_made_the_page_tells_how_far_it_is(manager, app, few_at_once, database):
    answer = send(manager)
    made(app)
    with database.transaction() as session:
        session.execute(update(LabelJob).values(state=LabelJobState.WORKING, made=10, pdf=None))
    shown = page(manager, answer.location)
    assert '<progress class="progress" max="15" value="10"' in shown
    assert '<meta http-equiv="refresh" content="2">' in shown
    assert manager.get(f"{answer.location}/labels.pdf").location.endswith(answer.location)


def test_the_link_ends_and_its_content_is_wiped(manager, app, few_at_once, database):
    answer = send(manager)
    made(app)
    with database.transaction() as session:
        session.execute(update(LabelJob).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert "Länken gäller inte längre" in page(manager, answer.location)
    gone = manager.get(f"{answer.location}/labels.pdf")
    assert gone.status_code == 410
    assert b"%PDF" not in gone.get_data()
    label_jobs.make_waiting(database)
    with database.transaction() as session:
        assert session.execute(select(LabelJob.pdf, LabelJob.labels)).one() == (None, [])


@pytest.mark.parametrize("email", ["kollega@exempelby.example", "bo@annanby.example"])
def test_the_link_is_for_the_one_who_ordered_alone(manager, app, people, few_at_once, email):
    answer = send(manager)
    made(app)
    organisation = "Annanby kommun" if "annanby" in email else None
    other = people.browser(people.staff(Role.ASSET_MANAGER, email, organisation))
    assert other.get(answer.location).status_code == 404
    assert other.get(f"{answer.location}/labels.pdf").status_code == 404


def test_a_lost_label_is_replaced_by_one_with_a_new_number(manager, database):
    with database.transaction() as session:
        thing = session.scalar(select(Equipment.item_id).where(Equipment.inventory_number == "BGF-004002"))
    send(manager, item=thing)
    assert f"/equipment/{thing}/label/cancel" in page(manager, f"/equipment/{thing}")
    assert send(manager, f"/equipment/{thing}/label/cancel").status_code == 422
    answer = send(manager, f"/equipment/{thing}/label/cancel", reason="lost")
    assert answer.location == f"/equipment/labels?item={thing}"
    send(manager, item=thing)
    with database.transaction() as session:
        states = session.scalars(select(Sticker.status).where(Sticker.item_id == thing).order_by(Sticker.id)).all()
    assert states == [StickerStatus.CANCELLED, StickerStatus.ISSUED]
