"""The coat of arms of the house style: an SVG is drawn as vectors, a PNG or JPEG embedded; all is checked when read.

It is read when something draws it: most labels show none, and are printed also while its file is away.
What an SVG may hold is named here, because anything else would be drawn wrong without a word, or reach for other files.
"""

import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from labels.errors import ArtworkError

__all__ = ["LARGEST_FILE", "CoatOfArms"]

LARGEST_FILE: Final = 2 * 2**20
"""Bytes; coats of arms are 10 to 300 kB, and whoever opens a sheet of labels has to load them."""

FEWEST_PIXELS: Final = 200
"""Along the shorter side: 25 mm on a sign at 200 dpi."""

MOST_PIXELS: Final = 5000
"""Along the longer side; a larger picture costs memory and no printer shows it."""

EMBEDDED_PIXELS: Final = 1200
"""Along the longer side of what is embedded: 50 mm at 600 dpi."""

MOST_ELEMENTS: Final = 5000

NARROWEST: Final = 1 / 3
"""Width to height, or height to width; beyond it is a banner and no coat of arms."""

SVG: Final = "{http://www.w3.org/2000/svg}"
SHAPES: Final = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
FRAME: Final = {"svg", "g", "use", "symbol", "defs", "style", "clipPath", "title", "desc", "metadata"}
DRAWN: Final = SHAPES | FRAME | {"linearGradient", "radialGradient", "stop"}
"""Elements of SVG that are drawn as they look in a browser; elements of editors (other namespaces) are passed over."""

_OUTSIDE: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import", re.IGNORECASE)
"""A reference to another file in a style."""


class CoatOfArms:
    """A coat of arms: a file, or the bytes of one that errors call ``name``.

    It is read and checked when one of its properties is first asked for, and then kept; each of them raises
    ArtworkError for a coat of arms that is missing, too large or cannot be drawn.
    """

    def __init__(self, source: Path | bytes, name: str = "") -> None:
        self._source, self._name = source, name or str(source)

    @classmethod
    def of_file(cls, file: Path) -> "CoatOfArms":
        """The coat of arms in ``file``, read at once; raises ArtworkError."""
        return cls(file).checked()

    @classmethod
    def of_bytes(cls, content: bytes, name: str) -> "CoatOfArms":
        """The coat of arms in ``content``, read at once; raises ArtworkError."""
        return cls(content, name).checked()

    def checked(self) -> "CoatOfArms":
        """Itself, read now; raises ArtworkError."""
        _ = self._artwork
        return self

    @property
    def aspect(self) -> float:
        """Its width divided by its height."""
        return self._artwork.aspect

    @property
    def drawing(self) -> Any:
        """The drawing (reportlab.graphics) if it is an SVG, else None."""
        return self._artwork.drawing

    @property
    def picture(self) -> Any:
        """The picture (PIL) if it is a PNG or JPEG, else None."""
        return self._artwork.picture

    @cached_property
    def _artwork(self) -> "_Artwork":
        content = self._source if isinstance(self._source, bytes) else _content(self._source)
        return _read(content, self._name)


@dataclass(frozen=True, slots=True, eq=False)
class _Artwork:
    aspect: float
    drawing: Any = None
    picture: Any = None


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise ArtworkError(where=str(file), reason="it cannot be read ({fault}).", fault=fault.strerror) from None


def _read(content: bytes, name: str) -> _Artwork:
    if len(content) > LARGEST_FILE:
        raise ArtworkError(
            where=name, reason="the file is larger than {most} MB. Save it smaller.", most=LARGEST_FILE // 2**20
        )
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    # Text of two bytes a letter is sent to the SVG's refusals, which say how to save it, and not called a picture.
    vectors = start.replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n").startswith(b"<")
    made = _vectors(content, name) if vectors else _pixels(content, name)
    if not NARROWEST <= made.aspect <= 1 / NARROWEST:
        raise ArtworkError(
            where=name,
            reason="it is {aspect} times as wide as high. Allowed: between a third and three times, so that it can "
            "stand beside a name.",
            aspect=f"{made.aspect:.2g}",
        )
    return made


def _pixels(content: bytes, name: str) -> _Artwork:
    from PIL import Image  # noqa: PLC0415 - labels without a coat of arms do without

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if max(opened.size) > MOST_PIXELS or min(opened.size) < FEWEST_PIXELS:
                raise ArtworkError(
                    where=name,
                    reason="it has {width} x {height} pixels. Allowed: {fewest} to {most} along each side.",
                    width=opened.width,
                    height=opened.height,
                    fewest=FEWEST_PIXELS,
                    most=MOST_PIXELS,
                )
            layer = opened.convert("RGBA")
    except Image.DecompressionBombError:
        # Pillow refuses some 180 million pixels by itself and does not say how the picture measures.
        raise ArtworkError(
            where=name,
            reason="it has far too many pixels. Allowed: {fewest} to {most} along each side.",
            fewest=FEWEST_PIXELS,
            most=MOST_PIXELS,
        ) from None
    except (OSError, ValueError, SyntaxError):
        # Pillow raises SyntaxError for a broken PNG.
        raise ArtworkError(
            where=name, reason="it is no picture that can be read. Allowed: SVG, PNG or JPEG, undamaged."
        ) from None
    aspect = layer.width / layer.height
    layer.thumbnail((EMBEDDED_PIXELS, EMBEDDED_PIXELS))
    ground = Image.new("RGBA", layer.size, "white")
    return _Artwork(aspect, picture=Image.alpha_composite(ground, layer).convert("RGB"))


def _vectors(content: bytes, name: str) -> _Artwork:
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - as above

    from svglib.svglib import svg2rlg  # noqa: PLC0415

    if not _is_utf8(content):
        raise ArtworkError(where=name, reason="its text is not UTF-8. Save it as plain SVG in UTF-8.")
    if b"<!ENTITY" in content:
        raise ArtworkError(where=name, reason="it declares entities, which are not read. Save it as plain SVG.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities were refused, and expat reads no other file
    except (ET.ParseError, ValueError, LookupError) as fault:
        raise ArtworkError(where=name, reason="it is no SVG ({fault}).", fault=fault) from None
    _refuse_what_is_not_drawn(root, name)
    try:
        drawing: Any = svg2rlg(io.BytesIO(content))
        bounds = drawing.getBounds()
    except Exception:  # noqa: BLE001 - svglib raises whatever the odd value in the file led to
        drawing = bounds = None
    if not bounds or min(drawing.width, drawing.height) <= 0 or bounds[0] >= bounds[2] or bounds[1] >= bounds[3]:
        raise ArtworkError(where=name, reason="the SVG shows nothing, or has neither a size nor a viewBox.")
    return _Artwork(drawing.width / drawing.height, drawing=drawing)


def _is_utf8(content: bytes) -> bool:
    """Whether the letters that are looked through are those that a reader of XML takes them for."""
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _refuse_what_is_not_drawn(root: Any, name: str) -> None:
    if root.tag != f"{SVG}svg":
        raise ArtworkError(where=name, reason="its outermost element is not <svg>.")
    for count, element in enumerate(root.iter()):
        if count >= MOST_ELEMENTS:
            raise ArtworkError(
                where=name, reason="it has more than {most} elements. Save it simpler, or as PNG.", most=MOST_ELEMENTS
            )
        if not element.tag.startswith(SVG):
            continue
        kind = element.tag.removeprefix(SVG)
        if kind not in DRAWN:
            raise ArtworkError(
                where=name,
                reason="it has a <{element}>, which cannot be drawn on a label. Allowed: paths, shapes and gradients; "
                "turn texts into paths, or save it as PNG.",
                element=kind,
            )
        _refuse_references(element, name)


def _refuse_references(element: Any, name: str) -> None:
    for key, value in element.attrib.items():
        link = key.rpartition("}")[2] == "href" and not value.startswith("#")
        if link or key.lower().startswith("on") or _OUTSIDE.search(value):
            raise ArtworkError(where=name, reason="it refers to something outside itself, which is not read.")
    if _OUTSIDE.search(element.text or ""):
        raise ArtworkError(where=name, reason="it refers to something outside itself, which is not read.")
