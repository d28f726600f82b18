"""Lines of text as 1D/2D scanners send them: ended by CR, LF, CRLF or Tab, or by silence."""

import re

from scanner.framing.tally import Refusal, Tally

__all__ = ["LONGEST", "LineFramer"]

LONGEST = 8192
"""Bytes a line may have at most. The largest QR code holds 7 089 digits (ISO/IEC 18004:2015, table 7)."""
_END = re.compile(rb"[\r\n\t]")


class LineFramer:
    """Bytes in, lines out, without their ends. Holds at most one unfinished line of ``LONGEST`` bytes.

    Empty lines are no lines, so CRLF needs no rule of its own. A line that grows too long is refused as a whole: its
    rest is dropped up to the next end.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._rest = b""
        self._overlong = False

    def receive(self, data: bytes) -> list[bytes]:
        """The lines that ``data`` completes."""
        self._tally.received += len(data)
        *lines, rest = _END.split(self._rest + data)
        complete = [line for line in map(self._complete, lines) if line]
        self._rest = rest
        if len(rest) > LONGEST:
            self._overlong = True
            self._rest = b""
        return complete

    def silence(self) -> list[bytes]:
        """The line that silence on the wire has ended, if one was begun."""
        line = self._complete(self._rest)
        self._rest = b""
        return [line] if line else []

    def reset(self) -> None:
        """Forget the unfinished line: the port is gone, and half a number must not become a whole one."""
        if self._rest or self._overlong:
            self._tally.refused[Refusal.CUT_SHORT] += 1
        self._rest = b""
        self._overlong = False

    def _complete(self, line: bytes) -> bytes:
        if self._overlong or len(line) > LONGEST:
            self._overlong = False
            self._tally.refused[Refusal.TOO_LONG] += 1
            return b""
        return line
