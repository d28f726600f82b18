"""Readers that a profile describes: a frame is a number on a tag or a label, and nobody answers."""

from scanner.contract import Event, LineSettings
from scanner.framing.frames import FrameFramer, Shape
from scanner.framing.tally import Tally
from scanner.profiles.profile import Profile
from scanner.reading import Instant, Number, Reading

__all__ = ["ProfiledDriver"]

_TAGS_NEAR = 64
"""Numbers remembered to know a tag again that stays near; no reader has more in its field."""


class ProfiledDriver:
    """Frames of one profile to readings. The same number again while the tag stays near is no new reading."""

    def __init__(self, profile: Profile) -> None:
        self.name = profile.name
        self.idle_gap = profile.silence_ms / 1000
        self.line = LineSettings(**profile.line.model_dump())
        self.tally = Tally()
        self._symbology = profile.symbology
        self._same_again = profile.same_again_ms / 1000
        self._seen: dict[str, float] = {}
        frame, length_field = profile.frame, profile.frame.length_field
        shape = Shape(
            start=frame.start,
            end=frame.end,
            length=frame.length,
            length_at=length_field.at if length_field else None,
            length_adds=length_field.adds if length_field else 0,
            longest=frame.longest,
        )
        self._framer = FrameFramer(shape, profile.understand, self.tally)

    def prompt(self, now: Instant) -> bytes:  # noqa: ARG002 - these readers listen to nobody
        """Nothing: these readers are not spoken to."""
        return b""

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        """A reading for each new number in ``data``."""
        return self._readings(self._framer.receive(data), now)

    def silence(self, now: Instant) -> list[Event]:
        """A reading for a frame that a false start had hidden."""
        return self._readings(self._framer.silence(), now)

    def acknowledge(self, reading: Reading) -> bytes:  # noqa: ARG002 - these readers listen to nobody
        """Nothing: these readers do not listen."""
        return b""

    def disconnect(self) -> None:
        """Half a frame is no frame."""
        self._framer.reset()

    def _readings(self, frames: list[tuple[str, bytes]], now: Instant) -> list[Event]:
        return [
            Reading("", (Number(self._symbology, number),), raw, now.wall)
            for number, raw in frames
            if self._is_new(number, now.monotonic)
        ]

    def _is_new(self, number: str, now: float) -> bool:
        before = self._seen.pop(number, None)
        self._seen[number] = now
        if len(self._seen) > _TAGS_NEAR:
            self._seen.pop(next(iter(self._seen)))
        if before is None or now - before >= self._same_again:
            return True
        self.tally.repeated += 1
        return False
