"""UV/DNA readers that speak MDR, the sentence protocol of docs/reader-protocol.md."""

import re
from dataclasses import dataclass, field

from scanner.contract import Event, LineSettings
from scanner.framing.sentences import Sentence, SentenceFramer, encode
from scanner.framing.tally import Refusal, Tally
from scanner.reading import (
    DnaRead,
    DotText,
    Instant,
    Observation,
    ReaderFault,
    ReaderIdentity,
    Reading,
    UvFinding,
)

__all__ = ["MdrDriver"]

_GREETING_AGAIN = 5.0
"""Seconds after which an unanswered request for a greeting is made again."""
_OPEN_READINGS = 8
_SENTENCES_A_READING = 1024
_SEQUENCE_NUMBERS = 65_536
_LONGEST_NAME = 100
_READING_ID = re.compile(r"[\x21-\x7e]{1,64}\Z")
_BASES = re.compile(r"[ACGTN]+\Z")
_DOT_TEXT = re.compile(r"[ -~]{1,64}\Z")
_QUALITY = re.compile(r"[!-~]*\Z")
_SMALL_NUMBER = re.compile(r"[0-9]{1,5}\Z")


class _FieldsError(ValueError):
    """A sentence passed its checksum, but its fields are not allowed."""


@dataclass(slots=True)
class _Unfinished:
    """A reading whose MDEND has not come. ``parts`` are bases and quality of a read that is not whole yet."""

    sentences: list[Sentence] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    parts_expected: int = 0
    faulty: bool = False


class MdrDriver:
    """Sentences to readings. A reading of which any sentence is missing or wrong is not handed on: it comes again."""

    name = "mdr"
    line = LineSettings()
    idle_gap = 0.2

    def __init__(self) -> None:
        self.tally = Tally()
        self._framer = SentenceFramer(self.tally)
        self._identity: ReaderIdentity | None = None
        self._asked_at: float | None = None
        self._last: int | None = None
        self._unfinished: dict[str, _Unfinished] = {}

    def prompt(self, now: Instant) -> bytes:
        """A request for a greeting, at once and every few seconds until it has come."""
        if self._identity is not None:
            return b""
        if self._asked_at is not None and now.monotonic - self._asked_at < _GREETING_AGAIN:
            return b""
        self._asked_at = now.monotonic
        return encode("MDRST", 0)

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """The greetings, faults and complete readings in ``data``."""
        events = (self._understand(sentence, now) for sentence in self._framer.receive(data))
        return [event for event in events if event is not None]

    def silence(self, now: Instant) -> list[Event]:  # noqa: ARG002 - silence means nothing in this protocol
        """Nothing: every sentence says itself where it ends."""
        return []

    def acknowledge(self, reading: Reading) -> bytes:
        """``MDACK`` with the number of the reading's MDEND."""
        return b"" if reading.receipt is None else encode("MDACK", reading.receipt)

    def disconnect(self) -> None:
        """Another reader may be plugged in next: forget who this one was."""
        self._framer.reset()
        self._give_up_unfinished()
        self._identity = None
        self._asked_at = None
        self._last = None

    def _understand(self, sentence: Sentence, now: Instant) -> Event | None:
        if sentence.kind == "MDHEL":
            return self._greeting(sentence)
        if sentence.sequence == self._last:
            self.tally.repeated += 1
            return None
        self._count_lost(sentence.sequence)
        try:
            match sentence.kind:
                case "MDUVF" | "MDDOT" | "MDDNA":
                    self._observe(sentence)
                case "MDEND":
                    return self._finish(sentence, now)
                case "MDERR":
                    return ReaderFault(*_exactly(sentence, 2))
                case _:
                    # A later version of the protocol may have kinds that this one does not know. When one belongs
                    # to a reading, the count of its MDEND does not agree, and the reading is not handed on.
                    self.tally.refused[Refusal.UNKNOWN] += 1
        except _FieldsError:
            self.tally.refused[Refusal.FIELDS] += 1
            if sentence.fields and sentence.fields[0] in self._unfinished:
                self._unfinished[sentence.fields[0]].faulty = True
        return None

    def _greeting(self, sentence: Sentence) -> ReaderIdentity | None:
        # A greeting begins the numbering anew, so it is never taken for a repetition.
        self._last = sentence.sequence
        self._give_up_unfinished()
        try:
            _version, *names = _exactly(sentence, 5)
            maker, model, serial_number, firmware = map(_name, names)
        except _FieldsError:
            self.tally.refused[Refusal.FIELDS] += 1
            return None
        before, self._identity = self._identity, ReaderIdentity(maker, model, serial_number, firmware)
        return self._identity if self._identity != before else None

    def _count_lost(self, sequence: int) -> None:
        if self._last is not None:
            missing = (sequence - self._last - 1) % _SEQUENCE_NUMBERS
            if missing:
                # A number that goes backwards is a reader that began anew, not sixty thousand lost sentences.
                self.tally.lost += missing if missing < _SEQUENCE_NUMBERS // 2 else 0
                self._give_up_unfinished()
        self._last = sequence

    def _give_up_unfinished(self) -> None:
        if self._unfinished:
            self.tally.refused[Refusal.INCOMPLETE] += len(self._unfinished)
            self._unfinished.clear()

    def _observe(self, sentence: Sentence) -> None:
        reading_id = _reading_id(sentence)
        reading = self._unfinished.get(reading_id)
        if reading is None:
            if len(self._unfinished) == _OPEN_READINGS:
                self._unfinished.pop(next(iter(self._unfinished)))
                self.tally.refused[Refusal.INCOMPLETE] += 1
            reading = self._unfinished[reading_id] = _Unfinished()
        if len(reading.sentences) == _SENTENCES_A_READING:
            raise _FieldsError
        reading.sentences.append(sentence)
        match sentence.kind:
            case "MDUVF":
                reading.observations.append(_uv_finding(sentence))
            case "MDDOT":
                reading.observations.append(_dot_text(sentence))
            case _:
                _add_part(reading, sentence)

    def _finish(self, sentence: Sentence, now: Instant) -> Reading | None:
        reading_id = _reading_id(sentence)
        _, count = _exactly(sentence, 2)
        reading = self._unfinished.pop(reading_id, _Unfinished())
        reading.sentences.append(sentence)
        whole = _whole_number(count, 1, _SENTENCES_A_READING + 1) == len(reading.sentences)
        if not whole or reading.faulty or reading.parts or not reading.observations:
            self.tally.refused[Refusal.INCOMPLETE] += 1
            return None
        return Reading(
            reading_id=reading_id,
            observations=tuple(reading.observations),
            raw=b"".join(one.raw for one in reading.sentences),
            read_at=now.wall,
            reader=self._identity,
            receipt=sentence.sequence,
        )


def _exactly(sentence: Sentence, count: int) -> tuple[str, ...]:
    if len(sentence.fields) != count:
        raise _FieldsError
    return sentence.fields


def _name(text: str) -> str:
    """A name that fits the register, which keeps 100 characters of it, and that a screen can show."""
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise _FieldsError
    return text


def _reading_id(sentence: Sentence) -> str:
    if not sentence.fields or not _READING_ID.match(sentence.fields[0]):
        raise _FieldsError
    return sentence.fields[0]


def _whole_number(text: str, least: int, most: int) -> int:
    if not _SMALL_NUMBER.match(text) or not least <= int(text) <= most:
        raise _FieldsError
    return int(text)


def _quality(quality: str, text: str) -> str:
    if len(quality) != len(text) or not _QUALITY.match(quality):
        raise _FieldsError
    return quality


def _uv_finding(sentence: Sentence) -> UvFinding:
    _, glow, peak, intensity = _exactly(sentence, 4)
    return UvFinding(
        glow=_whole_number(glow, 0, 1) == 1,
        peak_nm=_whole_number(peak, 0, 2000),
        intensity=_whole_number(intensity, 0, 1000),
    )


def _dot_text(sentence: Sentence) -> DotText:
    _, text, quality = _exactly(sentence, 3)
    if not _DOT_TEXT.match(text):
        raise _FieldsError
    return DotText(text, _quality(quality, text))


def _add_part(reading: _Unfinished, sentence: Sentence) -> None:
    _, part, parts, bases, quality = _exactly(sentence, 5)
    expected = _whole_number(parts, 1, _SENTENCES_A_READING)
    if _whole_number(part, 1, expected) != len(reading.parts) + 1 or (
        reading.parts and expected != reading.parts_expected
    ):
        raise _FieldsError
    if not _BASES.match(bases):
        raise _FieldsError
    reading.parts.append((bases, _quality(quality, bases)))
    reading.parts_expected = expected
    if len(reading.parts) == expected:
        reading.observations.append(
            DnaRead("".join(part[0] for part in reading.parts), "".join(part[1] for part in reading.parts))
        )
        reading.parts.clear()
