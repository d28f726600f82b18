"""The page's forms and notices in a real browser: a fault leads to its field, a confirmation looks like none."""

import pytest

from scanner.errors import ReaderFaultError
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.language import Language, words
from scanner.reading import Number, Reading
from scanner.web.view import WebView
from tests.scanner.web.driving import CASE, PICTURES, Desk, Nowhere, choose, shows

AT_FIELD = """() => {
  const field = document.querySelector('dialog[open] [aria-invalid="true"]');
  const told = field && document.getElementById(field.getAttribute('aria-describedby'));
  return field && [field.id, field.contains(document.activeElement), told.textContent];
}"""
LOOKS = """(place) => {
  const { color, borderTopWidth, borderLeftWidth, fontWeight } = getComputedStyle(document.querySelector(place));
  return [color, borderTopWidth, borderLeftWidth, fontWeight];
}"""


@pytest.fixture
def served():
    """A page that is served, in a language; and the station behind it."""
    opened = []

    def serve(language=Language.ENGLISH):
        view = WebView(Nowhere(), words(language), lambda: JournalCounts(0, 0, 0, 0), Tally, CASE)
        view.__enter__()
        opened.append(view)
        desk = Desk()
        view.watch(desk)
        return view, desk

    yield serve
    for view in opened:
        view.__exit__()


@pytest.fixture
def scanned(now):
    """A reading of a barcode scanner, which gives it no id."""
    return Reading("", (Number("EAN", "4006381333931"),), b"", now.wall, None)


def note(tab, spot):
    """A UV finding of the thing on the table by the keyboard alone: no glow, at this spot."""
    for key in ("u", "Space", "Tab"):
        tab.keyboard.press(key)
    tab.keyboard.type(spot)
    tab.keyboard.press("Enter")


def fault(tab, field, text):
    tab.wait_for_function(
        "([field, text]) => { const told = document.querySelector('dialog[open] [aria-invalid=\"true\"]');"
        " return told?.id === field && document.querySelector('dialog[open] .fault')?.textContent.startsWith(text); }",
        arg=[field, text],
    )
    found, has_keyboard, told = tab.evaluate(AT_FIELD)
    assert (found, has_keyboard) == (field, True)
    assert told.startswith(text)


def test_after_a_fault_the_keyboard_is_in_the_field_that_can_mend_it_and_what_was_written_stays(
    served, opened, tmp_path
):
    view, desk = served()
    file = tmp_path / "a.jpg"
    file.write_bytes(b"%PDF-1.7")
    tab = opened(view.address)
    tab.on("filechooser", lambda chooser: chooser.set_files(file))
    shows(tab, "#item", "2:1")
    tab.keyboard.press("u")
    tab.keyboard.press("Enter")
    fault(tab, "colours", "Choose what glows.")
    tab.keyboard.press("Space")
    # What is being mended is not called wrong any longer.
    tab.wait_for_function("() => !document.querySelector('#fault').textContent")
    assert tab.evaluate(AT_FIELD) is None
    tab.keyboard.press("Enter")
    fault(tab, "spot", "Write where on the thing.")
    tab.keyboard.type("joint")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Delete")
    tab.keyboard.type("21")
    tab.keyboard.press("Tab")
    tab.keyboard.type("S1")
    tab.keyboard.press("Enter")
    fault(tab, "finding-item", "Write seizure and number of the item")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("2:2")
    tab.keyboard.press("Enter")
    fault(tab, "seal", "A seal number has 3 to 40 characters.")
    tab.keyboard.press("End")
    tab.keyboard.type("-207")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.wait_for_function("() => document.querySelector('#photo').files.length === 1")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    fault(tab, "photo", "a.jpg: it cannot be read as JPEG, PNG or WebP.")
    assert [tab.input_value(one) for one in ("#spot", "#finding-item", "#seal")] == ["joint", "2:2", "S1-207"]
    assert desk.noted == []
    # The same form for a correction begins without any of it.
    tab.keyboard.press("Escape")
    tab.keyboard.press("u")
    tab.wait_for_function("() => document.activeElement.name === 'colour'")
    assert tab.evaluate(AT_FIELD) is None
    assert tab.text_content("#fault") == ""


def test_a_fault_in_a_correction_leads_to_its_field_too(served, opened):
    view, desk = served()
    tab = opened(view.address)
    shows(tab, "#item", "2:1")
    note(tab, "joint")
    shows(tab, "#done", "UV finding stored")
    tab.keyboard.press("k")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Delete")
    tab.keyboard.press("Enter")
    fault(tab, "spot", "Write where on the thing.")
    tab.keyboard.type("seat")
    tab.keyboard.press("Enter")
    shows(tab, "#done", "no glow, seat")
    assert [one.spot for one in desk.noted] == ["joint", "seat"]


def test_a_wrong_label_stays_marked_in_its_field_until_it_is_mended(served, opened):
    view, desk = served()
    tab = opened(view.address)
    choose(tab, "2x")
    fault(tab, "label", "Write seizure and number of the item")
    assert tab.input_value("#label") == "2x"
    # It is selected, so that the next letter begins anew.
    tab.keyboard.type("3:1")
    assert tab.evaluate(AT_FIELD) is None
    tab.keyboard.press("Enter")
    tab.wait_for_function("() => !document.querySelector('dialog[open]')")
    assert desk.seized_item == "3:1"


def test_an_item_that_the_registry_knows_is_chosen_by_an_arrow_or_a_touch(served, opened):
    view, desk = served()
    desk.items = [("2:1", "Cykel, röd"), ("2:2", "Borrmaskin"), ("3:1", "Motorsåg")]
    tab = opened(view.address, phone=True)
    tab.keyboard.press("i")
    shows(tab, "#known", "Motorsåg")
    for key, label in (("ArrowDown", "2:1"), ("ArrowDown", "2:2"), ("ArrowUp", "2:1"), ("ArrowUp", "3:1")):
        tab.keyboard.press(key)
        assert tab.input_value("#label") == label
    tab.keyboard.press("Enter")
    shows(tab, "#item", "3:1 Motorsåg")
    tab.click("nav [data-key=i]")
    tab.click("#known button:has-text('Borrmaskin')")
    shows(tab, "#item", "2:2 Borrmaskin")
    tab.click("nav [data-key=i]")
    tab.click("#question .leave")
    tab.wait_for_function("() => !document.querySelector('dialog[open]')")
    assert desk.seized_item == "2:2"


def test_a_finding_with_no_thing_on_the_table_is_offered_those_of_the_case(served, opened):
    view, desk = served()
    desk.seized_item = ""
    desk.items = [("2:1", "Cykel, röd"), ("2:2", "<b>Borrmaskin</b>")]
    tab = opened(view.address)
    tab.keyboard.press("u")
    offered = "[...document.querySelector('#finding-item').list.options].map((one) => [one.value, one.label])"
    tab.wait_for_function(f"() => {offered}.length === 2")
    assert tab.evaluate(offered) == [["2:1", "Cykel, röd"], ["2:2", "<b>Borrmaskin</b>"]]
    tab.focus("#finding-item")
    for key, label, name in (
        ("ArrowDown", "2:1", "Cykel, röd"),
        ("ArrowUp", "2:2", "<b>Borrmaskin</b>"),
        ("ArrowDown", "2:1", "Cykel, röd"),
    ):
        tab.keyboard.press(key)
        assert (tab.input_value("#finding-item"), tab.inner_text("#finding-thing")) == (label, name)
    tab.keyboard.press("Backspace")
    assert tab.inner_text("#finding-thing") == ""
    desk.items = [("3:1", "Motorsåg")]
    tab.keyboard.press("Escape")
    tab.wait_for_function("() => !document.querySelector('dialog[open]')")
    tab.keyboard.press("u")
    tab.wait_for_function(f"() => {offered}.length === 1")
    assert tab.input_value("#finding-item") == ""


def test_a_reading_without_an_item_on_the_table_asks_for_it_and_is_put_with_it(served, opened, scanned):
    view, desk = served()
    desk.seized_item = ""
    view.stored("run:1", scanned)
    tab = opened(view.address)
    shows(tab, "#lines", "EAN 4006381333931")
    # It is named by what was read; the place in the journal says nothing to an officer.
    assert "run:1" not in tab.inner_text("main")
    tab.keyboard.press("a")
    tab.wait_for_function("() => document.activeElement.id === 'label'")
    assert tab.is_visible("#waiting")
    tab.keyboard.press("Escape")
    assert desk.said == []
    tab.keyboard.press("a")
    tab.wait_for_function("() => document.activeElement.id === 'label'")
    tab.keyboard.type("2:2")
    tab.keyboard.press("Enter")
    shows(tab, "#done", "Put with 2:2: EAN 4006381333931")
    assert (desk.said, desk.seized_item) == ([("run:1", "2:2")], "2:2")
    tab.keyboard.press("i")
    assert not tab.is_visible("#waiting")


def test_a_disk_that_does_not_take_an_attachment_is_no_confirmation(served, opened, scanned):
    view, desk = served()
    desk.full = True
    view.stored("run:1", scanned)
    view.trouble(ReaderFaultError(code="disk", text="full"))
    tab = opened(view.address)
    shows(tab, "#lines", "EAN 4006381333931")
    tab.keyboard.press("a")
    shows(tab, "#warning", "full")
    assert tab.text_content("#done") == ""


@pytest.mark.parametrize("look", ["light", "dark", "forced", "contrast"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_was_done_is_told_by_sign_word_and_look_and_what_is_wrong_by_others(
    served, opened, scanned, language, look
):
    view, _ = served(Language(language))
    tab = opened(view.address, dark=look == "dark")
    if look == "forced":
        tab.emulate_media(forced_colors="active")
    elif look == "contrast":
        tab.emulate_media(contrast="more")
    shows(tab, "#item", "2:1")
    note(tab, "skarv")
    done, attention = ("Klart", "Obs") if language == "sv" else ("Done", "Attention")
    shows(tab, "#done", "skarv → 2:1")
    assert tab.inner_text("#done").split()[:2] == ["✓", done]
    assert tab.get_attribute("#done", "role") == "status"
    assert tab.text_content("#warning") == ""
    quiet = tab.evaluate(LOOKS, "#done")
    PICTURES.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=PICTURES / f"station-done-{language}-{look}.png")
    view.trouble(ReaderFaultError(code="lamp", text="no light"))
    shows(tab, "#warning", "lamp")
    assert tab.inner_text("#warning").split()[:2] == ["!", attention]
    assert tab.get_attribute("#warning", "role") == "alert"
    assert tab.text_content("#done") == ""
    loud = tab.evaluate(LOOKS, "#warning")
    # Not by colour alone: weight and border differ too, also where the system chooses the colours.
    assert all(one != other for one, other in zip(quiet[1:], loud[1:], strict=True))
    assert (quiet[0] != loud[0]) is (look != "forced")
    tab.screenshot(path=PICTURES / f"station-warning-{language}-{look}.png")
    # A fault stays when something is read; a confirmation has been seen by then.
    view.stored("run:1", scanned)
    shows(tab, "#lines", "EAN")
    assert "lamp" in tab.text_content("#warning")


def test_a_confirmation_goes_with_the_next_reading(served, opened, scanned):
    view, _ = served()
    tab = opened(view.address)
    shows(tab, "#item", "2:1")
    note(tab, "joint")
    shows(tab, "#done", "UV finding stored")
    view.stored("run:1", scanned)
    shows(tab, "#lines", "EAN 4006381333931")
    assert tab.text_content("#done") == ""
