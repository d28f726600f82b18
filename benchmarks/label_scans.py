"""Do the codes scan? Every design on its stocks at 203, 300 and 600 dpi, grey and in one bit, by two renderers.

Then the harsh part: blur, noise, a turn, a part of the code covered; beside the usual way, a PNG picture
with antialiased scaling. The independent decoder is zxing-cpp.
"""

import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pypdfium2
import qrcode
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.report import Claim, argument_parser, publish
from labels import markcode
from labels.designs import DESIGNS
from labels.pdf import Design, HouseStyle, LabelContent, write_sheets
from labels.stock import STOCKS, Stock

BASE: Final = "https://dna.kommun.example"
LARGEST_AT_600: Final = 250.0
"""Millimetres of page width; A3 at 600 dpi is 70 million dots and says nothing new."""


def by_pdfium(pdf: bytes, dpi: int, *, one_bit: bool) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=dpi / 72, grayscale=True).to_pil().copy()
    return page.point(lambda value: 255 * (value >= 128)) if one_bit else page


def by_poppler(pdf: bytes, dpi: int, *, one_bit: bool) -> Image.Image:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "in.pdf"
        file.write_bytes(pdf)
        options = ["-r", str(dpi), "-mono" if one_bit else "-gray", "-singlefile"]
        subprocess.run(["pdftoppm", *options, file, file.with_suffix("")], check=True, timeout=120)  # noqa: S607
        (made,) = (found for found in Path(folder).iterdir() if found.suffix != ".pdf")
        return Image.open(made).convert("L")


def label_of(page: Image.Image, stock: Stock, position: int, dpi: int) -> Image.Image:
    x, y = stock.corner(position)
    box = (x, y, x + stock.label[0], y + stock.label[1])
    return page.crop(tuple(round(length * dpi / 25.4) for length in box))


def reads(picture: Image.Image, text: str) -> bool:
    return text in [found.text for found in zxingcpp.read_barcodes(picture)]


def stickers(design: Design, count: int) -> list[LabelContent]:
    if not design.example.url:
        return [design.example] * count
    numbers = [markcode.issue() for _ in range(count)]
    return [replace(design.example, url=markcode.url(BASE, number)) for number in numbers]


def printed(design: Design, stock: Stock, labels: Iterable[LabelContent]) -> bytes:
    stream = io.BytesIO()
    write_sheets(stream, labels, stock=stock, design=design, style=HouseStyle(organisation="Kvarnby kommun"))
    return stream.getvalue()


def plain_table(resolutions: tuple[int, ...], most: int) -> list[Claim]:
    renderers: dict[str, Callable[..., Image.Image]] = {"pdfium": by_pdfium}
    claims = []
    if shutil.which("pdftoppm"):
        renderers["poppler"] = by_poppler
    else:
        claims.append(Claim("poppler", "missing", "", "", holds=None, detail="apt-get install poppler-utils"))
    for dpi in resolutions:
        for one_bit in (False, True):
            for name, render in renderers.items():
                good = total = kinds = 0
                missed = set()
                for design in DESIGNS.values():
                    for stock in (STOCKS[code] for code in design.stocks):
                        if not design.example.url or (dpi == 600 and stock.page[0] > LARGEST_AT_600):
                            continue
                        labels = stickers(design, min(stock.positions, most))
                        page = render(printed(design, stock, labels), dpi, one_bit=one_bit)
                        kinds += 1
                        for place, label in enumerate(labels, start=1):
                            total += 1
                            if reads(label_of(page, stock, place, dpi), label.url):
                                good += 1
                            else:
                                missed.add(f"{design.name} on {stock.code}")
                shade = "1-bit" if one_bit else "grey"
                claims.append(
                    Claim(f"{dpi} dpi, {shade}, {name}", 100 * good / total, "%", "100", good == total,
                          f"{good} of {total} codes, {kinds} designs on stocks" + f" {sorted(missed)}" * bool(missed))
                )  # fmt: skip
    return claims


def usual_page(labels: list[LabelContent], stock: Stock, side: float) -> bytes:
    stream, unit = io.BytesIO(), 72 / 25.4
    canvas = Canvas(stream, pagesize=(stock.page[0] * unit, stock.page[1] * unit))
    for place, label in enumerate(labels, start=1):
        picture = io.BytesIO()
        qrcode.make(label.url).save(picture, "PNG")
        x, y = stock.corner(place)
        canvas.drawImage(ImageReader(picture), x * unit, (stock.page[1] - y - side) * unit, side * unit, side * unit)
    canvas.save()
    return stream.getvalue()


def blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1.1))


def noisy(picture: Image.Image) -> Image.Image:
    noise = np.random.default_rng(7).normal(0, 18, (picture.height, picture.width))
    return Image.fromarray(np.clip(np.array(picture) * 0.7 + 40 + noise, 0, 255).astype("uint8"))


def turned(picture: Image.Image) -> Image.Image:
    return picture.rotate(7, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def covered(picture: Image.Image, share: float) -> Image.Image:
    """A white patch over ``share`` of the code's field, off its middle, clear of the three corners."""
    left, top, right, bottom = field_of(picture)
    width, height = right - left, bottom - top
    copy = picture.copy()
    x, y, part = left + width * 0.45, top + height * 0.55, share**0.5
    ImageDraw.Draw(copy).rectangle((x, y, x + width * part, y + height * part), fill=255)
    return copy


def field_of(picture: Image.Image) -> tuple[int, int, int, int]:
    """Where the code lies in an unspoilt picture, without its quiet zone."""
    place = zxingcpp.read_barcodes(picture)[0].position
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(across), min(down), max(across), max(down)


def code_alone(picture: Image.Image) -> Image.Image:
    """The code with its quiet zone, cut out of its label."""
    left, top, right, bottom = field_of(picture)
    quiet = (right - left) // 7
    return picture.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))


def everything(picture: Image.Image) -> Image.Image:
    return noisy(blurred(turned(picture)))


HARDSHIPS: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "blur of 1.1 dots": blurred,
    "noise and 70 % contrast": noisy,
    "turned by 7 degrees": turned,
    "8 % covered": lambda picture: covered(picture, 0.08),
    "15 % covered": lambda picture: covered(picture, 0.15),
    "blur, noise and turn at once": everything,
}


def harsh_table() -> list[Claim]:
    """At 203 dpi in grey, on the code alone: L7160 (module 0.75 mm) and L7651 (0.5 mm)."""
    design, claims = DESIGNS["warning-sticker"], []
    for code, side in (("L7160", 27.75), ("L7651", 18.5)):
        stock = STOCKS[code]
        labels = stickers(design, min(60, stock.positions))
        ours = by_pdfium(printed(design, stock, labels), 203, one_bit=False)
        usual = by_pdfium(usual_page(labels, stock, side), 203, one_bit=False)
        for name, spoil in HARDSHIPS.items():
            shares = []
            for page in (ours, usual):
                good = 0
                for place, label in enumerate(labels, start=1):
                    picture = code_alone(label_of(page, stock, place, 203))
                    good += reads(spoil(picture), label.url)
                shares.append(100 * good / len(labels))
            detail = f"usual way at the same size {shares[1]:.0f} %, {len(labels)} codes"
            claims.append(Claim(f"{code}, {name}", shares[0], "%", "", holds=None, detail=detail))
    return claims


def main() -> int:
    options = argument_parser("label_scans", __doc__).parse_args()
    claims = plain_table((203,), 3) if options.quick else plain_table((203, 300, 600), 12)
    return publish("label_scans", claims + harsh_table(), options, packages=["zxing-cpp", "pypdfium2", "qrcode"])


if __name__ == "__main__":
    sys.exit(main())
