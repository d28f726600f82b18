"""The full-screen view's form for a UV finding: keyboard only, large, one field after another."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Select, Static

from scanner.errors import BadPhotoError
from scanner.findings import COLOURS, UvNote
from scanner.wording import Words, is_label, plain

__all__ = ["FindingQuestion", "colour_words"]

_LONGEST_SPOT = 120
_LONGEST_SEAL = 40


class FindingQuestion(ModalScreen[UvNote | None]):
    """Asks for colour, spot, sample and photo of a finding; with ``earlier`` it asks for what should have been noted.

    Enter in the last field notes the finding; Escape leaves everything as it was.
    """

    CSS: ClassVar[str] = """
    FindingQuestion { align: center middle; }
    #box { width: 76; height: auto; max-height: 26; border: heavy #ffffff; background: #000000; padding: 0 2; }
    #box Label { margin: 1 0 0 0; text-style: bold; }
    #fault { color: #ffff5f; text-style: bold; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", ""), ("ctrl+s", "save", "")]

    def __init__(self, words: Words, seized_item: str, earlier: UvNote | None = None, earlier_key: str = "") -> None:
        super().__init__()
        self._words = words
        self._seized_item = earlier.seized_item if earlier else seized_item
        self._earlier = earlier
        self._earlier_key = earlier_key

    def compose(self) -> ComposeResult:
        """The fields from the top, and below them what is wrong."""
        words, earlier = self._words, self._earlier
        title = words("Correct the last UV finding") if earlier else words("UV finding")
        with Vertical(id="box"):
            yield Static(f"{title}. {words('Enter in the last field: save. Esc: cancel.')}", markup=False)
            yield Label(words("What glows"), markup=False)
            yield Select(
                [(words(colour_words(colour)), colour) for colour in COLOURS],
                value=earlier.colour if earlier else COLOURS[1],
                allow_blank=False,
                id="colour",
            )
            yield Label(words("Where on the thing, such as under the saddle or in a screw head"), markup=False)
            yield Input(earlier.spot if earlier else "", id="spot", max_length=_LONGEST_SPOT)
            yield Label(words("Seized item"), markup=False)
            yield Input(self._seized_item, id="item", max_length=13)
            yield Label(words("Seal number of a sample, if one was taken"), markup=False)
            yield Input(earlier.seal_number if earlier else "", id="seal", max_length=_LONGEST_SEAL)
            yield Label(words("Photo file, if there is one"), markup=False)
            yield Input("", id="photo", max_length=1000)
            yield Static(id="fault", markup=False)

    def on_mount(self) -> None:
        """Begin with the colour."""
        self.query_one("#colour", Select).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; after the last one, save."""
        if event.input.id == "photo":
            self.action_save()
        else:
            self.focus_next()

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    def action_save(self) -> None:
        """Give the finding back, or say what is wrong."""
        spot, item, seal, photo = (self._written(name) for name in ("spot", "item", "seal", "photo"))
        fault = self._fault(spot, item, seal)
        content = self._earlier.photo if self._earlier else b""
        if not fault and photo:
            from scanner.photo import prepared_photo  # noqa: PLC0415 - most findings come without, and it is slow to load

            try:
                content = prepared_photo(Path(photo))
            except BadPhotoError as error:
                fault = error.explain(self._words)
        if fault:
            self.query_one("#fault", Static).update(plain(fault))
            return
        colour = str(self.query_one("#colour", Select).value)
        self.dismiss(UvNote(colour, spot, item, seal, content, corrects=self._earlier_key))

    def _written(self, name: str) -> str:
        return " ".join(self.query_one(f"#{name}", Input).value.split())

    def _fault(self, spot: str, item: str, seal: str) -> str:
        if len(spot) < 2:
            return self._words("Write where on the thing.")
        if not is_label(item):
            return self._words("Write seizure and number of the item, such as 2:1.")
        if seal and len(seal) < 3:
            return self._words("A seal number has 3 to 40 characters.")
        return ""


def colour_words(colour: str) -> str:
    """The English message id of a colour."""
    return "no glow" if colour == "none" else colour
