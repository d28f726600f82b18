"""Rendering and decoding for the label tests: two renderers and a decoder that know nothing of our code."""

import io
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from labels import markcode
from labels.pdf import LabelContent
from labels.receipt import Receipt

BASE = "https://dna.kommun.example"


def render_with_pdfium(pdf, dpi, *, one_bit=False):
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.render(scale=dpi / 72, grayscale=True).to_pil().copy() for page in document]
    return [page.convert("1", dither=Image.Dither.NONE).convert("L") if one_bit else page for page in pages]


def render_with_poppler(pdf, dpi, *, one_bit=False):
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("pdftoppm is not installed: apt-get install poppler-utils")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.pdf").write_bytes(pdf)
        kind = "-mono" if one_bit else "-gray"
        subprocess.run([program, "-r", str(dpi), kind, folder / "in.pdf", folder / "page"], check=True, timeout=60)
        return [Image.open(file).convert("L") for file in sorted(folder.glob("page*"))]


@pytest.fixture(params=["pdfium", "poppler"])
def render(request):
    return {"pdfium": render_with_pdfium, "poppler": render_with_poppler}[request.param]


@pytest.fixture
def pdfium():
    return render_with_pdfium


@pytest.fixture
def poppler():
    return render_with_poppler


@pytest.fixture
def crop():
    """The picture of one label, cut out of its page by the stock's geometry."""

    def cut(page, stock, position, dpi):
        x, y = stock.corner(position)
        box = (x, y, x + stock.label[0], y + stock.label[1])
        return page.crop(tuple(round(length * dpi / 25.4) for length in box))

    return cut


@pytest.fixture
def read():
    """Text of each code of a kind in a picture."""

    def texts(picture, kind="QRCode"):
        return [found.text for found in zxingcpp.read_barcodes(picture) if found.format.name == kind]

    return texts


@pytest.fixture
def page_text():
    """The text that a screen reader or a search finds on each page."""

    def texts(pdf):
        with pypdfium2.PdfDocument(pdf) as document:
            return [page.get_textpage().get_text_bounded() for page in document]

    return texts


SVG_ARMS = b"""<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 260">
<style>.shield{fill:#005293}</style>
<defs><linearGradient id="gold" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fecc00"/>
<stop offset="1" stop-color="#d0a000"/></linearGradient></defs>
<path class="shield" d="M10 60h180v100c0 50-50 80-90 95c-40-15-90-45-90-95z" stroke="#000" stroke-width="3"/>
<g transform="translate(100 140)"><path id="bar" fill="#fecc00" d="M-8-70h16v140h-16z"/>
<use xlink:href="#bar" transform="rotate(90)"/></g>
<path fill="url(#gold)" fill-opacity="0.9" d="M40 55l-12-40 26 18 12-28 17 26 17-30 17 30 17-26 12 28 26-18-12 40z"/>
</svg>"""
"""A blue shield with a golden cross and a crown with a gradient: what SVG files of coats of arms are made of."""


def png_of(width, height, mode="RGBA", colour=(200, 30, 30, 128)):
    stream = io.BytesIO()
    Image.new(mode, (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def arms():
    """Coats of arms as the bytes of their files, by kind."""
    return {"svg": SVG_ARMS, "png": png_of(300, 360)}


@pytest.fixture
def png():
    return png_of


@pytest.fixture
def receipt():
    return Receipt(
        number="Å-2026-000041",
        authority="Polismyndigheten, polisområde Kvarnby",
        case_number="5000-K123456-26",
        item_number="2026-5000-BG1234-3",
        description="Cykel, Crescent, röd",
        handed_over_at=datetime(2026, 11, 22, 15, 4, tzinfo=ZoneInfo("Europe/Stockholm")),
        storage="Beslagsrum 2, hylla C4",
        kit_code="SDNA-4K7Q-2M9X",
        grade=4,
        reading_id="R-000812",
        owner_name="Åsa Öberg",
        handed_over_by="Björn Ekdahl",
        received_by="Åsa Öberg",
    )


@pytest.fixture
def stickers():
    def some(count):
        numbers = [markcode.issue() for _ in range(count)]
        return [LabelContent(url=markcode.url(BASE, number), number=markcode.grouped(number)) for number in numbers]

    return some
