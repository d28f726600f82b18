"""The station's web view: a view before the view, which keeps a board and serves it to this machine's browser alone."""

import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any, Self

from scanner.board import Board, Line, Standing
from scanner.errors import PortError, ScannerError
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Refused
from scanner.station import Station
from scanner.stolen_list import ListAnswer, ListStanding
from scanner.view import RegistryState, View
from scanner.web.page import Page
from scanner.wording import Words, is_label

__all__ = ["WebView"]


class WebView:
    """A view (``scanner.station.View``) that passes on what happens and shows it on a page as well."""

    def __init__(
        self,
        view: View,
        words: Words,
        counts: Callable[[], JournalCounts],
        tally: Callable[[], Tally],
        case_number: str,
    ) -> None:
        self._view = view
        self._words = words
        self._counts = counts
        self._tally = tally
        self._case_number = case_number
        self._board = Board(words)
        self._mutex = threading.Lock()
        self._station: Station | None = None
        self._items: dict[str, str] = {}
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

    def state(self) -> tuple[str, str]:
        """What the page shows, as JSON, and a short name of this state."""
        with self._mutex:
            content = json.dumps(self._content(), ensure_ascii=False, separators=(",", ":"))
        return content, hashlib.sha256(content.encode()).hexdigest()[:16]

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
        self._station.attach(line.key, line.reading_id, self._station.seized_item)
        return ""

    def leave(self) -> None:
        """Ask the station to end, when what waits has been delivered or the time for it is over."""
        with self._mutex:
            self._board.notice = self._words("Ending: what waits is delivered first.")
        if self._station is not None:
            self._station.stop()

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        with self._mutex:
            self._board.reader_connected(port)
        self._view.reader_connected(port)

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        with self._mutex:
            self._board.reader_identified(identity)
        self._view.reader_identified(identity)

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        with self._mutex:
            self._board.reader_lost(error)
        self._view.reader_lost(error)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        with self._mutex:
            self._board.registry_changed(state, detail)
        self._view.registry_changed(state, detail)

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        with self._mutex:
            self._board.stored(key, reading)
        self._view.stored(key, reading)

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good."""
        with self._mutex:
            self._board.answered(key, reading_id, outcome)
        self._view.answered(key, reading_id, outcome)

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading belongs to a seized item."""
        with self._mutex:
            self._board.attached(key, label)
        self._view.attached(key, label)

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says of a reading."""
        with self._mutex:
            self._board.listed(key, reading_id, answer)
        self._view.listed(key, reading_id, answer)

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        with self._mutex:
            self._board.list_stands(standing)
        self._view.list_stands(standing)

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        with self._mutex:
            self._board.trouble(error)
        self._view.trouble(error)

    def _content(self) -> dict[str, Any]:
        board = self._board
        label = self._station.seized_item if self._station else ""
        stands = [board.reader, board.registry, board.journal(self._counts(), self._tally()), board.kept_list]
        newest = board.lines.get(board.newest_answer)
        return {
            "case": self._case_number,
            "item": " ".join(filter(None, (label, self._items.get(label, "")))) or self._words("none chosen"),
            "stands": [self._standing(one) for one in stands if one is not None],
            "large": self._large(newest) if newest else None,
            "lines": [self._line(line) for line in board.lines.values()],
            "hits": board.hits,
            "notice": board.notice,
        }

    def _standing(self, standing: Standing) -> dict[str, Any]:
        return {"title": standing.title, "text": standing.text, "well": standing.well}

    def _large(self, line: Line) -> dict[str, Any]:
        board = self._board
        return {
            "verdict": board.verdict(line),
            "reading": line.reading_id,
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
            "reading": line.reading_id,
            "verdict": board.verdict(line),
            "grade": board.grade(line),
            "item": line.item,
            "named": board.named(line),
            "alarming": bool(line.refused or line.stolen),
            "details": board.details(line),
        }
