"""Files that people give a station, and files that it keeps: profiles, readings, journal, enrolment."""

import contextlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fuzz_targets.target import Target

__all__ = ["TARGETS", "in_memory"]

_SCANNER = ("scanner",)
_PROFILE = r"""name = "gate-reader"
description = "x"
symbology = "EM4100"
number = "{tag:010X}"
[frame]
start = "02"
end = "03"
pattern = '\x02(?P<tag>[0-9A-F]{10})..\x03'
[[checksum]]
kind = "xor"
first = 1
stop = 11
at = 11
covers = "hex"
written = "hex"
[field.tag]
read_as = "hex"
[[example]]
frame = "02 30 46 30 31 38 34 46 30 37 41 42 42 03"
number = "0F0184F07A"
"""


def in_memory() -> Path:
    """A folder in the one that whoever starts a run made for it in the machine's memory, and takes away after it.

    The fuzzer ends its process without a last word, so that nothing can be tidied up in it.
    """
    return Path(tempfile.mkdtemp(prefix="markdna-fuzzing-", dir=os.environ["RUNTIME_DIRECTORY"]))


def _profile() -> Callable[[bytes], None]:
    """A profile; if it is one, its examples are explained and its driver reads them, in two pieces and broken."""
    from scanner.drivers.profiled import ProfiledDriver  # noqa: PLC0415
    from scanner.errors import BadProfileError  # noqa: PLC0415
    from scanner.profiles.checking import first_difference, hex_lines  # noqa: PLC0415
    from scanner.profiles.profile import load_profile  # noqa: PLC0415
    from scanner.reading import Instant  # noqa: PLC0415

    now = Instant(datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC), 1000.0)
    file = in_memory() / "profile.toml"

    def feed(data: bytes) -> None:
        file.write_bytes(data)
        try:
            profile = load_profile(file)
        except BadProfileError:
            return
        driver = ProfiledDriver(profile)
        for example in profile.example:
            difference = first_difference(profile, example)
            if difference is not None:
                difference.template.format(**difference.values)
                hex_lines(example.frame, difference.at)
            middle = len(example.frame) // 2
            for piece in (example.frame[:middle], example.frame[middle:], example.frame[1:], example.frame[::-1]):
                driver.receive(piece, now)
                driver.silence(now)

    return feed


def _profile_seeds() -> list[bytes]:
    from importlib import resources  # noqa: PLC0415

    folder = resources.files("scanner.profiles")
    shipped = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".toml")]
    return [_PROFILE.encode(), *sorted(shipped)]


def _readings() -> Callable[[bytes], None]:
    """A file of readings for the virtual reader; the first byte chooses its kind."""
    from scanner.drivers.virtual import VirtualReader  # noqa: PLC0415
    from scanner.errors import BadReadsFileError  # noqa: PLC0415
    from scanner.simulator.reads_file import planned_readings, reader_identity  # noqa: PLC0415

    folder = in_memory()
    files = [folder / f"reads{suffix}" for suffix in (".fastq", ".toml", ".json", ".csv")]

    def feed(data: bytes) -> None:
        file = files[data[0] % len(files)] if data else files[0]
        file.write_bytes(data[1:])
        with contextlib.suppress(BadReadsFileError):
            readings = planned_readings(file)
            reader = VirtualReader(reader_identity(file), readings[:3])
            reader.connected(0.0)
            reader.output(2.0)

    return feed


def _reading_seeds() -> list[bytes]:
    row = {"id": "R-1", "glow": True, "peak_nm": 612, "dot": "ENX?O9494", "bases": "ACGT", "bases_quality": "IIII"}
    return [
        b"\0@read-1 ch=3\nACGTN\n+\nIIII!\n@read-2\nAC\n+\nII\n",
        b'\1[reader]\nmaker = "M"\n[[reading]]\nid = "R-1"\ndot = "ABC"\n',
        b"\2" + json.dumps([row]).encode(),
        b"\3id,glow,dot,bases\nR-1,true,ABC,ACGT\nR-2,,,ACGTN\n",
    ]


def _journal() -> Callable[[bytes], None]:
    """A journal with these records; an even first byte gives each line a true checksum, an odd one leaves it as it is.

    Whatever it holds, it opens, tells its contents, takes a reading and has it when it is opened again.
    """
    from scanner.journal import Journal, contents  # noqa: PLC0415
    from scanner.reading import DotText, Reading  # noqa: PLC0415
    from scanner.sealing import SealingKey  # noqa: PLC0415

    folder = in_memory()
    path = folder / "readings.journal"
    key = SealingKey(bytes([9] + [0] * 31))
    reading = Reading("R-new", (DotText("ABC", "III"),), b"raw", datetime(2026, 11, 22, tzinfo=UTC))

    def feed(data: bytes) -> None:
        lines = data[1:]
        if data and not data[0] % 2:
            lines = b"".join(b"%08X %s\n" % (zlib.crc32(line), line) for line in lines.split(b"\n"))
        path.write_bytes(lines)
        with contextlib.closing(Journal(folder, key)) as journal:
            entry = journal.next_waiting()
            if entry:
                json.loads(entry.body)
            before = journal.counts().waiting
            stored = journal.store(reading, "5000-K1-26")
        list(contents(folder))
        with contextlib.closing(Journal(folder, key)) as journal:
            if stored and journal.counts().waiting != before + 1:
                raise AssertionError(f"{journal.counts().waiting} wait, {before + 1} stored")
            if journal.store(reading, "5000-K1-26") is not None:
                raise AssertionError("the same reading was stored twice")
        for torn in folder.glob("*.torn-*"):
            torn.unlink()

    return feed


def _journal_seeds() -> list[bytes]:
    message: dict[str, Any] = {
        "record": "message",
        "lane": "ab/0",
        "seen": ["00" * 16, "11" * 16],
        "segment": "ab" * 16,
    }
    message |= {"sequence": 1, "previous": "00" * 32, "sealed": "QUJD"}
    outcome = {"record": "outcome", "key": f"{'ab' * 16}:1", "settlement": "accepted", "detail": {"id": 7}}
    lines = [json.dumps(one, separators=(",", ":")).encode() for one in (message, {**message, "sequence": 2}, outcome)]
    summed = b"".join(b"%08X %s\n" % (zlib.crc32(line), line) for line in lines)
    return [b"\0" + b"\n".join(lines), b"\1" + summed, b"\1" + summed[:-9], b"\1not a record\n" + summed]


def _enrolment() -> Callable[[bytes], None]:
    """The file that makes a machine a station."""
    from scanner.enrolment import load  # noqa: PLC0415
    from scanner.errors import BadEnrolmentError  # noqa: PLC0415

    folder = in_memory()

    def feed(data: bytes) -> None:
        (folder / "station.json").write_bytes(data)
        with contextlib.suppress(BadEnrolmentError):
            enrolment = load(folder)
            if enrolment:
                enrolment.sign(b"content")

    return feed


def _enrolment_seeds() -> list[bytes]:
    key = "A" * 43 + "="
    content = {"registry": "https://r.example", "name": "S", "organisation": "P", "message_key": key}
    return [json.dumps(content | {"token": "t", "signing_key": one}).encode() for one in ("", key)]


def _labels() -> Callable[[bytes], None]:
    """A list of labels in CSV, and numbers of stickers as a person types them."""
    from labels import markcode  # noqa: PLC0415
    from labels.content_file import labels_in  # noqa: PLC0415
    from labels.errors import ContentError, MarkCodeError  # noqa: PLC0415

    file = in_memory() / "labels.csv"

    def feed(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(ContentError):
            list(labels_in(file, "https://m.example"))
        with contextlib.suppress(MarkCodeError):
            markcode.parse(data.decode("utf-8", errors="replace"))

    return feed


def _label_seeds() -> list[bytes]:
    return [b"number,url\n7K,https://m.example/7K\n", b"number;url\n;\n", b"7KQM-2RXW-93FD", b"\xef\xbb\xbfnumber\n7\n"]


TARGETS: dict[str, Target] = {
    "reader profile (TOML)": Target(
        _profile,
        _profile_seeds,
        ("scanner", "tomllib"),
        ("[frame]", "[[checksum]]", "length_field", "pattern = ", "(?P<tag>", "kind = ", "crc16-modbus", "{tag:d}"),
    ),
    "files of readings (FASTQ, TOML, JSON, CSV)": Target(
        _readings, _reading_seeds, ("scanner", "tomllib"), ("[reader]", "[[reading]]", "bases", "dot_quality", "id = ")
    ),
    "journal file": Target(
        _journal,
        _journal_seeds,
        _SCANNER,
        (
            '\\"record\\":',
            '\\"outcome\\"',
            '\\"message\\"',
            '\\"key\\":',
            '\\"seen\\":',
            '\\"sealed\\":',
            "null",
            "[]",
            "{}",
        ),
    ),
    "enrolment file": Target(
        _enrolment, _enrolment_seeds, _SCANNER, ('\\"token\\":', '\\"signing_key\\":', "null", "[[[[")
    ),
    "label lists (CSV) and sticker numbers": Target(_labels, _label_seeds, ("labels",), ("number", "url", ";", '\\"')),
}
