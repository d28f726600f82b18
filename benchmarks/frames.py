"""Sentences of the reader protocol on a line: none lost when clean, none accepted when damaged, in step after garbage.

Clean sentences cross a real pseudo-terminal, written by another process. Damaged ones are fed to the framer; the same
damage done to the same payloads under weaker checksums is the control. The processor's share is that of the reading
process, its system calls included, on a line paced at 921 600 bit/s.
"""

import binascii
import multiprocessing
import os
import pty
import random
import sys
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import xor
from pathlib import Path

from benchmarks.report import Claim, argument_parser, publish
from scanner.contract import LineSettings
from scanner.drivers import DRIVERS, driver_named
from scanner.drivers.mdr import MdrDriver
from scanner.framing.sentences import SentenceFramer, encode
from scanner.framing.tally import Tally
from scanner.reading import DotText, Instant, Reading, UvFinding
from scanner.simulator.traffic import frames
from scanner.transport import open_line

_LINE_SPEED = 921_600
_BYTES_A_SECOND = _LINE_SPEED / 10
"""A byte takes ten bits on an 8N1 line."""
_SENTENCES_A_READING = 3
_DOTS = "ABEHKMNPX0123456789?"
_RECORDINGS = Path("tests/scanner/recordings")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    clean: int
    damaged: int
    garbage: int
    paced_seconds: float


FULL = Size(clean=1_000_000, damaged=10_000_000, garbage=10_000, paced_seconds=20.0)
QUICK = Size(clean=60_000, damaged=300_000, garbage=2_000, paced_seconds=4.0)


def planned(number: int) -> tuple[str, tuple[UvFinding, DotText]]:
    """Reading number so and so: the same for writer and reader, so that each can be compared in full."""
    text = "".join(_DOTS[(number >> shift ^ number) % len(_DOTS)] for shift in range(0, 27, 3))
    quality = "".join(chr(33 + (number + place) % 41) for place in range(len(text)))
    return f"R-{number:07d}", (
        UvFinding(glow=True, peak_nm=560 + number % 80, intensity=number % 1001),
        DotText(text, quality),
    )


def spoken(number: int) -> bytes:
    reading_id, (finding, dot) = planned(number)
    start = number * _SENTENCES_A_READING
    return (
        encode("MDUVF", start, reading_id, "1", str(finding.peak_nm), str(finding.intensity))
        + encode("MDDOT", start + 1, reading_id, dot.text, dot.quality)
        + encode("MDEND", start + 2, reading_id, "3")
    )


def _write_all(near: int, data: bytes) -> None:
    while data:
        data = data[os.write(near, data) :]


def _write_clean(near: int, readings: int) -> None:
    numbers = iter(range(readings))
    while batch := list(islice(numbers, 200)):
        _write_all(near, b"".join(map(spoken, batch)))


def _write_paced(near: int, readings: int) -> None:
    """Write at the pace of the line, as a serial port hands it on: a few milliseconds' worth at a time."""
    line = b"".join(map(spoken, range(readings)))
    begun = time.monotonic()
    sent = 0
    while sent < len(line):
        due = min(len(line), int((time.monotonic() - begun) * _BYTES_A_SECOND))
        if due > sent:
            _write_all(near, line[sent:due])
            sent = due
        time.sleep(0.004)


def _through_a_terminal(
    write: Callable[[int, int], None], readings: int
) -> tuple[list[tuple[str, tuple[object, ...]]], MdrDriver, float, float]:
    """What arrives of so many readings: the readings, the driver, and seconds of wall and of processor."""
    near, far = pty.openpty()
    tty.setraw(far)
    line = open_line(os.ttyname(far), LineSettings(baud_rate=_LINE_SPEED))
    writer = multiprocessing.get_context("fork").Process(target=write, args=(near, readings))
    writer.start()
    driver = MdrDriver()
    arrived: list[tuple[str, tuple[object, ...]]] = []
    wall, processor = time.monotonic(), time.process_time()
    while data := line.read(2.0):
        events = driver.receive(data, Instant.now())
        arrived += [(event.reading_id, event.observations) for event in events if isinstance(event, Reading)]
        if len(arrived) == readings:
            break
    spent = time.monotonic() - wall, time.process_time() - processor
    writer.join()
    line.close()
    os.close(near)
    os.close(far)
    return arrived, driver, *spent


def clean(size: Size) -> Iterator[Claim]:
    readings = size.clean // _SENTENCES_A_READING + 1
    sentences = readings * _SENTENCES_A_READING
    arrived, driver, wall, processor = _through_a_terminal(_write_clean, readings)
    wrong = sum(found != planned(number) for number, found in enumerate(arrived))
    lost = sentences - driver.tally.frames
    detail = (
        f"{sentences} sentences, {driver.tally.received} bytes, {wall:.1f} s, reader {processor:.1f} s of processor"
    )
    yield Claim("clean sentences lost on a pseudo-terminal", lost, "", "0", lost == 0, detail)
    yield Claim(
        "clean readings wrong or missing",
        wrong + readings - len(arrived),
        "",
        "0",
        wrong == 0 == readings - len(arrived),
    )
    yield Claim("sentences decoded a second of processor", round(driver.tally.frames / processor), "/s", "", None)


def paced(size: Size) -> Iterator[Claim]:
    each = len(spoken(0))
    readings = int(size.paced_seconds * _BYTES_A_SECOND / each)
    arrived, driver, wall, processor = _through_a_terminal(_write_paced, readings)
    # A busy machine may not keep the pace; what counts is the processor's time for a full line's worth of bytes.
    share = 100 * processor * _BYTES_A_SECOND / driver.tally.received
    whole = len(arrived) == readings
    detail = f"{driver.tally.received / wall:.0f} bytes/s for {wall:.1f} s, {len(arrived)} of {readings} readings"
    yield Claim("of a core for a line at 921 600 bit/s", share, "%", "< 25", whole and share < 25, detail)


class Damager:
    """Damages payloads under a checksum, in five ways; every result differs from every whole sentence."""

    def __init__(self, payloads: list[bytes], seal: Callable[[bytes], bytes], seed: int) -> None:
        self._sealed = [seal(payload) for payload in payloads]
        self._whole = set(self._sealed)
        self._dice = random.Random(seed)
        self._ways = (self._flips, self._flips, self._burst, self._cut, self._joined, self._garbage)

    def __iter__(self) -> Iterator[bytes]:
        choose, ways, sealed, whole = self._dice.random, self._ways, self._sealed, self._whole
        while True:
            damaged = ways[int(choose() * len(ways))](sealed[int(choose() * len(sealed))])
            if damaged[damaged.rfind(b"$") :] not in whole:
                yield damaged

    def _flips(self, frame: bytes) -> bytes:
        damaged = bytearray(frame)
        for _ in range(1 + int(self._dice.random() * 6)):
            place = int(self._dice.random() * len(frame) * 8)
            damaged[place >> 3] ^= 1 << (place & 7)
        return bytes(damaged)

    def _burst(self, frame: bytes) -> bytes:
        length = 2 + int(self._dice.random() * 12)
        start = int(self._dice.random() * (len(frame) - length))
        return frame[:start] + self._dice.randbytes(length) + frame[start + length :]

    def _cut(self, frame: bytes) -> bytes:
        start = int(self._dice.random() * (len(frame) - 2))
        stop = start + 1 + int(self._dice.random() * (len(frame) - start - 1))
        return frame[:start] + frame[stop:]

    def _joined(self, frame: bytes) -> bytes:
        other = self._sealed[int(self._dice.random() * len(self._sealed))]
        return (
            frame[: 1 + int(self._dice.random() * (len(frame) - 1))]
            + other[1 + int(self._dice.random() * (len(other) - 1)) :]
        )

    def _garbage(self, frame: bytes) -> bytes:
        return b"$" + self._dice.randbytes(len(frame) - 3) + b"\r\n"


def _sealed_crc32(payload: bytes) -> bytes:
    return b"$%s*%08X\r\n" % (payload, binascii.crc32(payload))


def _sealed_crc16(payload: bytes) -> bytes:
    return b"$%s*%04X\r\n" % (payload, binascii.crc_hqx(payload, 0xFFFF))


def _sealed_xor(payload: bytes) -> bytes:
    return b"$%s*%02X\r\n" % (payload, reduce(xor, payload, 0))


def _accepted_by_control(damaged: bytes, seal: Callable[[bytes], bytes]) -> bool:
    """Whether a parser that is as strict about form, with the weaker checksum, takes the damaged sentence."""
    start = damaged.rfind(b"$")
    star = damaged.find(b"*", start)
    return 0 <= start < star and damaged[start:] == seal(damaged[start + 1 : star])


def damaged(size: Size) -> Iterator[Claim]:
    payloads = [sentence[1 : sentence.rfind(b"*")] for number in range(700) for sentence in _split(spoken(number))]
    begun = time.monotonic()
    framer = SentenceFramer(tally := Tally())
    stream = iter(Damager(payloads, _sealed_crc32, seed=1))
    fed = 0
    while fed < size.damaged:
        # Each ends in its own line end, so that one sentence's damage does not hide another's.
        batch = [frame + b"\r\n" for frame in islice(stream, 1000)]
        framer.receive(b"".join(batch))
        fed += len(batch)
    detail = f"{fed} damaged sentences, {time.monotonic() - begun:.0f} s"
    yield Claim("damaged sentences accepted, CRC-32", tally.frames, "", "0", tally.frames == 0, detail)
    for name, seal in (("CRC-16", _sealed_crc16), ("exclusive-or of NMEA 0183", _sealed_xor)):
        count = max(size.damaged // 5, 300_000)
        taken = sum(_accepted_by_control(frame, seal) for frame in islice(Damager(payloads, seal, seed=1), count))
        share = f"{count} damaged sentences, {100 * taken / count:.4f} %"
        yield Claim(f"control: the same damage accepted, {name}", taken, "", "> 0", taken > 0, share)


def _split(reading: bytes) -> list[bytes]:
    return [line + b"\n" for line in reading.split(b"\n")[:-1]]


def resynchronised(size: Size) -> Iterator[Claim]:
    dice = random.Random(3)
    whole = spoken(7)
    found = 0
    for _ in range(size.garbage):
        driver = MdrDriver()
        driver.receive(dice.randbytes(dice.randint(0, 4096)), Instant.now())
        events = driver.receive(whole, Instant.now())
        found += len(events) == 1 and isinstance(events[0], Reading) and events[0].reading_id == planned(7)[0]
    yield Claim(
        "readings understood right after 0-4 096 bytes of garbage", found, "", f"{size.garbage}", found == size.garbage
    )
    missed = []
    tried = size.garbage // 20
    for name in (name for name in DRIVERS if name not in {"auto", "mdr"}):
        for number, (raw, said) in enumerate(frames(name, tried)):
            driver = driver_named(name)
            driver.receive(dice.randbytes(dice.randint(0, 512)) + b"\n", Instant.now())
            driver.silence(Instant.now())
            heard = driver.receive(raw, Instant.now()) + driver.silence(Instant.now())
            if not any(isinstance(event, Reading) and event.observations == said for event in heard):
                missed.append(f"{name} {number}")
    detail = f"{tried} frames of each of {len(DRIVERS) - 2} other drivers, garbage, silence, frame"
    yield Claim("frames of other readers missed after garbage and silence", len(missed), "", "0", not missed, detail)


def split() -> Iterator[Claim]:
    now = Instant.now()

    def heard(name: str, pieces: list[bytes]) -> tuple[object, ...]:
        driver = driver_named(name)
        events = [event for piece in pieces for event in driver.receive(piece, now)] + driver.silence(now)
        return events, driver.tally.frames, driver.tally.refused

    different = splits = 0
    recordings = sorted(_RECORDINGS.glob("*.bin"))
    for recording in recordings:
        line, name = recording.read_bytes(), recording.stem.rpartition("-")[0]
        expected = heard(name, [line])
        for cut in range(1, len(line)):
            splits += 1
            different += heard(name, [line[:cut], line[cut:]]) != expected
    detail = f"{splits} splits of {len(recordings)} recordings"
    yield Claim(
        "splits of recorded lines that change what is read", different, "", "0", bool(splits) and not different, detail
    )


def main() -> int:
    parser = argument_parser("frames", __doc__)
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    claims = [*clean(size), *paced(size), *damaged(size), *resynchronised(size), *split()]
    return publish("frames", claims, options, packages=["pyserial"])


if __name__ == "__main__":
    sys.exit(main())
