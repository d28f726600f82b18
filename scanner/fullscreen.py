"""The station over the whole terminal: the last answer large, the readings below it, keyboard only.

Needs textual (``markdna[terminal]``). What happens comes from the reading and the delivering thread and waits in a
queue that the screen empties many times a second, so that no screen ever holds up a reading.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Digits, Footer, Static

from scanner.errors import PortError, ScannerError
from scanner.framing.tally import Tally
from scanner.item_question import ItemQuestion
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Answer, Refused
from scanner.station import RegistryState, Station
from scanner.wording import ATTACHED, VERDICTS, Words, grade_of, graded, misread, observed, plain, refusal

__all__ = ["FullScreen"]

_REMEMBERED = 500
"""Readings in the list; older ones are in the registry and in the journal."""
_DRAW_EVERY = 0.05


@dataclass(slots=True)
class _Line:
    """A reading in the list."""

    read_at: datetime
    reading_id: str
    seen: str
    answer: Answer | None = None
    refused: str = ""
    item: str = ""


class FullScreen(App[int]):
    """A view (``scanner.station.View``) over the whole terminal; shown while the station works."""

    CSS: ClassVar[str] = """
    Screen { background: #000000; color: #ffffff; }
    #status { height: auto; background: #1c1c1c; padding: 0 1; }
    #status Static { width: 1fr; margin-right: 2; }
    #case { height: 1; padding: 0 1; text-style: bold; }
    #answer { height: 7; border: heavy #808080; padding: 0 1; }
    #answer.hit { border: heavy #5fff5f; }
    #answer.stolen { border: heavy #ff5f5f; }
    #grade { width: 12; height: 3; margin: 1 1 0 1; text-style: bold; }
    #verdict { text-style: bold; }
    #stolen { text-style: bold reverse; color: #ff8787; width: auto; }
    #readings { height: 1fr; background: #000000; scrollbar-size-horizontal: 0; }
    #candidates { height: auto; max-height: 7; padding: 0 1; border-top: solid #808080; }
    #trouble { height: auto; padding: 0 1; color: #ffff5f; text-style: bold; }
    """
    ENABLE_COMMAND_PALETTE = False
    TITLE = "MarkDNA"

    def __init__(
        self,
        words: Words,
        counts: Callable[[], JournalCounts],
        tally: Callable[[], Tally],
        case_number: str,
    ) -> None:
        super().__init__()
        self._words = words
        self._counts = counts
        self._tally = tally
        self._case_number = case_number
        self._happened: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lines: dict[str, _Line] = {}
        self._reader_state = (words("waiting for the reader"), False)
        self._registry_state = (words(RegistryState.UNKNOWN), False)
        self._sounds = True
        self._station: Station | None = None
        self._flush_seconds = 0.0
        self._items: list[tuple[str, str]] = []
        self.bind("i", "choose_item", description=words("Choose item"))
        self.bind("a", "attach", description=words("Attach to it"))
        self.bind("q,ctrl+c", "leave", description=words("End"))
        self.bind("m", "mute", description=words("Sound on or off"))
        self.bind("n", "newest", description=words("Newest reading"))

    def show(self, station: Station, flush_seconds: float) -> int:
        """Let the station work in a thread while the screen is shown; how many messages still wait."""
        self._station, self._flush_seconds = station, flush_seconds
        return self.run() or 0

    def compose(self) -> ComposeResult:
        """Status, case, the last answer, the readings and the candidates of the chosen one, from the top."""
        with Horizontal(id="status"):
            yield Static(id="reader")
            yield Static(id="registry")
            yield Static(id="journal")
        yield Static(id="case", markup=False)
        with Horizontal(id="answer"):
            yield Digits("", id="grade")
            with Vertical():
                yield Static(self._words("Nothing read yet"), id="verdict", markup=False)
                yield Static(id="kit", markup=False)
                yield Static(id="item", markup=False)
                yield Static(id="stolen", markup=False)
        yield DataTable(id="readings", cursor_type="row", zebra_stripes=False)
        yield Static(id="candidates", markup=False)
        yield Static(id="trouble", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin the work in a thread of its own."""
        table = self._table()
        table.add_column(self._words("Time"), width=8, key="time")
        table.add_column(self._words("Reading"), width=12, key="reading")
        table.add_column(self._words("Answer"), width=22, key="answer")
        table.add_column(self._words("Grade"), width=5, key="grade")
        table.add_column(self._words("Item"), width=7, key="item")
        table.add_column(self._words("Kit and marked thing"), width=200, key="kit")
        table.focus()
        self.set_interval(_DRAW_EVERY, self._draw)
        self._draw()
        Thread(target=self._worked, name="station", daemon=True).start()

    def action_leave(self) -> None:
        """Ask the station to end; the screen stays until what can be delivered is."""
        self._notice(self._words("Ending: what waits is delivered first."))
        if self._station:
            self._station.stop()

    def action_mute(self) -> None:
        """Turn the sound of a hit on or off."""
        self._sounds = not self._sounds
        self._notice(self._words("Sound on") if self._sounds else self._words("Sound off"))

    def action_choose_item(self) -> None:
        """Ask which seized item lies on the table; new readings are put with it."""
        Thread(target=self._ask_for_items, name="items", daemon=True).start()
        self.push_screen(ItemQuestion(self._words, lambda: self._items), self._item_chosen)

    def action_attach(self) -> None:
        """Put the chosen reading with the seized item; what was said of it before stays in the record."""
        chosen = self._chosen()
        if self._station is None or chosen is None:
            return
        if not self._station.seized_item:
            self._notice(self._words("Choose a seized item first."))
            return
        key, line = chosen
        self._station.attach(key, line.reading_id, self._station.seized_item)

    def _item_chosen(self, label: str | None) -> None:
        if self._station is not None and label is not None:
            self._station.seized_item = label
            self._notice("")

    def _ask_for_items(self) -> None:
        if self._station is not None:
            self._items = self._station.seized_items()

    def action_newest(self) -> None:
        """Choose the newest reading."""
        table = self._table()
        table.move_cursor(row=table.row_count - 1)

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        """Show the candidates of the chosen reading."""
        self._show_candidates()

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        self._happened.put(lambda: self._set_reader(port, well=True))

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        name = f"{identity.maker} {identity.model} {identity.serial_number}"
        self._happened.put(lambda: self._set_reader(name, well=True))

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""

        def show() -> None:
            self._set_reader(self._words("no reader"), well=False)
            self._notice(error.explain(self._words))

        self._happened.put(show)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        reason, separator, rest = detail.partition(": ")
        shown = f"{self._words(state)} ({self._words(reason)}{separator}{rest})"

        def show() -> None:
            self._registry_state = (shown, state is RegistryState.REACHED)

        self._happened.put(show)

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        seen = " · ".join(observed(self._words, observation) for observation in reading.observations)
        line = _Line(reading.read_at, reading.reading_id or key, seen)
        self._happened.put(lambda: self._add(key, line))

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good, perhaps to a reading of an earlier run."""
        self._happened.put(lambda: self._answer(key, reading_id, outcome))

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading belongs to a seized item."""
        self._happened.put(lambda: self._attach_line(key, label))

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        self._happened.put(lambda: self._notice(error.explain(self._words)))

    def note(self, text: str) -> None:
        """A line already in the reader's language."""
        self._happened.put(lambda: self._notice(text))

    def _worked(self) -> None:
        waiting = self._station.run(self._flush_seconds) if self._station else 0
        self._happened.put(lambda: self.exit(waiting))

    def _draw(self) -> None:
        while True:
            try:
                self._happened.get_nowait()()
            except Empty:
                break
        label = self._station.seized_item if self._station else ""
        description = dict(self._items).get(label, "")
        item = " ".join(filter(None, (label, description))) or self._words("none chosen")
        self.query_one("#case", Static).update(
            plain(f"{self._words('Case')} {self._case_number}   {self._words('On the table')}: {item}")
        )
        counts, tally = self._counts(), self._tally()
        journal = self._words("{waiting} waiting, {accepted} delivered, {refused} refused").format(
            waiting=counts.waiting, accepted=counts.accepted, refused=counts.refused
        )
        if tally.refusals or tally.lost:
            broken = self._words("{refused} broken frames, {lost} lost").format(refused=tally.refusals, lost=tally.lost)
            journal = f"{journal}\n{broken}"
        self._show_status("reader", self._words("Reader"), *self._reader_state)
        self._show_status("registry", self._words("Registry"), *self._registry_state)
        self._show_status("journal", self._words("Journal"), journal, not (counts.waiting or counts.refused))

    def _show_status(self, name: str, title: str, text: str, well: bool) -> None:  # noqa: FBT001 - shown, not chosen
        # A sign besides the colour: not everybody sees red and green apart.
        sign, style = ("✓", "bold #5fff5f") if well else ("!", "bold #ffff5f")
        shown = Text.assemble((f"{sign} {title} ", style), plain(text.replace("\n", " · ")))
        self.query_one(f"#{name}", Static).update(shown)

    def _set_reader(self, text: str, *, well: bool) -> None:
        self._reader_state = (text, well)

    def _notice(self, text: str) -> None:
        self.query_one("#trouble", Static).update(plain(text))

    def _table(self) -> DataTable[Text]:
        return self.query_one("#readings", DataTable)

    def _add(self, key: str, line: _Line) -> None:
        table = self._table()
        follows = table.cursor_row >= table.row_count - 1
        self._lines[key] = line
        time, blank = Text(f"{line.read_at.astimezone():%H:%M:%S}"), Text()
        table.add_row(
            time, Text(plain(line.reading_id)[:20]), Text(self._words("stored")), blank, blank, blank, key=key
        )
        if table.row_count > _REMEMBERED:
            oldest = next(iter(self._lines))
            del self._lines[oldest]
            table.remove_row(oldest)
        if follows:
            # Whoever looks at an earlier reading is not torn away from it.
            table.move_cursor(row=table.row_count - 1)

    def _attach_line(self, key: str, label: str) -> None:
        if key in self._lines:
            self._lines[key].item = label
            self._table().update_cell(key, "item", Text(plain(label), "bold"))
            self._show_candidates()

    def _answer(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        if isinstance(outcome, Accepted) and outcome.answer.verdict == ATTACHED:
            return
        if key not in self._lines:
            self._add(key, _Line(datetime.now(UTC), reading_id, self._words("from the journal")))
        line = self._lines[key]
        table = self._table()
        if isinstance(outcome, Refused):
            line.refused = refusal(outcome)
            table.update_cell(key, "answer", Text(self._words("refused"), "bold #ff8787"))
        else:
            line.answer = outcome.answer
            grade = grade_of(outcome.answer)
            table.update_cell(key, "answer", Text(self._verdict(outcome.answer), "bold"))
            table.update_cell(key, "grade", Text("" if grade is None else graded(grade), "bold"))
            table.update_cell(key, "kit", Text(self._named(outcome.answer)))
            self._show_answer(line, outcome.answer)
        self._show_candidates()

    def _show_answer(self, line: _Line, answer: Answer) -> None:
        grade = grade_of(answer)
        best = answer.candidates[0] if answer.candidates else None
        item = (best.item if best else None) or (answer.sticker.item if answer.sticker else None)
        stolen = _is_stolen(answer)
        hit = answer.verdict == "identified"
        self.query_one("#grade", Digits).update("" if grade is None else graded(grade))
        self.query_one("#verdict", Static).update(f"{self._verdict(answer).upper()}   {plain(line.reading_id)}")
        kit = best.kit_code if best else answer.sticker.number if answer.sticker else self._to_ask(answer)
        self.query_one("#kit", Static).update(plain(kit))
        self.query_one("#item", Static).update(plain(item) if item else misread(self._words, answer))
        self.query_one("#stolen", Static).update(f" {self._words('REPORTED STOLEN')} " if stolen else "")
        panel = self.query_one("#answer")
        panel.set_class(hit and not stolen, "hit")
        panel.set_class(stolen, "stolen")
        if hit and self._sounds:
            self.bell()

    def _chosen(self) -> tuple[str, _Line] | None:
        """The reading that the cursor stands on."""
        table = self._table()
        if not table.row_count:
            return None
        key = table.coordinate_to_cell_key(Coordinate(table.cursor_row, 0)).row_key.value or ""
        line = self._lines.get(key)
        return None if line is None else (key, line)

    def _show_candidates(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        line = chosen[1]
        shown = [f"{plain(line.reading_id)}  {plain(line.seen)}" + (f"  → {plain(line.item)}" if line.item else "")]
        if line.refused:
            template = self._words("refused by the registry, kept in the journal: {reason}")
            shown.append(plain(template.format(reason=line.refused)))
        if line.answer:
            shown += filter(None, [misread(self._words, line.answer)])
            shown += [
                f"{graded(one.grade):>3}  {plain(one.kit_code)}  {plain(one.item or '')}"
                + (f"  {self._words('REPORTED STOLEN')}" if one.reported_stolen else "")
                for one in line.answer.candidates
            ]
            shown += filter(None, [self._to_ask(line.answer)])
        self.query_one("#candidates", Static).update("\n".join(shown))

    def _verdict(self, answer: Answer) -> str:
        return self._words(VERDICTS.get(answer.verdict, (answer.verdict, ""))[0])

    def _named(self, answer: Answer) -> str:
        best = answer.candidates[0] if answer.candidates else None
        if best is None:
            parts = [answer.sticker.number, answer.sticker.item] if answer.sticker else [self._to_ask(answer)]
        else:
            parts = [best.kit_code, best.item]
        if _is_stolen(answer):
            parts.append(self._words("REPORTED STOLEN"))
        return "  ".join(plain(part) for part in parts if part)

    def _to_ask(self, answer: Answer) -> str:
        if answer.supplier is None:
            return ""
        contact = ", ".join(filter(None, (answer.supplier.name, answer.supplier.phone, answer.supplier.email)))
        return self._words("ask {contact}").format(contact=plain(contact))


def _is_stolen(answer: Answer) -> bool:
    """Whether the best candidate, or the thing that a sticker names, is reported stolen."""
    best = answer.candidates[:1]
    return any(one.reported_stolen for one in best) or bool(answer.sticker and answer.sticker.reported_stolen)
