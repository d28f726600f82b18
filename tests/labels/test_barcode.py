import sys

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels.barcode import code128, data_matrix
from labels.errors import CodeError


@pytest.mark.parametrize(
    "text",
    [
        "MN-2024-00417",
        "0123456789",
        "Skåp 7".replace("å", "a"),
        "x" * 24,
        "12",
        "1234",
        "12345A",
        "AB123456CD",
        "A1234",
        "7",
        "~ !",
    ],
)
def test_bars_are_read_by_an_independent_decoder(text):
    code = code128(text)
    row = np.full(code.width, 255, dtype="uint8")
    for start, width in code.bars:
        row[start : start + width] = 0
    picture = Image.fromarray(np.kron(np.tile(row, (40, 1)), np.ones((1, 3))).astype("uint8"))
    assert zxingcpp.read_barcode(picture).text == text


@pytest.mark.parametrize("text", ["", "Måla", "x" * 25, "a\nb"])
def test_what_code_128_cannot_carry_is_refused(text):
    with pytest.raises(CodeError, match="Code 128 takes 1 to 24 characters"):
        code128(text)


@pytest.mark.parametrize(("text", "symbols"), [("12345678", 4), ("ABC", 3), ("AB12345678", 7), ("AB123456CD", 9)])
def test_digits_take_half_the_room(text, symbols):
    # Start, check and stop are 11 + 11 + 13 narrow bars, each symbol 11, and ten of white on both sides.
    assert code128(text).width == 35 + 11 * symbols + 20


@pytest.mark.parametrize(("text", "size"), [("R-0214", 12), ("MN-2024-00417", 16), ("1234567890123456", 14)])
def test_a_data_matrix_is_a_square_with_its_finder(text, size):
    rows = data_matrix(text)
    assert (len(rows), len(rows[0])) == (size, size)
    assert [row[0] for row in rows] == [1] * size
    assert list(rows[-1]) == [1] * size


def test_a_data_matrix_without_its_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(CodeError, match=r"pip install 'markdna\[datamatrix\]'"):
        data_matrix("R-0214")


def test_a_data_matrix_of_a_long_text_is_refused():
    with pytest.raises(CodeError, match="takes 1 to 24 characters"):
        data_matrix("x" * 25)
