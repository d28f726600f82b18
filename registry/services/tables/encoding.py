"""In which encoding a file is written, and its lines as text.

Municipal exports are Windows-1252 as often as UTF-8. A line with å, ä or ö in Windows-1252 is never valid UTF-8 in
practice, so each line with such letters votes; a file where both kinds occur was glued together and is refused.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from registry.services.tables.remarks import Reason, Remarks
from registry.services.tables.source import Progress, Source

__all__ = ["Encoding", "decoded_lines", "find_encoding"]

_BOM = b"\xef\xbb\xbf"
_BOMS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LINES_BETWEEN_PROGRESS = 2000
_NAMES = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}


class Encoding(StrEnum):
    """How bytes become text; AUTO finds out."""

    AUTO = "auto"
    UTF8 = "utf-8"
    WINDOWS = "cp1252"


def find_encoding(source: Source, remarks: Remarks) -> Encoding:
    """UTF-8 or Windows-1252, by what the lines say; a mixture is noted as fatal."""
    unicode_line = windows_line = 0
    with source.open() as file:
        for number, raw in enumerate(file, start=1):
            if raw.isascii():
                continue
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                windows_line = windows_line or number
            else:
                unicode_line = unicode_line or number
            if number == 1 and raw.startswith((_BOM, *_BOMS_OF_UTF16)):
                return Encoding.UTF8
            if unicode_line and windows_line:
                remarks.add(max(unicode_line, windows_line), "", "", Reason.MIXED_ENCODING, fatal=True)
                return Encoding.UTF8
    return Encoding.WINDOWS if windows_line else Encoding.UTF8


def decoded_lines(file: BinaryIO, encoding: Encoding, size: int, remarks: Remarks, progress: Progress) -> Iterator[str]:
    """The lines of ``file`` as text with their line ends; what is no text is noted as fatal and shown as U+FFFD."""
    done = 0
    for number, raw in enumerate(file, start=1):
        done += len(raw)
        line = raw
        if number == 1:
            if raw.startswith(_BOMS_OF_UTF16):
                remarks.add(1, "", "", Reason.UTF16, fatal=True)
                return
            line = raw.removeprefix(_BOM)
        if b"\0" in line:
            remarks.add(number, "", "", Reason.NUL, fatal=True)
            line = line.replace(b"\0", b"")
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError as fault:
            byte = f"0x{line[fault.start]:02X}"
            remarks.add(number, "", byte, Reason.NOT_DECODABLE, fatal=True, encoding=_NAMES[encoding])
            yield line.decode(encoding, errors="replace")
        if number % _LINES_BETWEEN_PROGRESS == 0:
            progress(done, size)
    progress(size, size)
