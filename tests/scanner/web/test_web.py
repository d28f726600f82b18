"""The station's page in a real browser, over a real pseudo-terminal: by keyboard alone, and told to nobody else."""

import re
import time
from datetime import UTC, date, datetime

import pytest

from scanner import wording
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.language import Language, words
from scanner.registry_client import Accepted, Answer
from scanner.stolen_list import ListAnswer
from scanner.web import view as web_view
from scanner.web.view import WebView
from tests.scanner.web.driving import CASE, PICTURES, Nowhere, choose, shows

BICYCLE = {"kit_code": "ENXB09494", "grade": 4, "posterior": 1.0, "item": "Cykel, Crescent", "reported_stolen": True}
HOSTILE = '<img src=x onerror="document.title=1">'


def test_it_listens_on_this_machine_alone_and_tells_nothing_without_the_secret(page, ask):
    assert page.address.startswith("http://127.0.0.1:")
    assert len(page.address.partition("#")[2]) >= 43
    assert ask("/state").json()["case"] == CASE
    for path, method in (("/state", "GET"), ("/items", "GET"), ("/act", "POST"), ("/finding", "POST")):
        assert ask(path, method, known=False).status_code == 401
        assert ask(path, method, known=False, Authorization="Bearer wrong").status_code == 401
    assert CASE not in ask("/", known=False).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "station.example"},
        {"Host": "localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_places_are_turned_away_even_with_the_secret(ask, headers):
    assert ask("/state").status_code == 200
    for path, method in (("/", "GET"), ("/state", "GET"), ("/act", "POST"), ("/finding", "POST")):
        assert ask(path, method, **headers).status_code == 403


def test_everything_has_a_strict_policy_and_nothing_comes_from_elsewhere(ask):
    for path in ("/", "/state", "/static/desk.js", "/static/desk.css", "/nowhere"):
        answer = ask(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
    addresses = re.findall(r"""(?:src|href)="([^"]*)""", ask("/").text)
    assert addresses
    assert all(one.startswith(("/static/", "data:,")) for one in addresses)


@pytest.mark.parametrize("body", [None, [], {"act": "else"}, {"act": "attach", "what": 7}, {"act": "item", "what": {}}])
def test_what_it_does_not_know_is_refused(ask, body):
    assert 400 <= ask("/act", "POST", json=body).status_code < 500


def test_a_wrong_label_is_explained_and_an_unknown_reading_is_nothing(ask):
    assert "such as 2:1" in ask("/act", "POST", json={"act": "item", "what": "x"}).json()["problem"]
    assert ask("/act", "POST", json={"act": "attach", "what": "no such"}).json() == {"problem": ""}


def test_only_what_changed_is_made_anew_and_nothing_while_nothing_happens(ask, page, reading, monkeypatch):
    for number in range(5):
        page.stored(f"k{number}", reading(f"R-{number}"))
    name = ask("/state").headers["State"]
    made, line = [], page._line
    monkeypatch.setattr(page, "_line", lambda one: (made.append(one.key), line(one))[1])
    assert [ask(f"/state?since={name}").status_code for _ in range(3)] == [204] * 3
    page.answered("k3", "R-3", Accepted(Answer(id=1, verdict="identified")))
    told = ask(f"/state?since={name}").json()["lines"]
    assert made == ["k3"]
    assert [one["verdict"] for one in told] == ["stored", "stored", "stored", "identified", "stored"]


def test_on_another_day_moments_are_said_with_their_date(ask, page, monkeypatch):
    page.listed("k", "R-1", ListAnswer(listed=True, issued_at=datetime.now(UTC)))
    today = ask("/state").json()["lines"][0]["verdict"]
    monkeypatch.setattr(web_view, "_today", lambda: date(2000, 1, 1))
    monkeypatch.setattr(wording, "_clock_time", lambda moment: f"{moment:%Y-%m-%d}")
    assert ask("/state").json()["lines"][0]["verdict"] != today


def test_a_state_that_was_told_is_not_told_again(ask, page):
    first = ask("/state")
    assert ask(f"/state?since={first.headers['State']}").status_code == 204
    page.answered("k", "R-1", Accepted(Answer(id=1, verdict="identified")))
    assert ask(f"/state?since={first.headers['State']}").status_code == 200


def test_an_officer_works_by_keyboard_alone(station, opened, cable, registry, wait_until):
    registry.items = [("2:1", "Cykel, röd"), ("2:2", "Borrmaskin")]
    process, address = station()
    tab = opened(address)
    shows(tab, "#stands", "✓ Registry")
    tab.keyboard.press("i")
    shows(tab, "#known", "Borrmaskin")
    tab.keyboard.type("2x")
    tab.keyboard.press("Enter")
    shows(tab, "#problem", "such as 2:1")
    tab.keyboard.press("Escape")
    choose(tab, "2:1")
    shows(tab, "#item", "2:1 Cykel, röd")
    cable.send(b"]E04006381333931\r\n")
    shows(tab, "#said", "REPORTED STOLEN")
    shows(tab, "#verdict", "identified")
    assert tab.inner_text("#grade") == "+4"
    assert tab.get_attribute("#answer", "class") == "stolen"
    assert wait_until(lambda: registry.attachments)
    tab.wait_for_function("() => Number(document.body.dataset.rang) >= 4")
    # A mistake is corrected by a later word; the first stays in the record.
    choose(tab, "2:2")
    shows(tab, "#item", "2:2 Borrmaskin")
    tab.keyboard.press("a")
    shows(tab, "#details", "→ 2:2")
    assert wait_until(lambda: [label for _, label in registry.attachments] == ["2:1", "2:2"])
    # Whoever looks at an earlier reading is not torn away from it.
    cable.send(b"]E04006381333924\r\n")
    tab.wait_for_function("() => document.querySelectorAll('#lines tr').length === 2")
    tab.keyboard.press("ArrowUp")
    cable.send(b"]E04006381333917\r\n")
    tab.wait_for_function("() => document.querySelectorAll('#lines tr').length === 3")
    assert tab.get_attribute("#lines tr:first-child", "aria-selected") == "true"
    tab.keyboard.press("n")
    assert tab.get_attribute("#lines tr:last-child", "aria-selected") == "true"
    tab.keyboard.press("q")
    assert process.wait(60) == 0
    shows(tab, "#notice", "Has it ended?")


def test_with_the_registry_gone_the_page_says_what_the_list_says(station, opened, cable, registry):
    registry.stolen = ["number:4006381333931"]
    _, address = station()
    tab = opened(address)
    shows(tab, "#stands", "1 mark, until")
    registry.close()
    cable.send(b"]E04006381333931\r\n")
    shows(tab, "#verdict", "reported stolen, according to list of ")
    shows(tab, "#stands", "! Registry")
    assert tab.get_attribute("#answer", "class") == "stolen"


@pytest.mark.long
def test_a_stop_by_the_administrator_is_heard_within_a_minute_with_the_page_open_and_the_list_goes(
    station, opened, registry, cable, tmp_path
):
    registry.stolen = ["number:4006381333931"]
    _, address = station()
    tab = opened(address)
    shows(tab, "#stands", "1 mark, until")
    assert (tmp_path / "journal" / "stolen.list").exists()
    registry.token = "given to nobody"
    began = time.monotonic()
    shows(tab, "#stands", "has revoked it")
    assert time.monotonic() - began < 60
    shows(tab, "#stands", "! Offline list none")
    assert list((tmp_path / "journal").glob("stolen.*")) == []
    # What is read now is kept, sealed, and nobody says anything about it.
    cable.send(b"]E04006381333931\r\n")
    shows(tab, "#lines", "stored")
    assert registry.rows == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_the_window_and_hostile_texts_are_texts(browser, opened, language, phone, dark, reading):
    view = WebView(Nowhere(), words(Language(language)), lambda: JournalCounts(3, 12, 1, 0), Tally, CASE)
    with view:
        for number in range(12):
            view.stored(f"k{number}", reading(f"R-{number:06d}", "ENX?O9494"))
        kinds = [{"verdict": "ambiguous", "grade": 2}, {"verdict": "not_registered"}]
        for number, kind in enumerate(kinds):
            view.answered(f"k{number}", f"R-{number:06d}", Accepted(Answer.model_validate({"id": 1, **kind})))
        told = {"id": 1, "verdict": "identified", "grade": 4, "candidates": [BICYCLE, {**BICYCLE, "item": HOSTILE}]}
        view.answered("k11", "R-000011", Accepted(Answer.model_validate(told)))
        tab = opened(view.address, phone=phone, dark=dark)
        shows(tab, "#verdict", "identifierad" if language == "sv" else "identified")
        shows(tab, "#details", HOSTILE)
        assert tab.title() == "MarkDNA"
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert tab.get_attribute("html", "lang") in {"sv", "en"}
        named = tab.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert len(named) == len(set(named))
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = f"station-{language}-{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}.png"
        tab.screenshot(path=PICTURES / name)
