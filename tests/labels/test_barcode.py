import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels.barcode import code128
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
