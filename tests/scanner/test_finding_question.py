"""A UV finding noted at the full-screen view by keys alone: said, corrected, refused, left."""

import threading

import pytest
from PIL import Image
from textual.widgets import Input, Select, Static

from labels.language import Language
from scanner import photo
from scanner.finding_form import WITHDRAWN
from scanner.finding_question import FindingQuestion
from scanner.findings import UvNote


def test_a_uv_finding_is_noted_of_the_thing_on_the_table_and_corrected_by_a_later_one(on_screen):
    async def errand(shown):
        desk = shown.app._station
        await shown.pilot.press("k")
        await shown.until(lambda: shown.text("trouble") == "No UV finding of this run to correct.")
        assert desk.noted == []
        desk.seized_item = "2:1"
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        await shown.pilot.press("tab", *"joint", "enter", "enter", *"s-12", "enter", "enter")
        await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
        await shown.until(lambda: shown.text("trouble") == "UV finding stored: red-pink, joint → 2:1")
        await shown.pilot.press("k")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        await shown.pilot.press("tab", "end", *"s", "ctrl+s")
        await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
        first, second = desk.noted
        assert (first.colour, first.spot, first.seized_item, first.seal_number) == ("red-pink", "joint", "2:1", "s-12")
        assert (second.spot, second.seal_number, second.corrects) == ("joints", "s-12", "message 1")

    on_screen(errand)


def test_with_no_thing_on_the_table_the_arrows_write_the_label_of_one_and_it_is_named(on_screen):
    async def errand(shown):
        desk = shown.app._station
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        form = shown.app.screen
        field, thing = form.query_one("#item", Input), form.query_one("#thing", Static)
        await shown.until(lambda: shown.app._items)
        await shown.pilot.press("tab", *"joint", "down")
        await shown.pilot.pause(0.1)
        assert (field.value, form.query_one("#spot", Input).value) == ("", "joint")
        label, name = desk.seized_items()[0]
        await shown.pilot.press("tab", "down")
        await shown.until(lambda: field.value == label)
        assert str(thing.render()) == name
        last, _ = desk.seized_items()[-1]
        await shown.pilot.press("up")
        await shown.until(lambda: field.value == last)
        await shown.pilot.press(*["backspace"] * len(last), *"9:9")
        await shown.until(lambda: not thing.display)
        await shown.pilot.press(*["backspace"] * 3, "down", "ctrl+s")
        await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
        assert [(one.spot, one.seized_item) for one in desk.noted] == [("joint", label)]

    on_screen(errand)


def test_a_uv_finding_that_is_not_right_is_said_and_escape_leaves_it(on_screen, tmp_path):
    file = tmp_path / "a.jpg"
    file.write_bytes(b"%PDF-1.7")

    async def errand(shown):
        desk = shown.app._station
        desk.seized_item = "2:1"
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)

        def fault():
            return str(shown.app.screen.query_one("#fault", Static).render())

        await shown.pilot.press("ctrl+s")
        await shown.until(lambda: fault() == "Skriv var på saken.")
        shown.app.screen.query_one("#spot", Input).value = "skarv"
        shown.app.screen.query_one("#photo", Input).value = str(file)
        await shown.pilot.press("ctrl+s")
        await shown.until(lambda: fault().endswith("Tillåtet: ett foto som JPEG, PNG eller WebP."))
        await shown.pilot.press("escape")
        await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
        assert desk.noted == []

    on_screen(errand, Language.SWEDISH)


def test_a_photo_is_prepared_beside_the_screen_and_its_name_is_taken_as_it_is_written(on_screen, tmp_path, monkeypatch):
    file = tmp_path / "två  mellanslag.png"
    Image.new("RGB", (8, 8), "green").save(file)
    asked, go = threading.Event(), threading.Event()
    prepare = photo.prepared_photo

    def slowly(path):
        asked.set()
        assert go.wait(30)
        return prepare(path)

    monkeypatch.setattr(photo, "prepared_photo", slowly)

    async def errand(shown):
        desk = shown.app._station
        desk.seized_item = "2:1"
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        question = shown.app.screen
        question.query_one("#spot", Input).value = "joint"
        question.query_one("#photo", Input).value = f" {file} "
        await shown.pilot.press("ctrl+s", "ctrl+s")
        await shown.until(asked.is_set)
        # The screen answers meanwhile, and nothing has been noted.
        await shown.until(lambda: str(question.query_one("#fault", Static).render()) == "Preparing the photo …")
        assert desk.noted == []
        go.set()
        await shown.until(lambda: len(desk.noted) == 1)
        assert desk.noted[0].photo == prepare(file)
        await shown.settle()
        assert len(desk.noted) == 1

    on_screen(errand)


def test_a_form_that_is_left_while_its_photo_is_prepared_notes_nothing(on_screen, tmp_path, monkeypatch):
    asked, go = threading.Event(), threading.Event()

    def slowly(_path):
        asked.set()
        assert go.wait(30)
        return b"photo"

    monkeypatch.setattr(photo, "prepared_photo", slowly)

    async def errand(shown):
        desk = shown.app._station
        desk.seized_item = "2:1"
        for leaves in (True, False):
            asked.clear()
            go.clear()
            await shown.pilot.press("u")
            await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
            await shown.pilot.pause(0.1)
            shown.app.screen.query_one("#spot", Input).value = "joint"
            shown.app.screen.query_one("#photo", Input).value = "x.jpg"
            await shown.pilot.press("ctrl+s")
            await shown.until(asked.is_set)
            if leaves:
                await shown.pilot.press("escape")
                await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
            go.set()
            await shown.until(lambda: not isinstance(shown.app.screen, FindingQuestion))
            await shown.settle()
            assert len(desk.noted) == (0 if leaves else 1)

    on_screen(errand)


def test_a_finding_that_was_none_is_withdrawn_and_there_is_nothing_more_to_correct(on_screen):
    async def errand(shown):
        desk = shown.app._station
        desk.seized_item = "2:1"
        desk.note(UvNote("green", "joint", "2:1", photo=b"photo"))
        await shown.pilot.press("k")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        shown.app.screen.query_one("#colour", Select).value = WITHDRAWN
        await shown.pilot.press("ctrl+s")
        await shown.until(lambda: shown.text("trouble") == "UV finding withdrawn: joint → 2:1")
        assert (desk.noted[1].withdrawn, desk.noted[1].corrects) == (True, "message 1")
        await shown.pilot.press("k")
        await shown.until(lambda: shown.text("trouble") == "No UV finding of this run to correct.")

    on_screen(errand)


@pytest.mark.parametrize("height", [24, 32])
def test_on_a_small_terminal_the_field_that_is_written_in_and_what_is_wrong_are_in_sight(on_screen, height):
    async def errand(shown):
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        question = shown.app.screen

        def in_sight(name):
            box, part = question.query_one("#box").content_region, question.query_one(name).region
            return part.height > 0 and box.contains_region(part)

        await shown.pilot.press(*["tab"] * 4)
        await shown.until(lambda: question.query_one("#photo").has_focus and in_sight("#photo"))
        assert in_sight("#title") is (height == 32)
        await shown.pilot.press("ctrl+s")
        await shown.until(lambda: in_sight("#fault"))
        assert str(question.query_one("#fault", Static).render()) == "Write where on the thing."

    on_screen(errand, size=(80, height))


def marked(question):
    """The field that is said to be wrong and has the cursor, what stands right below it, and what that says."""
    fields = list(question.query("#box > .wrong").exclude("#fault"))
    parts = list(question.query_one("#box").children)
    if len(fields) != 1 or not fields[0].has_focus:
        return None
    below = parts[parts.index(fields[0]) + 1]
    return fields[0].id, below.id, str(below.render())


def test_after_a_fault_the_cursor_is_in_the_field_that_can_mend_it(on_screen):
    async def errand(shown):
        await shown.pilot.press("u")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        question = shown.app.screen
        question.query_one("#photo", Input).focus()
        await shown.pilot.press("ctrl+s")
        await shown.until(lambda: marked(question) == ("spot", "fault", "Write where on the thing."))
        await shown.pilot.press(*"joint")
        # What is being mended is not called wrong any longer.
        await shown.until(lambda: not question.query(".wrong"))
        assert str(question.query_one("#fault", Static).render()) == ""
        await shown.pilot.press("ctrl+s")
        item = "Write seizure and number of the item, such as 2:1."
        await shown.until(lambda: marked(question) == ("item", "fault", item))
        await shown.pilot.press(*"2:2", "ctrl+s")
        await shown.until(lambda: shown.app._station.noted)
        assert (shown.app._station.noted[0].spot, shown.app._station.noted[0].seized_item) == ("joint", "2:2")

    on_screen(errand)


def test_a_fault_in_a_correction_keeps_what_was_written_and_leads_to_seal_and_photo_too(on_screen, tmp_path):
    file = tmp_path / "a.jpg"
    file.write_bytes(b"%PDF-1.7")

    async def errand(shown):
        shown.app._station.note(UvNote("green", "joint", "2:1"))
        await shown.pilot.press("k")
        await shown.until(lambda: isinstance(shown.app.screen, FindingQuestion))
        await shown.pilot.pause(0.1)
        question = shown.app.screen
        question.query_one("#seal", Input).value = "S1"
        question.query_one("#photo", Input).value = str(file)
        await shown.pilot.press("ctrl+s")
        seal = "A seal number has 3 to 40 characters."
        await shown.until(lambda: marked(question) == ("seal", "fault", seal))
        await shown.pilot.press("end", *"-207", "ctrl+s")
        await shown.until(lambda: (marked(question) or "")[:2] == ("photo", "fault"))
        written = [question.query_one(f"#{name}", Input).value for name in ("spot", "item", "seal", "photo")]
        assert written == ["joint", "2:1", "S1-207", str(file)]
        assert len(shown.app._station.noted) == 1

    on_screen(errand)
