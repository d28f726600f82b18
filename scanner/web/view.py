"""The station's web view: a view before the view, which keeps a board and serves it to this machine's browser alone."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Self

from scanner.board import Board, Line, Standing, Tone
from scanner.errors import BadPhotoError, PortError, ScannerError
from scanner.finding_form import NO_FAULT, Fault, FindingForm, finding_said
from scanner.findings import UvNote
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Refused
from scanner.station import Station
from scanner.stolen_list import ListAnswer, ListStanding
from scanner.view import Passing, RegistryState, View
from scanner.web.page import Page
from scanner.wording import Words, is_label

__all__ = ["WebView"]


class WebView(Passing):
    """A view (``scanner.station.View``) that passes on what happens and shows it on a page as well."""

    def __init__(
        self,
        view: View,
        words: Words,
        counts: Callable[[], JournalCounts],
        tally: Callable[[], Tally],
        case_number: str,
    ) -> None:
        super().__init__(view)
        self._words = words
        self._counts = counts
        self._tally = tally
        self._case_number = case_number
        self._board = Board(words)
        self._mutex = threading.Lock()
        self._station: Station | None = None
        self._items: dict[str, str] = {}
        self._run = secrets.token_hex(4)
        self._changes = 0
        self._beside: tuple[object, ...] = ()
        self._made: dict[str, dict[str, Any]] = {}
        self._page = Page(self, words)

    @property
    def address(self) -> str:
        """What to open in a browser on this machine; it holds the secret that lets the page ask."""
        return self._page.address

    def __enter__(self) -> Self:
        self._page.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._page.stop()

    def watch(self, station: Station) -> None:
        """The station whose item and readings the page may change."""
        self._station = station

    def state(self, told: str) -> tuple[str, str] | None:
        """What the page shows, as JSON, and a short name of this state; None when it is the one ``told`` names.

        The page asks several times a second: while nothing happens nothing is made, and then only what changed.
        """
        counts, tally = self._counts(), self._tally()
        label = self._station.seized_item if self._station else ""
        finding = self._station.last_finding if self._station else None
        # Of texts, those that name a moment are said otherwise on another day.
        beside = (_today(), counts, tally.refusals, tally.lost, label, self._items.get(label, ""), finding)
        with self._mutex:
            if beside != self._beside:
                if beside[:1] != self._beside[:1]:
                    self._made.clear()
                self._beside = beside
                self._changes += 1
            name = f"{self._run}-{self._changes}"
            if name == told:
                return None
            content = self._content(label, self._board.journal(counts, tally))
        if finding is not None:
            content["finding"] = _finding(*finding)
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")), name

    def known_items(self) -> list[tuple[str, str]]:
        """The seized items of the case, as far as the registry says."""
        found = self._station.seized_items() if self._station else []
        self._items.update(found)
        return found

    def choose_item(self, label: str) -> str:
        """Say which seized item lies on the table, none for an empty label; what is wrong with it, or nothing."""
        if label and not is_label(label):
            return self._words("Write seizure and number of the item, such as 2:1.")
        if self._station is not None:
            self._station.seized_item = label
        return ""

    def attach(self, key: str) -> str:
        """Put a reading with the item on the table; what was said before stays in the record."""
        with self._mutex:
            line = self._board.lines.get(key)
        if self._station is None or line is None:
            return ""
        if not self._station.seized_item:
            return self._words("Choose a seized item first.")
        label = self._station.seized_item
        if not self._station.attach(line.key, line.reading_id, label):
            # Why not has been told to all views.
            return self._board.notice
        with self._changing():
            self._board.say_attached(line, label)
        return ""

    def note(self, form: FindingForm, corrects: str, photo: tuple[str, bytes]) -> Fault:
        """Note a UV finding, or what the finding ``corrects`` should have been; what is wrong with it, or NO_FAULT.

        ``photo`` is the name and the content of a file; both empty for none.
        """
        station = self._station
        if station is None:
            return NO_FAULT
        earlier = station.last_finding if corrects else None
        if corrects and (earlier is None or earlier[0] != corrects):
            return Fault(self._words("This UV finding has been corrected since. Look again."))
        if (fault := form.fault(self._words, correcting=earlier is not None)).text:
            return fault
        prepared = b""
        if photo[1]:
            from scanner.photo import prepared_upload  # noqa: PLC0415 - most findings come without, and it is slow to load

            try:
                prepared = prepared_upload(*photo)
            except BadPhotoError as error:
                return Fault(error.explain(self._words), "photo")
        finding = form.note(prepared, earlier)
        if not station.note(finding):
            return Fault(self._board.notice)
        with self._changing():
            self._board.say(finding_said(self._words, finding), Tone.DONE)
        return NO_FAULT

    def leave(self) -> None:
        """Ask the station to end, when what waits has been delivered or the time for it is over."""
        with self._changing():
            self._board.say(self._words("Ending: what waits is delivered first."), Tone.NEWS)
        if self._station is not None:
            self._station.stop()

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        with self._changing():
            self._board.reader_connected(port)
        super().reader_connected(port)

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        with self._changing():
            self._board.reader_identified(identity)
        super().reader_identified(identity)

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        with self._changing():
            self._board.reader_lost(error)
        super().reader_lost(error)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        with self._changing():
            self._board.registry_changed(state, detail)
        super().registry_changed(state, detail)

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        with self._changing(key):
            self._board.stored(key, reading)
        super().stored(key, reading)

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good."""
        with self._changing(key):
            self._board.answered(key, reading_id, outcome)
        super().answered(key, reading_id, outcome)

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading belongs to a seized item."""
        with self._changing(key):
            self._board.attached(key, label)
        super().attached(key, label)

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says of a reading."""
        with self._changing(key):
            self._board.listed(key, reading_id, answer)
        super().listed(key, reading_id, answer)

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        with self._changing():
            self._board.list_stands(standing)
        super().list_stands(standing)

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        with self._changing():
            self._board.trouble(error)
        super().trouble(error)

    @contextmanager
    def _changing(self, key: str = "") -> Iterator[None]:
        """The board is about to be told something, of the reading ``key`` if of any."""
        with self._mutex:
            self._changes += 1
            self._made.pop(key, None)
            yield

    def _content(self, label: str, journal: Standing) -> dict[str, Any]:
        board = self._board
        stands = [board.reader, board.registry, journal, board.kept_list]
        newest = board.lines.get(board.newest_answer)
        self._made = {key: self._made.get(key) or self._line(line) for key, line in board.lines.items()}
        return {
            "case": self._case_number,
            "item": " ".join(filter(None, (label, self._items.get(label, "")))) or self._words("none chosen"),
            "label": label,
            "stands": [self._standing(one) for one in stands if one is not None],
            "large": self._large(newest) if newest else None,
            "lines": list(self._made.values()),
            "hits": board.hits,
            "notice": board.notice,
            "tone": board.tone,
            "finding": None,
        }

    def _standing(self, standing: Standing) -> dict[str, Any]:
        return {"title": standing.title, "text": standing.text, "well": standing.well}

    def _large(self, line: Line) -> dict[str, Any]:
        board = self._board
        return {
            "verdict": board.verdict(line),
            # What was read stands there already while nothing else is known of it.
            "reading": "" if line.title == board.kit(line) else line.title,
            "grade": board.grade(line),
            "kit": board.kit(line),
            "thing": board.thing(line),
            # Of a list's answer the verdict says it already, with the list's time.
            "said": self._words("REPORTED STOLEN") if line.stolen and line.answer else "",
            "kind": "stolen" if line.stolen else "hit" if line.hit else "",
        }

    def _line(self, line: Line) -> dict[str, Any]:
        board = self._board
        return {
            "key": line.key,
            "time": f"{line.read_at.astimezone():%H:%M:%S}",
            "reading": line.title,
            "verdict": board.verdict(line),
            "grade": board.grade(line),
            "item": line.item,
            "named": board.named(line),
            "alarming": line.alarming,
            "details": board.details(line),
        }


def _today() -> date:
    """The day on this machine."""
    return datetime.now().astimezone().date()


def _finding(key: str, noted: UvNote) -> dict[str, Any]:
    """The last finding of the run, as the page asks what it should have been."""
    return {
        "key": key,
        "colour": noted.colour,
        "spot": noted.spot,
        "item": noted.seized_item,
        "seal": noted.seal_number,
        "photo": bool(noted.photo),
    }
