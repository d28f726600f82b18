"""What readers send and registries answer: every driver, the registry's client, and a driver with a planted fault."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from benchmarks.fuzz_targets.target import Target

__all__ = ["CONTROL", "TARGETS"]

CONTROL = "control: a driver that trusts its length field"
_SCANNER = ("scanner",)
_LONGEST_HELD: Mapping[str, int] = {"mdr": 60_000, "barcode": 8192, "fastq": 262_144, "auto": 340_000}
"""Bytes that a driver may hold between two reads; the others hold one frame."""
_LONGEST_TAKEN = 1024
_SYMBOLS = ("$MDHEL,", "$MDUVF,", "$MDDOT,", "$MDDNA,", "$MDEND,", "$MDERR,", "*", "\\x0D\\x0A", "%24")
_DRIVERS = ("mdr", "barcode", "fastq", "em4100", "parallax-28140", "multi-card", "wl-134a", "fdx-module", "allflex")


def _held(thing: Any, depth: int = 5) -> int:
    """Bytes that an object holds in byte strings, directly or within."""
    if isinstance(thing, bytes | bytearray):
        return len(thing)
    if depth == 0:
        return 0
    if isinstance(thing, dict):
        parts = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple):
        parts = list(thing)
    else:
        parts = list(getattr(thing, "__dict__", {}).values())
    return sum(_held(part, depth - 1) for part in parts)


def _driver(name: str) -> Callable[[], Callable[[bytes], None]]:
    """The first byte says in pieces of how many bytes the rest arrives; read whole it must say the same."""

    def prepare() -> Callable[[bytes], None]:
        from scanner.drivers import driver_named  # noqa: PLC0415
        from scanner.reading import Instant  # noqa: PLC0415

        now = Instant(datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC), 1000.0)
        limit = _LONGEST_HELD.get(name, 1024)

        def feed(data: bytes) -> None:
            size, line = 1 + data[0] % 64 if data else 1, data[1:]
            whole, parts = driver_named(name), driver_named(name)
            expected = whole.receive(line, now) + whole.silence(now)
            found = []
            for at in range(0, len(line), size):
                found += parts.receive(line[at : at + size], now)
                if at % 512 < size and _held(parts) > limit:
                    raise AssertionError(f"{_held(parts)} bytes held, {limit} allowed")
            found += parts.silence(now)
            # Which driver takes over depends on what was heard first; each by itself does not depend on pieces.
            if name != "auto" and (found != expected or parts.tally != whole.tally):
                raise AssertionError(f"in pieces of {size}: {found}, as a whole: {expected}")
            parts.disconnect()
            if parts.silence(now):
                raise AssertionError("half a frame became a reading when the port was gone")

        return feed

    return prepare


def _seeds(name: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        from scanner.simulator.damage import Damage  # noqa: PLC0415
        from scanner.simulator.traffic import frames  # noqa: PLC0415

        said = [raw for raw, _ in frames(name, 6, seed=5)]
        spoil = Damage(1.0, seed=6)
        dice = random.Random(7)
        broken = [dice.randbytes(9) + spoil(raw) + b"\0\xff" + raw for raw in said[:3]]
        return [bytes([size]) + line for size, line in zip((0, 6, 30, 63) * 3, [*said, *broken], strict=False)]

    return seeds


def _sentences() -> Callable[[bytes], None]:
    """MDR sentences whose checksum is true: each line of the input is what stands between ``$`` and ``*``."""
    import zlib  # noqa: PLC0415

    feed_line = _driver("mdr")()

    def feed(data: bytes) -> None:
        payloads = [line for line in data[1:].split(b"\n") if line]
        feed_line(data[:1] + b"".join(b"$%s*%08X\r\n" % (line, zlib.crc32(line)) for line in payloads))

    return feed


def _sentence_seeds() -> list[bytes]:
    return [seed[:1] + b"\n".join(part.partition(b"*")[0] for part in seed.split(b"$")[1:]) for seed in _seeds("mdr")()]


def _accepted_by_the_register() -> Callable[[bytes], None]:
    """What any driver reads must be a body that the registry takes, or it would be refused for ever.

    A code of more than 1 024 characters, or a read of more than 4 096 bases, it does refuse, and says so.
    """
    from registry.api.shapes import ReadingBody  # noqa: PLC0415
    from registry.api.strict_json import parse  # noqa: PLC0415
    from scanner.drivers import driver_named  # noqa: PLC0415
    from scanner.reading import Instant, Reading  # noqa: PLC0415

    now = Instant(datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC), 1000.0)

    def feed(data: bytes) -> None:
        name = _DRIVERS[data[0] % len(_DRIVERS)] if data else "mdr"
        driver = driver_named(name)
        # A line may be longer than an input: the second byte says how often the rest is repeated.
        line = data[2:] * (1 + (data[1] if len(data) > 1 else 0) % 8)
        for event in driver.receive(line, now) + driver.silence(now):
            if isinstance(event, Reading) and len(event.raw) <= _LONGEST_TAKEN:
                body = event.as_json("5000-K1-26", event.reading_id or "0" * 32 + ":1")
                parse(json.dumps(body).encode(), ReadingBody)

    return feed


def _all_seeds() -> list[bytes]:
    return [bytes([number, 0]) + seed[1:] for number, name in enumerate(_DRIVERS) for seed in _seeds(name)()[:4]]


_STATUSES = (200, 201, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 302)
_TYPES = ("application/json", "application/problem+json", "text/html", "application/json; charset=utf-16", "")
_RETRIES = ("", "5", "Fri, 27 Nov 2026 12:00:00 GMT", "99999999999999999999", "-1")
_ANSWERS: tuple[dict[str, Any], ...] = (
    {"id": 1, "verdict": "identified", "grade": 4, "searched": 10, "reading_id": "R-1", "duplicate": False}
    | {"candidates": [{"kit_code": "SDNA-1", "grade": 4, "posterior": 0.9, "item": "Cykel", "reported_stolen": True}]},
    {"id": 2, "verdict": "not_registered", "supplier": {"name": "Lab", "phone": "08", "email": "a@b.example"}},
    {"id": 3, "verdict": "identified", "sticker": {"number": "7K", "item": "Båt", "reported_stolen": True}},
    {"type": "about:blank", "title": "Bad", "status": 422, "detail": "no", "field": "raw", "allowed": "base64"},
    {"name": "Station", "organisation": "Polisen", "message_key": "A" * 43 + "=", "token": "secret"},
    {"items": [{"label": "2:1", "description": "Cykel", "handed_over": False}]},
)


def _answers() -> Callable[[bytes], None]:
    """Three bytes choose status, kind and Retry-After of an answer whose body follows; then it is shown."""
    import contextlib  # noqa: PLC0415
    import io  # noqa: PLC0415

    import httpx  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from scanner.errors import EnrolmentRefusedError  # noqa: PLC0415
    from scanner.framing.tally import Tally  # noqa: PLC0415
    from scanner.journal import JournalCounts  # noqa: PLC0415
    from scanner.registry_client import Accepted, Refused, RegistryClient  # noqa: PLC0415
    from scanner.screen import TerminalView  # noqa: PLC0415

    answer = [httpx.Response(200)]
    client = RegistryClient("http://127.0.0.1:1")
    transport = httpx.MockTransport(lambda _request: answer[0])
    client._http = httpx.Client(base_url=client.address, transport=transport)  # noqa: SLF001 - no line, the rest as it is
    screen = io.StringIO()
    view = TerminalView(Console(file=screen, width=100), str, lambda: JournalCounts(0, 0, 0, 0), Tally)

    def feed(data: bytes) -> None:
        first, second, third = (*data[:3], 0, 0, 0)[:3]
        headers = {"content-type": _TYPES[second % len(_TYPES)], "retry-after": _RETRIES[third % len(_RETRIES)]}
        given = httpx.Response(_STATUSES[first % len(_STATUSES)], headers=headers, content=data[3:])
        answer[0] = given
        client.check()
        outcome = client.deliver(b"{}")
        client.seized_items("5000-K1-26")
        with contextlib.suppress(EnrolmentRefusedError):
            client.enrol("7KQM", bytes(32))
        if isinstance(outcome, Accepted | Refused):
            view.answered("key", "R-1", outcome)
            screen.seek(0)
            screen.truncate()

    return feed


def _answer_seeds() -> list[bytes]:
    bodies = [json.dumps(answer).encode() for answer in _ANSWERS]
    return [bytes([status, kind, 0]) + body for body in bodies for status, kind in ((0, 0), (1, 0), (9, 1))]


def _trusting() -> Callable[[bytes], None]:
    """Frames AA, length, 08, data, as of the FDX module, by somebody who believed what the length says."""

    def feed(data: bytes) -> None:
        at = data.find(b"\xaa")
        if at >= 0 and data[at + 2 : at + 3] == b"\x08":
            length = data[at + 1]
            if 4 <= length <= 15 and data[at + 3 : at + 4] == b"\0":
                sum(data[at + offset] for offset in range(length))

    return feed


TARGETS: dict[str, Target] = {
    **{f"driver {name}": Target(_driver(name), _seeds(name), _SCANNER) for name in _DRIVERS[1:]},
    "driver mdr": Target(_driver("mdr"), _seeds("mdr"), _SCANNER, _SYMBOLS),
    "sentences with a true checksum": Target(_sentences, _sentence_seeds, _SCANNER, _SYMBOLS),
    "driver auto": Target(_driver("auto"), _all_seeds, _SCANNER, _SYMBOLS),
    "AIM prefixes": Target(
        _driver("barcode"),
        lambda: [
            b"\x01]Q1HTTPS://M.EXAMPLE/7K\r",
            b"\x01]C0ABC\n",
            b"\x02]d2\x1d01\x1e\t",
            b"\x03]E0731\r\n",
            b"\x04]\r",
        ],
        _SCANNER,
        ("]Q1", "]C0", "]d2", "]A", "]E0", "\\x1D", "\\x0D", "\\xC3\\xA5", "\\xE5"),
    ),
    "what drivers read, the registry takes": Target(
        _accepted_by_the_register, _all_seeds, ("scanner", "registry.api"), _SYMBOLS
    ),
    "answers of a registry": Target(
        _answers,
        _answer_seeds,
        _SCANNER,
        (
            '\\"id\\":',
            '\\"verdict\\":',
            '\\"grade\\":',
            '\\"candidates\\":[',
            "null",
            "1e999",
            "[[[[[[[[",
            '\\"\\\\uD800\\"',
        ),
    ),
    CONTROL: Target(_trusting, lambda: [b"\xaa\x0f\x08", b"no frame"], ("benchmarks.fuzz_targets",), longest=64),
}
