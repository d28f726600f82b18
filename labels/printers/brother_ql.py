"""Raster jobs for Brother QL printers of the 700, 800 and 1100 series.

Commands by Brother's raster command references (QL-800/810W/820NWB, version 1.01; QL-1100/1110NWB, version 1.00). The
kept library for this, brother-ql-next, is GPL-3.0-only, so the few commands are written here; a test compares jobs of
every model and roll byte for byte with its.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from labels.errors import PrinterError
from labels.pdf import LabelContent, Words
from labels.printers.bitmap import label_bitmap

__all__ = ["MEDIA", "MODELS", "Medium", "Model", "brother_job", "raster_job"]

DPI: Final = 300


@dataclass(frozen=True, slots=True)
class Medium:
    """A roll: width and length in millimetres (length 0: endless), printable dots, dots from the right margin."""

    width: int
    length: int
    dots: tuple[int, int]
    right: int


MEDIA: Final = {
    "ROLL-62X29": Medium(62, 29, (696, 271), 12),
    "ROLL-90X29": Medium(29, 90, (306, 991), 6),
}
"""Rolls by stock code; the numbers stand in the references' tables of die-cut labels (section 2.3)."""


@dataclass(frozen=True, slots=True)
class Model:
    """Bytes of a raster line, bytes that clear an unfinished job, and whether there are other modes to leave."""

    line: int = 90
    clearing: int = 200
    modes: bool = True


MODELS: Final = {
    "QL-700": Model(modes=False),
    "QL-710W": Model(),
    "QL-720NW": Model(),
    "QL-800": Model(clearing=400),
    "QL-810W": Model(clearing=400),
    "QL-820NWB": Model(clearing=400),
    "QL-1100": Model(line=162),
    "QL-1110NWB": Model(line=162),
}
"""Models by name."""

_RIGHT_MARGIN_OF_WIDE: Final = 44
"""Dots by which the heads of the 1100 series reach further on the right."""


def brother_job(labels: Iterable[LabelContent], model: str, stock_code: str, say: Words, copies: int = 1) -> bytes:
    """The bytes that print ``labels``; raises what ``raster_job`` and ``label_bitmap`` raise."""
    across, along = sorted(MEDIA[stock_code].dots) if stock_code in MEDIA else (0, 0)
    pictures = (
        picture
        for label in (labels if across else ())
        for picture in [label_bitmap(label, (along, across), DPI, say)] * copies
    )
    return raster_job(pictures, model=model, stock_code=stock_code)


def raster_job(pictures: Iterable[Image.Image], *, model: str, stock_code: str) -> bytes:
    """The bytes that print ``pictures``, each as large as the printable field of the roll, and cut after each.

    Raises PrinterError for an unknown model or roll, or a picture of another size.
    """
    if model not in MODELS:
        raise PrinterError(where=model, reason="the model is unknown. Allowed: {names}.", names=", ".join(MODELS))
    if stock_code not in MEDIA:
        raise PrinterError(
            where=model,
            reason="it has no roll {stock}. Allowed: {names}.",
            stock=stock_code,
            names=", ".join(MEDIA),
        )
    medium, kind = MEDIA[stock_code], MODELS[model]
    switch = b"\x1bia\x01" if kind.modes else b""
    start = switch + bytes(kind.clearing) + b"\x1b@" + switch
    return start + b"".join(_page(_turned(picture, medium, model), medium, kind.line) for picture in pictures)


def _turned(picture: Image.Image, medium: Medium, model: str) -> Image.Image:
    """The picture as the roll runs: upright, or turned when it lies along the roll."""
    if picture.size == medium.dots:
        return picture
    if picture.size == medium.dots[::-1]:
        return picture.transpose(Image.Transpose.ROTATE_90)
    raise PrinterError(
        where=model,
        reason="a picture of {size} dots does not fit the roll's {dots}.",
        size="{} x {}".format(*picture.size),
        dots="{} x {}".format(*medium.dots),
    )


def _page(picture: Image.Image, medium: Medium, line: int) -> bytes:
    width, height = picture.size
    right = medium.right + (_RIGHT_MARGIN_OF_WIDE if line > 90 else 0)
    field = Image.new("L", (line * 8, height), 255)
    field.paste(picture, (line * 8 - width - right, 0))
    # The head prints from right to left, and a one is a black dot.
    dots = field.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda value: 255 * (value < 128)).convert("1")
    raw = dots.tobytes()
    valid = 0x80 | 0x40 | 0x0E  # Recover always, quality first, and kind, width and length are given.
    kind = 0x0B if medium.length else 0x0A
    media = struct.pack("<BBBBLBB", valid, kind, medium.width, medium.length, height, 0, 0)
    lines = [b"g\x00" + bytes([line]) + raw[start : start + line] for start in range(0, len(raw), line)]
    return b"".join(
        [
            b"\x1biS",
            b"\x1biz" + media,
            b"\x1biM\x40",  # Cut by itself,
            b"\x1biA\x01",  # after each label,
            b"\x1biK\x08",  # and at the end.
            b"\x1bid" + struct.pack("<H", 0 if medium.length else 35),
            *lines,
            b"\x1a",
        ]
    )
