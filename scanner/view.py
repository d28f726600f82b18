"""What a screen of the station is told, whichever it is: the terminal's lines, the whole terminal, or a web page."""

from enum import StrEnum
from typing import Protocol

from scanner.errors import PortError, ScannerError
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Refused
from scanner.stolen_list import ListAnswer, ListStanding

__all__ = ["Passing", "RegistryState", "View"]


class RegistryState(StrEnum):
    """How the way to the registry stands; the values are English message ids."""

    UNKNOWN = "not asked yet"
    REACHED = "reached"
    UNREACHABLE = "not reached"
    WITHHELD = "does not take readings"
    FOREIGN = "has another key"


class View(Protocol):
    """Who shows what happens. Called from the reading and the delivering thread."""

    def reader_connected(self, port: str) -> None:
        """The port is open."""

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before; ``detail`` is an address, a reason or a name."""

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good, perhaps to a message of an earlier run."""

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading ``key`` belongs to the seized item ``label``."""

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says of the reading ``key``."""

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""


class Passing:
    """A view before another one: what it is told it passes on. Who adds something overrides what it is about."""

    def __init__(self, view: View) -> None:
        self._view = view

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        self._view.reader_connected(port)

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        self._view.reader_identified(identity)

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        self._view.reader_lost(error)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        self._view.registry_changed(state, detail)

    def stored(self, key: str, reading: Reading) -> None:
        """A new reading is on disk."""
        self._view.stored(key, reading)

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> None:
        """The registry has answered for good."""
        self._view.answered(key, reading_id, outcome)

    def attached(self, key: str, label: str) -> None:
        """It is on disk that the reading belongs to a seized item."""
        self._view.attached(key, label)

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> None:
        """While the registry is away: what the kept list says of a reading."""
        self._view.listed(key, reading_id, answer)

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        self._view.list_stands(standing)

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        self._view.trouble(error)
