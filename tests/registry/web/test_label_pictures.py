"""The small pictures beside which designs are chosen show the designs as they are printed now.

After a change of a design: ``MARKDNA_WRITE_PICTURES=1 pytest tests/registry/web/test_label_pictures.py``.
"""

import io
import os
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

import registry.web
from labels.designs import DESIGNS
from labels.language import Language
from labels.pdf import HouseStyle, write_sheets
from labels.stock import STOCKS
from registry.services import asset_labels, evidence_labels, stickers

FOLDER = Path(registry.web.__file__).parent / "static" / "labels"
LONGER_SIDE = 320
SHOWN = sorted({design.name for design in (*stickers.DESIGNS, *asset_labels.designs(), *evidence_labels.DESIGNS)})


def picture_of(design, language):
    """The example of a design as it comes off the printer, small."""
    stock, stream = STOCKS[design.stocks[0]], io.BytesIO()
    style = HouseStyle(organisation="Exempelby kommun")
    write_sheets(stream, [design.example], stock=stock, design=design, language=language, style=style)
    x, y = stock.corner(1)
    width, height = stock.label
    scale = LONGER_SIDE / max(width, height)
    unit = 72 / 25.4
    crop = (x * unit, (stock.page[1] - y - height) * unit, (stock.page[0] - x - width) * unit, y * unit)
    with pypdfium2.PdfDocument(stream.getvalue()) as document:
        large = document[0].render(scale=4 * scale / unit, crop=crop).to_pil().convert("RGB")
    return large.resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", SHOWN)
def test_the_picture_shows_the_design_of_today(name, language):
    made, file = picture_of(DESIGNS[name], language), FOLDER / f"{name}-{language.value}.png"
    if os.environ.get("MARKDNA_WRITE_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        made.save(file, optimize=True)
    with Image.open(file) as kept:
        assert kept.size == made.size
        difference = ImageChops.difference(kept.convert("RGB"), made)
    # Renderers differ a little in their edges; another word or colour differs by more.
    assert max(ImageStat.Stat(difference).mean) < 2.5


def test_pictures_of_two_languages_differ():
    swedish, english = (picture_of(DESIGNS["warning-sticker"], language) for language in Language)
    assert max(ImageStat.Stat(ImageChops.difference(swedish, english)).mean) > 2.5


def test_no_picture_is_left_of_a_design_that_is_not_shown():
    expected = {f"{name}-{language.value}.png" for name in SHOWN for language in Language}
    assert {file.name for file in FOLDER.iterdir()} == expected
