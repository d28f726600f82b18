"""Each design on each stock that it is meant for: read back, safe against any text, and inside its own label."""

import io
import random
import re
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from benchmarks.label_hardships import code_alone, covered, modules_of
from labels import markcode
from labels.designs import DESIGNS, design_named
from labels.errors import CodeError, ContentError, DesignError, SheetError
from labels.language import Language
from labels.pdf import HouseStyle, LabelContent, pen, write_sheets
from labels.qr import smallest_kind
from labels.stock import STOCKS

STYLE = HouseStyle(organisation="Kvarnby kommun", contact="Frågor: 0123-456 78")
MEANT = [(design, STOCKS[code]) for design in DESIGNS.values() for code in design.stocks]


def numbered(digits):
    number = digits + markcode.check_characters(digits)
    return LabelContent(url=markcode.url("https://dna.kommun.example", number), number=markcode.grouped(number))


def by_name(value):
    return getattr(value, "name", getattr(value, "code", str(value)))


def printed(design, stock, labels, **options):
    stream = io.BytesIO()
    write_sheets(stream, labels, stock=stock, design=design, **{"style": STYLE, **options})
    return stream.getvalue()


@pytest.mark.parametrize(("design", "stock"), MEANT, ids=by_name)
def test_its_code_is_read_back_from_the_last_place_of_the_sheet(pdfium, read, crop, design, stock):
    pdf = printed(design, stock, [design.example], start_position=stock.positions)
    dpi = 203 if stock.page[0] < 250 else 150
    seen = read(crop(pdfium(pdf, dpi)[0], stock, stock.positions, dpi))
    assert seen == ([design.example.url] if design.example.url else [])


@pytest.mark.parametrize(("design", "stock"), [pair for pair in MEANT if "url" in pair[0].needs], ids=by_name)
def test_a_sticker_address_has_level_h_on_every_stock_the_design_is_meant_for(pdfium, crop, stickers, design, stock):
    label = replace(design.example, url=stickers(1)[0].url)
    picture = crop(pdfium(printed(design, stock, [label]), 203)[0], stock, 1, 203)
    (code,) = zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)
    assert (code.text, code.ec_level) == (label.url, "H")


@pytest.mark.parametrize(
    ("design", "stock"), [("warning-sticker", "L7651"), ("blank-sticker", "L6009"), ("asset-label", "L6011")]
)
def test_small_labels_are_read_with_a_seventh_of_the_code_covered_and_would_not_be_at_level_q(
    monkeypatch, pdfium, crop, design, stock
):
    chosen, paper, chance = DESIGNS[design], STOCKS[stock], random.Random(5)
    labels = [numbered("".join(chance.choices(markcode.ALPHABET, k=13))) for _ in range(20)]

    def read_again():
        (page,) = pdfium(printed(chosen, paper, labels), 203)
        pictures = [code_alone(crop(page, paper, place, 203)) for place in range(1, 21)]
        chance.seed(5)
        spoilt = [covered(0.15)(picture, chance, modules_of(picture)) for picture in pictures]
        return sum(
            label.url in {code.text for code in zxingcpp.read_barcodes(picture)}
            for label, picture in zip(labels, spoilt, strict=True)
        )

    assert read_again() >= 17
    monkeypatch.setattr(pen, "kind_for_width", lambda text, _: smallest_kind(text))
    assert read_again() <= 12


@pytest.mark.parametrize(("design", "stock"), [pair for pair in MEANT if pair[1].positions > 1], ids=by_name)
def test_nothing_is_drawn_on_the_neighbours_label(pdfium, crop, design, stock):
    (page,) = pdfium(printed(design, stock, [design.example], start_position=stock.columns + 1), 203)
    for neighbour in {1, stock.columns + 2, min(2 * stock.columns + 1, stock.positions)} - {stock.columns + 1}:
        picture = crop(page, stock, neighbour, 203)
        inner = picture.crop((2, 2, picture.width - 2, picture.height - 2))
        assert inner.getextrema() == (255, 255)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("design", "stock"), MEANT, ids=by_name)
def test_any_text_from_people_leaves_the_code_readable(pdfium, read, design, stock, language):
    long = "Mycket långt namn på ett föremål 🚲 (\\) שלום " * 5
    kept = ("url", "number", "case_number", "date")
    values = {name: long for name in LabelContent.__dataclass_fields__ if name not in kept}
    label = replace(design.example, **values)
    dpi = 203 if stock.page[0] < 250 else 120
    seen = read(pdfium(printed(design, stock, [label], language=language), dpi)[0])
    assert seen == ([design.example.url] if design.example.url else [])


@pytest.mark.parametrize("design", DESIGNS.values(), ids=by_name)
def test_what_it_needs_is_asked_for(design):
    for name in design.needs:
        with pytest.raises(ContentError, match=f"needs a value for {name}"):
            printed(design, STOCKS[design.stocks[0]], [replace(design.example, **{name: ""})])


@pytest.mark.parametrize("design", DESIGNS.values(), ids=by_name)
def test_it_is_the_same_bytes_each_time_and_another_file_in_another_language(design):
    stock = STOCKS[design.stocks[0]]
    swedish, again = (printed(design, stock, [design.example]) for _ in range(2))
    english = printed(design, stock, [design.example], language=Language.ENGLISH)
    assert swedish == again
    assert swedish != english


def test_the_accent_is_not_needed_to_understand_a_label(pdfium):
    """In black and white the code and the words keep their contrast: ink on white is darker than 40 % grey."""
    design, stock = DESIGNS["warning-sticker"], STOCKS["L7160"]
    (page,) = pdfium(printed(design, stock, [design.example]), 203)
    assert sum(page.point(lambda value: 255 * (value < 90)).histogram()[255:]) > 10_000


def test_a_sign_for_the_print_shop_has_bleed_boxes_and_crop_marks(pdfium):
    design, stock = DESIGNS["area-sign"], STOCKS["A5"]
    pdf = printed(design, stock, [design.example], crop_marks=True)
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        left, bottom, right, top = page.get_trimbox()
        around = page.get_bleedbox()
    unit = 25.4 / 72
    assert [(right - left) * unit, (top - bottom) * unit] == pytest.approx([148, 210], abs=0.01)
    assert (left - around[0]) * unit == pytest.approx(3, abs=0.01)
    (picture,) = pdfium(pdf, 300)
    dot = 300 / 25.4
    assert picture.getpixel((round((9 - 1.5) * dot), round(60 * dot))) < 90, "the field reaches into the bleed"
    assert picture.getpixel((round((9 - 4) * dot), round(60 * dot))) == 255, "and not beyond it"
    marks = picture.crop((0, round(8.5 * dot), round(5 * dot), round(9.5 * dot)))
    assert marks.getextrema()[0] < 160


def test_crop_marks_on_a_sheet_of_many_are_refused():
    design = DESIGNS["warning-sticker"]
    with pytest.raises(SheetError, match="one label on the page"):
        printed(design, STOCKS["L7160"], [design.example], crop_marks=True)


def test_an_archival_file_says_so_and_embeds_its_colours_and_fonts():
    design = DESIGNS["certificate"]
    pdf = printed(design, STOCKS["A4"], [design.example], archive=True)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"/GTS_PDFA1" in pdf
    assert re.search(rb"/ID\s*\[<[0-9a-f]{32}><[0-9a-f]{32}>\]", pdf)
    assert pdf.count(b"/FontFile2") == pdf.count(b"/Subtype /TrueType") > 0
    assert b"/Encrypt" not in pdf
    assert pdf == printed(design, STOCKS["A4"], [design.example], archive=True)
    assert b"pdfaid" not in printed(design, STOCKS["A4"], [design.example])


def test_an_unknown_design_is_refused_with_the_list():
    with pytest.raises(DesignError, match="Allowed: warning-sticker, blank-sticker"):
        design_named("poster")


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("code", ["L6008", "4201"])
def test_the_data_matrix_of_a_small_tag_is_read_back(render, read, crop, code, dpi):
    design, stock = DESIGNS["asset-tag"], STOCKS[code]
    labels = [LabelContent(number=f"MN-2024-{place:05}", owner="Kvarnby kommun") for place in range(12)]
    (page,) = render(printed(design, stock, labels), dpi)
    seen = [read(crop(page, stock, place, dpi), "DataMatrix") for place in range(1, 13)]
    assert seen == [[label.number] for label in labels]


def test_a_number_too_long_for_a_small_tag_is_refused():
    with pytest.raises(CodeError, match=r"a Data Matrix of 18 modules needs 10\.0 mm, there are 9\.4 mm"):
        printed(DESIGNS["asset-tag"], STOCKS["L6008"], [LabelContent(number="abcdefghijklmnopqrstuvwx")])
