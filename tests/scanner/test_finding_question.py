"""A UV finding noted at the full-screen view by keys alone: said, corrected, refused, left."""

from textual.widgets import Input, Static

from labels.language import Language
from scanner.finding_question import FindingQuestion


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
