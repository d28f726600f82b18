"""The shapes of the labels resource; the document at /api/openapi.json is generated from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from registry.api.shapes import Shape, Text

__all__ = [
    "LARGEST_LABELS_BODY",
    "CaseLabelsBody",
    "DesignAnswer",
    "DesignsAnswer",
    "LabelsAnswer",
    "LabelsBody",
    "StockAnswer",
    "StocksAnswer",
]

LARGEST_LABELS_BODY = 1024 * 1024
_MOST = 20_000


def _words(allowed: str, **limits: Any) -> Any:
    return Field(json_schema_extra={"allowed": allowed}, **limits)


Place = Annotated[int, Field(ge=1, le=1000)]


class LabelsBody(Shape):
    """Which things get which labels, and how they are printed."""

    inventory_numbers: list[Text] = _words("1 to 20000 inventory numbers", min_length=1, max_length=_MOST)
    design: Text = _words("a name of /api/v1/label-designs", default="asset-label", max_length=40)
    stock: Text = _words("a code of /api/v1/label-stocks", default="L7160", max_length=40)
    start: int = _words("the first free place of the sheet, 1 for a new one", default=1, ge=1, le=1000)
    skip: list[Place] = _words("places of the first sheet that are used", default=[], max_length=1000)
    copies: int = _words("1 to 20 copies", default=1, ge=1, le=20)
    language: Literal["sv", "en"] = _words("sv or en", default="sv")
    package: Text = _words("a name of at most 60 characters, or empty", default="", max_length=60)


class CaseLabelsBody(Shape):
    """Which seized things of a case get labels, or the samples of which, and how they are printed."""

    items: list[Text] = _words(
        "seizure and number of each thing, such as 1:2; empty for all", default=[], max_length=_MOST
    )
    design: Text = _words("a name of /api/v1/case-label-designs", default="seized-item-label", max_length=40)
    stock: Text = _words("a code of /api/v1/label-stocks", default="L7163", max_length=40)
    start: int = _words("the first free place of the sheet, 1 for a new one", default=1, ge=1, le=1000)
    skip: list[Place] = _words("places of the first sheet that are used", default=[], max_length=1000)
    copies: int = _words("1 to 20 copies", default=1, ge=1, le=20)
    language: Literal["sv", "en"] = _words("sv or en", default="sv")


class LabelsAnswer(BaseModel):
    """A job; ``pdf`` is where its PDF can be fetched when ``state`` is done, until ``expires_at``.

    ``replaced_characters`` tells that letters the typeface lacks were printed as question marks.
    """

    id: str
    state: Literal["waiting", "working", "done", "failed", "expired"]
    made: int
    total: int
    pages: int
    next_start: int
    replaced_characters: bool
    fault: str
    expires_at: str
    pdf: str


class DesignAnswer(BaseModel):
    """A design; lengths in millimetres, words in the language of Accept-Language."""

    name: str
    title: str
    purpose: str
    smallest_mm: tuple[float, float]
    stocks: list[str]


class DesignsAnswer(BaseModel):
    """All designs for equipment, or for what is held in a case."""

    designs: list[DesignAnswer]


class StockAnswer(BaseModel):
    """A sheet of labels; lengths in millimetres, ``also`` names codes of the same die."""

    code: str
    also: list[str]
    label_mm: tuple[float, float]
    page_mm: tuple[float, float]
    columns: int
    rows: int
    places: int
    source: str


class StocksAnswer(BaseModel):
    """All sheets."""

    stocks: list[StockAnswer]
