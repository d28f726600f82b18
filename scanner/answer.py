"""What a registry says, in the shapes that its API documents; read by every screen."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Answer", "Candidate", "Family", "Part", "Sticker", "Supplier", "Tag"]


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


class Tag(Part):
    """A registered number of a tag or a vehicle that may be the one read, and the thing it stands for."""

    number: str
    grade: int
    posterior: float
    item: str | None = None
    reported_stolen: bool = False

    @property
    def as_candidate(self) -> Candidate:
        """The same as screens show candidates: its number in the place of the kit code."""
        return Candidate(
            kit_code=self.number,
            grade=self.grade,
            posterior=self.posterior,
            item=self.item,
            reported_stolen=self.reported_stolen,
        )


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

    @property
    def stolen(self) -> bool:
        """Whether the best candidate, or the thing that a sticker names, is reported stolen."""
        return any(one.reported_stolen for one in self.candidates[:1]) or bool(
            self.sticker and self.sticker.reported_stolen
        )

    @model_validator(mode="before")
    @classmethod
    def _tags_among_candidates(cls, content: Any) -> Any:
        """Screens show what may be the source in one list; an earlier registry knows of no tags."""
        if isinstance(content, dict) and isinstance(tags := content.get("tags"), list):
            numbers = [Tag.model_validate(tag).as_candidate for tag in tags]
            return {**content, "candidates": [*content.get("candidates", ()), *numbers]}
        return content
