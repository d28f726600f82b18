"""The whole errand in a real browser, over a real line: resident → theft → police → identification → handover."""

import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import SMTP
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from registry import clock
from registry.demo.errand import OFFICER
from registry.demo.programs import Programs, free_port
from registry.demo.register import Register
from registry.demo.town import PASSWORD, RESIDENTS, Town, TownKit
from registry.models.accounts import Role
from registry.services import audit

CASE = "5000-K123456-26"
KARIN = RESIDENTS[0]
BICYCLE = KARIN.things[0]

pytestmark = pytest.mark.browser


@pytest.fixture
def town() -> Town:
    return Town(clock.now().date())


@pytest.fixture
def register(tmp_path: Path, town: Town) -> Register:
    made = Register(tmp_path, free_port())
    made.import_suppliers(town.write_suppliers(tmp_path))
    made.import_kits(town.write_kits(tmp_path))
    made.staff(*OFFICER, Role.OFFICER, PASSWORD)
    return made


def photo() -> bytes:
    """A plausible phone photo with a position in its metadata, which must not survive."""
    picture = Image.effect_noise((1200, 900), 60).convert("RGB")
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


def mailed_link(register: Register) -> str:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        for file in sorted(register.mail.glob("*.eml"), reverse=True):
            body = message_from_bytes(file.read_bytes(), policy=SMTP).get_body()
            if found := re.search(r"http\S+/confirm/[\w-]+", body.get_content()):
                return found[0]
        time.sleep(0.1)
    pytest.fail("no mail with a link came")


def submit(page) -> None:
    page.locator("main form button[type=submit]").last.click()


def resident_marks_and_reports(walk, register: Register, kit: TownKit) -> str:
    """Everything Karin does on her phone; returns the address on her sticker."""
    page = walk.page
    page.goto("/")
    walk.picture("01-start")
    page.goto("/create-account")
    page.fill("[name=email]", KARIN.email)
    page.fill("[name=name]", KARIN.name)
    page.fill("[name=password]", PASSWORD)
    walk.picture("02-create-account")
    submit(page)
    page.goto(mailed_link(register))
    walk.picture("03-confirm")
    submit(page)
    page.goto("/my")
    walk.picture("04-home-empty")
    page.goto("/my/kits")
    page.fill("[name=code]", kit.code.lower())
    page.fill("[name=pin]", kit.pin)
    walk.picture("05-kit")
    page.locator("form:has([name=pin]) button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(kit.code)
    page.goto("/my/items/new")
    page.fill("[name=name]", BICYCLE.name)
    page.select_option("[name=category]", "bicycle")
    page.fill("[name=maker]", BICYCLE.maker)
    page.fill("[name=model]", BICYCLE.model)
    page.fill("[name=serial_number]", BICYCLE.serial_number)
    page.fill("[name=value_sek]", str(BICYCLE.value_sek))
    page.set_input_files("[name=photo]", {"name": "cykel.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    for number, place in enumerate(BICYCLE.mark_points):
        page.locator("input[name^=places]").nth(number).fill(place)
    walk.picture("06-item-new")
    submit(page)
    expect(page.locator("h1")).to_contain_text(BICYCLE.name)
    for place in BICYCLE.mark_points:
        expect(page.locator("main")).to_contain_text(place)
    walk.picture("07-item")
    address = printed_sticker(walk)
    page.goto("/my/thefts/new")
    page.locator("main [type=checkbox]").first.check()
    page.fill("[name=police_number]", "5000-K118202-26")
    page.fill("[name=place]", "Exempelby resecentrum")
    walk.picture("09-theft")
    submit(page)
    expect(page.locator("main")).to_contain_text("5000-K118202-26")
    walk.picture("10-thefts")
    return address


def printed_sticker(walk) -> str:
    """Print the sticker, look at the paper, and read its code as a phone would."""
    page = walk.page
    page.goto("/my/stickers")
    walk.picture("08-stickers")
    box = page.locator("main form [type=checkbox]").first
    if not box.is_checked():
        box.check()
    with page.expect_download() as download:
        submit(page)
    file = walk.pictures / "stickers.pdf"
    download.value.save_as(file)
    document = pypdfium2.PdfDocument(file)
    sheet = document[0].render(scale=300 / 72).to_pil()
    document.close()
    sheet.save(walk.pictures / "stickers.png")
    codes = {code.text for code in zxingcpp.read_barcodes(sheet)}
    assert len(codes) == 1
    return codes.pop()


def officer_identifies_and_hands_over(walk, register: Register, town: Town, kit: TownKit) -> None:
    page = walk.page
    page.goto("/sign-in")
    page.fill("[name=email]", OFFICER[0])
    page.fill("[name=password]", PASSWORD)
    submit(page)
    walk.picture("01-start")
    page.goto("/police/cases/new")
    page.fill("[name=case_number]", CASE)
    page.fill("[name=purpose]", "Hitta ägaren till beslagtaget gods")
    submit(page)
    expect(page.locator("h1")).to_contain_text(CASE)
    case = page.url
    page.goto(f"{case}/seizures/new")
    page.fill("[name=place]", "Garage, Industrigatan 4")
    submit(page)
    page.goto(case)
    page.locator("a[href*='/items/new']").first.click()
    page.fill("[name=description]", "Cykel, grön, utan lås")
    page.fill("[name=storage_place]", "Hylla B2")
    submit(page)
    page.goto(case)
    walk.picture("02-case-empty")
    readings_arrive_without_a_reload(walk, register, town)
    walk.picture("03-case-live")
    reading = page.locator("article", has_text="S-0001")
    expect(reading).to_contain_text(kit.code)
    expect(reading).to_contain_text("+4")
    assert KARIN.name not in page.content(), "the owner is shown before anybody asked"
    reading.locator("form[action*=attach] select").select_option(index=0)
    reading.locator("form[action*=attach] button").click()
    page.locator("article", has_text="S-0001").locator("a[href*='/owner/']").first.click()
    page.fill("[name=reason]", "Återlämning av den stulna cykeln till ägaren")
    walk.picture("04-owner-ask")
    submit(page)
    expect(page.locator("main")).to_contain_text(KARIN.name)
    walk.picture("05-owner")
    page.goto(case)
    page.locator("a[href$='/handover']").first.click()
    page.locator("[name=ground]").first.check()
    page.fill("[name=identity_checked]", "Körkort")
    walk.picture("06-handover")
    submit(page)
    walk.picture("07-handed-over")
    with page.expect_download() as download:
        page.locator("a[href$='/receipt.pdf']").first.click()
    file = walk.pictures / "receipt.pdf"
    download.value.save_as(file)
    document = pypdfium2.PdfDocument(file)
    text = document[0].get_textpage().get_text_range()
    document[0].render(scale=2).to_pil().save(walk.pictures / "receipt.png")
    document.close()
    assert all(part in text for part in (CASE, KARIN.name, kit.code))
    page.goto(case)
    walk.picture("08-case-done")


def readings_arrive_without_a_reload(walk, register: Register, town: Town) -> None:
    """Start reader and station while the case page is open; the page itself must show what comes."""
    page = walk.page
    page.evaluate("window.sameDocument = true")
    seized = town.write_seized(register.folder)
    line = register.folder / "reader"
    with Programs(register.folder, register.environment) as programs:
        programs.start("virtual reader", "readers", "simulate", "--reads", str(seized), "--link", str(line))
        until = time.monotonic() + 20
        while not line.is_symlink() and time.monotonic() < until:
            time.sleep(0.05)
        station = ("--port", str(line), "--registry", register.url, "--case", CASE, "--once", "5")
        journal = ("--journal", str(register.folder / "journal"))
        token = {"MARKDNA_STATION_TOKEN": register.station("Receptionen")}
        assert programs.start("station", "scan", *station, *journal, environment=token).wait(60) == 0
        arrived = time.monotonic()
        expect(page.locator("article", has_text="S-0005")).to_be_visible(timeout=5000)
        assert time.monotonic() - arrived < 5
    assert page.evaluate("window.sameDocument") is True, "the page was loaded anew"
    expect(page.locator("article[id^=reading-]")).to_have_count(5)


def test_a_stolen_bicycle_finds_home(walker: Callable[..., object], register: Register, town: Town) -> None:
    kit = town.kit_of(0, 0)
    with Programs(register.folder, register.environment) as programs:
        programs.serve(register.url)
        karin = walker("resident", register.url, phone=True)
        address = resident_marks_and_reports(karin, register, kit)
        assert karin.fits()
        finder = walker("finder", register.url, phone=True)
        finder.page.goto(address.lower().replace(address.lower().split("/s/")[0], register.url))
        finder.picture("01-sticker")
        assert KARIN.name not in finder.page.content()
        assert kit.code not in finder.page.content()
        officer = walker("officer", register.url)
        officer_identifies_and_hands_over(officer, register, town, kit)
        for person in (karin, finder, officer):
            assert person.complaints == []
    with register.work() as session:
        assert audit.verify(session).broken_at is None
        actions = [event.action for event in audit.newest(session, limit=1000)]
    assert {"kit:activated", "theft:reported", "owner:revealed", "handover:made", "receipt:printed"} <= set(actions)
