"""PDF sheets of labels, drawn in millimetres and streamed page by page."""

from labels.pdf.pages import write_pages
from labels.pdf.pen import BLACK, WHITE, Pen
from labels.pdf.sheets import (
    Design,
    DrawLabel,
    HouseStyle,
    LabelContent,
    Scene,
    SheetReport,
    Words,
    words_in,
    write_sheets,
)

__all__ = [
    "BLACK",
    "WHITE",
    "Design",
    "DrawLabel",
    "HouseStyle",
    "LabelContent",
    "Pen",
    "Scene",
    "SheetReport",
    "Words",
    "words_in",
    "write_pages",
    "write_sheets",
]
