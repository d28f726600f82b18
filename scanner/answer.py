"""What a registry says, in the shapes that its API documents; read by every screen."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Answer", "Candidate", "Family", "Part", "Sticker", "Supplier"]


class Part(BaseModel):
    """Part of an answer. Fields that a later registry adds do not disturb an earlier station."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Candidate(Part):
    """A kit that may be the source of the reading, and the item it marks, if that is known."""

    kit_code: str
    grade: int
    posterior: float
    item: str | None = None
    reported_stolen: bool = False


class Sticker(Part):
    """The item that the number of a sticker names."""

    number: str
    item: str | None = None
    reported_stolen: bool = False


class Supplier(Part):
    """Whom to ask about a code that belongs to a known family but is not registered here."""

    name: str
    phone: str | None = None
    email: str | None = None


class Family(Part):
    """Whose code it looks like; ``doubt`` is none, shape or check."""

    supplier: str
    doubt: str = "none"
    misread: bool = False


class Answer(Part):
    """What the registry says of a reading. Never anything about an owner."""

    id: int
    verdict: str
    duplicate: bool = False
    grade: int | None = None
    candidates: tuple[Candidate, ...] = ()
    sticker: Sticker | None = None
    supplier: Supplier | None = None
    family: Family | None = None
    searched: int = 0
    reading_id: str = ""
