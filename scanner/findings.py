"""UV findings that somebody notes by hand at the station; ``scanner.photo`` prepares the photo of one."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["COLOURS", "UvNote"]

COLOURS: Final = (
    "none", "red-pink", "red", "orange", "yellow", "yellow-green", "green", "blue-green", "blue", "violet",
)  # fmt: skip
"""What can be seen, as the registry names it; ``none`` when nothing glows."""


@dataclass(frozen=True, slots=True)
class UvNote:
    """A finding: colour, spot and, if there are any, the seal of a sample and a prepared photo.

    ``corrects`` is the key of the message whose finding this one takes the place of; ``withdrawn`` when there was none.
    """

    colour: str
    spot: str
    seized_item: str
    seal_number: str = ""
    photo: bytes = b""
    corrects: str = ""
    withdrawn: bool = False
    noted_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finding_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def as_json(self, case_number: str) -> dict[str, Any]:
        """The body of the message that brings the finding to the registry."""
        return {
            "case_number": case_number,
            "finding_id": self.finding_id,
            "seized_item": self.seized_item,
            "colour": self.colour,
            "spot": self.spot,
            "seal_number": self.seal_number,
            "photo": base64.b64encode(self.photo).decode("ascii"),
            "noted_at": self.noted_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "corrects": self.corrects,
            "withdrawn": self.withdrawn,
        }
