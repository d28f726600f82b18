"""FASTQ as it streams from a file or a pipe, plain or compressed: records of four lines, whatever the size.

Format: Cock et al. 2010, Nucleic Acids Research 38:1767, without line breaks inside bases or qualities, as sequencers
and base callers write it.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from registry.errors import RegistryError

__all__ = ["DamagedFastqError", "FastqRecord", "lines_of", "read_fastq"]

LONGEST_LINE = 4_000_000
"""Bytes; the longest nanopore reads known are about so long."""
_READ_AHEAD = 1 << 20
_GZIP = b"\x1f\x8b"


class DamagedFastqError(RegistryError):
    """A FASTQ record is not whole, e.g. its quality is shorter than its bases, or the file ends inside it."""

    template = "Line {line} of the FASTQ data: {problem}. Allowed: {allowed}."


@dataclass(frozen=True, slots=True)
class FastqRecord:
    """One read: its name (the header's first word), bases and Phred+33 quality of the same length."""

    name: str
    bases: str
    quality: str


def lines_of(raw: io.RawIOBase) -> Iterator[bytes]:
    """The lines of an open file or pipe, unpacked when it is gzip (RFC 1952), as it tells by its first two bytes.

    Takes a raw file, so that ``raw.tell()`` says how much has been read, and gives each line as soon as it is there.
    Raises DamagedFastqError where compressed data is damaged or ends early.
    """
    packed = io.BufferedReader(raw, _READ_AHEAD)
    number = 0
    try:
        if packed.peek(2)[:2] != _GZIP:
            yield from packed
            return
        for line in io.BufferedReader(gzip.GzipFile(fileobj=packed), _READ_AHEAD):
            yield line
            number += 1
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        problem = "the compressed data is damaged or ends early"
        raise DamagedFastqError(line=number + 1, problem=problem, allowed="a whole gzip file") from fault
    finally:
        # The raw file is the caller's, who may have closed it: a buffer that is thrown away would close it.
        with suppress(ValueError):
            packed.detach()


def read_fastq(lines: Iterable[bytes]) -> Iterator[FastqRecord]:
    """The records of a FASTQ stream given as lines of bytes, such as a file open in binary mode.

    Empty lines between records and CRLF line ends are accepted. Raises DamagedFastqError at the first record that is
    not whole; the records before it have been given.
    """
    numbered = enumerate(lines, start=1)
    for number, raw in numbered:
        header = _line(number, raw)
        if not header:
            continue
        if not header.startswith("@"):
            raise DamagedFastqError(line=number, problem="a record begins with another sign", allowed="@ and a name")
        bases = _line(*_next(numbered, number))
        plus_number, plus_raw = _next(numbered, number)
        if not _line(plus_number, plus_raw).startswith("+"):
            raise DamagedFastqError(line=plus_number, problem="the line between bases and quality", allowed="+")
        quality_number, quality_raw = _next(numbered, number)
        quality = _line(quality_number, quality_raw)
        if len(quality) != len(bases):
            problem = f"{len(quality)} qualities for {len(bases)} bases"
            raise DamagedFastqError(line=quality_number, problem=problem, allowed="as many as bases")
        words = header[1:].split(maxsplit=1)
        yield FastqRecord(words[0] if words else "", bases, quality)


def _next(numbered: Iterator[tuple[int, bytes]], start: int) -> tuple[int, bytes]:
    found = next(numbered, None)
    if found is None:
        raise DamagedFastqError(line=start, problem="the data ends inside this record", allowed="four lines a record")
    return found


def _line(number: int, raw: bytes) -> str:
    if len(raw) > LONGEST_LINE:
        problem = f"it has {len(raw)} bytes"
        raise DamagedFastqError(line=number, problem=problem, allowed=f"at most {LONGEST_LINE}")
    try:
        return raw.rstrip(b"\r\n").decode("ascii")
    except UnicodeDecodeError as fault:
        problem = f"byte {raw[fault.start]:#04x} at place {fault.start + 1}"
        raise DamagedFastqError(line=number, problem=problem, allowed="ASCII characters") from fault
