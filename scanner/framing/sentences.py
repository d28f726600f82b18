r"""MDR sentences: ``$<type>,<seq>,<field>,...*<crc>\r\n`` (docs/reader-protocol.md).

The checksum is CRC-32 as in zlib (ISO-HDLC; check value of ``123456789`` is CBF43926) over the bytes between ``$``
and ``*``. ``$`` never stands inside a sentence, so the reader of the line starts afresh at every one of them.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from scanner.framing.tally import Refusal, Tally

__all__ = ["LONGEST", "Sentence", "SentenceFramer", "encode", "quote"]

LONGEST = 1024
"""Bytes a sentence may have at most, with ``$`` and line end."""
_SEQUENCE_NUMBERS = 65_536
_TAIL = re.compile(rb"\*([0-9A-F]{8})\r\n\Z")
_TAIL_LENGTH = 11
_PAYLOAD = re.compile(rb"([A-Z0-9]{2,12}),([0-9]{1,5})((?:,[\x21-\x29\x2b\x2d-\x7e]*)*)\Z")
_LOOSE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_QUOTED = frozenset(b"$*,%")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence that passed its checksum; ``raw`` is it with ``$`` and line end."""

    kind: str
    sequence: int
    fields: tuple[str, ...]
    raw: bytes


def quote(text: str) -> str:
    """``text`` percent-encoded for a field (RFC 3986, UTF-8): ``$ * , %`` and all outside 0x21-0x7E."""
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in _QUOTED else f"%{byte:02X}" for byte in text.encode()
    )


def encode(kind: str, sequence: int, *fields: str) -> bytes:
    """The bytes of a sentence. Raises ValueError when it would be longer than a sentence may be."""
    payload = ",".join((kind, str(sequence % _SEQUENCE_NUMBERS), *map(quote, fields))).encode("ascii")
    sentence = b"$%s*%08X\r\n" % (payload, zlib.crc32(payload))
    if len(sentence) > LONGEST:
        raise ValueError(f"a sentence of {len(sentence)} bytes; at most {LONGEST} are allowed")
    return sentence


class SentenceFramer:
    """Bytes in, sentences out. Holds at most one unfinished sentence; counts all that it refuses."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._rest = b""

    def receive(self, data: bytes) -> list[Sentence]:
        """The sentences that ``data`` completes, however the bytes were split on their way."""
        self._tally.received += len(data)
        *lines, rest = (self._rest + data).split(b"\n")
        sentences = [sentence for line in lines for sentence in self._sentences(line + b"\n")]
        self._rest = self._unfinished(rest)
        return sentences

    def reset(self) -> None:
        """Forget the unfinished sentence: the line was broken, its other half will not come."""
        if self._rest:
            self._tally.refused[Refusal.CUT_SHORT] += 1
        self._rest = b""

    def _sentences(self, line: bytes) -> Iterator[Sentence]:
        start = line.rfind(b"$")
        if start < 0:
            return
        if line.find(b"$") != start:
            self._refuse_cut(line[:start])
        parsed = _parse(line[start:])
        if isinstance(parsed, Refusal):
            self._tally.refused[parsed] += 1
            return
        self._tally.frames += 1
        self._tally.framed += len(parsed.raw)
        yield parsed

    def _unfinished(self, rest: bytes) -> bytes:
        start = rest.rfind(b"$")
        if start < 0:
            return b""
        if start:
            self._refuse_cut(rest[:start])
            rest = rest[start:]
        if len(rest) >= LONGEST:
            self._tally.refused[Refusal.TOO_LONG] += 1
            return b""
        return rest

    def _refuse_cut(self, before: bytes) -> None:
        """Count the sentences in ``before`` that another ``$`` cut short."""
        pieces = before.split(b"$")[1:]
        too_long = sum(len(piece) + 1 >= LONGEST for piece in pieces)
        if too_long:
            self._tally.refused[Refusal.TOO_LONG] += too_long
        if len(pieces) > too_long:
            self._tally.refused[Refusal.CUT_SHORT] += len(pieces) - too_long


def _parse(candidate: bytes) -> Sentence | Refusal:
    """The sentence that ``candidate`` (from ``$`` to line feed) is, or why it is none."""
    if len(candidate) > LONGEST:
        return Refusal.TOO_LONG
    tail = _TAIL.search(candidate, max(0, len(candidate) - _TAIL_LENGTH))
    if tail is None:
        return Refusal.LINE_END
    payload = candidate[1 : tail.start()]
    if zlib.crc32(payload) != int(tail[1], 16):
        return Refusal.CHECKSUM
    return _fields(payload, candidate)


def _fields(payload: bytes, candidate: bytes) -> Sentence | Refusal:
    parts = _PAYLOAD.match(payload)
    if parts is None or _LOOSE_PERCENT.search(payload):
        return Refusal.CHARACTERS
    sequence = int(parts[2])
    if sequence >= _SEQUENCE_NUMBERS:
        return Refusal.FIELDS
    try:
        fields = tuple(unquote_to_bytes(field).decode("utf-8") for field in parts[3].split(b",")[1:])
    except UnicodeDecodeError:
        return Refusal.CHARACTERS
    return Sentence(parts[1].decode("ascii"), sequence, fields, candidate)
