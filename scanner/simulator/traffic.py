"""What each kind of reader sends, made up: frames with invented numbers, and what a station ought to read from them.

The frames are built here from the makers' descriptions, not with the drivers' own rules, so that a mistake in a rule
shows. ``Chatter`` is a reader that sends such frames and listens to nobody.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from itertools import islice
from operator import xor

from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.errors import UnknownDriverError
from scanner.framing.sentences import encode
from scanner.reading import DnaRead, DotText, Number, Observation, ReaderIdentity, UvFinding

__all__ = ["TRAFFIC", "Chatter", "device", "frames"]

Traffic = Callable[[random.Random], tuple[bytes, tuple[Observation, ...]]]

_IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _parity(data: bytes) -> int:
    return reduce(xor, data, 0)


def _barcode(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    prefix, symbology = dice.choice((("]Q1", "QR"), ("]C0", "CODE128"), ("]d1", "DATAMATRIX"), ("", "UNKNOWN")))
    text = "HTTPS://MARK.EXAMPLE/" + "".join(dice.choices(_CROCKFORD, k=14))
    end = dice.choice(("\r", "\n", "\r\n", "\t"))
    return f"{prefix}{text}{end}".encode(), (Number(symbology, text),)


def _fastq(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    length = dice.randint(20, 300)
    bases = "".join(dice.choices("ACGTN", k=length))
    quality = "".join(chr(dice.randint(33, 126)) for _ in range(length))
    record = f"@read-{dice.getrandbits(64):016x} ch={dice.randint(1, 512)}\n{bases}\n+\n{quality}\n"
    return record.encode(), (DnaRead(bases, quality),)


def _em4100(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    tag = dice.randbytes(5)
    digits = (tag + bytes([_parity(tag)])).hex()
    return dice.choice((digits, digits.upper())).encode(), (Number("EM4100", tag.hex().upper()),)


def _parallax(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    tag = dice.randbytes(5).hex().upper()
    return f"\n{tag}\r".encode(), (Number("EM4100", tag),)


def _multi_card(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    tag = dice.randbytes(5)
    covered = b"\x0a\x02" + tag
    return b"\x02" + covered + bytes([_parity(covered)]) + b"\x03", (Number("EM4100", tag.hex().upper()),)


def _animal(dice: random.Random) -> tuple[int, int]:
    """Country or maker, and a number of up to 38 bits (ISO 11784)."""
    return dice.choice((752, 900, 941, 982, 985)), dice.randrange(1 << 38)


def _iso_11784(country: int, number: int) -> tuple[Observation, ...]:
    return (Number("ISO11784", f"{country:03d} {number:012d}"),)


def _wl_134a(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    country, number = _animal(dice)
    digits = f"{number:010X}"[::-1] + f"{country:04X}"[::-1] + "010000000000"
    check = _parity(digits.encode())
    return b"\x02" + digits.encode() + bytes([check, check ^ 0xFF]) + b"\x03", _iso_11784(country, number)


def _fdx_module(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    country, number = _animal(dice)
    covered = b"\x0f\x08\x00" + country.to_bytes(2, "big") + number.to_bytes(5, "big")
    return b"\xaa" + covered + bytes([_parity(covered)]) + b"\xbb", _iso_11784(country, number)


def _allflex(dice: random.Random) -> tuple[bytes, tuple[Observation, ...]]:
    country, number = _animal(dice)
    more = dice.choice(("", " 20261122 150405"))
    return f"LA {country:03d} {number:012d}{more}\r\n".encode(), _iso_11784(country, number)


TRAFFIC: Mapping[str, Traffic] = {
    "barcode": _barcode,
    "fastq": _fastq,
    "em4100": _em4100,
    "parallax-28140": _parallax,
    "multi-card": _multi_card,
    "wl-134a": _wl_134a,
    "fdx-module": _fdx_module,
    "allflex": _allflex,
}
"""For each driver whose readers speak without being spoken to: one frame, and what it says."""


def _mdr_readings(dice: random.Random) -> Iterator[tuple[bytes, tuple[Observation, ...]]]:
    sequence = 0
    while True:
        reading_id = f"R-{dice.getrandbits(48):012X}"
        dot = "".join(dice.choices("ABEHKMNPX0123456789?", k=9))
        quality = "".join(chr(dice.randint(33, 73)) for _ in dot)
        finding = UvFinding(glow=True, peak_nm=dice.randint(560, 640), intensity=dice.randint(100, 1000))
        sentences = (
            ("MDUVF", "1", str(finding.peak_nm), str(finding.intensity)),
            ("MDDOT", dot, quality),
            ("MDEND", "3"),
        )
        raw = b"".join(
            encode(kind, sequence + number, reading_id, *fields) for number, (kind, *fields) in enumerate(sentences)
        )
        sequence = (sequence + len(sentences)) % 65_536
        yield raw, (finding, DotText(dot, quality))


def frames(driver: str, count: int, seed: int = 0) -> list[tuple[bytes, tuple[Observation, ...]]]:
    """``count`` readings of that driver's readers, each with its bytes. Raises UnknownDriverError."""
    dice = random.Random(seed)  # noqa: S311 - traffic is to be repeatable, not secret
    if driver == "mdr":
        return list(islice(_mdr_readings(dice), count))
    if driver not in TRAFFIC:
        raise UnknownDriverError(driver=driver, allowed=", ".join(("mdr", *TRAFFIC)))
    return [TRAFFIC[driver](dice) for _ in range(count)]


class Chatter:
    """A reader that says one frame after the other, ``interval`` seconds apart, and listens to nobody."""

    def __init__(self, said: list[bytes], interval: float) -> None:
        self._said = said
        self._interval = interval
        self._next = 0
        self._due = 0.0

    @property
    def finished(self) -> bool:
        """Every frame has been said once."""
        return self._next >= len(self._said)

    def connected(self, now: float) -> None:
        """Somebody opened the port: begin when the line has come to rest."""
        self._due = now + 0.2

    def receive(self, data: bytes, now: float) -> None:
        """Nothing is listened to."""

    def output(self, now: float) -> list[bytes]:
        """The frame that is due."""
        if self.finished or now < self._due:
            return []
        self._due = now + self._interval
        self._next += 1
        return [self._said[self._next - 1]]

    def wait(self, now: float) -> float:
        """Seconds until the next frame is due."""
        return 1.0 if self.finished else max(0.0, self._due - now)


def device(driver: str, count: int, interval: float, seed: int) -> VirtualReader | Chatter:
    """A reader of that driver with made-up readings. Raises UnknownDriverError."""
    made = frames(driver, count, seed)
    if driver != "mdr":
        return Chatter([raw for raw, _ in made], interval)
    plan = [PlannedReading(f"R-{number:06d}", observations) for number, (_, observations) in enumerate(made, 1)]
    return VirtualReader(_IDENTITY, plan, interval)
