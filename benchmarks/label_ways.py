"""Other ways to draw the benchmark's label with libraries that this project has anyway."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import qrcode
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.renderPDF import draw
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

__all__ = ["WAYS", "Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """One label: the text of its code and its four lines."""

    url: str
    lines: tuple[str, str, str, str]


def _sheet(made: Sequence[Item], code: Callable[[Canvas, Item, float, float], None]) -> int:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, pageCompression=1)
    for place, item in enumerate(made):
        if place and place % 21 == 0:
            canvas.showPage()
        x = (7.2 + place % 3 * 66.04) * mm
        y = (297 - 15.15 - 38.1 - place % 21 // 3 * 38.1) * mm
        canvas.rect(x + 1.4, y + 1.4, 177.2, 105.2)
        canvas.setFont("Helvetica", 8)
        for line, words in enumerate(item.lines):
            canvas.drawString(x + 8.5, y + 85 - 14 * line, words)
        code(canvas, item, x + 36 * mm, y + 6 * mm)
    canvas.save()
    return stream.tell()


def _picture(canvas: Canvas, item: Item, x: float, y: float) -> None:
    made: Any = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=10, border=4)
    made.add_data(item.url)
    stream = io.BytesIO()
    made.make_image().save(stream, "PNG")
    canvas.drawImage(ImageReader(stream), x, y, 27 * mm, 27 * mm)


def _path(canvas: Canvas, item: Item, x: float, y: float, mask: int | None) -> None:
    made: Any = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, mask_pattern=mask)
    made.add_data(item.url)
    made.make()
    module = 27 * mm / (len(made.modules) + 8)
    shape = canvas.beginPath()
    for row, modules in enumerate(reversed(made.modules)):
        column = 0
        while column < len(modules):
            width = 0
            while column + width < len(modules) and modules[column + width]:
                width += 1
            if width:
                shape.rect(x + (4 + column) * module, y + (4 + row) * module, width * module, module)
            column += width or 1
    canvas.drawPath(shape, stroke=0, fill=1)


def _widget(canvas: Canvas, item: Item, x: float, y: float) -> None:
    drawing = Drawing(27 * mm, 27 * mm)
    drawing.add(QrCodeWidget(item.url, barLevel="M", barWidth=27 * mm, barHeight=27 * mm))
    draw(drawing, canvas, x, y)


WAYS: Final[dict[str, Callable[[Sequence[Item]], int]]] = {
    "usual way: qrcode PNG + drawImage": lambda made: _sheet(made, _picture),
    "reportlab QrCodeWidget": lambda made: _sheet(made, _widget),
    "qrcode, best mask, one path": lambda made: _sheet(made, lambda *given: _path(*given, None)),
    "qrcode, fixed mask, one path": lambda made: _sheet(made, lambda *given: _path(*given, 2)),
}
