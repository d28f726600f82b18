"""A full register and everybody who might knock; each test walks the whole url_map, so new routes are swept too.

The owner in it carries names, numbers and addresses that stand nowhere else (canaries), so that finding one on a page
tells that the page speaks of her.
"""

import hashlib
import io
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.access import Permission, allows, rule_of
from registry.database import Database
from registry.models.items import Photo
from registry.services import case_readings, owners, photos, reveals, samples, seizures, uv_notes
from registry.services.actor import PUBLIC, Actor, Role
from registry.services.uv_notes import Finding, UvColour

CANARIES = ("Ugglefrid Kanariefink", "070-731 90 46", "ugglefrid@kanarie.example", "Kanariegränd 77")
STICKER = "4K7Q2M9XW3PZD7N"
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Visitor:
    """Somebody who opens pages: an actor, and headers that a browser or a station sends."""

    name: str
    actor: Actor
    cookie: str
    headers: dict[str, str]


class Register:
    """The full register with its visitors; ``ids`` are real values for the places in addresses."""

    def __init__(self, app: Flask, database: Database, visitors: list[Visitor], ids: dict[str, object]) -> None:
        self.app, self.database, self.ids = app, database, ids
        self.visitors = {visitor.name: visitor for visitor in visitors}

    def rules(self) -> list[Rule]:
        """All routes but the static files, in a steady order; those that end the visit come last."""
        return sorted(
            (rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"),
            key=lambda rule: ("sign-out" in rule.rule, rule.rule, sorted(rule.methods or ())),
        )

    def address(self, rule: Rule) -> str:
        """The address of a route with real ids in its places; a place without one gets 1."""
        with self.app.test_request_context():
            _, path = rule.build({name: self.ids.get(name, 1) for name in rule.arguments}, append_unknown=False)
        return path

    def may(self, visitor: Visitor, rule: Rule) -> bool:
        """What the permission table says."""
        asked = rule_of(self.app.view_functions[rule.endpoint])
        return asked is not None and allows(visitor.actor, asked.permission)

    def permission(self, rule: Rule) -> Permission:
        """What the route's view asks for."""
        asked = rule_of(self.app.view_functions[rule.endpoint])
        assert asked is not None, rule
        return asked.permission

    def browser(self, visitor: Visitor) -> FlaskClient:
        """A browser of the visitor."""
        client = self.app.test_client()
        if visitor.cookie:
            client.set_cookie("markdna", visitor.cookie)
        return client

    def open(self, visitor: Visitor, rule: Rule, method: str = "GET", **more: Any) -> TestResponse:
        """Open a route as the visitor."""
        headers = {**visitor.headers, **more.pop("headers", {})}
        return self.browser(visitor).open(self.address(rule), method=method, headers=headers, **more)

    def token(self, client: FlaskClient) -> str:
        """A valid token against forged forms for this browser."""
        page = client.get("/sign-in").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def content(self) -> dict[str, str]:
        """A hash of every table's content."""
        connection = sqlite3.connect(self.database.url.removeprefix("sqlite:///"))
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        hashes = {
            name: hashlib.sha256(repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()).encode()).hexdigest()  # noqa: S608
            for name in names
        }
        connection.close()
        return hashes


def read_text(response: TestResponse) -> str:
    """What a reader can make out of an answer: headers and text, also of a PDF."""
    content = response.get_data()
    text = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    if content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        text += "".join(page.get_textpage().get_text_range() for page in document)
        document.close()
    return text + content.decode("utf-8", "replace")


@pytest.fixture(scope="session", name="read_text")
def read_text_fixture() -> Callable[[TestResponse], str]:
    return read_text


@pytest.fixture(scope="session")
def canaries() -> tuple[str, ...]:
    """What only the owner herself, and an officer after a logged reveal, may ever see."""
    return CANARIES


def tiny_photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def register(app, database, town, people, case_id, body, station_headers) -> Register:
    delivered = app.test_client().post("/api/v1/readings", json=body(), headers=station_headers())
    assert delivered.status_code == 201, delivered.json
    reading_id = delivered.json["id"]
    with database.transaction() as session:
        owners.change_contact(session, town.owner_account, owners.Contact(*CANARIES))
        photos.add(session, town.owner_account, town.item_id, tiny_photo())
        photo_uid = session.scalars(select(Photo.uid)).one()
        noon = datetime(2026, 11, 22, 11, tzinfo=UTC)
        seizure_id = seizures.add(session, town.officer, case_id, "Källare på Storgatan", noon)
        seized_item_id = seizures.add_item(session, town.officer, case_id, seizure_id, "Cykel, röd", "Hylla 3")
        sample_id = samples.take(session, town.officer, case_id, seized_item_id, "SIGILL-1")
        seen = Finding(UvColour.RED_PINK, "under sadeln", noon, photo=tiny_photo())
        note_id, _ = uv_notes.note(session, town.officer, case_id, seized_item_id, "0" * 32, seen)
        case_readings.attach(session, town.officer, case_id, reading_id, seized_item_id)
    actors = {
        "owner": town.owner_account,
        "another resident": people.resident("bo@exempel.example", "Bo Nilsson"),
        "officer": town.officer,
        "officer of another authority": town.officer_of_another_authority,
        **{role.value: people.staff(role) for role in Role if role not in {Role.RESIDENT, Role.OFFICER}},
    }
    visitors = [Visitor(name, actor, cookie_of(people, actor), {}) for name, actor in actors.items()]
    visitors.append(Visitor("public", PUBLIC, "", {}))
    visitors.append(Visitor("station", town.station, "", {"Authorization": f"Bearer {town.token}"}))
    ids: dict[str, object] = {
        "item_id": town.item_id,
        "case_id": case_id,
        "seized_item_id": seized_item_id,
        "seizure_id": seizure_id,
        "sample_id": sample_id,
        "note_id": note_id,
        "reading_id": reading_id,
        "kit_id": town.kit_ids["ENXB09494"],
        "number": STICKER,
        "language": "sv",
        "token": "unknown",
        "uid": photo_uid,
        "photo_uid": photo_uid,
        "rest": "nothing",
    }
    return Register(app, database, visitors, ids)


def cookie_of(people: Any, actor: Actor) -> str:
    cookie = people.browser(actor).get_cookie("markdna")
    assert cookie is not None
    return cookie.value


@pytest.fixture
def revealed(register, database, town) -> Register:
    """The register after the officer of the case had the owner shown, with a reason."""
    with database.transaction() as session:
        shown = reveals.reveal(
            session,
            town.officer,
            register.ids["case_id"],
            register.ids["reading_id"],
            register.ids["kit_id"],
            "Återlämna cykeln som togs på Storgatan",
        )
    assert shown.contact.name == CANARIES[0]
    return register
