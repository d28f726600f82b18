"""The station over the whole terminal: the last answer large, the readings below it, keyboard only.

Needs textual (``markdna[terminal]``). What happens comes from the reading and the delivering thread and waits in a
queue that the screen empties at once, so that no screen ever holds up a reading.
"""

import contextlib
from collections.abc import Callable
from queue import Empty
from threading import Thread
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Digits, Footer, Static

from scanner.board import REMEMBERED, Board, Line, Standing, Tone
from scanner.errors import PortError, ScannerError
from scanner.finding_form import finding_said
from scanner.finding_question import FindingQuestion
from scanner.findings import UvNote
from scanner.framing.tally import Tally
from scanner.happenings import Happenings
from scanner.item_question import ItemQuestion
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Refused
from scanner.station import Station
from scanner.stolen_list import ListAnswer, ListStanding
from scanner.view import RegistryState
from scanner.wording import Words, plain

__all__ = ["FullScreen"]

_DRAW_EVERY = 0.05
"""Seconds after which counts and notices are drawn anew; what happens is drawn at once."""
_TITLE_WIDTH = 14
_SIGNS = {Tone.WARNING: "!", Tone.DONE: "✓", Tone.NEWS: "•"}


class FullScreen(App[int]):
    """A view (``scanner.station.View``) over the whole terminal; shown while the station works."""

    CSS: ClassVar[str] = """
    Screen { background: #000000; color: #ffffff; }
    #status { height: auto; background: #1c1c1c; padding: 0 1; }
    #status Static { width: 1fr; margin-right: 2; }
    #list.absent { display: none; }
    #case { height: 1; padding: 0 1; text-style: bold; }
    #page { height: auto; padding: 0 1; }
    #page.absent { display: none; }
    #answer { height: 7; border: heavy #808080; padding: 0 1; }
    #answer.hit { border: heavy #5fff5f; }
    #answer.stolen { border: heavy #ff5f5f; }
    #grade { width: 12; height: 3; margin: 1 1 0 1; text-style: bold; }
    #verdict { text-style: bold; }
    #stolen { text-style: bold reverse; color: #ff8787; width: auto; }
    #readings { height: 1fr; background: #000000; scrollbar-size-horizontal: 0; }
    #candidates { height: auto; max-height: 7; padding: 0 1; border-top: solid #808080; }
    #notice { height: auto; padding: 0 1; }
    #sign { width: 2; color: #ffff5f; text-style: bold; }
    #trouble { width: 1fr; color: #ffff5f; text-style: bold; }
    #notice.done #sign { color: #5fff5f; }
    #notice.news #sign { color: #d0d0d0; }
    #notice.done #trouble, #notice.news #trouble { color: #ffffff; text-style: none; }
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
        self._happened = Happenings(self._wake)
        self._board = Board(words)
        self._put_last: dict[str, str | Text] = {}
        self._sounds = True
        self._station: Station | None = None
        self._flush_seconds = 0.0
        self._items: list[tuple[str, str]] = []
        self._page_address = ""
        self.bind("i", "choose_item", description=words("Choose item"))
        self.bind("a", "attach", description=words("Attach"))
        self.bind("u", "note_finding", description=words("UV finding"))
        self.bind("k", "correct_finding", description=words("Correct it"))
        self.bind("q,ctrl+c", "leave", description=words("End"))
        self.bind("m", "mute", description=words("Sound"))
        self.bind("n", "newest", description=words("Newest"))

    def name_page(self, opening: str) -> None:
        """A line that says where the station's page is; it stays."""
        self._page_address = opening
        self._wake()

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
            yield Static(id="list", classes="absent")
        yield Static(id="case", markup=False)
        # All the shift long: it is the only place where the address can be read.
        yield Static(id="page", classes="absent", markup=False)
        with Horizontal(id="answer"):
            yield Digits("", id="grade")
            with Vertical():
                yield Static(self._words("Nothing read yet"), id="verdict", markup=False)
                yield Static(id="kit", markup=False)
                yield Static(id="item", markup=False)
                yield Static(id="stolen", markup=False)
        yield DataTable(id="readings", cursor_type="row", zebra_stripes=False)
        yield Static(id="candidates", markup=False)
        with Horizontal(id="notice"):
            yield Static(id="sign", markup=False)
            yield Static(id="trouble", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin the work in a thread of its own."""
        table = self._table()
        table.add_column(self._words("Time"), width=8, key="time")
        table.add_column(self._words("Reading"), width=_TITLE_WIDTH, key="reading")
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
        self._notice(self._words("Ending: what waits is delivered first."), Tone.NEWS)
        if self._station:
            self._station.stop()

    def action_mute(self) -> None:
        """Turn the sound of a hit on or off."""
        self._sounds = not self._sounds
        self._notice(self._words("Sound on") if self._sounds else self._words("Sound off"), Tone.NEWS)

    def action_choose_item(self) -> None:
        """Ask which seized item lies on the table; new readings are put with it."""
        self._ask_for_item()

    def action_attach(self) -> None:
        """Put the chosen reading with the seized item, which is asked for if none lies on the table.

        What was said of it before stays in the record.
        """
        chosen = self._chosen()
        if self._station is None or chosen is None:
            return
        if not self._station.seized_item:
            self._notice(self._words("Choose a seized item first."))
            self._ask_for_item(chosen)
            return
        self._put_with(chosen, self._station.seized_item)

    def _put_with(self, line: Line, label: str) -> None:
        # When it could not be stored, why has been told already.
        if self._station is not None and self._station.attach(line.key, line.reading_id, label):
            self._happened.put(lambda: self._board.say_attached(line, label))

    def action_note_finding(self) -> None:
        """Ask what was seen under the lamp, on the item that lies on the table."""
        if self._station is not None:
            self._ask_for_finding(FindingQuestion(self._words, self._station.seized_item, known=lambda: self._items))

    def action_correct_finding(self) -> None:
        """Ask what the last finding of this run should have been; both stay in the record."""
        if self._station is None:
            return
        if self._station.last_finding is None:
            self._notice(self._words("No UV finding of this run to correct."))
            return
        earlier = self._station.last_finding
        self._ask_for_finding(FindingQuestion(self._words, "", earlier, known=lambda: self._items))

    def _ask_for_finding(self, question: FindingQuestion) -> None:
        self._notice("")
        self._begin_asking_for_items()
        self.push_screen(question, self._finding_given)

    def _finding_given(self, finding: UvNote | None) -> None:
        # When it could not be stored, why has been told already.
        if self._station is not None and finding is not None and self._station.note(finding):
            self._notice(finding_said(self._words, finding), Tone.DONE)

    def _ask_for_item(self, waiting: Line | None = None) -> None:
        """Ask for the item on the table, and put the reading that is ``waiting`` for it with it."""

        def chosen(label: str | None) -> None:
            if self._station is None or label is None:
                return
            self._station.seized_item = label
            self._notice("")
            if waiting is not None and label:
                self._put_with(waiting, label)

        self._begin_asking_for_items()
        self.push_screen(ItemQuestion(self._words, lambda: self._items), chosen)

    def _begin_asking_for_items(self) -> None:
        # The registry may be far away; what it tells is shown when it comes.
        Thread(target=self._ask_for_items, name="items", daemon=True).start()

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
        self._happened.put(lambda: self._board.reader_connected(port))

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        self._happened.put(lambda: self._board.reader_identified(identity))

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        self._happened.put(lambda: self._board.reader_lost(error))

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        self._happened.put(lambda: self._board.registry_changed(state, detail))

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        self._happened.put(lambda: self._board.list_stands(standing))

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        self._happened.put(lambda: self._show_line(self._board.stored(key, reading)))

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good, perhaps to a reading of an earlier run."""
        self._happened.put(lambda: self._show_answer(self._board.answered(key, reading_id, outcome)))

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says of a reading."""
        self._happened.put(lambda: self._show_answer(self._board.listed(key, reading_id, answer)))

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading belongs to a seized item."""
        self._happened.put(lambda: self._show_line(self._board.attached(key, label)))

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        self._happened.put(lambda: self._board.trouble(error))

    def note(self, text: str) -> None:
        """A line already in the reader's language."""
        self._happened.put(lambda: self._notice(text))

    def _worked(self) -> None:
        waiting = self._station.run(self._flush_seconds) if self._station else 0
        self._happened.put(lambda: self.exit(waiting))

    def _wake(self) -> None:
        """Have the screen drawn now, from whichever thread."""
        # Before the screen is there and after it has gone, nothing is to be woken.
        if self.is_running:
            with contextlib.suppress(RuntimeError):
                self.call_later(self._draw)

    def _draw(self) -> None:
        while True:
            try:
                self._happened.get_nowait()()
            except Empty:
                break
        label = self._station.seized_item if self._station else ""
        description = dict(self._items).get(label, "")
        item = " ".join(filter(None, (label, description))) or self._words("none chosen")
        self._put("case", plain(f"{self._words('Case')} {self._case_number}   {self._words('On the table')}: {item}"))
        board = self._board
        self._show_status("reader", board.reader)
        self._show_status("registry", board.registry)
        self._show_status("journal", board.journal(self._counts(), self._tally()))
        if board.kept_list is not None:
            self.query_one("#list").set_class(False, "absent")
            self._show_status("list", board.kept_list)
        if self._page_address != self._put_last.get("page", ""):
            self.query_one("#page").set_class(not self._page_address, "absent")
            self._put("page", self._page_address)
        self._put("trouble", plain(board.notice))
        self._put("sign", _SIGNS[board.tone] if board.notice else "")
        for tone in Tone:
            self.query_one("#notice").set_class(tone is board.tone, tone)

    def _show_status(self, name: str, standing: Standing) -> None:
        # A sign besides the colour: not everybody sees red and green apart.
        sign, style = ("✓", "bold #5fff5f") if standing.well else ("!", "bold #ffff5f")
        shown = Text.assemble((f"{sign} {standing.title} ", style), plain(standing.text))
        self._put(name, shown)

    def _put(self, name: str, content: str | Text) -> None:
        """Show a text where it is not shown already: laying the screen out anew costs more than all the rest."""
        if self._put_last.get(name) != content:
            self._put_last[name] = content
            self.query_one(f"#{name}", Static).update(content)

    def _notice(self, text: str, tone: Tone = Tone.WARNING) -> None:
        self._board.say(text, tone)

    def _table(self) -> DataTable[Text]:
        return self.query_one("#readings", DataTable)

    def _show_line(self, line: Line | None) -> None:
        """Put a reading in the list, or show what has become of it."""
        if line is None:
            return
        table, board = self._table(), self._board
        if line.key not in table.rows:
            follows = table.cursor_row >= table.row_count - 1
            time = Text(f"{line.read_at.astimezone():%H:%M:%S}")
            table.add_row(time, Text(_tail(plain(line.title))), *[Text()] * 4, key=line.key)
            if table.row_count > REMEMBERED:
                table.remove_row(next(iter(table.rows)))
            if follows:
                # Whoever looks at an earlier reading is not torn away from it.
                table.move_cursor(row=table.row_count - 1)
        style = "bold #ff8787" if line.alarming else "bold" if line.answer or line.listed else ""
        table.update_cell(line.key, "answer", Text(board.verdict(line), style))
        table.update_cell(line.key, "grade", Text(board.grade(line), "bold"))
        table.update_cell(line.key, "item", Text(plain(line.item), "bold"))
        table.update_cell(line.key, "kit", Text(board.named(line)))
        self._show_candidates()

    def _show_answer(self, line: Line | None) -> None:
        """Show an answer large, as well as in the list."""
        self._show_line(line)
        if line is None or line.refused:
            return
        board = self._board
        self.query_one("#grade", Digits).update(board.grade(line))
        self.query_one("#verdict", Static).update(f"{board.verdict(line).upper()}   {plain(line.title)}")
        kit = board.kit(line)
        self.query_one("#kit", Static).update("" if kit == line.title else plain(kit))
        self.query_one("#item", Static).update(plain(board.thing(line)))
        # Of a list's answer the first line says it already, with the list's time.
        said = f" {self._words('REPORTED STOLEN')} " if line.stolen and line.answer else ""
        self.query_one("#stolen", Static).update(said)
        panel = self.query_one("#answer")
        panel.set_class(line.hit and not line.stolen, "hit")
        panel.set_class(line.stolen, "stolen")
        if line.hit and self._sounds:
            self.bell()

    def _chosen(self) -> Line | None:
        """The reading that the cursor stands on."""
        table = self._table()
        if not table.row_count:
            return None
        key = table.coordinate_to_cell_key(Coordinate(table.cursor_row, 0)).row_key.value or ""
        return self._board.lines.get(key)

    def _show_candidates(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.query_one("#candidates", Static).update("\n".join(self._board.details(chosen)))


def _tail(title: str) -> str:
    """A title in its column: what tells long numbers apart is their end, and it is whole below the list."""
    return title if len(title) <= _TITLE_WIDTH else f"…{title[1 - _TITLE_WIDTH :]}"
