"""Labels for the boxes of a delivery: as many as there are kits, read back, and without what stands inside the box."""

import re
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select, update

from registry import clock
from registry.errors import NotPermitted
from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.models.labels import LabelJob
from registry.models.suppliers import Batch
from registry.services import kit_box_labels, kit_deliveries, suppliers
from registry.services.actor import OPERATOR, Role
from registry.services.kit_box_labels import BoxWish
from registry.services.tables.source import Source

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def administrator(people):
    browser = people.browser(people.staff(Role.ADMINISTRATOR))
    browser.set_cookie("language", "sv")
    return browser


@pytest.fixture
def batch(database):
    """The first delivery: its id, and its kits' codes with their best-before dates."""
    with database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
        kit_deliveries.import_file(session, OPERATOR, Source.of_file(DATA / "kits.csv"))
        number = session.scalar(select(Batch.id).where(Batch.number == "NF26-001"))
        kits = session.execute(select(Kit.code, Kit.best_before).where(Kit.batch_id == number)).all()
        return number, {row.code: row.best_before for row in kits}


def ordered(fill_in, browser, batch_id, **values):
    path = f"/deliveries/{batch_id}/labels"
    return fill_in(browser, path, **{"count": "2", "stock": "L7160", "start": "1", **values})


def test_each_box_gets_a_label_with_its_day_and_never_the_kits_code(administrator, fill_in, app, batch, database):
    batch_id, kits = batch
    assert f"/deliveries/{batch_id}/labels" in administrator.get("/deliveries").text
    form = administrator.get(f"/deliveries/{batch_id}/labels").text
    assert f'value="{len(kits)}"' in re.search(r'<input[^>]*id="count"[^>]*>', form)[0]
    answer = ordered(fill_in, administrator, batch_id, count=str(len(kits)))
    assert answer.status_code == 303
    app.extensions["label_press"].stop()
    pdf = administrator.get(answer.location + "/labels.pdf").get_data()
    words, codes = "", []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            words += page.get_textpage().get_text_bounded()
            codes += zxingcpp.read_barcodes(page.render(scale=300 / 72, grayscale=True).to_pil())
    assert len(codes) == len(kits)
    assert {code.text.partition("://")[2].partition("/")[2] for code in codes} == {"K"}
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", words)]
    assert sorted(days) == sorted(day for day in kits.values() if day)
    assert words.count("NF26-001") == len(kits)
    rows = (DATA / "kits.csv").read_text(encoding="utf-8").splitlines()[1:]
    secrets = {cell for row in rows for cell in row.split(";")[2:5] if cell}
    assert [secret for secret in secrets if secret in words or secret.encode() in pdf] == []
    with database.transaction() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "labels:printed"))
        assert (event.subject, event.details["boxes"]) == (f"batch:{batch_id}", len(kits))


def test_those_that_are_good_the_shortest_come_first_and_recalled_ones_not_at_all(people, batch, database):
    batch_id, kits = batch
    actor = people.staff(Role.ADMINISTRATOR)
    one, other, *_ = kits
    with database.transaction() as session:
        session.execute(update(Kit).where(Kit.code == one).values(best_before=None))
        session.execute(update(Kit).where(Kit.code == other).values(revoked_at=clock.now()))
        job = kit_box_labels.order_labels(session, actor, BoxWish(batch_id, len(kits) - 1, "L7160"))
        labels = session.scalar(select(LabelJob.labels).where(LabelJob.uid == job.uid))
    rest = [day.isoformat() for code, day in kits.items() if day and code not in {one, other}]
    undated = len(kits) - 1 - len(rest)
    assert [label[6] for label in labels] == [*sorted(rest), *[""] * undated]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": "0"}, "1 till 20000"),
        ({"count": "19999"}, "lika många etiketter som det finns satser"),
        ({"count": ""}, "Skriv hur många"),
        ({"stock": "L6008"}, "Välj"),
        ({"start": "22"}, "1 till 21"),
    ],
)
def test_a_wrong_order_is_refused_in_the_form(administrator, fill_in, batch, database, values, message):
    page = ordered(fill_in, administrator, batch[0], **values)
    assert page.status_code == 422
    assert message in page.text
    with database.transaction() as session:
        assert session.scalars(select(LabelJob.id)).all() == []


def test_a_stopped_delivery_gets_no_labels(administrator, batch, database):
    with database.transaction() as session:
        suppliers.revoke_batch(session, OPERATOR, "Nordmark Forensik", "NF26-001")
    assert f"/deliveries/{batch[0]}/labels" not in administrator.get("/deliveries").text
    assert "Leveransen är spärrad." in administrator.get(f"/deliveries/{batch[0]}/labels").text
    assert administrator.get("/deliveries/9999/labels").status_code == 404


def test_a_supplier_prints_none(people, batch, database):
    actor = people.staff(Role.SUPPLIER, organisation="Nordmark Forensik")
    browser = people.browser(actor)
    assert "/labels" not in browser.get("/deliveries").text
    assert browser.get(f"/deliveries/{batch[0]}/labels").status_code == 403
    with pytest.raises(NotPermitted), database.transaction() as session:
        kit_box_labels.order_labels(session, actor, BoxWish(batch[0], 1, "L7160"))
