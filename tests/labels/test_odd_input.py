"""Odd input in every design: a clear error or a clean fallback, never a broken sheet or a changed number."""

import io
from dataclasses import replace

import pytest

from labels.designs import DESIGNS
from labels.errors import ContentError, SheetError
from labels.language import Language
from labels.pdf import HouseStyle, words_in, write_sheets
from labels.stock import STOCKS

ODD = {
    "200 characters": "Motordriven åkgräsklippare med snöblad " * 5 + "slut!",
    "one word of 200": "Å" * 200,
    "emoji": "🚲👩‍👩‍👧🏽 🇸🇪",
    "right to left": "אופניים אדומים",
    "right to left marks": "\u202eabc\u202c",
    "missing glyph": "自転車",
    "combining": "Z" + "\u0301" * 40,
    "control": "rad\r\nrad\t\0\x1b[31m",
    "operators": "(\\) Tj ET Q endstream",
    "empty": "",
}
NUMBERS = {"emoji": "🚲-1", "right to left": "א-1", "missing glyph": "MN-車", "mark": "MN\u202e-1"}
TEXTS = ("name", "owner", "place", "note")


def printed(design, labels, **options):
    stream = io.BytesIO()
    report = write_sheets(stream, labels, stock=STOCKS[design.stocks[0]], design=design, **options)
    return stream.getvalue(), report


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", DESIGNS)
def test_odd_words_leave_a_whole_sheet_with_its_code_or_a_clear_error(pdfium, read, name, kind):
    design = DESIGNS[name]
    label = replace(design.example, **dict.fromkeys(TEXTS, ODD[kind]))
    if kind in {"emoji", "empty"} and set(TEXTS) & set(design.needs):
        with pytest.raises(ContentError, match="needs a value for"):
            printed(design, [label])
        return
    pdf, report = printed(design, [design.example, label])
    stock = STOCKS[design.stocks[0]]
    codes = [
        text for page in pdfium(pdf, 203 if stock.page[0] < 200 or stock.positions > 1 else 110) for text in read(page)
    ]
    assert codes == ([design.example.url] * 2 if design.example.url else [])
    assert report.labels == 2


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("name", [name for name, design in DESIGNS.items() if "number" in design.needs])
def test_a_number_is_printed_as_it_is_or_refused(name, kind):
    design = DESIGNS[name]
    with pytest.raises(ContentError, match="a number is never changed") as refused:
        printed(design, [replace(design.example, number=NUMBERS[kind])])
    assert "ändras aldrig" in refused.value.explain(words_in(Language.SWEDISH))


@pytest.mark.parametrize("number", ["Å-17", "A\N{COMBINING RING ABOVE}-17"])
def test_swedish_letters_of_a_number_are_printed_however_they_are_written(page_text, number):
    design = DESIGNS["asset-label"]
    pdf, report = printed(design, [replace(design.example, number=number)])
    assert "Å-17" in page_text(pdf)[0]
    assert not report.replaced_characters


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"start_position": 0}, "there is no position 0"),
        ({"start_position": 22}, "there is no position 22. Allowed: 1 to 21"),
        ({"skip": {22}}, "there is no position 22"),
        ({"skip": set(range(1, 22))}, "no position is free"),
        ({"copies": 0}, "0 copies cannot be made"),
    ],
)
def test_places_that_are_not_on_the_sheet_are_refused_with_what_there_is(options, words):
    design = DESIGNS["warning-sticker"]
    with pytest.raises(SheetError, match=words):
        printed(design, [design.example], **options)


def test_an_empty_list_is_refused():
    with pytest.raises(SheetError, match="no label to print"):
        printed(DESIGNS["warning-sticker"], [])


@pytest.mark.parametrize("name", DESIGNS)
def test_the_house_style_colours_every_design(pdfium, name):
    design, stock = DESIGNS[name], STOCKS[DESIGNS[name].stocks[0]]
    counts = {}
    for ink in ("#0b3d48", "#7a1020"):
        stream = io.BytesIO()
        style = HouseStyle(organisation="Kvarnby kommun", ink=ink)
        write_sheets(stream, [design.example], stock=stock, design=design, style=style)
        rgb = tuple(bytes.fromhex(ink[1:]))
        counts[ink] = {other: _dots_of(stream.getvalue(), other) for other in ((0x0B, 0x3D, 0x48), (0x7A, 0x10, 0x20))}
        assert counts[ink][rgb] > 20
    assert counts["#7a1020"][0x0B, 0x3D, 0x48] == 0


def _dots_of(pdf, rgb):
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=150 / 72, rev_byteorder=True).to_pil().convert("RGB")
        return sum(count for count, colour in page.getcolors(2**24) if colour == rgb)
