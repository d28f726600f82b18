import random

import numpy as np
import pytest
import qrcode
import zxingcpp
from PIL import Image

from labels import markcode
from labels.errors import CodeError
from labels.qr import Kind, QrSeries, encode, kind_for_dots, kind_for_width, module_width, path, smallest_kind

LEVELS = {
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}


def matrix(code):
    return [[bool(row >> code.size - 1 - column & 1) for column in range(code.size)] for row in code.rows]


def by_the_library(text, level, version=None):
    code = qrcode.QRCode(version=version, error_correction=LEVELS[level], mask_pattern=2)
    code.add_data(text, optimize=0)
    code.make()
    return [[bool(module) for module in row] for row in code.modules]


@pytest.mark.parametrize("kind", [None, Kind(4, "H"), Kind(7, "Q")])
@pytest.mark.parametrize("base", ["https://dna.kommun.example", "https://dnam.se", "http://127.0.0.1:8000"])
def test_fast_codes_equal_those_of_the_library(base, kind):
    series = QrSeries()
    urls = [markcode.url(base, markcode.issue()) for _ in range(120)]
    fast = [series.code(url, kind) for url in urls]
    assert [matrix(code) for code in fast[-100:]] == [
        by_the_library(url, fast[0].level, kind and kind.version) for url in urls[-100:]
    ]
    assert series.learned, "the codes must have come from the table for this test to say anything"


def test_a_later_series_is_drawn_as_the_first_of_the_process_was():
    urls = [markcode.url("https://later.example", markcode.issue()) for _ in range(40)]
    first, later = ([path(series.code(url)) for url in urls] for series in (QrSeries(), QrSeries()))
    assert first == later


def test_more_kinds_of_text_than_tables_are_kept_are_made_right(monkeypatch):
    monkeypatch.setattr("labels.qr.series.MOST_TABLES", 1)
    for base in ("https://one.example", "https://other.example", "https://one.example"):
        series = QrSeries()
        urls = [markcode.url(base, markcode.issue()) for _ in range(18)]
        assert [series.code(url) for url in urls] == [encode(url) for url in urls]


def test_codes_with_another_beginning_or_sign_are_not_taken_from_the_table():
    series = QrSeries()
    for _ in range(40):
        series.code(markcode.url("https://dna.kommun.example", markcode.issue()))
    odd = [
        "HTTPS://DNA.KOMMUN.EXAMPLE/S/abcdefghijklmno",
        "HTTPS://DNB.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N",
        "A",
        "å" * 30,
    ]
    assert [series.code(text) for text in odd] == [encode(text) for text in odd]


def test_random_texts_are_the_same_with_and_without_a_series():
    letters = random.Random(3)
    series = QrSeries()
    texts = ["HTTPS://X.EXAMPLE/" + "".join(letters.choices("0123456789ABCXYZ$%*+-./: ", k=21)) for _ in range(60)]
    assert [series.code(text) for text in texts] == [encode(text) for text in texts]


@pytest.mark.parametrize(
    ("length", "size", "level"),
    # Capacities in alphanumeric mode by ISO/IEC 18004:2015, table 7.
    [(20, 21, "M"), (29, 25, "Q"), (38, 25, "M"), (10, 21, "H"), (47, 29, "Q"), (61, 29, "M"), (62, 33, "Q")],
)
def test_the_highest_level_of_the_smallest_size_is_taken(length, size, level):
    code = encode("A" * length)
    assert (code.size, code.level) == (size, level)


def test_a_sticker_address_makes_29_modules_with_level_q():
    code = encode(markcode.url("https://dna.kommun.example", markcode.issue()))
    assert (code.size, code.level) == (29, "Q")


ADDRESS = "HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N"


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        (18.5, Kind(3, "Q")),  # 0.5 mm; at level H it would be 0.45 mm.
        (20.4, Kind(3, "Q")),
        (20.5, Kind(4, "H")),  # 0.5 mm.
        (22.4, Kind(4, "H")),
        (22.5, Kind(5, "H")),  # 0.5 mm in either version.
        (25.6, Kind(5, "H")),
        (25.7, Kind(4, "H")),  # 0.625 mm against 0.5 mm.
        (28.2, Kind(5, "H")),  # 0.625 mm in either version.
        (30.8, Kind(5, "H")),  # 0.625 mm against 0.75 mm, both comfortable.
        (10.0, Kind(3, "Q")),  # Refused later, with its sizes.
    ],
)
def test_level_h_is_taken_where_modules_of_half_a_millimetre_allow_it(side, kind):
    assert kind_for_width(ADDRESS, side) == kind


@pytest.mark.parametrize(("side", "kind"), [(18.5, Kind(3, "H")), (20.5, Kind(4, "H")), (23.2, Kind(5, "H"))])
def test_an_address_that_level_h_holds_in_29_modules_is_spread_over_more(side, kind):
    assert kind_for_width("HTTPS://DNAM.SE/S/4K7Q2M9XW3PZD7N", side) == kind


@pytest.mark.parametrize(
    ("dots", "dpi", "kind"),
    [(163, 203, Kind(3, "Q")), (205, 203, Kind(4, "H")), (245, 300, Kind(3, "Q")), (246, 300, Kind(4, "H"))],
)
def test_a_label_printer_has_level_h_in_its_own_dots_and_smallest_version(dots, dpi, kind):
    assert kind_for_dots(ADDRESS, dots, dpi) == kind


def test_a_text_that_has_level_h_in_its_smallest_size_stays_there_when_there_is_no_room_for_more():
    assert smallest_kind("A" * 10) == kind_for_width("A" * 10, 15) == Kind(1, "H")


def test_a_text_too_long_for_level_h_on_a_label_keeps_its_smallest_kind():
    assert kind_for_width("A" * 300, 100) == smallest_kind("A" * 300) == Kind(10, "M")


@pytest.mark.parametrize(("kind", "read_again"), [(Kind(4, "H"), True), (Kind(3, "M"), False)])
def test_level_h_bears_a_covered_part_that_the_usual_level_does_not(kind, read_again):
    code = encode(ADDRESS, kind)
    dark = np.pad(np.array(matrix(code)), 4)
    picture = np.kron(np.where(dark, 0, 255), np.ones((6, 6))).astype("uint8")
    start, side = round((4 + 0.45 * code.size) * 6), round(0.15**0.5 * code.size * 6)
    picture[start : start + side, start : start + side] = 255
    found = zxingcpp.read_barcode(Image.fromarray(picture))
    assert (found is not None and found.text == ADDRESS) is read_again


@pytest.mark.parametrize("text", ["HTTPS://X.EXAMPLE/" + "0" * 26, "A" + "0" * 41, "0" * 43])
def test_a_row_of_noughts_is_made_although_the_library_gives_up(text):
    kind = Kind(4, "H")
    with pytest.raises(ValueError, match="glog"):
        by_the_library(text, "H", 4)
    dark = np.pad(np.array(matrix(encode(text, kind))), 4)
    picture = Image.fromarray(np.kron(np.where(dark, 0, 255), np.ones((4, 4))).astype("uint8"))
    assert zxingcpp.read_barcode(picture).text == text


def from_a_table():
    series = QrSeries()
    return [series.code(markcode.url("https://dna.kommun.example", markcode.issue())) for _ in range(20)][-1]


@pytest.mark.parametrize("made", [lambda: encode("HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N"), from_a_table])
def test_the_path_fills_exactly_the_dark_modules_once(made):
    code = made()
    field = np.zeros((code.size, code.size), dtype=int)
    for line in path(code).splitlines():
        x, y, width, height = map(int, line.removesuffix(" re").split())
        field[code.size - y - height : code.size - y, x : x + width] += 1
    assert field.tolist() == np.array(matrix(code), dtype=int).tolist()


def test_a_matrix_is_read_by_an_independent_decoder():
    code = encode("HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N")
    dark = np.pad(np.array(matrix(code)), 4)
    picture = Image.fromarray(np.kron(np.where(dark, 0, 255), np.ones((4, 4))).astype("uint8"))
    assert zxingcpp.read_barcode(picture).text == "HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N"


def test_modules_are_whole_printer_dots():
    code = encode("HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N")
    assert module_width(code, 18.5, "x") == 0.5
    assert module_width(code, 27.0, "x") == 0.625
    assert module_width(code, 29.9, "x") == 0.75


def test_a_code_that_would_not_scan_is_refused_with_the_sizes():
    code = encode("HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N")
    with pytest.raises(CodeError, match=r"29 modules needs 18\.5 mm with its quiet zone, there are 18\.4 mm"):
        module_width(code, 18.4, "x")


def test_no_text_and_too_much_text_are_refused():
    with pytest.raises(CodeError, match="there is no text"):
        encode("")
    with pytest.raises(CodeError, match="600 characters are too many"):
        encode("A" * 600)
