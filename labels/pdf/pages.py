"""Whole pages, for papers such as the hand-over receipt."""

from collections.abc import Callable, Iterable
from typing import IO

from labels.language import Language
from labels.pdf.document import Document
from labels.pdf.pen import Inks, Pen
from labels.typeface import MILLIMETRES_PER_POINT

__all__ = ["A4", "write_pages"]

A4 = (210.0, 297.0)


def write_pages(
    stream: IO[bytes],
    drawings: Iterable[Callable[[Pen], None]],
    *,
    title: str,
    language: Language,
    page: tuple[float, float] = A4,
    archive: bool = False,
) -> int:
    """Write one page for each drawing function to ``stream`` and return how many there were.

    ``page`` is width and height in millimetres, ``archive`` asks for PDF/A-2b.
    """
    document = Document(stream, page, title=title, language=language.value, archive=archive)
    inks = Inks(document)
    count = 0
    for draw in drawings:
        pen = Pen(inks, *page)
        draw(pen)
        document.scale(1 / MILLIMETRES_PER_POINT, 1 / MILLIMETRES_PER_POINT)
        document.addLiteral("\n".join(pen.operators))
        document.showPage()
        count += 1
    document.save()
    return count
