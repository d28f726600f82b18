"""Base-called reads as FASTQ on a line: a portable sequencer, or a laboratory's answer through a pipe.

Four lines a record: ``@name``, bases, ``+``, quality in Phred+33 (Cock et al. 2010, Nucleic Acids Research 38(6)).
"""

import re

from scanner.contract import Event, LineSettings
from scanner.framing.tally import Refusal, Tally
from scanner.reading import DnaRead, Instant, Reading

__all__ = ["FastqDriver"]

_LONGEST_LINE = 262_144
"""Bytes of a line; reads of a portable sequencer are rarely longer than 100 000 bases."""
_BASES = re.compile(rb"[ACGTN]+\Z")
_QUALITY = re.compile(rb"[!-~]+\Z")
_NAME = re.compile(rb"@(?P<id>[!-~]{1,64})(?: [ -~]*)?\Z")


class FastqDriver:
    """Records to readings. FASTQ has no checksum: a record counts when all four lines agree with each other."""

    name = "fastq"
    line = LineSettings()
    idle_gap = 0.5

    def __init__(self) -> None:
        self.tally = Tally()
        self._rest = b""
        self._lines: list[bytes] = []
        self._overlong = False
        self._in_step = True

    def prompt(self, now: Instant) -> bytes:  # noqa: ARG002 - a stream of reads is not spoken to
        """Nothing: a stream of reads is not spoken to."""
        return b""

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """A reading for each record that ``data`` completes."""
        self.tally.received += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        events = [event for line in lines for event in self._take(line, now)]
        if len(self._rest) > _LONGEST_LINE:
            self._overlong = True
            self._rest = b""
        return events

    def silence(self, now: Instant) -> list[Event]:
        """A reading for a last record whose quality ends without a line end."""
        bases = self._lines[1].rstrip(b"\r") if len(self._lines) == 3 else b""
        if not bases or len(self._rest) != len(bases):
            return []
        line, self._rest = self._rest, b""
        return self._take(line, now)

    def acknowledge(self, reading: Reading) -> bytes:  # noqa: ARG002 - a stream of reads does not listen
        """Nothing: a stream of reads does not listen."""
        return b""

    def disconnect(self) -> None:
        """Half a record is no record."""
        if self._rest or self._lines:
            self.tally.refused[Refusal.CUT_SHORT] += 1
        self._rest = b""
        self._lines.clear()
        self._overlong = False
        self._in_step = True

    def _take(self, line: bytes, now: Instant) -> list[Event]:
        if self._overlong or len(line) > _LONGEST_LINE:
            self._overlong = False
            self._lines.clear()
            self._refuse(Refusal.TOO_LONG)
            return []
        self._lines.append(line)
        events: list[Event] = []
        # A line out of place is dropped until what is left may begin a record; its rest may hold the next one.
        while (wrong := _first_wrong(self._lines)) is not None:
            if self._lines.pop(0).strip():
                self._refuse(wrong)
        if len(self._lines) == 4:
            events.append(self._reading(now))
        return events

    def _refuse(self, reason: Refusal) -> None:
        if self._in_step:
            self.tally.refused[reason] += 1
        self._in_step = False

    def _reading(self, now: Instant) -> Reading:
        raw = b"\n".join(self._lines) + b"\n"
        name, bases, _, quality = (line.rstrip(b"\r") for line in self._lines)
        self._lines.clear()
        self._in_step = True
        self.tally.frames += 1
        self.tally.framed += len(raw)
        found = _NAME.match(name)
        reading_id = found["id"].decode("ascii") if found else ""
        return Reading(reading_id, (DnaRead(bases.decode("ascii"), quality.decode("ascii")),), raw, now.wall)


def _first_wrong(lines: list[bytes]) -> Refusal | None:
    """Why ``lines``, at most four, cannot be the beginning of a record; None when they can."""
    name, bases, plus, quality = (*(line.rstrip(b"\r") for line in lines), None, None, None, None)[:4]
    if name is None:
        return None
    if not _NAME.match(name):
        return Refusal.UNKNOWN
    if bases is not None and not _BASES.match(bases):
        return Refusal.CHARACTERS
    if plus is not None and not plus.startswith(b"+"):
        return Refusal.CUT_SHORT
    if quality is not None and bases is not None and (len(quality) != len(bases) or not _QUALITY.match(quality)):
        return Refusal.INCOMPLETE
    return None
