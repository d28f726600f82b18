"""The full-screen view's form for a UV finding: keyboard only, large, one field after another."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from scanner.errors import BadPhotoError
from scanner.finding_form import (
    LONGEST_LABEL,
    LONGEST_SEAL,
    LONGEST_SPOT,
    WITHDRAWN,
    Fault,
    FindingForm,
    colour_words,
)
from scanner.findings import COLOURS, UvNote
from scanner.wording import Words, plain, stepped

__all__ = ["FindingQuestion"]


class FindingQuestion(ModalScreen[UvNote | None]):
    """Asks for colour, spot, sample and photo of a finding; with ``earlier`` it asks for what should have been noted.

    Enter in the last field, or Ctrl+S, notes the finding; Escape leaves everything as it was.
    """

    CSS: ClassVar[str] = """
    FindingQuestion { align: center middle; }
    #box { width: 76; height: auto; max-height: 100%; overflow-y: auto; }
    #box { border: heavy #ffffff; background: #000000; padding: 0 2; }
    #box Label { text-style: bold; margin: 0; }
    #box Input, #box SelectCurrent { border: tall #808080; background: #000000; color: #ffffff; }
    #box Input:focus, #box Select:focus SelectCurrent { border: tall #ffffff; background: #1c1c1c; }
    #title { text-style: bold; }
    #keys { color: #d0d0d0; margin-bottom: 1; }
    #thing { color: #d0d0d0; }
    #thing.unknown { display: none; }
    #box Input.wrong, #box Select.wrong SelectCurrent { border: tall #ffff5f; }
    #fault { color: #d0d0d0; height: auto; }
    #fault.wrong { color: #ffff5f; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", ""),
        ("ctrl+s", "save", ""),
        ("down", "step(1)", ""),
        ("up", "step(-1)", ""),
    ]

    def __init__(
        self,
        words: Words,
        seized_item: str,
        earlier: tuple[str, UvNote] | None = None,
        *,
        known: Callable[[], list[tuple[str, str]]] = list,
    ) -> None:
        """``known`` gives label and description of the items that the registry has told of so far."""
        super().__init__()
        self._words = words
        self._known = known
        self._seized_item = earlier[1].seized_item if earlier else seized_item
        self._earlier = earlier
        self._preparing = False

    def compose(self) -> ComposeResult:
        """The fields from the top; what is wrong is said below the field it is about."""
        words, earlier = self._words, self._earlier[1] if self._earlier else None
        colours = [*COLOURS, WITHDRAWN] if earlier else COLOURS
        photo = words("Photo file; the earlier one stays if none is given") if earlier and earlier.photo else ""
        with Vertical(id="box"):
            yield Static(
                words("Correct the last UV finding") if earlier else words("UV finding"), id="title", markup=False
            )
            yield Static(words("Tab: next field. Ctrl+S, or Enter at the end: save. Esc: cancel."), id="keys")
            yield Label(words("What glows"), markup=False)
            yield Select(
                [(words(colour_words(colour)), colour) for colour in colours],
                value=earlier.colour if earlier else COLOURS[1],
                allow_blank=False,
                id="colour",
            )
            yield Label(words("Where on the thing, such as under the saddle or in a screw head"), markup=False)
            yield Input(earlier.spot if earlier else "", id="spot", max_length=LONGEST_SPOT)
            yield Label(words("Seized item: seizure and number, such as 2:1, or ↑ ↓"), markup=False)
            yield Input(self._seized_item, id="item", max_length=LONGEST_LABEL)
            yield Static(id="thing", classes="unknown", markup=False)
            yield Label(words("Seal number of a sample, if one was taken"), markup=False)
            yield Input(earlier.seal_number if earlier else "", id="seal", max_length=LONGEST_SEAL)
            yield Label(photo or words("Photo file, if there is one"), markup=False)
            yield Input("", id="photo", max_length=1000)
            yield Static(id="fault", markup=False)

    def on_mount(self) -> None:
        """Begin with the colour, and name the item as soon as the registry has told of it."""
        self.query_one("#colour", Select).focus()
        self.set_interval(0.2, self._name_thing)
        self._name_thing()

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
        if self._preparing:
            return
        spot, item, seal, photo = (
            self.query_one(f"#{name}", Input).value for name in ("spot", "item", "seal", "photo")
        )
        form = FindingForm.written(str(self.query_one("#colour", Select).value), spot, item, seal)
        if (fault := form.fault(self._words, correcting=self._earlier is not None)).text:
            self._refuse(fault)
        elif photo.strip() and form.colour != WITHDRAWN:
            self._preparing = True
            self._say(self._words("Preparing the photo …"))
            # A large photo takes seconds, in which readings are to be seen all the same.
            Thread(target=self._prepare, args=(self.app, form, Path(photo.strip())), name="photo", daemon=True).start()
        else:
            self.dismiss(form.note(b"", self._earlier))

    def _prepare(self, app: App[Any], form: FindingForm, file: Path) -> None:
        # A form that has been left has no app any more, so it is handed over.
        from scanner.photo import prepared_photo  # noqa: PLC0415 - most findings come without, and it is slow to load

        try:
            photo, fault = prepared_photo(file), ""
        except BadPhotoError as error:
            photo, fault = b"", error.explain(self._words)
        app.call_later(self._prepared, form, photo, fault)

    def _prepared(self, form: FindingForm, photo: bytes, fault: str) -> None:
        self._preparing = False
        if not self.is_attached:
            # Escape was pressed in the meantime.
            return
        if fault:
            self._refuse(Fault(fault, "photo"))
        else:
            self.dismiss(form.note(photo, self._earlier))

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong with a field is being mended."""
        self._mended(event.input)

    def action_step(self, by: int) -> None:
        """In the field of the item, write the label of the next or the last one that the registry knows of."""
        field = self.query_one("#item", Input)
        if self.focused is field:
            field.value = stepped(self._known(), field.value, by)
            field.cursor_position = len(field.value)
            self._name_thing()

    def _name_thing(self) -> None:
        """Say what the item is that the label stands for, where the registry has told it."""
        name = dict(self._known()).get(self.query_one("#item", Input).value.strip(), "")
        thing = self.query_one("#thing", Static)
        thing.set_class(not name, "unknown")
        thing.update(plain(name))

    def on_select_changed(self, event: Select.Changed) -> None:
        """What was wrong with the colour is being mended."""
        self._mended(event.select)

    def _mended(self, field: Widget) -> None:
        if field.has_class("wrong"):
            self._say("")

    def _refuse(self, fault: Fault) -> None:
        """Say what is wrong below the field that can mend it, and go there; what was written stays."""
        field = self.query_one(f"#{fault.field}")
        self._say(fault.text, below=field)
        field.focus()

    def _say(self, text: str, below: Widget | None = None) -> None:
        """Say something at the end of the form, or what is wrong ``below`` a field."""
        fault, box = self.query_one("#fault", Static), self.query_one("#box", Vertical)
        for field in box.query(".wrong"):
            field.remove_class("wrong")
        box.move_child(fault, after=below or box.children[-1])
        if below is not None:
            below.add_class("wrong")
            fault.add_class("wrong")
        fault.update(plain(text))
        # On a small terminal the form is higher than the screen.
        self.call_after_refresh(fault.scroll_visible, animate=False)
