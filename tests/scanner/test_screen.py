import io
import json

import pytest
from rich.console import Console

from labels.language import Language
from scanner.errors import PortVanishedError
from scanner.framing.tally import Refusal, Tally
from scanner.journal import JournalCounts
from scanner.language import words
from scanner.reading import DnaRead, Number, Reading, UvFinding
from scanner.registry_client import Accepted, Answer, Refused
from scanner.screen import TerminalView
from scanner.station import RegistryState


@pytest.fixture
def screen():
    """A function that makes a view in a language; it gives the view and a function for what it has written."""

    def make(language=Language.SWEDISH, tally=None, *, terminal=False):
        written = io.StringIO()
        console = Console(file=written, width=160, force_terminal=terminal, highlight=False, color_system=None)
        view = TerminalView(console, words(language), lambda: JournalCounts(3, 12, 1, 0), lambda: tally or Tally())
        return view, written.getvalue

    return make


def accepted(**content):
    content = {"id": 1, "verdict": "identified", **content}
    return Accepted(Answer.model_validate(content))


CANDIDATE = {
    "kit_code": "SDNA-4K7Q-2M9X",
    "grade": 4,
    "posterior": 1.0,
    "item": "Cykel, Crescent",
    "reported_stolen": True,
}


def test_a_hit_is_one_line_with_time_reading_verdict_grade_kit_and_item(screen, reading):
    view, written = screen()
    view.stored("key", reading())
    view.answered("key", "R-000812", accepted(grade=4, candidates=[CANDIDATE]))
    line = written().splitlines()[1]
    assert "R-000812  UV 612 nm · mikropunkt ENX?O9494" in line
    assert line.endswith("identifierad  +4  SDNA-4K7Q-2M9X  Cykel, Crescent  ANMÄLD STULEN")


@pytest.mark.parametrize("stolen", [True, False])
def test_the_number_of_a_sticker_is_shown_with_its_thing_and_whether_it_is_stolen(screen, stolen):
    view, written = screen()
    sticker = {"number": "SE-4K7Q-2M9X", "item": "Cykel, Crescent", "reported_stolen": stolen}
    view.answered("key", "R-1", accepted(grade=4, sticker=sticker))
    assert "  SE-4K7Q-2M9X  Cykel, Crescent" in written()
    assert ("ANMÄLD STULEN" in written()) is stolen


def test_a_code_of_another_register_names_whom_to_ask(screen):
    view, written = screen()
    supplier = {"name": "Märk AB", "phone": "08-123", "email": None}
    view.answered("key", "R-1", accepted(verdict="not_registered", grade=0, supplier=supplier))
    assert "ur journalen  finns inte i registret  0  fråga Märk AB, 08-123" in written()


def test_a_refused_reading_says_why_and_where_it_is(screen):
    view, written = screen(Language.ENGLISH)
    view.answered("key", "R-1", Refused(422, "is not a base", "bases", "A C G T N"))
    assert "refused by the registry, kept in the journal: bases is not a base A C G T N" in written()


def test_states_of_reader_and_registry_are_lines_in_a_file(screen):
    view, written = screen()
    view.reader_connected("/dev/ttyUSB0")
    view.reader_lost(PortVanishedError(port="/dev/ttyUSB0"))
    view.registry_changed(RegistryState.UNREACHABLE, "503 Service Unavailable")
    assert written().splitlines() == [
        "Läsaren är ansluten: /dev/ttyUSB0",
        "/dev/ttyUSB0: läsaren är borta. Kontrollera kabeln; stationen fortsätter när läsaren är tillbaka.",
        "Register: nås inte (503 Service Unavailable)",
    ]


def test_on_a_terminal_the_status_stands_below_the_readings(screen):
    tally = Tally(lost=2)
    tally.refused[Refusal.CHECKSUM] = 5
    view, written = screen(terminal=True, tally=tally)
    with view:
        view.registry_changed(RegistryState.REACHED, "Station Lund 1")
    shown = written()
    assert "Journal: 3 väntar, 12 levererade, 1 avvisade" in shown
    assert "Ledning: 5 trasiga ramar, 2 tappade" in shown


def test_what_a_reader_or_registry_sends_cannot_steer_the_terminal(screen, now):
    view, written = screen(Language.ENGLISH)
    observations = (
        UvFinding(glow=False, peak_nm=0, intensity=0),
        DnaRead("A" * 99, "I" * 99),
        Number("QR", "[red]\x1b[2J"),
    )
    view.stored("key", Reading("", observations, b"", now.wall))
    hostile = {**CANDIDATE, "item": "\x1b]0;owned\x07 [bold]x"}
    view.answered("key", "R-1", accepted(grade=1, candidates=[hostile]))
    assert "\x1b" not in written()
    assert "no UV glow · DNA AAAAAAAAAAAAA… (99) · QR [red]" in written()
    assert "[bold]x" in written()
    assert json.dumps(written()).count("\\u0007") == 0


def test_a_code_that_fails_its_check_is_said_to_be_misread_and_one_without_doubt_is_not(screen):
    view, written = screen()
    family = {"supplier": "Märk\x1b AB", "check": "luhn", "doubt": "check", "misread": True}
    view.answered("key", "R-1", accepted(verdict="ambiguous", grade=0, family=family, candidates=[CANDIDATE]))
    assert "FELLÄST: ser ut som en kod från Märk\ufffd AB, men minst ett tecken är fel; läs av igen" in written()
    calm, said = screen()
    calm.answered("key", "R-1", accepted(family={**family, "doubt": "none", "misread": False}, candidates=[CANDIDATE]))
    assert "FELLÄST" not in said()
