"""A UV finding noted on the station's page: said, refused, corrected, withdrawn; offline; by keyboard in a browser."""

import http.client
import io
from urllib.parse import urlsplit

import pytest
import werkzeug.formparser
from flask import Request
from PIL import Image

from scanner.finding_form import WITHDRAWN
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.language import Language, words
from scanner.photo import MOST_FILE_BYTES
from scanner.web import page as pages
from scanner.web.view import WebView
from tests.scanner.web.driving import CASE, PICTURES, Desk, Nowhere, choose, shows

FIELDS = {"colour": "green", "spot": "under the  saddle", "item": "2:1", "seal": "S-1207", "corrects": ""}


@pytest.fixture
def desk(page):
    one = Desk()
    page.watch(one)
    return one


@pytest.fixture
def note(desk, ask):
    """A function that sends a finding; what the page says is wrong with it."""

    def send(photo=None, **changes):
        files = None if photo is None else {"photo": ("spot.jpg", photo)}
        answer = ask("/finding", "POST", data=FIELDS | changes, files=files)
        assert answer.status_code == 200, answer.text
        return answer.json()["problem"]

    return send


def a_photo(side=900):
    exif = Image.Exif()
    exif[0x010F] = "Kameramakaren"
    written = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(written, "JPEG", quality=95, exif=exif)
    return written.getvalue()


def test_a_finding_is_noted_with_a_photo_that_has_lost_what_the_camera_wrote(desk, note, ask):
    photo = a_photo()
    assert note(photo) == ""
    (noted,) = desk.noted
    assert (noted.colour, noted.spot, noted.seized_item) == ("green", "under the saddle", "2:1")
    assert (noted.seal_number, noted.corrects, noted.withdrawn) == ("S-1207", "", False)
    assert b"Kameramakaren" in photo
    assert noted.photo[:2] == b"\xff\xd8"
    assert b"Kameramakaren" not in noted.photo
    told = ask("/state").json()
    assert told["notice"] == "UV finding stored: green, under the saddle → 2:1"
    assert told["finding"] == {
        "key": "message 1",
        "colour": "green",
        "spot": "under the saddle",
        "item": "2:1",
        "seal": "S-1207",
        "photo": True,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": ""}, "Choose what glows."),
        ({"colour": "mauve"}, "Choose what glows."),
        ({"colour": WITHDRAWN}, "Choose what glows."),
        ({"spot": " x "}, "Write where on the thing."),
        ({"spot": "x" * 121}, "Write where on the thing."),
        ({"spot": "a\x1b[2Jb"}, "Write where on the thing."),
        ({"item": "21"}, "Write seizure and number of the item, such as 2:1."),
        ({"seal": "12"}, "A seal number has 3 to 40 characters."),
        ({"photo": b"%PDF-1.7"}, "spot.jpg: it cannot be read as JPEG, PNG or WebP. Allowed:"),
        ({"corrects": "message 7"}, "This UV finding has been corrected since. Look again."),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_noted(desk, note, changes, said):
    assert note(**changes).startswith(said)
    assert desk.noted == []
    assert note() == ""
    assert len(desk.noted) == 1


def test_a_mistake_is_corrected_by_a_later_finding_and_the_photo_stays(desk, note):
    note(a_photo(40))
    assert note(colour="blue", corrects="message 1") == ""
    first, second = desk.noted
    assert (second.colour, second.corrects, second.photo) == ("blue", "message 1", first.photo)
    # Each finding is corrected once: the next word is about the newest.
    assert note(colour="red", corrects="message 1") != ""
    assert note(corrects="message 2", colour=WITHDRAWN, spot="", item="") == ""
    third = desk.noted[2]
    assert (third.withdrawn, third.corrects, third.spot) == (True, "message 2", "under the saddle")
    assert note(corrects="message 3") != ""
    assert len(desk.noted) == 3


def test_a_disk_that_does_not_take_it_is_told(desk, note, page):
    desk.full = True
    page._board.notice = "the disk is full"
    assert note() == "the disk is full"


@pytest.mark.parametrize(
    ("data", "files"),
    [({}, None), ({"colour": "green"}, None), (FIELDS | {"more": "x"}, None), (FIELDS, {"other": ("a", b"b")})],
)
def test_a_form_that_the_page_does_not_have_is_refused(ask, desk, data, files):
    assert ask("/finding", "POST", data=data, files=files).status_code == 400
    assert desk.noted == []


@pytest.mark.parametrize(("more", "status"), [(1_000_000, 413), (-1_000_000, 400)])
def test_what_is_far_too_large_is_refused_before_it_is_taken(page, more, status):
    address, _, secret = page.address.partition("#")
    assert pages._LARGEST_PHOTO == MOST_FILE_BYTES
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.putrequest("POST", "/finding")
    connection.putheader("Authorization", f"Bearer {secret}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(MOST_FILE_BYTES + more))
    connection.endheaders(b"--b--\r\n")
    connection.sock.shutdown(1)
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    assert (answer.status, "larger than 60 MB" in told) == (status, status == 413)


def test_other_requests_stay_small(ask):
    assert ask("/act", "POST", json={"act": "item", "what": "2" * 5000}).status_code == 413


def test_a_photo_that_is_not_sealed_yet_never_touches_the_disk(desk, note, monkeypatch):
    def to_disk(*_, **__):
        raise AssertionError

    monkeypatch.setattr("werkzeug.wrappers.request.default_stream_factory", to_disk, raising=False)
    monkeypatch.setattr(werkzeug.formparser, "default_stream_factory", to_disk)
    monkeypatch.setattr(werkzeug.formparser, "SpooledTemporaryFile", to_disk)
    photo = a_photo(1600)
    assert len(photo) > 600_000
    assert note(photo) == ""
    assert desk.noted[0].photo
    with pytest.raises(AssertionError):
        Request({"wsgi.input": io.BytesIO()})._get_file_stream(len(photo), "image/jpeg", "spot.jpg")


def test_an_officer_notes_corrects_and_withdraws_by_keyboard_alone(station, opened, registry, wait_until, tmp_path):
    file = tmp_path / "två  mellanslag.png"
    Image.new("RGB", (64, 48), "green").save(file)
    process, address = station()
    tab = opened(address)
    # Listened for from the beginning: a key may be quicker than a listener that is put up just before it.
    tab.on("filechooser", lambda chooser: chooser.set_files(file))
    shows(tab, "#stands", "✓ Registry")
    tab.keyboard.press("k")
    shows(tab, "#notice", "No UV finding of this run to correct.")
    choose(tab, "2:1")
    shows(tab, "#item", "2:1")
    tab.keyboard.press("u")
    tab.wait_for_function("() => document.activeElement.name === 'colour'")
    assert tab.input_value("#finding-item") == "2:1"
    tab.keyboard.press("Enter")
    shows(tab, "#fault", "Choose what glows.")
    # Keys that do something on the page are letters in the form.
    tab.keyboard.press("Space")
    for _ in range(6):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Tab")
    tab.keyboard.type("quick kiosk")
    for _ in range(3):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.wait_for_function("() => document.querySelector('#photo').files.length === 1")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    shows(tab, "#notice", "UV finding stored: green, quick kiosk → 2:1")
    assert tab.evaluate("!document.querySelector('dialog[open]')")
    assert wait_until(lambda: registry.findings)
    _, body = registry.findings[0]
    assert (body["colour"], body["spot"], body["seized_item"]) == ("green", "quick kiosk", "2:1")
    assert body["photo"]
    # The registry goes away; the finding waits, sealed, and is corrected all the same.
    registry.close()
    tab.keyboard.press("k")
    tab.wait_for_function("() => document.activeElement.value === 'green'")
    assert tab.is_visible("#finding .kept")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    shows(tab, "#notice", "UV finding stored: blue-green, quick kiosk → 2:1")
    shows(tab, "#stands", "1 waiting")
    tab.keyboard.press("k")
    tab.wait_for_function("() => document.activeElement.value === 'blue-green'")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    shows(tab, "#notice", "UV finding withdrawn: quick kiosk → 2:1")
    shows(tab, "#stands", "2 waiting")
    tab.keyboard.press("u")
    tab.keyboard.press("Escape")
    tab.wait_for_function("() => !document.querySelector('dialog[open]')")
    assert "quick" not in (tmp_path / "journal" / "readings.journal").read_text(encoding="utf-8")
    assert process.poll() is None


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_the_form_fits_the_window(opened, language, phone, dark):
    view = WebView(Nowhere(), words(Language(language)), lambda: JournalCounts(3, 12, 1, 0), Tally, CASE)
    with view:
        desk = Desk()
        view.watch(desk)
        tab = opened(view.address, phone=phone, dark=dark)
        shows(tab, "#item", "2:1")
        tab.keyboard.press("u")
        tab.wait_for_function("() => document.activeElement.name === 'colour'")
        tab.keyboard.press("Space")
        tab.keyboard.press("Enter")
        shows(tab, "#fault", "Skriv var på saken." if language == "sv" else "Write where on the thing.")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        sides = "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('#finding'))"
        needed, given = tab.evaluate(sides)
        assert needed <= given
        assert tab.input_value("#finding-item") == "2:1"
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = f"finding-{language}-{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}.png"
        tab.screenshot(path=PICTURES / name)
