import io

import numpy as np
import pytest

from labels.errors import PrinterError
from labels.language import Language
from labels.printers.calibration import ACROSS, DOWN, EDGE, correction, write_calibration_page


@pytest.mark.parametrize("shift", [(0, 0), (2.3, -1.4), (-3, 0.6)])
@pytest.mark.parametrize("stretch", [(1, 1), (0.997, 1.003), (1.01, 0.995)])
def test_the_correction_undoes_what_the_printer_does(shift, stretch):
    def printer(x, y):
        return stretch[0] * x + shift[0], stretch[1] * y + shift[1]

    a, b = printer(EDGE, EDGE)
    own = correction(a, b, stretch[0] * ACROSS, stretch[1] * DOWN)
    for x, y in ((7.2, 15.15), (105, 150), (139.28, 243.75)):
        there = printer(x * own.scale_x + own.offset_x, y * own.scale_y + own.offset_y)
        assert there == pytest.approx((x, y), abs=0.01)


@pytest.mark.parametrize("measured", [(20, 20, 17, 250), (20, 20, 170, 300), (50, 20, 170, 250), (20, 5, 170, 250)])
def test_lengths_that_no_printer_gives_are_refused(measured):
    with pytest.raises(PrinterError, match=r"cannot be right\. Allowed: .* is the page printed at 100 %"):
        correction(*measured)


def test_the_lines_of_the_page_lie_where_it_says(pdfium):
    stream = io.BytesIO()
    write_calibration_page(stream)
    (page,) = pdfium(stream.getvalue(), 600)
    dark = np.array(page) < 160
    dot = 25.4 / 600
    columns = np.flatnonzero(dark[round(200 / dot) :, :].mean(axis=0) > 0.5) * dot
    rows = np.flatnonzero(dark.mean(axis=1) > 0.5) * dot
    assert [columns.min(), columns.max()] == pytest.approx([EDGE, EDGE + ACROSS], abs=0.1)
    assert [rows.min(), rows.max()] == pytest.approx([EDGE, EDGE + DOWN], abs=0.1)


@pytest.mark.parametrize(("language", "words"), [("sv", "exakt: 170 mm"), ("en", "exact: 170 mm")])
def test_the_page_explains_itself(page_text, language, words):
    stream = io.BytesIO()
    write_calibration_page(stream, Language(language))
    (text,) = page_text(stream.getvalue())
    assert words in text
    assert "markdna labels calibrate --printer" in text
