import random

import numpy as np
import pytest
import qrcode
import zxingcpp
from PIL import Image

from labels import markcode
from labels.errors import CodeError
from labels.qr import QrSeries, encode, module_width, path

LEVELS = {
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}


def matrix(code):
    return [[bool(row >> code.size - 1 - column & 1) for column in range(code.size)] for row in code.rows]


def by_the_library(text, level):
    code = qrcode.QRCode(error_correction=LEVELS[level], mask_pattern=2)
    code.add_data(text, optimize=0)
    code.make()
    return [[bool(module) for module in row] for row in code.modules]


@pytest.mark.parametrize("base", ["https://dna.kommun.example", "https://dnam.se", "http://127.0.0.1:8000"])
def test_fast_codes_equal_those_of_the_library(base):
    series = QrSeries()
    urls = [markcode.url(base, markcode.issue()) for _ in range(120)]
    fast = [series.code(url) for url in urls]
    assert [matrix(code) for code in fast[-100:]] == [by_the_library(url, fast[0].level) for url in urls[-100:]]
    assert series.learned, "the codes must have come from the table for this test to say anything"


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
