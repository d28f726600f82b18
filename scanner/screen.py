"""The station in a terminal: a line for each reading, and below them how reader, registry and journal stand."""

import io
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from scanner.errors import PortError, ScannerError
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Answer, Refused
from scanner.station import RegistryState, Station
from scanner.stolen_list import ListAnswer, ListStanding, ListState
from scanner.wording import (
    ATTACHED,
    VERDICTS,
    Words,
    grade_of,
    graded,
    list_line,
    listed_answer,
    misread,
    observed,
    plain,
    refusal,
)

__all__ = ["LastingConsole", "TerminalView"]

_REMEMBERED = 10_000


class LastingConsole(Console):
    """A console on standard output that never ends a shift.

    It falls silent when nobody reads it any more, and writes ``?`` for what the terminal has no character for.
    """

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        super().__init__(highlight=False)

    def on_broken_pipe(self) -> None:
        """Rich would end the thread that writes, which here is the one that reads or delivers."""
        self.quiet = True


class TerminalView:
    """Writes to a rich console. On a terminal the status stays at the bottom; in a file each change is a line.

    ``counts`` and ``tally`` are asked whenever the status is drawn.
    """

    def __init__(
        self, console: Console, words: Words, counts: Callable[[], JournalCounts], tally: Callable[[], Tally]
    ) -> None:
        self._console = console
        self._words = words
        self._counts = counts
        self._tally = tally
        self._mutex = threading.Lock()
        self._shown: dict[str, tuple[datetime, str]] = {}
        self._reader = Text(words("waiting for the reader"), "yellow")
        self._registry = Text(words(RegistryState.UNKNOWN), "yellow")
        self._list: Text | None = None
        self._live = Live(
            console=console, get_renderable=self._status, refresh_per_second=4, transient=True, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        self._set_reader(Text(port, "green"), self._words("Reader connected: {port}").format(port=port))

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        name = f"{identity.maker} {identity.model} {identity.serial_number}"
        self._set_reader(Text(name, "green"), self._words("Reader: {name}").format(name=name))

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        self._set_reader(Text(self._words("no reader"), "bold red"), error.explain(self._words), "bold red")

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        style = "green" if state is RegistryState.REACHED else "bold red"
        reason, separator, rest = detail.partition(": ")
        shown = f"{self._words(state)} ({self._words(reason)}{separator}{rest})"
        with self._mutex:
            self._registry = Text(shown, style)
        self._line(Text.assemble((f"{self._words('Registry')}: {shown}", style)))

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk. Its line is written when the registry has answered."""
        seen = " · ".join(observed(self._words, observation) for observation in reading.observations)
        with self._mutex:
            if len(self._shown) >= _REMEMBERED:
                self._shown.pop(next(iter(self._shown)))
            self._shown[key] = (reading.read_at, seen)
        if not self._console.is_terminal:
            self._line(self._begin(reading.read_at, reading.reading_id, seen).append(self._words("stored"), "dim"))

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good."""
        if isinstance(outcome, Accepted) and outcome.answer.verdict == ATTACHED:
            return
        with self._mutex:
            read_at, seen = self._shown.pop(key, (datetime.now(UTC), self._words("from the journal")))
        line = self._begin(read_at, reading_id, seen)
        if isinstance(outcome, Refused):
            template = self._words("refused by the registry, kept in the journal: {reason}")
            line.append(template.format(reason=refusal(outcome)))
            line.stylize("bold red", len(line) - 1)
        else:
            self._append_answer(line, outcome)
        self._line(line)

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says. The registry's own answer comes later."""
        with self._mutex:
            read_at, seen = self._shown.get(key, (datetime.now(UTC), self._words("from the journal")))
        line = self._begin(read_at, reading_id, seen)
        line.append(listed_answer(self._words, answer), "bold reverse red" if answer.listed else "bold")
        self._line(line)
        if answer.listed and self._console.is_terminal:
            self._console.bell()

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        style = "green" if standing.state is ListState.VALID else "yellow"
        shown = list_line(self._words, standing)
        with self._mutex:
            self._list = Text(shown, style)
        self._line(Text(f"{self._words('Offline list')}: {shown}", style))

    def attached(self, key: str, label: str) -> None:
        """It is on disk that a reading belongs to a seized item; it is said with the reading."""
        with self._mutex:
            if key in self._shown:
                read_at, seen = self._shown[key]
                self._shown[key] = (read_at, f"{seen} → {label}")

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        self._line(Text(error.explain(self._words), "bold red"))

    def note(self, text: str) -> None:
        """A line of its own, already in the reader's language."""
        self._line(Text(text, "bold red"))

    def show(self, station: Station, flush_seconds: float) -> int:
        """Let the station work while the view is shown; how many messages still wait."""
        with self:
            return station.run(flush_seconds)

    def _set_reader(self, shown: Text, line: str, style: str = "green") -> None:
        with self._mutex:
            self._reader = shown
        self._line(Text(line, style))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)

    def _begin(self, read_at: datetime, reading_id: str, seen: str) -> Text:
        return Text.assemble(
            (f"{read_at.astimezone():%H:%M:%S}", "dim"),
            "  ",
            (plain(reading_id)[:36], "bold"),
            "  ",
            plain(seen),
            "  ",
        )

    def _append_answer(self, line: Text, outcome: Accepted) -> None:
        answer = outcome.answer
        verdict, style = VERDICTS.get(answer.verdict, (answer.verdict, ""))
        line.append(self._words(verdict), style)
        best = answer.candidates[0] if answer.candidates else None
        grade = grade_of(answer)
        if grade is not None:
            line.append(f"  {graded(grade)}", style)
        if best or answer.sticker:
            self._append_thing(line, answer)
        if doubt := misread(self._words, answer):
            line.append(f"  {doubt}", "bold yellow")
        if answer.supplier:
            contact = ", ".join(filter(None, (answer.supplier.name, answer.supplier.phone, answer.supplier.email)))
            line.append("  " + self._words("ask {contact}").format(contact=plain(contact)))

    def _append_thing(self, line: Text, answer: Answer) -> None:
        """The best candidate's kit, or the sticker's number, the marked thing, and whether it is reported stolen."""
        named = [(one.kit_code, one.item) for one in answer.candidates[:1]]
        if answer.sticker:
            named.append((answer.sticker.number, answer.sticker.item))
        for number, item in named[:1]:
            line.append(f"  {plain(number)}", "bold")
            line.append(f"  {plain(item)}" if item else "")
        if answer.stolen:
            line.append("  " + self._words("REPORTED STOLEN"), "bold reverse red")

    def _status(self) -> Text:
        counts, tally = self._counts(), self._tally()
        with self._mutex:
            parts: list[tuple[str, Text]] = [("Reader", self._reader), ("Registry", self._registry)]
            if self._list is not None:
                parts.append(("Offline list", self._list))
        waiting = Text(
            self._words("{waiting} waiting, {accepted} delivered, {refused} refused").format(
                waiting=counts.waiting, accepted=counts.accepted, refused=counts.refused
            ),
            "yellow" if counts.waiting or counts.refused else "green",
        )
        parts.append(("Journal", waiting))
        if tally.refusals or tally.lost:
            broken = self._words("{refused} broken frames, {lost} lost").format(refused=tally.refusals, lost=tally.lost)
            parts.append(("Line", Text(broken, "yellow")))
        status = Text("─" * min(self._console.width, 100) + "\n", "dim")
        for number, (title, value) in enumerate(parts):
            status.append("   " if number else "", "").append(f"{self._words(title)}: ", "bold").append_text(value)
        return status
