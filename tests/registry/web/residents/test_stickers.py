"""A resident's prints: designs, a begun package, signs that are for no thing, a certificate, a sticker replaced."""

import re

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from registry.models.items import Sticker, StickerStatus
from registry.services import items, kits
from registry.services.items import Category, ItemText


@pytest.fixture
def karin(people, database):
    """Karin's browser; she has a kit and two things, numbers 1 and 2."""
    actor = people.resident()
    people.kit()
    with database.transaction() as session:
        kits.activate(session, actor, "ENXB09494", "71924865", "192.0.2.1")
        for name in ("Karins cykel", "Karins borr"):
            items.add(session, actor, ItemText(name, Category.BICYCLE))
    browser = people.browser(actor)
    browser.set_cookie("language", "sv")
    return browser


def send(browser, address="/my/stickers", **values):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/account").text)[1]
    form = {"csrf_token": token, "items": "1", "stock": "L7160", "start": "1", "copies": "1", **values}
    return browser.post(address, data=form)


def text_on(answer):
    assert answer.mimetype == "application/pdf", answer.get_data(as_text=True)[:2000]
    with pypdfium2.PdfDocument(answer.get_data()) as document:
        return document[0].get_textpage().get_text_bounded()


def test_four_designs_are_offered_with_pictures_in_the_readers_language(karin):
    for language, title in (("sv", "Registreringsbevis"), ("en", "Certificate of registration")):
        karin.set_cookie("language", language)
        shown = karin.get("/my/stickers").text
        assert len(re.findall(rf"static/labels/[a-z-]+-{language}\.png", shown)) == 4
        assert title in shown


def test_a_certificate_names_its_owner_and_thing_and_its_code_leads_to_the_register(karin):
    answer = send(karin, design="certificate", stock="A4")
    text = text_on(answer)
    assert "Karin Åkerlund" in text
    assert "Karins cykel" in text
    with pypdfium2.PdfDocument(answer.get_data()) as document:
        page = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    (code,) = zxingcpp.read_barcodes(page)
    assert karin.get(re.sub(r"^[A-Z]+://[^/]+", "", code.text)).status_code == 200


@pytest.mark.parametrize(("design", "stock"), [("letterbox-sign", "L7163"), ("window-sticker", "L6112")])
def test_a_sign_needs_no_thing_and_gives_out_no_number(karin, database, design, stock):
    assert "DNA-märkt" in text_on(send(karin, design=design, stock=stock, items=""))
    assert 'name="items"' not in karin.get(f"/my/stickers?design={design}").text
    with database.transaction() as session:
        assert session.scalars(select(Sticker.id)).all() == []


def test_a_package_is_remembered_with_its_used_places(karin):
    text_on(send(karin, items=["1", "2"], start="3", skip="4", package="hallen"))
    assert "hallen (L7160, från plats 6)" in karin.get("/my/stickers").text
    chosen = karin.get("/my/stickers?package=hallen").text
    assert re.search(r'id="start"[^>]*value="6"', chosen)


@pytest.mark.parametrize("wrong", [{"skip": "0"}, {"skip": "22"}, {"skip": "1-21"}, {"skip": "a"}, {"stock": "L6008"}])
def test_a_wrong_sheet_is_told_and_no_number_is_given_out(karin, database, wrong):
    answer = send(karin, **wrong)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    with database.transaction() as session:
        assert session.scalars(select(Sticker.id)).all() == []


def test_a_lost_sticker_is_replaced_and_the_old_one_says_no_more(karin, database):
    text_on(send(karin))
    assert "/my/items/1/sticker/cancel" in karin.get("/my/items/1").text
    assert "Välj en anledning" in send(karin, "/my/items/1/sticker/cancel").text
    assert send(karin, "/my/items/1/sticker/cancel", reason="item_removed").status_code == 422
    assert send(karin, "/my/items/1/sticker/cancel", reason="damaged").location == "/my/stickers?item=1"
    text_on(send(karin))
    with database.transaction() as session:
        rows = session.execute(select(Sticker.number, Sticker.status).order_by(Sticker.id)).all()
    assert [status for _, status in rows] == [StickerStatus.CANCELLED, StickerStatus.ISSUED]
    assert len({number for number, _ in rows}) == 2


def test_what_has_no_sticker_cannot_be_replaced(karin):
    assert send(karin, "/my/items/1/sticker/cancel", reason="lost").status_code == 404
    assert send(karin, "/my/items/999/sticker/cancel", reason="lost").status_code == 404
