"""A resident's whole errand through the pages, without script: account, kit, item, sticker, theft."""

import email
import io
import re
from email.policy import default

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from registry.database import Database
from registry.services import mail

PASSWORD = "en katt på taket"


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def send(client: FlaskClient, path: str, form_page: str | None = None, **fields: object) -> TestResponse:
    """Open a page, fill in its form and send it."""
    fields["csrf_token"] = token_in(client.get(form_page or path))
    return client.post(path, data=fields, content_type="multipart/form-data")


def letters(client: FlaskClient) -> list[email.message.EmailMessage]:
    database: Database = client.application.extensions["database"]
    client.application.extensions["postman"].stop()
    mail.send_waiting(database)
    folder = client.application.config["REGISTRY"].mail_directory
    return [
        email.message_from_bytes(file.read_bytes(), policy=default)
        for file in sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    ]


def photo() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(file, "JPEG")
    file.seek(0)
    return file, "cykel.jpg"


def test_a_resident_gets_from_nothing_to_a_reported_theft(client: FlaskClient, people: "object") -> None:
    people.kit("SPB-57RCYBVN", "11643368")
    sent = send(
        client, "/create-account", name="Göran Ek", email="goran@exempel.example", password=PASSWORD, kind="household"
    )
    assert sent.headers["Location"] == "/create-account/mail-sent"
    assert client.get("/create-account/mail-sent").status_code == 200

    link = re.search(r"http://\S+(/confirm/\S+)", letters(client)[-1].get_content())[1]
    page = client.get(link)
    assert 'name="password"' not in page.text, "the browser that registered need not write the password again"
    found = re.search(r'name="token"[^>]*value="([^"]+)"', page.text)
    done = client.post("/confirm", data={"csrf_token": token_in(page), "token": found[1]})
    assert done.status_code == 302
    assert client.get("/").headers["Location"] == "/my"

    home = client.get("/my")
    assert "Göran" in home.text
    assert send(client, "/my/kits", "/my", code="spb 57rcybvn", pin="1164 3368").status_code == 303
    assert "SPB-57RCYBVN" in client.get("/my/kits").text
    assert "57RCYBVN" not in letters(client)[-1].get_content()
    assert "YBVN" in letters(client)[-1].get_content()

    fields = {
        "name": "Görans cykel",
        "category": "bicycle",
        "maker": "Crescent",
        "value_sek": "12 500 kr",
        "serial_number": "WK-4711",
        "photo": photo(),
        "places-0": "under sadeln",
        "places-1": "vänster vevarm",
        "places-2": "",
        "kit_id": 1,
        "marked_on": "2026-01-02",
    }
    added = send(client, "/my/items/new", **fields)
    assert added.status_code == 303, added.text
    item = client.get(added.headers["Location"])
    assert "vänster vevarm" in item.text
    assert "12\u00a0500" in item.text.replace("&nbsp;", "\u00a0")
    small = re.search(r'src="(/my/photos/\w+\.jpg\?size=small)"', item.text)[1]
    assert client.get(small).headers["Content-Type"] == "image/jpeg"

    pdf = send(client, "/my/stickers", items="1", stock="L7160", start="4", copies="2")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    number = re.search(r"[0-9A-Z]{15}", re.sub(r"<[^>]+>|\s", "", client.get("/my/items/1").text.split("code")[1]))
    assert "L7160" in client.get("/my/stickers").text
    assert 'value="6"' in client.get("/my/stickers").text, "the sheet goes on after places 4 and 5"
    assert number is None or len(number[0]) == 15

    theft = send(
        client, "/my/thefts/new", items="1", police_number="5000 k123456-26", occurred_on="2026-11-01", place="Torget"
    )
    assert theft.status_code == 303, theft.text
    assert "5000-K123456-26" in client.get("/my/thefts").text
    assert send(client, "/my/thefts/1/withdraw").status_code == 303
    assert client.get("/my/thefts/1/withdraw").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/create-account", "/confirm-again", "/help", "/accessibility", "/create-account/mail-sent"],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_public_pages_open(client: FlaskClient, path: str, language: str) -> None:
    assert client.get(path, headers={"Accept-Language": language}).status_code == 200
