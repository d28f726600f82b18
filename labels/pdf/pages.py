"""Whole pages, for papers such as the hand-over receipt."""

from collections.abc import Callable, Iterable, Sequence
from typing import IO

from labels.language import Language
from labels.pdf.document import Document
from labels.pdf.pen import Inks, Pen
from labels.pdf.structure import Structure
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
    arms_of: str = "",
) -> int:
    """Write one page for each drawing function to ``stream`` and return how many there were.

    ``page`` is width and height in millimetres, ``archive`` asks for PDF/A-2b. The file has a structure for screen
    readers: the elements that a drawing names (``Pen.element``), or each page as one paragraph; ``arms_of`` is what is
    said in place of a coat of arms.
    """
    document = Document(stream, page, title=title, language=language.value, archive=archive, tagged=True)
    structure = document.structure
    assert structure is not None  # noqa: S101 - it was asked for
    inks = Inks(document)
    count = 0
    for draw in drawings:
        pen = Pen(inks, *page)
        draw(pen)
        document.scale(1 / MILLIMETRES_PER_POINT, 1 / MILLIMETRES_PER_POINT)
        arms = _figures(structure, len(pen.arms), arms_of)
        document.addLiteral("\n".join(_in_elements(structure, pen)))
        for begin, drawn in zip(arms, pen.arms, strict=True):
            document.addLiteral(begin)
            document.coat_of_arms(*drawn)
            document.addLiteral("EMC")
        document.showPage()
        count += 1
    document.save()
    return count


def _figures(structure: Structure, count: int, said: str) -> list[str]:
    """The operators that begin so many coats of arms: read before the page's words, drawn on top of its grounds."""
    begun = []
    for _ in range(count):
        mark, begin = structure.begin(structure.FIGURE)
        structure.element(structure.FIGURE, [mark], said)
        begun.append(begin)
    return begun


def _in_elements(structure: Structure, pen: Pen) -> list[str]:
    """What the pen drew, each element with its mark and the rest as ornament."""
    marked, done = list[str](), 0
    for kind, start, end in pen.elements or [(structure.PARAGRAPH, 0, len(pen.operators))]:
        mark, begin = structure.begin(kind)
        structure.element(kind, [mark])
        marked += [*_ornament(pen.operators[done:start]), begin, *pen.operators[start:end], "EMC"]
        done = end
    return [*marked, *_ornament(pen.operators[done:])]


def _ornament(operators: Sequence[str]) -> list[str]:
    return ["/Artifact BMC", *operators, "EMC"] if operators else []
