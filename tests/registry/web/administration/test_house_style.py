"""The house style set on a page: what is printed from then on has it, and what cannot be printed is refused."""

import io

import pypdfium2
import pytest
from sqlalchemy import select

from labels.pdf import LabelContent
from labels.settings import LabelSettings
from registry.models.audit import AuditEvent
from registry.models.house_style import HouseStyleRow
from registry.services import house_style, label_jobs
from registry.services.actor import OPERATOR, Role
from registry.services.house_style import Look
from registry.services.label_jobs import JobWish

ADDRESS = "/administration/house-style"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 26"><path d="M1 1h18v18l-9 6-9-6z" fill="#c81e1e"/></svg>'
)
RED, INK = (0xC8, 0x1E, 0x1E), (0x7A, 0x10, 0x20)


@pytest.fixture
def administrator(people):
    browser = people.browser(people.staff(Role.ADMINISTRATOR))
    browser.set_cookie("language", "sv")
    return browser


@pytest.fixture
def save(administrator, fill_in):
    """Fills in the page's form, with ``arms`` as the file of a coat of arms."""

    def send(arms=b"", **values):
        form = {"ink": "#7a1020", "signal": "#ff8fc2", "contact": "Frågor: 0123", **values}
        if arms:
            form["coat_of_arms"] = (io.BytesIO(arms), "arms.svg")
        return fill_in(administrator, ADDRESS, **form)

    return send


def colours_of_a_card(database, town):
    """Which of the two colours the membership card of a job has."""
    wish = JobWish("membership-card", "CARD", 1, [], 1, "sv", "Exempelby kommun", "", town.owner_id)
    with database.transaction() as session:
        uid = label_jobs.order(session, town.officer, wish, [LabelContent("HTTPS://X.EXAMPLE", "1", "Åsa")]).uid
    label_jobs.make_waiting(database)
    with database.transaction() as session:
        pdf = label_jobs.pdf_of(session, town.officer, uid)
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=2, rev_byteorder=True).to_pil().convert("RGB")
    return {colour for count, colour in picture.getcolors(2**24) if count > 50} & {RED, INK}


def test_what_is_set_is_printed_shown_and_logged(administrator, save, database, town):
    assert colours_of_a_card(database, town) == set()
    assert save(SVG).location == ADDRESS
    assert colours_of_a_card(database, town) == {RED, INK}
    shown = administrator.get(ADDRESS).text
    assert 'value="#7a1020"' in shown
    assert "Frågor: 0123" in shown
    picture = administrator.get(f"{ADDRESS}/coat-of-arms")
    assert (picture.mimetype, picture.data) == ("image/svg+xml", SVG)
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    with database.transaction() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "house_style:changed")).all()
    assert [event.details for event in events] == [{"ink": "#7a1020", "signal": "#ff8fc2", "coat_of_arms": True}]


def test_a_coat_of_arms_stays_until_it_is_taken_away(administrator, save, database, town):
    save(SVG)
    save(contact="En annan rad")
    assert colours_of_a_card(database, town) == {RED, INK}
    save(without="y")
    assert colours_of_a_card(database, town) == {INK}
    assert administrator.get(f"{ADDRESS}/coat-of-arms").status_code == 404


@pytest.mark.parametrize(
    ("arms", "values", "words"),
    [
        (b"no picture", {}, "Tillåtet: SVG, PNG eller JPEG"),
        (SVG.replace(b"<path", b"<script>1</script><path"), {}, "har ett &lt;script&gt;"),
        (SVG.replace(b"0 0 20 26", b"0 0 200 26"), {}, "7.7 gånger så brett som högt"),
        (b"", {"ink": "#cccccc"}, "en mörkare färg"),
        (b"", {"ink": "red"}, "en färg såsom #0b3d48"),
        (b"", {"signal": "#12345g"}, "en färg såsom #0b3d48"),
        (b"", {"contact": "x" * 201}, "Högst 200 tecken"),
    ],
)
def test_what_cannot_be_printed_is_told_beside_its_field_and_changes_nothing(save, database, arms, values, words):
    answer = save(arms, **values)
    assert answer.status_code == 422
    assert words in answer.text
    with database.transaction() as session:
        assert session.scalars(select(HouseStyleRow)).all() == []


@pytest.mark.parametrize("role", [Role.ASSET_MANAGER, Role.OFFICER])
def test_it_is_the_administrators_alone(people, role):
    browser = people.browser(people.staff(role))
    assert browser.get(ADDRESS).status_code == 403
    assert browser.get(f"{ADDRESS}/coat-of-arms").status_code == 403


def test_without_it_the_configuration_counts(either_database):
    with either_database.transaction() as session:
        assert house_style.look(session) == Look("", LabelSettings().ink, LabelSettings().signal, has_arms=False)
        house_style.change(session, OPERATOR, Look("Ring oss", "#111111", "#eeeeee", has_arms=True))
        assert house_style.look(session) == Look("Ring oss", "#111111", "#eeeeee", has_arms=False)
