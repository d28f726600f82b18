"""The full-screen view's question for the seized item that lies on the table."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from scanner.wording import Words, is_label, plain, stepped

__all__ = ["ItemQuestion"]

_SHOWN = 12


class ItemQuestion(ModalScreen[str | None]):
    """Asks for a seized item: its label is typed, since that is what stands on the bag, also with no registry."""

    CSS: ClassVar[str] = """
    ItemQuestion { align: center middle; }
    #box { width: 70; height: auto; max-height: 24; border: heavy #ffffff; background: #000000; padding: 1 2; }
    #problem { height: auto; color: #ffff5f; text-style: bold; }
    #label.wrong { border: tall #ffff5f; }
    #known { height: auto; max-height: 14; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", ""),
        ("down", "step(1)", ""),
        ("up", "step(-1)", ""),
    ]

    def __init__(self, words: Words, known: Callable[[], list[tuple[str, str]]]) -> None:
        super().__init__()
        self._words = words
        self._known = known

    def compose(self) -> ComposeResult:
        """The question, the field, and below it what the registry knows of the case."""
        with Vertical(id="box"):
            yield Static(
                self._words("Which item lies on the table? Seizure and number, such as 2:1, or ↑ ↓. Esc: cancel."),
                markup=False,
            )
            yield Input(id="label", max_length=13)
            yield Static(id="problem", markup=False)
            yield Static(id="known", markup=False)

    def on_mount(self) -> None:
        """Show the items as soon as the registry has told them."""
        self.set_interval(0.2, self._show_known)
        self._show_known()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the label; an empty one means that new readings are put with no item."""
        label = event.value.strip()
        if label and not is_label(label):
            problem = self._words("Write seizure and number of the item, such as 2:1.")
            self.query_one("#problem", Static).update(f"! {problem}")
            event.input.add_class("wrong")
            # It stays as it was typed; whatever is typed now takes its place.
            event.input.select_all()
            return
        self.dismiss(label)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong is being mended."""
        event.input.remove_class("wrong")
        self.query_one("#problem", Static).update("")

    def action_step(self, by: int) -> None:
        """Write the label of the next or the last item that the registry knows of."""
        field = self.query_one("#label", Input)
        field.value = stepped(self._known()[:_SHOWN], field.value, by)
        field.cursor_position = len(field.value)

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    def _show_known(self) -> None:
        if known := self._known():
            lines = "\n".join(plain(f"{label:>6}  {description}") for label, description in known[:_SHOWN])
            self.query_one("#known", Static).update(lines)
