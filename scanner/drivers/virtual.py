"""The virtual UV/DNA reader: the reader's side of MDR, without a port. What it says is what a real reader would say."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.framing.sentences import SentenceFramer, encode
from scanner.framing.tally import Tally
from scanner.reading import DnaRead, DotText, Observation, ReaderIdentity, UvFinding

__all__ = ["BASES_A_SENTENCE", "PROTOCOL_VERSION", "PlannedReading", "VirtualReader"]

PROTOCOL_VERSION = "1"
BASES_A_SENTENCE = 200
"""Bases in one MDDNA: quality may grow threefold when percent-encoded, and a sentence ends at 1 024 bytes."""
_REPEAT_AFTER = 2.0
"""Seconds after which an unacknowledged reading is sent again (docs/reader-protocol.md)."""
_GREETING_WAIT = 1.0
"""Seconds the reader waits for a request before it begins of its own accord."""


@dataclass(frozen=True, slots=True)
class PlannedReading:
    """A reading that the virtual reader is going to make: its id and what it will observe."""

    reading_id: str
    observations: tuple[Observation, ...]


class VirtualReader:
    """Sends readings one at a time and holds each until it is acknowledged, as docs/reader-protocol.md says.

    ``interval`` is the least time in seconds from one reading to the next. All moments are monotonic seconds.
    """

    def __init__(self, identity: ReaderIdentity, readings: Iterable[PlannedReading], interval: float = 0.0) -> None:
        self.acknowledged = 0
        self.repeated = 0
        self._identity = identity
        self._interval = interval
        self._plan = iter(readings)
        self._next = next(self._plan, None)
        self._sequence = 0
        self._tally = Tally()
        self._framer = SentenceFramer(self._tally)
        self._receipt: int | None = None
        self._sent_at: float | None = None
        self._begin_at = 0.0
        self._outbox: deque[bytes] = deque()

    @property
    def finished(self) -> bool:
        """Every reading of the plan has been acknowledged."""
        return self._next is None and not self._outbox

    def connected(self, now: float) -> None:
        """Somebody opened the port: greet, and begin soon."""
        self._framer.reset()
        self._outbox.clear()
        self._receipt = None
        self._sent_at = None
        self._sequence = 0
        self._begin_at = now + _GREETING_WAIT
        self._greet()

    def receive(self, data: bytes, now: float) -> None:
        """What the station says: an acknowledgement, or a request for a greeting."""
        for sentence in self._framer.receive(data):
            if sentence.kind == "MDRST":
                self._greet()
                self._begin_at = min(self._begin_at, now)
            elif sentence.kind == "MDACK" and self._receipt is not None and sentence.sequence == self._receipt:
                self.acknowledged += 1
                self._receipt = None
                self._begin_at = max(self._begin_at, (self._sent_at or now) + self._interval)
                self._sent_at = None
                self._next = next(self._plan, None)

    def output(self, now: float) -> list[bytes]:
        """The sentences that are due: greetings, the next reading, or the last one again."""
        if self._next is not None and now >= self._begin_at:
            if self._sent_at is None:
                self._send(self._next, now)
            elif now - self._sent_at >= _REPEAT_AFTER:
                self.repeated += 1
                self._send(self._next, now)
        due = list(self._outbox)
        self._outbox.clear()
        return due

    def wait(self, now: float) -> float:
        """Seconds until ``output`` may have something new, as far as it can be told."""
        if self._next is None:
            return 1.0
        due = self._begin_at if self._sent_at is None else self._sent_at + _REPEAT_AFTER
        return max(0.0, due - now)

    def _greet(self) -> None:
        one = self._identity
        self._say("MDHEL", PROTOCOL_VERSION, one.maker, one.model, one.serial_number, one.firmware)

    def _send(self, reading: PlannedReading, now: float) -> None:
        sentences = [sentence for observation in reading.observations for sentence in _fields(observation)]
        for kind, *fields in sentences:
            self._say(kind, reading.reading_id, *fields)
        self._receipt = self._say("MDEND", reading.reading_id, str(len(sentences) + 1))
        self._sent_at = now

    def _say(self, kind: str, *fields: str) -> int:
        sequence = self._sequence
        self._outbox.append(encode(kind, sequence, *fields))
        self._sequence = (sequence + 1) % 65_536
        return sequence


def _fields(observation: Observation) -> list[tuple[str, ...]]:
    match observation:
        case UvFinding():
            return [("MDUVF", str(int(observation.glow)), str(observation.peak_nm), str(observation.intensity))]
        case DotText():
            return [("MDDOT", observation.text, observation.quality or "!" * len(observation.text))]
        case DnaRead():
            return _dna_fields(observation)
        case _:
            raise ValueError(f"MDR carries no {type(observation).__name__}")


def _dna_fields(read: DnaRead) -> list[tuple[str, ...]]:
    quality = read.quality or "!" * len(read.bases)
    starts = range(0, len(read.bases), BASES_A_SENTENCE)
    return [
        (
            "MDDNA",
            str(part),
            str(len(starts)),
            read.bases[start : start + BASES_A_SENTENCE],
            quality[start : start + BASES_A_SENTENCE],
        )
        for part, start in enumerate(starts, 1)
    ]
