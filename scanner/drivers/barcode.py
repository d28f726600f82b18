"""1D/2D scanners on a serial line: a line of text for each code, perhaps with an AIM prefix."""

import re

from scanner.contract import Event, LineSettings
from scanner.framing.lines import LineFramer
from scanner.framing.tally import Refusal, Tally
from scanner.reading import Instant, Number, Reading

__all__ = ["SYMBOLOGIES", "BarcodeDriver"]

SYMBOLOGIES = {
    "A": "CODE39",
    "C": "CODE128",
    "d": "DATAMATRIX",
    "E": "EAN",
    "e": "GS1-DATABAR",
    "F": "CODABAR",
    "G": "CODE93",
    "I": "ITF",
    "L": "PDF417",
    "Q": "QR",
    "z": "AZTEC",
}
"""Symbologies by AIM code character (ISO/IEC 15424:2008, table 1); the modifier after it does not matter here."""
_AIM_PREFIX = re.compile(r"\](?P<symbology>[A-Za-z])[0-9A-Za-z](?P<text>.+)\Z", re.DOTALL)
_SAME_AGAIN = 1.5
"""Seconds within which the same code once more is the same look at it: a scanner held still repeats itself."""
_GS1_SEPARATORS = {0x1C: None, 0x1D: None, 0x1E: None, 0x04: None}
"""Separators inside GS1 and ISO/IEC 15434 data, the only control characters that a code rightly holds."""


class BarcodeDriver:
    """Lines to numbers. The code has its own checksum, which the scanner has checked; the line itself has none."""

    name = "barcode"
    line = LineSettings(9600)
    idle_gap = 0.05

    def __init__(self) -> None:
        self.tally = Tally()
        self._framer = LineFramer(self.tally)
        self._before: tuple[Number, float] | None = None

    def prompt(self, now: Instant) -> bytes:  # noqa: ARG002 - a scanner listens to nobody
        """Nothing: a scanner is not spoken to."""
        return b""

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """A reading for each line that ``data`` ends."""
        return self._readings(self._framer.receive(data), now)

    def silence(self, now: Instant) -> list[Event]:
        """A reading for the line that silence has ended."""
        return self._readings(self._framer.silence(), now)

    def acknowledge(self, reading: Reading) -> bytes:  # noqa: ARG002 - a scanner listens to nobody
        """Nothing: a scanner does not listen."""
        return b""

    def disconnect(self) -> None:
        """Half a code is no code."""
        self._framer.reset()

    def _readings(self, lines: list[bytes], now: Instant) -> list[Event]:
        readings: list[Event] = []
        for line in lines:
            number = _number(line)
            if number is None:
                self.tally.refused[Refusal.CHARACTERS] += 1
                continue
            self.tally.frames += 1
            self.tally.framed += len(line)
            before, self._before = self._before, (number, now.monotonic)
            if before and before[0] == number and now.monotonic - before[1] < _SAME_AGAIN:
                self.tally.repeated += 1
                continue
            readings.append(Reading("", (number,), line, now.wall))
        return readings


def _number(line: bytes) -> Number | None:
    text = _text(line)
    if text is None:
        return None
    prefixed = _AIM_PREFIX.match(text)
    if prefixed is None:
        return Number("UNKNOWN", text)
    return Number(SYMBOLOGIES.get(prefixed["symbology"], "UNKNOWN"), prefixed["text"])


def _text(line: bytes) -> str | None:
    """The line as text; None for noise. Scanners send UTF-8 or, older ones, Windows-1252."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        # 0xFF is what a floating line sends, and hardly ever a letter.
        if b"\xff" in line:
            return None
        text = line.decode("cp1252", errors="replace")
    return text if text.strip() and _printable(text) else None


def _printable(text: str) -> bool:
    return "\ufffd" not in text and text.translate(_GS1_SEPARATORS).isprintable()
