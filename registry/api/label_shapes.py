"""The shapes of the labels resource; the document at /api/openapi.json is generated from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from registry.api.shapes import Shape, Text

__all__ = [
    "LARGEST_LABELS_BODY",
    "BlankOrderAnswer",
    "BlankOrdersAnswer",
    "BlankStickersBody",
    "CancelNumbersBody",
    "CancelledAnswer",
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
_MOST_BLANK = 2000
"""As many numbers as an owner may have waiting (services.blank_stickers.MOST_HELD)."""


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


class BlankStickersBody(Shape):
    """How many new numbers, or which order once more (``count`` or ``again``), and how they are printed."""

    count: int | None = _words("1 to 500 stickers, or again in its place", default=None, ge=1, le=500)
    again: Text = _words("an order of /api/v1/blank-stickers, or empty", default="", max_length=40)
    stock: Text = _words("a code of /api/v1/label-stocks", default="L7160", max_length=40)
    start: int = _words("the first free place of the sheet, 1 for a new one", default=1, ge=1, le=1000)
    skip: list[Place] = _words("places of the first sheet that are used", default=[], max_length=1000)
    language: Literal["sv", "en"] = _words("sv or en", default="sv")
    package: Text = _words("a name of at most 60 characters, or empty", default="", max_length=60)


class CancelNumbersBody(Shape):
    """Whole orders and single numbers that count no more, and why."""

    orders: list[Text] = _words("orders of /api/v1/blank-stickers", default=[], max_length=_MOST_BLANK)
    numbers: list[Text] = _words("at most 2000 sticker numbers", default=[], max_length=_MOST_BLANK)
    reason: Literal["lost", "damaged", "misprinted"] = _words("lost, damaged or misprinted")


class BlankOrderAnswer(BaseModel):
    """An order and its numbers that are on no thing yet, as in their codes, in the order of the sheets."""

    order: str
    issued_at: str
    numbers: list[str]


class BlankOrdersAnswer(BaseModel):
    """All orders that have such numbers, the newest first."""

    orders: list[BlankOrderAnswer]


class CancelledAnswer(BaseModel):
    """How many numbers count no more from now on."""

    cancelled: int


class LabelsAnswer(BaseModel):
    """A job; ``pdf`` is where its PDF can be fetched when ``state`` is done, until ``expires_at``.

    ``replaced_characters`` tells that letters the typeface lacks were printed as question marks. ``blank_order`` names
    the order of blank stickers that it prints, empty for labels of things.
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
    blank_order: str


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
