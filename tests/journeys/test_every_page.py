"""Every page of the register, opened in a real browser by somebody who may see it, at three widths."""

import base64
import csv
import io
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.app import create_app
from registry.demo.errand import CASE_NUMBER, MANAGER, OFFICER, Errand
from registry.demo.programs import Programs, free_port
from registry.demo.register import Register
from registry.demo.town import PASSWORD, RESIDENTS, Town
from registry.models.equipment import Equipment
from registry.services import (
    access_tokens,
    accounts,
    asset_labels,
    blank_stickers,
    case_readings,
    evidence_labels,
    kit_box_labels,
    stickers,
    tag_marks,
    typed_marks,
    uv_notes,
)
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR, Role
from registry.services.asset_labels import LabelWish
from registry.services.blank_stickers import BlankWish
from registry.services.equipment import Wish
from registry.services.evidence_labels import EvidenceWish
from registry.services.kit_box_labels import BoxWish
from registry.services.uv_notes import Finding, UvColour
from registry.settings import read_settings

ADMINISTRATOR = "ada@exempelby.example"
WIDTHS = (320, 390, 1280)
TAG = "752098100312346"
"""The number of a tag hidden in the bicycle, which the officer types."""

# Words that no Swedish page has, unless somebody forgot to translate it.
ENGLISH = re.compile(
    r"\b(the|and|with|your|you|this|that|from|sign in|save|show|change|remove|next step)\b", re.IGNORECASE
)

# What answers GET and is no page: files, JSON, redirects, the pieces that a live page asks for.
NO_PAGES = {
    "api.case_label_designs",
    "api.document",
    "api.elsewhere",
    "api.label_designs",
    "api.label_stocks",
    "api.labels_made",
    "api.labels_ordered",
    "api.seized_items",
    "administration.house_style_arms",
    "api.this_station",
    "api.waiting_blank_stickers",
    "administration.box_label_job_pdf",
    "codes.seized_item",
    "codes.seized_item_in_small",
    "municipality.export_equipment",
    "municipality.label_job_pdf",
    "municipality.labels_job_pdf",
    "municipality.place",
    "municipality.place_in_small",
    "police.label_job_pdf",
    "police.new_readings",
    "police.photo",
    "police.receipt",
    "police.uv_photo",
    "public.health",
    "public.kit_box",
    "public.kit_box_in_small",
    "public.sticker_in_capitals",
    "public.switch_language",
    "residents.photo",
    "residents.stickers_job_pdf",
    "static",
    "style.live",
}

pytestmark = pytest.mark.browser


@dataclass
class Opened:
    """A served town, and where each role's pages are: endpoint → values of its address."""

    app: Flask
    url: str
    pages: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def addresses(self, who: str) -> list[str]:
        """The addresses of one person's pages."""
        with self.app.test_request_context():
            return [self.app.url_for(endpoint, **values) for endpoint, values in self.pages[who].items()]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A town where something of everything has happened, served by the real server."""
    folder = tmp_path_factory.mktemp("town")
    register = Register(folder, free_port())
    errand = Errand(register, Town(clock.now().date()), folder)
    for step in (
        errand.import_deliveries,
        errand.create_account,
        errand.activate_kit,
        errand.register_item,
        errand.print_stickers,
        errand.report_theft,
        errand.import_equipment,
        errand.open_case,
    ):
        step()
    with register.work() as session:
        made = accounts.create(session, OPERATOR, NewAccount(ADMINISTRATOR, "Ada Berg", PASSWORD))
        made.email_confirmed_at = clock.now()
        accounts.grant(session, OPERATOR, made.id, Role.ADMINISTRATOR)
    with Programs(folder, register.environment) as programs:
        programs.serve(register.url)
        send_readings(errand)
        errand.reveal_owner()
        app = create_app(read_settings(register.config), register.database)
        yield Opened(app, register.url, pages_of(errand))
        app.extensions["postman"].stop()


def send_readings(errand: Errand) -> None:
    """What the virtual reader would see, sent as a station sends it."""
    token = errand.register.station("Exempelby, receptionen")
    with errand.town.write_seized(errand.register.folder).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            glow = {"glow": row["glow"] == "true", "peak_nm": int(row["peak_nm"] or 0), "intensity": 700}
            observations: list[dict[str, Any]] = [{"kind": "uv", **glow}]
            if row["dot"]:
                observations.append({"kind": "dot", "text": row["dot"]})
            if row["bases"]:
                observations.append({"kind": "dna", "bases": row["bases"]})
            httpx.post(
                f"{errand.register.url}/api/v1/readings",
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())},
                json={
                    "case_number": CASE_NUMBER,
                    "reading_id": row["id"],
                    "reader": {"maker": "Exempel", "model": "R1", "serial_number": "7", "firmware": "1.0"},
                    "read_at": clock.now().isoformat(),
                    "raw": base64.b64encode(repr(row).encode()).decode(),
                    "observations": observations,
                },
                timeout=20,
            ).raise_for_status()


def note_uv_findings(session: Session, errand: Errand, reading_id: int) -> None:
    """Two findings on the seized thing, the first corrected by the second, weighed with a reading."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "darkmagenta").save(file, "JPEG")
    wrong = Finding(
        UvColour.YELLOW, "i ett skruvhuvud på vänster sida av ramen", clock.now(), "FS-204881", file.getvalue()
    )
    right = Finding(UvColour.RED_PINK, "under sadeln", clock.now(), "FS-204882", file.getvalue())
    where = (session, errand.officer, errand.case_id)
    case_readings.attach(*where, reading_id, errand.seized_item)
    first, _ = uv_notes.note(*where, errand.seized_item, "0" * 32, wrong)
    uv_notes.note(*where, errand.seized_item, "1" * 32, right, first)


def pages_of(errand: Errand) -> dict[str, dict[str, dict[str, Any]]]:
    """Every page of each person, with what its address needs."""
    reading = errand.reading("S-0001")
    case = {"case_id": errand.case_id}
    seized = {**case, "seized_item_id": errand.seized_item}
    item = {"item_id": errand.bicycle}
    with errand.register.work() as session:
        equipment = session.scalars(select(Equipment.item_id)).first()
        sticker = stickers.of_item(session, errand.karin, errand.bicycle)
        account = accounts.find_by_email(session, MANAGER[0])
        manager = accounts.actor_of(session, account)
        job = asset_labels.order_labels(session, manager, Wish(items=(equipment,)), LabelWish("L7160"))
        access_tokens.give(session, manager, MANAGER[0], "ekonomisystemet", 90)
        wish = EvidenceWish([errand.seized_item], "seized-item-label", "L7163")
        blank = blank_stickers.order_labels(session, errand.karin, BlankWish(3, "L7160"))
        waiting = blank_stickers.held(session, errand.karin)[0].numbers[0]
        as_municipality = asset_labels.as_owner(session, manager)
        municipal_blank = blank_stickers.order_labels(session, as_municipality, BlankWish(3, "L7160"))
        municipal_waiting = blank_stickers.held(session, as_municipality)[0].numbers[0]
        administrator = accounts.actor_of(session, accounts.find_by_email(session, ADMINISTRATOR))
        boxes = kit_box_labels.order_labels(session, administrator, BoxWish(1, 2, "L7160"))
        evidence = evidence_labels.order_labels(session, errand.officer, errand.case_id, wish)
        note_uv_findings(session, errand, reading.id)
        tag_marks.register(session, errand.karin, errand.bicycle, TAG)
        tag = tag_marks.of_item(session, errand.karin, errand.bicycle)[0]
    with errand.register.work() as session:
        typed, _ = typed_marks.enter(session, errand.officer, errand.case_id, "5e" * 16, TAG)
    public = ["start", "create_account", "mail_sent", "new_link", "sign_in", "about", "accessibility"]
    resident = ["home", "new_item", "own_kits", "stickers_page", "stickers_blank", "own_thefts", "new_theft"]
    resident += ["account", "contact", "password"]
    return {
        "": {
            **{f"public.{name}": {} for name in public},
            "public.sticker": {"number": sticker},
            "public.confirmation": {"token": "spent"},
            "style.index": {},
        },
        RESIDENTS[0].email: {
            **{f"residents.{name}": {} for name in resident},
            **{
                f"residents.{name}": item
                for name in ("item", "edit_item", "marks", "tags", "ask_removal", "cancel_sticker")
            },
            "residents.ask_withdrawal": {"theft_id": 1},
            "residents.stickers_job": {"job_uid": blank.uid},
            "residents.stickers_link": {"number": waiting},
        },
        OFFICER[0]: {
            **{f"police.{name}": {} for name in ("start", "every_case", "new_case")},
            **{f"police.{name}": case for name in ("case", "ask_close", "new_seizure", "labels", "new_typed")},
            "police.label_job": {**case, "job_uid": evidence.uid},
            **{f"police.{name}": seized for name in ("ask_handover", "new_sample", "new_uv_note")},
            "police.new_seized_item": {**case, "seizure_id": 1},
            "police.ask_owner_of_tag": {**case, "reading_id": typed, "tag_mark_id": tag.id},
            "police.ask_owner": {**case, "reading_id": reading.id, "kit_id": reading.candidates[0].kit_id},
        },
        MANAGER[0]: {
            **{
                f"municipality.{name}": {}
                for name in ("start", "equipment_list", "inventory", "labels", "room_labels_page", "tag_list")
            },
            **{f"municipality.{name}": {"item_id": equipment} for name in ("equipment_card", "cancel_label", "tags")},
            "municipality.label_job": {"job_uid": job.uid},
            "municipality.labels_blank": {},
            "municipality.labels_job": {"job_uid": municipal_blank.uid},
            "municipality.labels_link": {"number": municipal_waiting},
            "residents.tokens": {},
            "residents.token_question": {"token_id": 1},
        },
        ADMINISTRATOR: {
            **{
                f"administration.{name}": {}
                for name in ("start", "deliveries", "log", "staff", "stations", "house_style_page")
            },
            "administration.staff_account": {"account_id": errand.officer.account_id},
            "administration.station_question": {"station_id": 1},
            "administration.delivery_question": {"batch_id": 1},
            "administration.box_labels": {"batch_id": 1},
            "administration.box_label_job": {"job_uid": boxes.uid},
        },
    }


def test_no_page_is_forgotten_here(town: Opened) -> None:
    answering = {rule.endpoint for rule in town.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    listed = {endpoint for pages in town.pages.values() for endpoint in pages}
    assert answering - NO_PAGES == listed


@pytest.mark.parametrize("who", ["", RESIDENTS[0].email, OFFICER[0], MANAGER[0], ADMINISTRATOR])
def test_every_page_is_whole_swedish_and_no_wider_than_the_window(
    who: str, town: Opened, walker: Callable[..., Any]
) -> None:
    person = walker(f"every-page-{who.partition('@')[0] or 'public'}", town.url)
    page = person.page
    if who:
        page.goto("/sign-in")
        page.fill("[name=email]", who)
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
    complaints: list[str] = []
    for address in town.addresses(who):
        answer = page.goto(address)
        complaints += [f"{address}: {what}" for what in what_is_wrong(page, answer.status)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            complaints += [] if person.fits() else [f"{address}: scrolls sideways at {width} px"]
    complaints += person.complaints
    assert complaints == []


def what_is_wrong(page: Any, status: int) -> Iterator[str]:
    """What every page must be, said of one that is not."""
    if status != 200:
        yield f"status {status}"
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} headings of the first level"
    if len(page.title().removesuffix("MarkDNA").strip(" –")) < 3:
        yield f"title “{page.title()}”"
    if page.locator("html").get_attribute("lang") != "sv":
        yield "not in Swedish"
    if "/style" not in page.url and (found := ENGLISH.search(page.title() + " " + page.locator("body").inner_text())):
        yield f"English: “{found.string[max(0, found.start() - 20) : found.end() + 20]}”"
