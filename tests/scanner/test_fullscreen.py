"""The station over the whole terminal: what an officer sees, by keyboard alone, and a real run on a pseudo-terminal."""

import os
import pty
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from textual.widgets import Digits, Input, Static

from labels.language import Language
from scanner import enrolment
from scanner.board import REMEMBERED
from scanner.cli import scan
from scanner.errors import PortVanishedError, ReaderFaultError
from scanner.framing.tally import Tally
from scanner.item_question import ItemQuestion
from scanner.journal import JournalCounts
from scanner.reading import DotText, Number, ReaderIdentity, Reading, UvFinding
from scanner.registry_client import Accepted, Answer, Refused
from scanner.station import RegistryState

CASE = "5000-K123456-26"
BICYCLE = {
    "kit_code": "ENXB09494",
    "grade": 4,
    "posterior": 1.0,
    "item": "Cykel, Crescent",
    "reported_stolen": True,
}


def accepted(**content):
    return Accepted(Answer.model_validate({"id": 1, "verdict": "identified", **content}))


def a_reading(number):
    seen = (UvFinding(glow=True, peak_nm=612, intensity=734), DotText("ENX?O9494", "IIH!+IIIG"))
    return Reading(f"R-{number}", seen, b"", datetime.now(UTC), None)


def test_a_hit_is_large_named_and_rings(on_screen):
    async def errand(shown):
        shown.app.stored("k1", a_reading(1))
        await shown.settle()
        assert shown.rows()[0][1:3] == ["R-1", "stored"]
        shown.app.answered("k1", "R-1", accepted(grade=4, candidates=[BICYCLE]))
        await shown.settle()
        assert shown.app.query_one("#grade", Digits).value == "+4"
        assert shown.text("verdict") == "IDENTIFIED   R-1"
        assert (shown.text("kit"), shown.text("item")) == ("ENXB09494", "Cykel, Crescent")
        assert "REPORTED STOLEN" in shown.text("stolen")
        assert shown.app.query_one("#answer").has_class("stolen")
        assert shown.bells == 1

    on_screen(errand)


def test_what_is_no_hit_is_silent_and_names_whom_to_ask(on_screen):
    supplier = {"name": "Nordmark Forensik", "phone": "010-000 01 00", "email": None}

    async def errand(shown):
        shown.app.answered("k1", "R-9", accepted(verdict="not_registered", supplier=supplier))
        await shown.settle()
        assert shown.text("kit") == "ask Nordmark Forensik, 010-000 01 00"
        assert shown.bells == 0
        assert shown.rows()[0][1] == "R-9"
        assert "from the journal" in shown.text("candidates")

    on_screen(errand)


def test_a_misread_code_is_said_in_the_answer_and_before_the_candidates(on_screen):
    family = {"supplier": "Nordmark Forensik", "check": "luhn", "doubt": "check", "misread": True}

    async def errand(shown):
        bare = {**BICYCLE, "item": None, "grade": 0}
        shown.app.answered("k1", "R-9", accepted(verdict="ambiguous", family=family, candidates=[bare]))
        await shown.settle()
        assert shown.text("item").startswith("MISREAD: looks like a code of Nordmark Forensik")
        assert shown.text("candidates").index("MISREAD") < shown.text("candidates").index("ENXB09494")

    on_screen(errand)


def test_the_arrows_choose_a_reading_whose_candidates_are_shown_and_new_ones_do_not_move_it(on_screen):
    drill = {**BICYCLE, "kit_code": "ENXD09494", "grade": -2, "item": "Borrmaskin", "reported_stolen": False}

    async def errand(shown):
        for number in range(3):
            shown.app.stored(f"k{number}", a_reading(number))
        shown.app.answered("k0", "R-0", accepted(grade=4, candidates=[BICYCLE, drill]))
        shown.app.answered("k1", "R-1", Refused(422, "is not a base", "bases", "A C G T N"))
        await shown.settle()
        await shown.pilot.press("up", "up")
        shown.app.stored("k3", a_reading(3))
        await shown.settle()
        lines = shown.text("candidates").splitlines()
        assert lines[0] == "R-0  UV 612 nm · dot ENX?O9494"
        assert lines[1:] == [" +4  ENXB09494  Cykel, Crescent  REPORTED STOLEN", " -2  ENXD09494  Borrmaskin"]
        await shown.pilot.press("down")
        await shown.settle()
        assert "bases is not a base A C G T N" in shown.text("candidates")
        await shown.pilot.press("n")
        await shown.settle()
        assert shown.text("candidates").startswith("R-3")

    on_screen(errand)


def test_a_reading_is_put_with_the_item_that_was_chosen_and_a_mistake_is_corrected_by_a_later_word(on_screen):
    async def errand(shown):
        desk = shown.app._station
        shown.app.stored("k1", a_reading(1))
        await shown.settle()
        await shown.pilot.press("a")
        await shown.settle()
        assert (desk.said, shown.text("trouble")) == ([], "Choose a seized item first.")
        await shown.pilot.press("i")
        await shown.until(lambda: isinstance(shown.app.focused, Input))
        await shown.until(lambda: "Cykel, röd" in str(shown.app.screen.query_one("#known", Static).render()))
        await shown.pilot.press("2", "x", "enter")
        await shown.settle()
        assert (desk.seized_item, isinstance(shown.app.screen, ItemQuestion)) == ("", True)
        await shown.pilot.press("escape")
        await shown.until(lambda: not isinstance(shown.app.screen, ItemQuestion))
        await shown.choose("2:2")
        await shown.pilot.press("a")
        await shown.until(lambda: shown.rows()[0][4] == "2:2")
        assert shown.text("case") == "Case 5000-K123456-26   On the table: 2:2 Borrmaskin"
        await shown.choose("2:1")
        await shown.pilot.press("a")
        await shown.until(lambda: shown.rows()[0][4] == "2:1")
        assert desk.said == [("R-1", "2:2"), ("R-1", "2:1")]
        assert shown.text("candidates").endswith("→ 2:1")
        shown.app.answered("other", "R-1", accepted(verdict="attached"))
        await shown.settle()
        assert len(shown.rows()) == 1

    on_screen(errand)


def test_a_wrong_label_stays_to_be_mended_and_an_item_of_the_registry_is_chosen_by_an_arrow(on_screen):
    async def errand(shown):
        await shown.pilot.press("i")
        await shown.until(lambda: isinstance(shown.app.focused, Input))
        field, problem = shown.app.focused, shown.app.screen.query_one("#problem", Static)
        await shown.pilot.press("2", "x", "enter")
        await shown.until(lambda: "such as 2:1" in str(problem.render()))
        assert (field.value, field.has_focus, field.has_class("wrong")) == ("2x", True, True)
        await shown.until(lambda: "Cykel, röd" in str(shown.app.screen.query_one("#known", Static).render()))
        await shown.pilot.press("down")
        await shown.until(lambda: field.value == "2:1")
        assert (str(problem.render()), field.has_class("wrong")) == ("", False)
        await shown.pilot.press("down", "down", "up", "enter")
        await shown.until(lambda: shown.app._station.seized_item == "2:2")

    on_screen(errand)


def test_a_reading_without_an_item_on_the_table_asks_for_it_and_is_put_with_it(on_screen):
    scanned = Reading("", (Number("EAN", "4006381333931"),), b"", datetime.now(UTC), None)

    async def errand(shown):
        shown.app.stored("run:1", scanned)
        await shown.settle()
        # It is named by what was read; the place in the journal says nothing to an officer.
        assert shown.rows()[0][1] == "…4006381333931"
        assert shown.text("candidates") == "EAN 4006381333931"
        await shown.pilot.press("a")
        await shown.until(lambda: isinstance(shown.app.focused, Input))
        await shown.pilot.press(*"2:2", "enter")
        await shown.until(lambda: shown.text("trouble") == "Put with 2:2: EAN 4006381333931")
        assert shown.app._station.said == [("run:1", "2:2")]
        assert (shown.text("sign"), shown.app.query_one("#notice").has_class("done")) == ("✓", True)
        shown.app.trouble(ReaderFaultError(code="lamp", text="no light"))
        await shown.until(lambda: "lamp" in shown.text("trouble"))
        assert (shown.text("sign"), shown.app.query_one("#notice").has_class("done")) == ("!", False)

    on_screen(errand)


def test_a_refused_reading_that_its_reader_gave_no_id_is_named_as_the_journal_lists_it(on_screen):
    scanned = Reading("", (Number("EAN", "4006381333931"),), b"", datetime.now(UTC), None)

    async def errand(shown):
        shown.app.stored("run:1", scanned)
        shown.app.answered("run:1", "run:1", Refused(422, "is not a number", "text", ""))
        await shown.settle()
        assert shown.text("candidates").splitlines()[-1] == "run:1"

    on_screen(errand)


@pytest.mark.parametrize("language", Language)
def test_all_keys_are_named_at_the_bottom_of_a_small_terminal(on_screen, language):
    async def errand(shown):
        await shown.until(lambda: len(shown.app.query("FooterKey")) == 7)
        await shown.until(lambda: all(key.region.width for key in shown.app.query("FooterKey")))
        assert max(key.region.right for key in shown.app.query("FooterKey")) <= 80

    on_screen(errand, language, size=(80, 24))


def test_the_sound_can_be_turned_off_and_on(on_screen):
    async def errand(shown):
        await shown.pilot.press("m")
        shown.app.answered("k1", "R-1", accepted(grade=4, candidates=[BICYCLE]))
        await shown.settle()
        assert (shown.bells, shown.text("trouble")) == (0, "Sound off")
        await shown.pilot.press("m")
        shown.app.answered("k2", "R-2", accepted(grade=4, candidates=[BICYCLE]))
        await shown.settle()
        assert shown.bells == 1

    on_screen(errand)


def test_reader_registry_journal_and_line_stand_at_the_top_with_a_sign_besides_the_colour(on_screen):
    async def errand(shown):
        assert shown.text("reader").startswith("! Läsare väntar på läsaren")
        shown.app.reader_connected("/dev/ttyUSB0")
        shown.app.reader_identified(ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1"))
        shown.app.registry_changed(RegistryState.REACHED, "Beslagsrummet")
        await shown.settle()
        assert shown.text("reader") == "✓ Läsare Nordisk Mätteknik UVD-2 SN00417"
        assert shown.text("registry") == "✓ Register nås (Beslagsrummet)"
        assert shown.text("journal") == "! Journal 3 väntar, 12 levererade, 0 avvisade · 0 trasiga ramar, 2 tappade"
        shown.app.reader_lost(PortVanishedError(port="/dev/ttyUSB0"))
        await shown.settle()
        assert shown.text("reader") == "! Läsare ingen läsare"
        assert "läsaren är borta" in shown.text("trouble")
        shown.app.trouble(ReaderFaultError(code="lamp", text="no light"))
        await shown.settle()
        assert "lamp" in shown.text("trouble")

    on_screen(errand, Language.SWEDISH, Tally(lost=2), JournalCounts(3, 12, 0, 0))


def test_what_a_reader_sends_cannot_steer_the_screen(on_screen):
    async def errand(shown):
        evil = Reading("R-\x1b[2J[b]", (DotText("[red]\x07", ""),), b"", datetime.now(UTC), None)
        shown.app.stored("k", evil)
        item = {**BICYCLE, "item": "[link=x]Cykel\x1b[31m", "reported_stolen": False}
        shown.app.answered("k", evil.reading_id, accepted(grade=2, candidates=[item]))
        await shown.settle()
        assert shown.text("item") == "[link=x]Cykel\N{REPLACEMENT CHARACTER}[31m"
        assert "\x1b" not in shown.text("candidates") + shown.rows()[0][1]
        assert "[red]" in shown.text("candidates")

    on_screen(errand)


def test_a_long_shift_keeps_a_bounded_list(on_screen):
    async def errand(shown):
        for number in range(REMEMBERED + 20):
            shown.app.stored(f"k{number}", a_reading(number))
        await shown.settle()
        assert len(shown.rows()) == len(shown.app._board.lines) == REMEMBERED
        shown.app.answered("k0", "R-0", accepted(grade=4, candidates=[BICYCLE]))
        await shown.settle()
        assert shown.rows()[-1][1] == "R-0"

    on_screen(errand)


def test_the_address_of_the_page_stays_whatever_is_said_later(on_screen):
    async def errand(shown):
        assert shown.app.query_one("#page").has_class("absent")
        shown.app.name_page("Open this: http://127.0.0.1:1/#secret")
        shown.app.trouble(ReaderFaultError(code="lamp", text="no light"))
        await shown.settle()
        assert shown.text("page") == "Open this: http://127.0.0.1:1/#secret"
        assert not shown.app.query_one("#page").has_class("absent")

    on_screen(errand)


def test_q_ends_the_work_and_gives_what_it_gave(on_screen):
    async def errand(shown):
        await shown.pilot.press("q")
        assert shown.stopped.wait(5)

    assert on_screen(errand).return_value == 7


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "scanner.fullscreen", None)
    monkeypatch.chdir(tmp_path)
    enrolment.save(tmp_path / "journal", _enrolment())
    options = {"port": "/nowhere", "registry": "http://127.0.0.1:9", "case": CASE, "journal": str(tmp_path / "journal")}
    shown = CliRunner().invoke(
        scan,
        ["--full-screen", *(part for name, value in options.items() for part in (f"--{name}", value))],
        env={"MARKDNA_STATION_TOKEN": "t", "MARKDNA_LANGUAGE": "en"},
    )
    assert (shown.exit_code, "markdna[terminal]" in shown.output) == (1, True)


def _enrolment():
    return enrolment.Enrolment("http://127.0.0.1:9", "Bilen", "Polisen", bytes(range(32)))


def test_a_real_shift_on_a_terminal_delivers_rings_and_ends_with_q(registry, tmp_path, cable, wait_until):
    enrolment.save(tmp_path / "journal", registry.enrolment())
    master, terminal = pty.openpty()
    options = {"port": cable.port, "registry": registry.address, "case": CASE, "journal": str(tmp_path / "journal")}
    command = [sys.executable, "-c", "from scanner.cli import scan; scan()", "--full-screen", "--driver", "barcode"]
    process = subprocess.Popen(
        [*command, *(part for name, value in options.items() for part in (f"--{name}", value))],
        env={
            **os.environ,
            "MARKDNA_STATION_TOKEN": registry.token,
            "MARKDNA_LANGUAGE": "sv",
            "TERM": "xterm-256color",
            "COLUMNS": "100",
            "LINES": "30",
        },
        cwd=tmp_path,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    seen = bytearray()

    def watch():
        while True:
            try:
                seen.extend(os.read(master, 65_536))
            except OSError:
                return

    os.close(terminal)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        assert wait_until(lambda: cable.port.encode() in bytes(seen), 60)
        cable.send(b"]Q1HTTPS://MARK.EXAMPLE/0123456789ABC\r")
        assert wait_until(lambda: len(registry.rows) == 1)
        assert wait_until(lambda: b"\x07" in seen and "ANMÄLD STULEN".encode() in seen)
        time.sleep(0.1)
        os.write(master, b"q")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        watcher.join(5)
        os.close(master)
