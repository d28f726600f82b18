"""What a code goes through on a thing, done to its picture: blur, noise, a turn, a part of it covered."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pypdfium2
import qrcode
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.report import Claim
from labels import markcode
from labels.designs import DESIGNS
from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene, write_sheets
from labels.qr import Kind, kind_for_width, module_width, smallest_kind
from labels.qr import encode as encode_code
from labels.stock import STOCKS, Stock

__all__ = ["covered_everywhere", "harsh_table", "label_of", "page_by_pdfium"]

BASE: Final = "https://dna.kommun.example"
DPI: Final = 203
FINDER: Final = 8
"""Modules a side of a finder pattern with its light border (ISO/IEC 18004:2015, 5.3.3); without it no decoder looks."""

Hardship = Callable[[Image.Image, random.Random, int], Image.Image]


def page_by_pdfium(pdf: bytes, dpi: int) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=dpi / 72, grayscale=True).to_pil().copy()


def label_of(page: Image.Image, stock: Stock, position: int, dpi: int) -> Image.Image:
    x, y = stock.corner(position)
    box = (x, y, x + stock.label[0], y + stock.label[1])
    return page.crop(tuple(round(length * dpi / 25.4) for length in box))


def blurred(picture: Image.Image, *_: object) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1.1))


def noisy(picture: Image.Image, chance: random.Random, _: int) -> Image.Image:
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, 18, (picture.height, picture.width))
    return Image.fromarray(np.clip(np.array(picture) * 0.7 + 40 + noise, 0, 255).astype("uint8"))


def turned(picture: Image.Image, *_: object) -> Image.Image:
    return picture.rotate(7, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def covered(share: float, *, spare_corners: bool = True) -> Hardship:
    """A square patch, white or black by turns of chance, over ``share`` of the code's field at a place of chance."""

    def cover(picture: Image.Image, chance: random.Random, modules: int) -> Image.Image:
        left, top, right, bottom = field_of(picture)
        side = share**0.5 * modules
        while True:
            x, y = chance.uniform(0, modules - side), chance.uniform(0, modules - side)
            if not spare_corners or clear_of_corners(x, y, side, modules):
                break
        across, down = (right - left) / modules, (bottom - top) / modules
        box = (left + x * across, top + y * down, left + (x + side) * across, top + (y + side) * down)
        copy = picture.copy()
        ImageDraw.Draw(copy).rectangle(box, fill=chance.choice((0, 255)))
        return copy

    return cover


def clear_of_corners(x: float, y: float, side: float, modules: int) -> bool:
    far = modules - FINDER
    corners = ((0, 0), (far, 0), (0, far))
    return not any(
        x < left + FINDER and x + side > left and y < top + FINDER and y + side > top for left, top in corners
    )


def field_of(picture: Image.Image) -> tuple[int, int, int, int]:
    """Where the code lies in an unspoilt picture, without its quiet zone."""
    place = zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)[0].position
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(across), min(down), max(across), max(down)


def modules_of(picture: Image.Image) -> int:
    """Modules a side of the code in an unspoilt picture."""
    (found,) = zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)
    return 17 + 4 * int(found.extra["Version"])


def code_alone(picture: Image.Image) -> Image.Image:
    """The code with its quiet zone, cut out of its label."""
    left, top, right, bottom = field_of(picture)
    quiet = (right - left) // 7
    return picture.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))


def then(*hardships: Hardship) -> Hardship:
    def one_after_the_other(picture: Image.Image, chance: random.Random, modules: int) -> Image.Image:
        for hardship in hardships:
            picture = hardship(picture, chance, modules)
        return picture

    return one_after_the_other


HARDSHIPS: Final[dict[str, Hardship]] = {
    "blur of 1.1 dots": blurred,
    "noise and 70 % contrast": noisy,
    "turned by 7 degrees": turned,
    "8 % covered": covered(0.08),
    "15 % covered": covered(0.15),
    "15 % covered, corners too": covered(0.15, spare_corners=False),
    "20 % covered": covered(0.20),
    "blur, noise and turn at once": then(turned, blurred, noisy),
    "15 % covered, blur, noise and turn": then(covered(0.15), turned, blurred, noisy),
}


def smallest_code(side: float) -> Design:
    """Our own code without the step to level H, for comparison."""

    def draw(_: Pen, __: Scene) -> DrawLabel:
        return lambda pen, label: pen.qr(1, 0.5, side, label.url, sturdy=False) and None

    return Design("smallest", "Asset label", "Asset label", (20, 20), ("url",), draw, (), LabelContent())


def usual_page(labels: Sequence[LabelContent], stock: Stock, side: float) -> bytes:
    """What most programs do: ``qrcode.make`` (level M, best mask) as a PNG picture, scaled to the size there is."""
    stream, unit = io.BytesIO(), 72 / 25.4
    canvas = Canvas(stream, pagesize=(stock.page[0] * unit, stock.page[1] * unit))
    for place, label in enumerate(labels, start=1):
        picture = io.BytesIO()
        qrcode.make(label.url).save(picture, "PNG")
        x, y = stock.corner(place)
        canvas.drawImage(ImageReader(picture), x * unit, (stock.page[1] - y - side) * unit, side * unit, side * unit)
    canvas.save()
    return stream.getvalue()


def written(labels: Sequence[LabelContent], stock: Stock, design: Design) -> bytes:
    stream = io.BytesIO()
    write_sheets(stream, labels, stock=stock, design=design)
    return stream.getvalue()


def share_read(page: Image.Image, labels: Sequence[LabelContent], stock: Stock, hardship: Hardship, size: int) -> float:
    """Per cent of ``labels`` read after ``hardship``, which falls the same on every way by the same chances."""
    chance, good = random.Random(7), 0
    for place, label in enumerate(labels, start=1):
        spoilt = hardship(code_alone(label_of(page, stock, place, DPI)), chance, size)
        good += label.url in [found.text for found in zxingcpp.read_barcodes(spoilt)]
    return 100 * good / len(labels)


def covered_everywhere(tries: int) -> list[Claim]:
    """The code of every design on each of its usual stocks with 15 % covered, at so many places of chance each.

    How many of all are read, codes of each size apart, and how many of the worst design: a mean alone would hide it.
    """
    chance, hardship = random.Random(7), covered(0.15)
    shares, by_size = dict[str, float](), dict[int, list[float]]()
    for design in DESIGNS.values():
        for code in design.stocks if "url" in design.needs else ():
            stock = STOCKS[code]
            digits = "".join(chance.choices(markcode.ALPHABET, k=13))
            example = replace(design.example, url=markcode.url(BASE, digits + markcode.check_characters(digits)))
            page = page_by_pdfium(written([example], stock, design), DPI)
            alone = code_alone(label_of(page, stock, 1, DPI))
            modules = modules_of(alone)
            spoilt = (hardship(alone, chance, modules) for _ in range(tries))
            good = sum(example.url in [code.text for code in zxingcpp.read_barcodes(each)] for each in spoilt)
            shares[f"{design.name} on {code}"] = 100 * good / tries
            by_size.setdefault(modules, []).append(100 * good / tries)
    worst = min(shares, key=lambda name: shares[name])
    claims = []
    for modules, read in sorted(by_size.items()):
        mean, detail = sum(read) / len(read), f"{len(read)} designs on their usual stocks, {tries} places each"
        claims.append(Claim(f"15 % covered, codes of {modules} modules", mean, "%", "≥ 97", mean >= 97, detail))
    detail = f"{worst}, {tries} places"
    holds = shares[worst] >= 90
    claims.append(Claim("15 % covered, the worst design and stock", shares[worst], "%", "≥ 90", holds, detail))
    return claims


def harsh_table(most: int) -> list[Claim]:
    """The warning sticker's code at 203 dpi in grey, against its smallest kind and the usual way at the same size."""
    design, claims = DESIGNS["warning-sticker"], []
    for code, room in (("L7160", 29.6), ("L6011", 22.6), ("L7651", 20.57)):
        stock = STOCKS[code]
        numbers = [markcode.issue() for _ in range(min(most, stock.positions))]
        labels = [LabelContent(url=markcode.url(BASE, number), number=markcode.grouped(number)) for number in numbers]
        text = labels[0].url
        mine, small = kind_for_width(text, room), smallest_kind(text)
        module = module_width(encode_code(text, mine), room, code)
        side = module * mine.side
        ways: dict[str, tuple[Image.Image, Kind]] = {
            "ours": (page_by_pdfium(written(labels, stock, design), DPI), mine),
            "smallest": (page_by_pdfium(written(labels, stock, smallest_code(room)), DPI), small),
            "usual": (page_by_pdfium(usual_page(labels, stock, side), DPI), small),
        }
        for name, hardship in HARDSHIPS.items():
            shares = {way: share_read(page, labels, stock, hardship, kind.size) for way, (page, kind) in ways.items()}
            detail = (
                f"{mine.version}-{mine.level}, module {module:g} mm; smallest code ({small.version}-{small.level}) "
                f"{shares['smallest']:.0f} %, usual way at the same size {shares['usual']:.0f} %; {len(labels)} codes"
            )
            claims.append(Claim(f"{code}, {name}", shares["ours"], "%", "", holds=None, detail=detail))
    return claims
