"""``python -m benchmarks.label_pictures [FOLDER]``: the pictures of docs/labels.md, drawn by the designs of today.

Every design on its first usual stock in Swedish, with its borders, and a part-used sheet of warning stickers.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageOps

from labels.coat_of_arms import CoatOfArms
from labels.designs import DESIGNS
from labels.pdf import Design, HouseStyle, LabelContent, write_sheets
from labels.stock import STOCKS, Stock

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pictures" / "labels"
BASE: Final = "HTTPS://DNA.KOMMUN.EXAMPLE/S/"
NUMBERS: Final = (
    "4K7Q2M9XW3PZD7N", "DGR108DMZTGVNQP", "RFMZD98VCCSPTZ1", "JK1V286F6H44DH4", "5EPCPYDJMQHKVVS", "EWBQBTZ0X9CDRWE",
    "6SCSQAMPHSRV10G", "TNBGQSWBMC49CZK", "7X51F45W60298DM", "DEHY0A3D9JJZGVC", "57E2GNXBGW0WACN", "39C7NRQRRGZXGEE",
)  # fmt: skip
COLOURS: Final = 64

ARMS: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 260">
<path d="M10 62h180v98c0 50-50 80-90 95c-40-15-90-45-90-95z" fill="#1c5d99" stroke="#111" stroke-width="3"/>
<g fill="none" stroke="#f4c430" stroke-width="11"><circle cx="100" cy="150" r="44"/>
<path d="M100 84v132M34 150h132M53 103l94 94M147 103l-94 94"/></g><circle cx="100" cy="150" r="15" fill="#f4c430"/>
<path d="M38 54l-10-38 26 18 12-26 17 24 17-28 17 28 17-24 12 26 26-18-10 38z" fill="#f4c430" stroke="#111"
stroke-width="3"/></svg>"""
"""A mill wheel under a crown, for the invented municipality of the examples."""

STYLE: Final = HouseStyle(
    organisation="Kvarnby kommun",
    contact="Frågor: 0123-456 78, dna@kommun.example",
    coat_of_arms=CoatOfArms.of_bytes(ARMS, "arms.svg"),
)


def page(design: Design, stock: Stock, labels: Sequence[LabelContent], longer: int, **options: Any) -> Image.Image:
    """The first page, its longer side so many dots, drawn four times as large first."""
    stream = io.BytesIO()
    write_sheets(stream, labels, stock=stock, design=design, style=STYLE, borders=stock.positions > 1, **options)
    with pypdfium2.PdfDocument(stream.getvalue()) as document:
        return document[0].render(scale=4 * longer / max(stock.page) * 25.4 / 72).to_pil().convert("RGB")


def smaller(picture: Image.Image) -> Image.Image:
    """A quarter of the size, in few colours, as the docs carry it."""
    size = (round(picture.width / 4), round(picture.height / 4))
    return picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS)


def picture_of(design: Design) -> Image.Image:
    """One label as large as it is read."""
    stock = STOCKS[design.stocks[0]]
    dots = 5.2 if max(stock.label) < 120 else 2.2
    whole = page(design, stock, [design.example], round(max(stock.page) * dots))
    x, y = stock.corner(1)
    box = (x, y, x + stock.label[0], y + stock.label[1])
    label = whole.crop(tuple(round(length * 4 * dots) for length in box))
    return smaller(label if stock.positions > 1 else ImageOps.expand(label, 4, "#9aa5a9"))


def sheet() -> Image.Image:
    """A sheet whose first three places and some more are used."""
    labels = [
        LabelContent(url=BASE + number, number="-".join(number[place : place + 4] for place in (0, 4, 8, 12)))
        for number in NUMBERS
    ]
    return smaller(
        page(DESIGNS["warning-sticker"], STOCKS["L7160"], labels, 819, start_position=4, skip=frozenset({8, 9}))
    )


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for design in DESIGNS.values():
        picture_of(design).save(folder / f"{design.name}.png", optimize=True)
    sheet().save(folder / "sheet.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
