"""The journal: readings on disk before the reader is told that they are safe, until the registry has answered.

A journal is a folder with one append-only file. There are two kinds of record: a message, sealed to the registry's
public key, and the outcome of delivering one. The station cannot open what it has sealed; of a message it keeps beside
it what delivery needs and nothing that tells of its content: its place in the chain, an opaque lane in place of the
case number, and keyed fingerprints by which a repeated reading is known again (``scanner.volatile`` keeps their key).

What was delivered leaves the disk when the journal is opened and closed, and in between before it has grown much: the
file is written anew with what waits, what was refused, the newest fingerprints, and the outcomes of the last thousand.
"""

import base64
import binascii
import contextlib
import hmac
import threading
import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any

from scanner.backlog import Backlog, Kept
from scanner.errors import JournalUnwritableError
from scanner.findings import UvNote
from scanner.reading import Reading
from scanner.record_file import Place, RecordFile, holder, locked, records, serialised
from scanner.sealing import FIRST_LINK, Envelope, SealingKey
from scanner.volatile import volatile_key

__all__ = ["Entry", "Journal", "JournalCounts", "Kind", "Message", "Settlement", "contents", "counted", "running"]

_FILE_NAME = "readings.journal"
_LOCK_NAME = "lock"
_REMEMBERED = 20_000
"""Readings known again when they are sent again: an hour of five a second, in 10 MB. A reader repeats what is not
acknowledged, which is far less."""
_REMEMBERED_ON_DISK = 10_000
_IN_ONE_RECORD = 100
_LISTED = 1000
"""Delivered messages whose outcome can still be listed."""
_GROWTH = 1 << 20
"""Bytes of records after which the file is written anew, if it has doubled as well."""


class Kind(StrEnum):
    """What a message is; the registry finds it inside the seal."""

    READING = "reading"
    ATTACHMENT = "attachment"
    FINDING = "finding"


class Settlement(StrEnum):
    """How the delivery of a message ended for good."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored message. ``body`` is what is sent to the registry, the same at every try.

    ``lane`` stands for the case: messages of one case in one run share it. ``reading_id`` and ``case_number`` are
    empty for a message of an earlier run, which only the registry can read.
    """

    key: str
    lane: str
    body: bytes
    reading_id: str = ""
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class JournalCounts:
    """What the journal holds. ``damaged`` counts records whose checksum did not agree when it was opened."""

    waiting: int
    accepted: int
    refused: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the journal as it can be listed without opening it; ``settlement`` is None while it waits."""

    key: str
    settlement: Settlement | None
    detail: dict[str, Any]


class Journal:
    """An open journal, locked against other stations. Its methods may be called from several threads."""

    def __init__(self, folder: Path, sealing_key: SealingKey) -> None:
        """Open the journal in ``folder``, made if need be, readable by this user alone.

        A record that was being written when the machine stopped is cut off and kept beside the journal: it was
        never acknowledged. Raises JournalInUseError or JournalUnwritableError.
        """
        folder = folder.expanduser()
        self._sealing_key = sealing_key
        self._mutex = threading.Lock()
        self._known: dict[bytes, tuple[bytes, ...]] = {}
        self._waiting = Backlog()
        self._refused: dict[str, tuple[Kept, dict[str, Any]]] = {}
        self._delivered: dict[str, tuple[int, dict[str, Any]]] = {}
        self._ranks = count()
        self._settled: Counter[Settlement] = Counter()
        self._removable = 0
        self._damaged = 0
        # A segment a run: were the disk put back to an older day, no number would be given twice.
        self._segment = uuid.uuid4().hex
        self._sequence = 0
        self._link = FIRST_LINK
        self._lanes: dict[str, str] = {}
        path = folder / _FILE_NAME
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = locked(folder / _LOCK_NAME)
        except OSError as fault:
            raise JournalUnwritableError(file=path, problem=fault.strerror) from fault
        self._fingerprint_key = volatile_key(folder)
        self._file = RecordFile(path)
        for content, place in self._file.replay():
            self._replay(content, place)
        self._kept_size = self._file.size
        self._compact()

    def store(self, reading: Reading, case_number: str) -> Entry | None:
        """Put the reading on disk; None when it was there already, because the reader has sent it again.

        A reading is known again by the reader's serial number, its reading id and what it observed. A reader whose
        serial number is not known (yet) matches any. Raises JournalUnwritableError; then nothing was stored.
        """
        with self._mutex:
            seen = self._fingerprints(reading)
            if reading.reading_id and self._is_known(reading, seen):
                return None
            key = f"{self._segment}:{self._sequence + 1}"
            reading_id = reading.reading_id or key
            body = reading.as_json(case_number, reading_id)
            entry = self._seal(Kind.READING, body, case_number, reading_id, seen)
            self._remember(*seen)
            return entry

    def attach(self, key: str, reading_id: str, case_number: str, label: str) -> Entry:
        """Put on disk that the reading stored under ``key`` belongs to a seized item; a later word counts instead.

        Raises JournalUnwritableError; then nothing was stored.
        """
        body = {"case_number": case_number, "reading_key": key, "reading_id": reading_id, "seized_item": label}
        with self._mutex:
            return self._seal(Kind.ATTACHMENT, body, case_number, reading_id, None)

    def note(self, finding: UvNote, case_number: str) -> Entry:
        """Put a finding that somebody noted on disk, its photo sealed with it.

        Raises JournalUnwritableError; then nothing was stored.
        """
        with self._mutex:
            return self._seal(Kind.FINDING, finding.as_json(case_number), case_number, finding.finding_id, None)

    def next_waiting(self, skipped_lanes: Collection[str] = ()) -> Entry | None:
        """The oldest message that waits for delivery and whose lane is not among ``skipped_lanes``.

        A record that was sound when it was written and is not any more is counted as damaged and passed over.
        """
        with self._mutex:
            while found := self._waiting.oldest(skipped_lanes):
                key, kept = found
                content = self._file.read(kept.place)
                if content:
                    body = {name: content[name] for name in ("segment", "sequence", "previous", "sealed")}
                    return Entry(key, kept.lane, serialised(body), kept.reading_id, kept.case_number)
                self._waiting.take(key)
                self._damaged += 1
            return None

    def settle(self, key: str, settlement: Settlement, detail: dict[str, Any]) -> None:
        """Note that the registry has answered for good.

        ``detail`` is kept in clear: numbers of the registry and names of fields, nothing of what was read or found.
        """
        with self._mutex:
            self._file.append(_outcome(key, settlement, detail))
            self._settle(key, settlement, detail)
            if self._file.size > 2 * self._kept_size + _GROWTH:
                self._compact()

    def counts(self) -> JournalCounts:
        """How many messages wait and how the others ended."""
        with self._mutex:
            return JournalCounts(
                waiting=len(self._waiting),
                accepted=self._settled[Settlement.ACCEPTED],
                refused=self._settled[Settlement.REFUSED],
                damaged=self._damaged + self._file.damaged,
            )

    def close(self) -> None:
        """Let the journal go, so that another station may open it."""
        with self._mutex:
            if self._lock.closed:
                return
            self._compact()
            self._file.close()
            self._lock.close()

    def _seal(
        self, kind: Kind, body: dict[str, Any], case_number: str, reading_id: str, seen: tuple[bytes, bytes] | None
    ) -> Entry:
        """Seal a message for the next place in the chain and put it on disk."""
        content = serialised({"kind": kind, "body": body})
        envelope = self._sealing_key.seal(content, self._segment, self._sequence + 1, self._link)
        lane = self._lanes.setdefault(case_number, f"{self._segment}/{len(self._lanes)}")
        record = {"record": "message", "lane": lane, "seen": [one.hex() for one in seen or ()], **envelope.as_json()}
        place = self._file.append(record)
        self._sequence, self._link = envelope.sequence, envelope.link
        self._waiting.add(envelope.key, Kept(next(self._ranks), place, lane, reading_id, case_number))
        return Entry(envelope.key, lane, serialised(envelope.as_json()), reading_id, case_number)

    def _replay(self, content: dict[str, Any], place: Place) -> None:
        try:
            if content["record"] == "outcome":
                self._settle(content["key"], Settlement(content["settlement"]), content["detail"])
                return
            if content["record"] == "seen":
                for pair in content["pairs"]:
                    seen, mine = bytes.fromhex(pair[0]), bytes.fromhex(pair[1])
                    self._remember(seen, mine)
                return
            if content["record"] == "before":
                self._link = bytes.fromhex(content["link"]).hex()
                self._settled[Settlement.ACCEPTED] += int(content["accepted"])
                return
            envelope = Envelope(
                content["segment"],
                content["sequence"],
                content["previous"],
                base64.b64decode(content["sealed"], validate=True),
            )
            fingerprints = [bytes.fromhex(one) for one in content["seen"]]
            self._link = envelope.link
            self._waiting.add(envelope.key, Kept(next(self._ranks), place, content["lane"]))
            if fingerprints:
                self._remember(fingerprints[0], fingerprints[-1])
        except (LookupError, TypeError, ValueError, OverflowError, binascii.Error):
            # Its checksum agrees, but no station of ours wrote it.
            self._damaged += 1

    def _settle(self, key: str, settlement: Settlement, detail: dict[str, Any]) -> None:
        kept = self._waiting.take(key)
        if kept is not None:
            self._settled[settlement] += 1
        if settlement is Settlement.ACCEPTED:
            self._removable += kept is not None
            # Of a message that has left the disk the outcome stands in its place.
            self._delivered[key] = (kept.rank if kept else next(self._ranks), detail)
            if len(self._delivered) > _LISTED:
                del self._delivered[next(iter(self._delivered))]
        elif kept is not None:
            self._refused[key] = (kept, detail)

    def _compact(self) -> None:
        """Write the file anew without what was delivered; if the disk does not have it, it stays as it is.

        Everything keeps the order in which it came: of what was delivered the outcome stands where the message stood.
        """
        if not self._removable or self._file.damaged or self._damaged:
            # While a record is damaged all stays: somebody may want to look at what has become of it.
            return
        # Whether it succeeds or not: a disk that is full now is not tried again at every message.
        self._kept_size = self._file.size
        held = {key: kept for key, (kept, _) in self._refused.items()} | dict(self._waiting.items())
        ranked = [(kept.rank, key, self._file.read(kept.place)) for key, kept in held.items()]
        if not all(content for _, _, content in ranked):
            return
        ranked += [
            (rank, key, _outcome(key, Settlement.ACCEPTED, detail)) for key, (rank, detail) in self._delivered.items()
        ]
        ranked.sort(key=itemgetter(0))
        with contextlib.suppress(JournalUnwritableError):
            places = self._file.rewrite([*(content for _, _, content in ranked), *self._beside()])
            at = {key: place for (_, key, _), place in zip(ranked, places, strict=False)}
            self._refused = {
                key: (replace(kept, place=at[key]), detail) for key, (kept, detail) in self._refused.items()
            }
            self._waiting.move(at)
            self._kept_size = self._file.size
            self._removable = 0

    def _beside(self) -> Iterator[dict[str, Any]]:
        """What a file that is written anew holds after the messages."""
        for key, (_, detail) in self._refused.items():
            yield _outcome(key, Settlement.REFUSED, detail)
        pairs = [[seen.hex(), mine.hex()] for seen, many in self._known.items() for mine in many]
        pairs = pairs[-_REMEMBERED_ON_DISK:]
        for start in range(0, len(pairs), _IN_ONE_RECORD):
            yield {"record": "seen", "pairs": pairs[start : start + _IN_ONE_RECORD]}
        # Last: what the next message follows is not always among those that are left.
        yield {"record": "before", "link": self._link, "accepted": self._settled[Settlement.ACCEPTED]}

    def _fingerprints(self, reading: Reading) -> tuple[bytes, bytes]:
        """Keyed hashes of what was read, and of what was read by whom."""
        seen = f"{reading.reading_id}\n{reading.digest()}"
        return self._fingerprint(seen), self._fingerprint(f"{seen}\n{reading.serial_number}")

    def _fingerprint(self, text: str) -> bytes:
        return hmac.digest(self._fingerprint_key, text.encode(), "sha256")[:16]

    def _is_known(self, reading: Reading, seen: tuple[bytes, bytes]) -> bool:
        earlier = self._known.get(seen[0], ())
        nameless = self._fingerprint(f"{reading.reading_id}\n{reading.digest()}\n")
        return bool(earlier) and (not reading.serial_number or not {nameless, seen[1]}.isdisjoint(earlier))

    def _remember(self, seen: bytes, mine: bytes) -> None:
        earlier = self._known.pop(seen, ())
        self._known[seen] = earlier if mine in earlier else (*earlier, mine)
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)))


def _outcome(key: str, settlement: Settlement, detail: dict[str, Any]) -> dict[str, Any]:
    return {"record": "outcome", "key": key, "settlement": settlement, "detail": detail}


def running(folder: Path) -> str | None:
    """The process of the station that has the journal open; None when none has."""
    return holder(folder.expanduser() / _LOCK_NAME)


def contents(folder: Path) -> Iterator[Message]:
    """The messages of a journal that are still listed and what became of them, oldest first, without locking it.

    Raises JournalUnwritableError.
    """
    found: dict[str, Message] = {}
    for record in _known_records(folder):
        match record:
            case {"record": "message", "segment": str(segment), "sequence": int(sequence)}:
                found[f"{segment}:{sequence}"] = Message(f"{segment}:{sequence}", None, {})
            case {
                "record": "outcome",
                "key": str(key),
                "settlement": Settlement() as settlement,
                "detail": dict(detail),
            }:
                found[key] = Message(key, settlement, detail)
    yield from found.values()


def counted(folder: Path) -> JournalCounts:
    """How many messages of a journal wait and how the others ended, without locking it; damage is not looked for.

    Raises JournalUnwritableError.
    """
    waiting: set[str] = set()
    settled: Counter[Settlement] = Counter()
    for record in _known_records(folder):
        match record:
            case {"record": "message", "segment": str(segment), "sequence": int(sequence)}:
                waiting.add(f"{segment}:{sequence}")
            case {"record": "outcome", "key": str(key), "settlement": Settlement() as settlement} if key in waiting:
                waiting.remove(key)
                settled[settlement] += 1
            case {"record": "before", "accepted": int(accepted)}:
                settled[Settlement.ACCEPTED] += accepted
    return JournalCounts(len(waiting), settled[Settlement.ACCEPTED], settled[Settlement.REFUSED], damaged=0)


def _known_records(folder: Path) -> Iterator[dict[str, Any]]:
    for record in records(folder.expanduser() / _FILE_NAME):
        # What no station of ours wrote may hold anything at all.
        with contextlib.suppress(LookupError, ValueError):
            record["settlement"] = Settlement(record["settlement"])
        yield record
