"""Residents reach their own things alone, and nothing changes without the form's token."""

import io
from datetime import date

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from registry.database import Database
from registry.models.accounts import AccessToken, OrganisationKind, Role
from registry.models.audit import AuditEvent
from registry.models.items import Sticker
from registry.services import access_tokens, accounts, items, kits, markings, photos, stickers, tag_marks, thefts
from registry.services.actor import OPERATOR
from registry.services.items import Category, ItemText
from registry.services.thefts import Theft

CANARIES = ("Karins cykel", "etikettprogrammet", "under sadeln", "WK-4711", "ENXB09494", "5000-K123456-26")
EMAIL = "karin@exempel.example"


@pytest.fixture
def karin(app, people, fill_in, database: Database) -> dict:
    """Karin's things, token and blank sticker; the values for every parameter that a route of residents takes."""
    actor = people.resident(EMAIL)
    people.kit()
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "JPEG")
    with database.transaction() as session:
        kit = kits.activate(session, actor, "ENXB09494", "71924865", "192.0.2.1").kit_id
        item_id = items.add(session, actor, ItemText("Karins cykel", Category.BICYCLE, serial_number="WK-4711"))
        markings.mark(session, actor, item_id, kit, ["under sadeln"], date(2026, 1, 2))
        uid = photos.add(session, actor, item_id, picture.getvalue()).uid
        stickers.issue(session, actor, [item_id])
        theft_id = thefts.report(session, actor, [item_id], Theft("5000-K123456-26"))[0]
        tag_marks.register(session, actor, item_id, "752098100312346")
        tag_id = tag_marks.of_item(session, actor, item_id)[0].id
        manages_assets(session, actor)
        access_tokens.give(session, OPERATOR, EMAIL, "etikettprogrammet", 30)
        token_id = session.scalar(select(AccessToken.id))
    blank = {"count": "1", "stock": "L7160", "start": "1"}
    job_uid = fill_in(people.browser(actor), "/my/stickers/blank", **blank).location.rpartition("/")[2]
    app.extensions["label_press"].stop()
    with database.transaction(reads_only=True) as session:
        number = session.scalar(select(Sticker.number).where(Sticker.item_id.is_(None)))
    things = {"item_id": item_id, "uid": uid, "theft_id": theft_id, "tag_id": tag_id, "number": number}
    return {"actor": actor, "token_id": token_id, "job_uid": job_uid, **things}


def manages_assets(session, actor):
    """Make ``actor`` an asset manager too, so that tokens are of use."""
    kind = OrganisationKind.MUNICIPALITY
    municipality = accounts.organisation_named(session, OPERATOR, "Exempelby kommun", kind)
    accounts.grant(session, OPERATOR, actor.account_id, Role.ASSET_MANAGER, municipality)


@pytest.fixture(params=["resident", "resident and asset manager"])
def stranger(people, database, request) -> tuple:
    """The browser of somebody else, and what is answered there to a question for a token of Karin's.

    Whoever may have tokens is told that there is no such; a resident, that tokens are none of a resident's business.
    """
    actor = people.resident("nils@exempel.example", "Nils Ek")
    if request.param == "resident":
        return people.browser(actor), 403
    with database.transaction() as session:
        manages_assets(session, actor)
    return people.browser(actor), 404


def routes(app: Flask, method: str) -> list:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("residents.") and method in (rule.methods or ())
    ]


def events(database: Database) -> int:
    with database.transaction(reads_only=True) as session:
        return session.scalar(select(func.count()).select_from(AuditEvent))


def test_every_page_of_a_thing_opens_for_its_owner_and_is_not_there_for_anybody_else(
    app, people, karin, stranger
) -> None:
    owner = people.browser(karin["actor"])
    browser, token_status = stranger
    seen = 0
    with app.test_request_context():
        paths = [
            (app.url_map.bind("localhost").build(rule.endpoint, {name: karin[name] for name in rule.arguments}), rule)
            for rule in routes(app, "GET")
            if rule.arguments
        ]
    for path, rule in paths:
        assert owner.get(path).status_code == 200, path
        answer = browser.get(path)
        assert answer.status_code == (token_status if "token_id" in rule.arguments else 404), path
        assert [canary for canary in CANARIES if canary in answer.text] == []
        seen += 1
    assert seen >= 6


def test_every_act_on_a_thing_is_refused_to_anybody_else_and_leaves_no_trace(app, karin, stranger, database) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    browser, token_status = stranger
    before = events(database)
    acts = [rule for rule in routes(app, "POST") if rule.arguments]
    for rule in acts:
        path = app.url_map.bind("localhost").build(
            rule.endpoint, {name: karin[name] for name in rule.arguments}, method="POST"
        )
        answer = browser.post(path, data={"name": "Min", "category": "tool"})
        assert answer.status_code == (token_status if "token_id" in rule.arguments else 404), path
    for path, fields in (
        ("/my/stickers", {"items": karin["item_id"], "stock": "L7160", "start": 1, "copies": 1}),
        ("/my/thefts/new", {"items": karin["item_id"], "police_number": "5000-K1-26", "occurred_on": "2026-11-01"}),
    ):
        answer = browser.post(path, data=fields)
        assert answer.status_code == 404
        assert [canary for canary in CANARIES if canary in answer.text] == []
    assert events(database) == before
    assert {"token_id", "item_id", "theft_id", "tag_id", "number"} <= {name for rule in acts for name in rule.arguments}
    assert len(acts) >= 5


def test_nothing_is_done_without_the_forms_token(app, people, karin, database) -> None:
    owner = people.browser(karin["actor"])
    before = events(database)
    for rule in routes(app, "POST"):
        path = app.url_map.bind("localhost").build(
            rule.endpoint, {name: karin[name] for name in rule.arguments}, method="POST"
        )
        assert owner.post(path, data={"code": "A", "pin": "1"}).status_code == 400, path
    for path in ("/sign-in", "/create-account", "/confirm", "/confirm-again", "/check"):
        assert app.test_client().post(path, data={"email": "a@b.example"}).status_code == 400, path
    assert events(database) == before


def test_nobody_gets_in_without_an_account(app, client, karin) -> None:
    for rule in routes(app, "GET"):
        path = app.url_map.bind("localhost").build(rule.endpoint, {name: karin[name] for name in rule.arguments})
        assert client.get(path).headers["Location"].startswith("/sign-in"), path


def test_looking_changes_nothing(app, people, karin, database) -> None:
    owner = people.browser(karin["actor"])
    before = events(database)
    for rule in routes(app, "GET"):
        path = app.url_map.bind("localhost").build(rule.endpoint, {name: karin[name] for name in rule.arguments})
        owner.get(path)
    assert events(database) == before


def test_a_photo_cannot_run_anything(people, karin) -> None:
    answer = people.browser(karin["actor"]).get(f"/my/photos/{karin['uid']}.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
