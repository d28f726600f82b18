"""A label as dots, for printers that take nothing else."""

from typing import Final

from PIL import Image, ImageDraw, ImageFont

from labels.pdf import LabelContent, Words
from labels.qr import QUIET_ZONE, encode, kind_for_dots, whole_dots
from labels.typeface import BOLD, CODE, MISSING, REGULAR, Typeface, plain

__all__ = ["label_bitmap"]

BLACK: Final = 0
WHITE: Final = 255


def label_bitmap(label: LabelContent, size: tuple[int, int], dpi: int, say: Words) -> Image.Image:
    """``label`` in black and white on ``size`` dots: the code on the left, owner, number and name beside it.

    Raises CodeError if a code would have modules under 0.5 mm.
    """
    width, height = size
    picture = Image.new("L", size, WHITE)
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    square = min(height, width // 2)
    code = encode(label.url, kind_for_dots(label.url, square, dpi))
    module = whole_dots(code, square, dpi, repr(label.url[:60]))
    left, top = QUIET_ZONE * module, (height - code.size * module) // 2
    for y, row in enumerate(code.rows):
        for x in range(code.size):
            if row >> code.size - 1 - x & 1:
                corner = (left + x * module, top + y * module)
                pen.rectangle((*corner, corner[0] + module - 1, corner[1] + module - 1), fill=BLACK)
    x = code.side * module
    _words(pen, label, (x, height), width - x - 2 * module, say)
    return picture


def _words(pen: ImageDraw.ImageDraw, label: LabelContent, origin: tuple[int, int], room: int, say: Words) -> None:
    x, height = origin
    groups = label.number.split("-")
    numbers = ["-".join(groups[:2]), "-".join(groups[2:])] if len(groups) > 3 else [label.number]
    lines: list[tuple[str, Typeface, int]] = [(label.owner or say("DNA-marked"), BOLD, height // 6)]
    lines += [(number, CODE, height // 6) for number in numbers]
    lines.append((label.name, REGULAR, height // 8))
    lines = [(plain(words).replace(MISSING, "?"), face, dots) for words, face, dots in lines if words]
    y = (height - sum(round(dots * 1.3) for _, _, dots in lines)) // 2
    for words, face, largest in lines:
        dots = largest
        while dots > 12 and _font(face, dots).getlength(words) > room:
            dots -= 1
        font, shown = _font(face, dots), words
        while face is not CODE and shown and font.getlength(shown) > room:
            shown = shown[:-2].rstrip() + "…" if len(shown) > 2 else ""
        pen.text((x, y + largest), shown, font=font, fill=BLACK, anchor="ls")
        y += round(largest * 1.3)


def _font(face: Typeface, dots: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.file), dots)
