"""Rendering and decoding for the label tests: two renderers and a decoder that know nothing of our code."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from labels import markcode
from labels.pdf import LabelContent

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


@pytest.fixture
def stickers():
    def some(count):
        numbers = [markcode.issue() for _ in range(count)]
        return [LabelContent(url=markcode.url(BASE, number), number=markcode.grouped(number)) for number in numbers]

    return some
