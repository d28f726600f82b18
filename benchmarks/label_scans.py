"""Do the codes scan? Every design on every stock that holds it, at 203, 300 and 600 dpi, grey and 1-bit, two renderers.

All codes of a label count: QR, Data Matrix and Code 128. The independent decoder is zxing-cpp. Then the harsh part
(benchmarks/label_hardships.py): blur, noise, a turn, a part of the code covered; beside the usual way.
"""

import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pypdfium2
import zxingcpp
from PIL import Image

from benchmarks.label_hardships import covered_everywhere, harsh_table, label_of
from benchmarks.report import Claim, argument_parser, publish
from labels import markcode
from labels.barcode import NARROWEST_BAR, code128
from labels.designs import DESIGNS
from labels.errors import CodeError, ContentError, DesignError
from labels.pdf import Design, HouseStyle, LabelContent, write_sheets
from labels.stock import STOCKS, Stock

BASE: Final = "https://dna.kommun.example"
WITHOUT_CODE: Final = {"letterbox-sign", "window-sticker"}
"""Signs that only tell; all others carry at least one code."""

Image.MAX_IMAGE_PIXELS = None  # A3 at 600 dpi is 70 million dots.


@dataclass(frozen=True)
class Printed:
    """The first page of a design on a stock."""

    design: Design
    stock: Stock
    labels: Sequence[LabelContent]
    pdf: bytes

    @property
    def used(self) -> float:
        """Height in millimetres down to the last label; what lies below need not be rendered."""
        return self.stock.corner(len(self.labels))[1] + self.stock.label[1]

    def codes(self, label: LabelContent) -> list[str]:
        """What must be read from ``label``."""
        if self.design.name == "asset-tag":
            return [label.number]
        bars = self.design.name == "asset-label" and self.stock.label[1] >= 28
        bars = bars and code128(label.number).width * NARROWEST_BAR <= self.stock.label[0]
        return [label.url, *([label.number] if bars else [])]


def by_pdfium(page: Printed, dpi: int, *, one_bit: bool) -> Image.Image:
    cut = max(0.0, page.stock.page[1] - page.used) / 25.4 * 72
    with pypdfium2.PdfDocument(page.pdf) as document:
        made = document[0].render(scale=dpi / 72, grayscale=True, crop=(0, cut, 0, 0)).to_pil().copy()
    return made.point(lambda value: 255 * (value >= 128)) if one_bit else made


def by_poppler(page: Printed, dpi: int, *, one_bit: bool) -> Image.Image:
    width, height = (round(length * dpi / 25.4) for length in (page.stock.page[0], page.used))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "in.pdf"
        file.write_bytes(page.pdf)
        options = ["-r", str(dpi), "-mono" if one_bit else "-gray", "-singlefile"]
        options += ["-x", "0", "-y", "0", "-W", str(width), "-H", str(height)]
        subprocess.run(["pdftoppm", *options, file, file.with_suffix("")], check=True, timeout=120)  # noqa: S607
        (made,) = (found for found in Path(folder).iterdir() if found.suffix != ".pdf")
        return Image.open(made).convert("L")


def stickers(design: Design, count: int) -> list[LabelContent]:
    if not design.example.url:
        return [design.example] * count
    numbers = [markcode.issue() for _ in range(count)]
    return [replace(design.example, url=markcode.url(BASE, number)) for number in numbers]


def all_pages(most: int, *, usual_stocks_only: bool) -> tuple[list[Printed], list[str]]:
    """A page of every design on every stock, and which were refused and with which error."""
    pages, refused = [], []
    for design in DESIGNS.values():
        for stock in STOCKS.values():
            if usual_stocks_only and stock.code not in design.stocks:
                continue
            labels, stream = stickers(design, min(stock.positions, most)), io.BytesIO()
            style = HouseStyle(organisation="Kvarnby kommun")
            try:
                write_sheets(stream, labels, stock=stock, design=design, style=style)
            except (DesignError, CodeError, ContentError) as reason:
                refused.append(f"{type(reason).__name__}: {reason}")
            else:
                pages.append(Printed(design, stock, labels, stream.getvalue()))
    return pages, refused


def renderers() -> dict[str, Callable[..., Image.Image]]:
    return {"pdfium": by_pdfium} | ({"poppler": by_poppler} if shutil.which("pdftoppm") else {})


def plain_table(pages: Sequence[Printed], resolutions: Sequence[int]) -> Iterator[Claim]:
    with_code = [page for page in pages if page.design.name not in WITHOUT_CODE]
    if "poppler" not in renderers():
        yield Claim("poppler", "missing", "", "", holds=None, detail="apt-get install poppler-utils")
    every = 0
    for dpi in resolutions:
        for one_bit in (False, True):
            for name, render in renderers().items():
                good = total = 0
                missed = set()
                for page in with_code:
                    picture = render(page, dpi, one_bit=one_bit)
                    for place, label in enumerate(page.labels, start=1):
                        found = {
                            code.text for code in zxingcpp.read_barcodes(label_of(picture, page.stock, place, dpi))
                        }
                        for text in page.codes(label):
                            total += 1
                            good += text in found
                            if text not in found:
                                missed.add(f"{page.design.name} on {page.stock.code}")
                every += len(with_code)
                detail = f"{good} of {total} codes, {len(with_code)} designs on stocks" + f" {sorted(missed)}" * bool(
                    missed
                )
                shade = "1-bit" if one_bit else "grey"
                yield Claim(f"{dpi} dpi, {shade}, {name}", 100 * good / total, "%", "100", good == total, detail)
    yield Claim("combinations tried", every, "", "", holds=None, detail="design, stock, resolution, depth, renderer")


def main() -> int:
    options = argument_parser("label_scans", __doc__).parse_args()
    pages, refused = all_pages(2 if options.quick else 3, usual_stocks_only=options.quick)
    signs = sum(page.design.name in WITHOUT_CODE for page in pages)
    detail = f"{len(refused)} refused with the reason (label too small), {signs} are signs without a code"
    claims = [Claim("designs on stocks that print", len(pages), "", "", holds=None, detail=detail)]
    claims += plain_table(pages, (203,) if options.quick else (203, 300, 600))
    claims += covered_everywhere(20 if options.quick else 60)
    claims += harsh_table(20 if options.quick else 60)
    return publish("label_scans", claims, options, packages=["zxing-cpp", "pypdfium2", "qrcode"])


if __name__ == "__main__":
    sys.exit(main())
