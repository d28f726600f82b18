"""Jobs for Brother QL printers are those that a kept library makes of the same pictures, byte for byte."""

import pytest
from attrs import evolve
from brother_ql.conversion import convert
from brother_ql.raster import BrotherQLRaster
from PIL import Image

from labels.language import Language
from labels.pdf import LabelContent, words_in
from labels.printers.bitmap import label_bitmap
from labels.printers.brother_ql import MEDIA, MODELS, raster_job

ROLLS = {"ROLL-62X29": "62x29", "ROLL-90X29": "29x90"}
"""Our rolls, and what the library calls them."""
SAY = words_in(Language.SWEDISH)


def pictures(stock):
    """Two labels, and what a thoughtless conversion gets wrong: dots in the corners and a border at the edge."""
    across, along = sorted(MEDIA[stock].dots)
    labels = [
        LabelContent(url=f"HTTPS://X.EXAMPLE/S/4K7Q2M9XW3PZ{end}", name="Såg", owner="Ö") for end in ("D7N", "D7P")
    ]
    made = [label_bitmap(label, (along, across), 300, SAY) for label in labels]
    border = Image.new("L", MEDIA[stock].dots, 0)
    border.paste(255, (1, 1, border.width - 1, border.height - 1))
    border.putpixel((7, 3), 0)
    return [*made, border]


def theirs(model, stock, images):
    raster = BrotherQLRaster(model)
    # For the 1100 series it holds cut labels to the least length of endless tape, and so would refuse 62 x 29 mm.
    raster.model = evolve(raster.model, min_max_length_dots=(0, raster.model.min_max_length_dots[1]))
    return bytes(convert(raster, images, ROLLS[stock]))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stock", MEDIA)
def test_a_job_is_the_one_that_the_kept_library_makes(model, stock):
    images = pictures(stock)
    assert raster_job(images, model=model, stock_code=stock) == theirs(model, stock, images)


@pytest.mark.parametrize("stock", MEDIA)
def test_the_comparison_sees_one_dot_and_one_model(stock):
    images = pictures(stock)
    job = raster_job(images, model="QL-820NWB", stock_code=stock)
    assert job != theirs("QL-1100", stock, images)
    images[-1].putpixel((8, 3), 0)
    assert job != theirs("QL-820NWB", stock, images)
