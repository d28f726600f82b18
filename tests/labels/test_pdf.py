"""Print it, then read it back: sheets are rendered by two renderers and read by an independent decoder."""

import io
import re
import tracemalloc
from dataclasses import replace

import pypdfium2
import pytest

from labels.designs import DESIGNS
from labels.errors import CodeError, ContentError, DesignError, SheetError
from labels.language import Language
from labels.pdf import HouseStyle, LabelContent, pen, write_sheets
from labels.settings import Calibration
from labels.stock import STOCKS
from labels.typeface import REGULAR, plain

L7160 = STOCKS["L7160"]
WARNING = DESIGNS["warning-sticker"]
ASSET = DESIGNS["asset-label"]


def printed(labels, *, stock=L7160, design=WARNING, **options):
    stream = io.BytesIO()
    report = write_sheets(stream, labels, stock=stock, design=design, **options)
    return stream.getvalue(), report


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("code", ["L7160", "L7651", "L6009", "L6011", "L6112", "4773"])
def test_every_label_of_a_sheet_is_read_back_in_its_place(render, read, crop, stickers, code, dpi):
    stock = STOCKS[code]
    labels = stickers(stock.positions)
    pdf, report = printed(labels, stock=stock)
    (page,) = render(pdf, dpi)
    seen = [read(crop(page, stock, position, dpi)) for position in range(1, stock.positions + 1)]
    assert seen == [[label.url] for label in labels]
    assert report.labels == stock.positions


def test_a_part_used_sheet_keeps_its_used_places_white(pdfium, read, crop, stickers):
    labels = stickers(3)
    pdf, report = printed(labels, start_position=19, skip={20}, copies=1)
    first, second = pdfium(pdf, 203)
    assert [read(crop(first, L7160, position, 203)) for position in (19, 21)] == [[labels[0].url], [labels[1].url]]
    assert all(crop(first, L7160, position, 203).getextrema() == (255, 255) for position in (*range(1, 19), 20))
    assert read(crop(second, L7160, 1, 203)) == [labels[2].url]
    assert (report.pages, report.next_position) == (2, 2)


def test_copies_follow_one_another(pdfium, read, crop, stickers):
    one, other = stickers(2)
    pdf, report = printed([one, other], copies=2)
    (page,) = pdfium(pdf, 203)
    assert [read(crop(page, L7160, place, 203)) for place in (1, 2, 3, 4)] == [[one.url]] * 2 + [[other.url]] * 2
    assert report.labels == 4


def test_the_number_can_be_read_by_people_and_found_by_a_search(page_text, stickers):
    labels = stickers(21)
    pdf, _ = printed(labels)
    (text,) = page_text(pdf)
    assert all(label.number in text for label in labels)
    assert text.count("DNA-märkt") == 21


def test_the_words_are_english_on_request(page_text, stickers):
    pdf, _ = printed(stickers(1), language=Language.ENGLISH)
    assert "DNA-marked" in page_text(pdf)[0]


def test_an_asset_label_carries_owner_number_name_and_both_codes(render, read, crop, page_text):
    label = LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/E/MN-2024-00417", number="MN-2024-00417", name="Häcksax, batteri"
    )
    pdf, _ = printed([label], design=ASSET, style=HouseStyle(organisation="Kvarnby kommun"))
    page = crop(render(pdf, 203)[0], L7160, 1, 203)
    assert read(page) == [label.url]
    assert read(page, "Code128") == ["MN-2024-00417"]
    assert {"Kvarnby kommun", "Häcksax, batteri"} <= {line.strip() for line in page_text(pdf)[0].splitlines()}


@pytest.mark.parametrize(("reduction", "all_read"), [(None, True), (0.0, False)])
def test_bars_are_read_after_a_renderer_that_blackens_every_dot_they_touch(
    monkeypatch, poppler, crop, read, reduction, all_read
):
    if reduction is not None:
        monkeypatch.setattr(pen, "BAR_REDUCTION", reduction)
    numbers = [f"MN-2024-{17 + 4201 * place:05}" for place in range(L7160.positions)]
    pdf, _ = printed([replace(ASSET.example, number=number) for number in numbers], design=ASSET)
    (page,) = poppler(pdf, 203, one_bit=True)
    seen = [read(crop(page, L7160, place, 203), "Code128") for place in range(1, L7160.positions + 1)]
    assert (seen == [[number] for number in numbers]) is all_read


def test_the_same_labels_give_the_same_bytes(stickers):
    labels = stickers(30)
    assert printed(labels)[0] == printed(labels)[0]


def test_printers_are_asked_not_to_scale_and_nothing_is_active(stickers):
    pdf, _ = printed(stickers(1))
    assert b"/PrintScaling /None" in pdf
    assert b"/Duplex /Simplex" in pdf
    assert b"/PickTrayByPDFSize true" in pdf
    assert not re.search(rb"/(JavaScript|JS|AA|OpenAction|URI|Launch|EmbeddedFile|AcroForm)\b", pdf)


def test_only_embedded_fonts_are_used(stickers):
    pdf, _ = printed(stickers(1))
    assert pdf.count(b"/FontFile2") >= 3
    assert b"Helvetica" not in pdf


PEOPLE = [
    "x" * 200,
    "ord " * 60,
    "Cykel 🚲👨‍👩‍👧 röd",
    "شركة الأمن",
    "(Tj) \\ ET Q 0 0 m /JavaScript <<>>",
    "rad\nrad\r\nrad\x00",
    "<script>alert(1)</script>",
    "Łódź, Şişli, Dvořák, Åäö",
    "",
]


@pytest.mark.parametrize("text", PEOPLE)
@pytest.mark.parametrize("code", ["L7160", "L7651", "L7163"])
def test_whatever_people_write_leaves_the_neighbours_whole(pdfium, read, crop, stickers, text, code):
    stock = STOCKS[code]
    labels = [replace(label, number="MN-1", name=text, owner=text) for label in stickers(stock.columns * 2)]
    labels[0] = replace(labels[0], name="", owner="")
    pdf, _ = printed(labels, stock=stock, design=ASSET)
    (page,) = pdfium(pdf, 203)
    seen = [read(crop(page, stock, position, 203)) for position in range(1, len(labels) + 1)]
    assert seen == [[label.url] for label in labels]
    gap = (stock.label[0] + stock.left, stock.top, stock.left + stock.pitch_x, stock.top + stock.label[1])
    assert page.crop(tuple(round(length * 203 / 25.4) for length in gap)).getextrema() == (255, 255)


def test_text_is_set_as_text_and_not_as_operators(page_text, stickers):
    name = "(Tj) \\ ET Q"
    pdf, _ = printed([replace(stickers(1)[0], number="MN-1", name=name)], design=ASSET)
    assert name in page_text(pdf)[0]


def test_letters_that_the_typeface_lacks_are_reported(page_text, stickers):
    label = replace(stickers(1)[0], number="MN-1", name="Дом 7")
    pdf, report = printed([label], design=ASSET)
    assert report.replaced_characters
    assert "??? 7" in page_text(pdf)[0]
    assert not printed([replace(label, name="Hus 7")], design=ASSET)[1].replaced_characters


def test_more_letters_than_one_font_subset_holds_are_still_right(page_text, stickers):
    letters = "".join(sorted(character for character in REGULAR.characters if ord(character) > 0xBF))
    parts = [letters[start : start + 12] for start in range(0, len(letters), 12)]
    labels = [replace(stickers(1)[0], number="MN-1", name=part) for part in parts]
    pdf, report = printed(labels, stock=STOCKS["L7163"], design=ASSET)
    text = "".join(page_text(pdf))
    assert len(letters) > 200
    assert [part for part in parts if plain(part) not in text] == []
    assert not report.replaced_characters


def test_a_number_is_never_cut_short(stickers):
    label = replace(stickers(1)[0], number="MN-2024-00417-KVARNBY-GATA-OCH-PARK-0001")
    with pytest.raises(ContentError, match="a number is never cut short"):
        printed([label], design=ASSET, stock=STOCKS["L7651"])


def test_no_label_is_an_error_and_not_an_empty_page():
    with pytest.raises(SheetError, match="there is no label to print"):
        printed([])


@pytest.mark.parametrize("position", [0, 22])
def test_positions_outside_the_sheet_are_refused_before_anything_is_written(stickers, position):
    with pytest.raises(SheetError, match="Allowed: 1 to 21"):
        printed(stickers(1), start_position=position)


def test_copies_have_a_limit(stickers):
    with pytest.raises(SheetError, match="0 copies cannot be made"):
        printed(stickers(1), copies=0)


def test_a_stock_too_small_for_the_design_is_refused(stickers):
    with pytest.raises(DesignError, match=r"at least 38 x 20 mm; L6008 has 25\.4 x 10 mm"):
        printed(stickers(1), stock=STOCKS["L6008"])


def test_a_code_too_long_for_the_label_is_refused(stickers):
    label = replace(stickers(1)[0], url="HTTPS://A-VERY-LONG-NAME.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N" + "/AND/SO/ON" * 4)
    with pytest.raises(CodeError, match="Choose a larger label or a shorter address"):
        printed([label], stock=STOCKS["L7651"])


def test_a_label_without_its_number_is_refused_by_its_place(stickers):
    labels = [*stickers(2), LabelContent(url="HTTPS://X.EXAMPLE")]
    with pytest.raises(ContentError, match="Label 3: the design warning-sticker needs a value for number"):
        printed(labels)


def test_calibration_moves_and_stretches_the_print(pdfium, stickers):
    def edge(pdf):
        (page,) = pdfium(pdf, 600)
        left, top, right, bottom = page.point(lambda value: 255 * (value < 128)).getbbox()
        return [round(length * 25.4 / 600, 2) for length in (left, top, right - left, bottom - top)]

    labels = stickers(21)
    plain = edge(printed(labels)[0])
    moved = edge(printed(labels, calibration=Calibration(offset_x=1.5, offset_y=-0.8))[0])
    wide = edge(printed(labels, calibration=Calibration(scale_x=1.01, scale_y=0.99))[0])
    assert [moved[0] - plain[0], moved[1] - plain[1]] == pytest.approx([1.5, -0.8], abs=0.06)
    assert [wide[2] / plain[2], wide[3] / plain[3]] == pytest.approx([1.01, 0.99], abs=0.001)


def test_borders_show_every_labels_edge(pdfium, stickers, crop):
    with_borders = crop(pdfium(printed(stickers(21), borders=True)[0], 300)[0], L7160, 5, 300)
    without = crop(pdfium(printed(stickers(21))[0], 300)[0], L7160, 5, 300)
    middle = with_borders.height // 2
    assert min(with_borders.getpixel((x, middle)) for x in range(4)) < 200
    assert min(without.getpixel((x, middle)) for x in range(4)) == 255


def test_pages_leave_as_they_are_made(stickers):
    """Memory must not grow with the number of labels, nor may the file wait for the last one."""
    written = []

    def watched(count):
        for label in stickers(count):
            written.append(stream.tell())
            yield label

    stream = io.BytesIO()
    write_sheets(stream, watched(200), stock=L7160, design=WARNING)
    assert written[150] > written[50] > 1000


@pytest.mark.slow
def test_memory_is_flat(stickers):
    class Sink(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return len(data)

    def peak(count):
        labels = stickers(100)
        tracemalloc.start()
        write_sheets(Sink(), (labels[number % 100] for number in range(count)), stock=L7160, design=WARNING)
        peaked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peaked

    peak(100)
    assert peak(3000) < peak(750) * 1.6


def test_the_file_opens_with_its_title_and_size(stickers):
    pdf, _ = printed(stickers(22))
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 2
        assert document[0].get_size() == pytest.approx((595.28, 841.89), abs=0.01)
        assert document.get_metadata_value("Title") == "Varningsdekal"
