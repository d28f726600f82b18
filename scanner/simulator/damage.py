"""What goes wrong on a line, done on purpose: flipped bits, cut frames, noise, floods, losses."""

import random
from collections.abc import Callable

__all__ = ["Damage", "misread"]


class Damage:
    """Damages each frame with probability ``share`` (0 to 1) in one of several ways, the same for the same seed."""

    def __init__(self, share: float, seed: int = 0) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 - damage is to be repeatable, not secret
        self._ways: tuple[Callable[[bytes], bytes], ...] = (
            self._flip_bits,
            self._cut,
            self._lose,
            self._double,
            self._noise_before,
            self._flood_before,
        )

    def __call__(self, frame: bytes) -> bytes:
        """``frame`` as it arrives."""
        return self._random.choice(self._ways)(frame) if self._random.random() < self._share else frame

    def _flip_bits(self, frame: bytes) -> bytes:
        damaged = bytearray(frame)
        for _ in range(self._random.randint(1, 4)):
            damaged[self._random.randrange(len(damaged))] ^= 1 << self._random.randrange(8)
        return bytes(damaged)

    def _cut(self, frame: bytes) -> bytes:
        return frame[: self._random.randrange(1, len(frame))]

    def _lose(self, frame: bytes) -> bytes:  # noqa: ARG002 - nothing of it arrives
        return b""

    def _double(self, frame: bytes) -> bytes:
        return frame + frame

    def _noise_before(self, frame: bytes) -> bytes:
        return self._random.randbytes(self._random.randint(1, 64)) + frame

    def _flood_before(self, frame: bytes) -> bytes:
        return self._random.choice((b"\x00", b"\xff")) * self._random.randint(64, 2048) + frame


def misread(data: bytes, sent_at: int, read_at: int) -> bytes:
    """What a receiver set to ``read_at`` bits a second makes of ``data`` sent at ``sent_at``, both 8N1.

    The line is high at rest; a frame is a low start bit, eight bits, least significant first, and a high stop bit. The
    receiver waits for a low level and samples in the middle of its own bits; a low stop bit is a framing error, and the
    byte is handed on as most drivers do.
    """
    levels = [level for byte in data for level in (0, *(byte >> bit & 1 for bit in range(8)), 1)]
    ratio = sent_at / read_at
    received = bytearray()
    at = 0.0
    while (start := next((bit for bit in range(int(at), len(levels)) if not levels[bit]), None)) is not None:
        begins = max(at, float(start))
        samples = [int(begins + (bit + 1.5) * ratio) for bit in range(8)]
        received.append(sum((levels[place] if place < len(levels) else 1) << bit for bit, place in enumerate(samples)))
        at = begins + 9.5 * ratio
        # A stop bit that is low holds the receiver up until the line has been high again.
        while int(at) < len(levels) and not levels[int(at)]:
            at = float(int(at) + 1)
    return bytes(received)
