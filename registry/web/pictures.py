"""How readings agree with a mark, as pictures of a page: a strip for one dot, a drawing for what is longer or several.

A drawing comes in two widths, and the style sheet shows the one that fits; neither needs script or inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from registry.identification.answer import Alignment, MarkKind, Observation
from registry.identification.picture.frame import Frame, frames_of
from registry.identification.picture.sources import readings_of
from registry.identification.picture.svg import NARROW, SIGNS, WIDE, draw
from registry.identification.picture.words import Speech, described, titled

__all__ = ["Picture", "pictures"]

LONGEST_STRIP = 20
"""Columns up to which a single reading is shown character by character in large letters: a dot, a VIN."""


class Observed(Protocol):
    """What was observed, of whatever kind; a service's own value."""

    @property
    def kind(self) -> str:
        """``dot``, ``dna`` or another."""

    @property
    def text(self) -> str:
        """The text or bases as read."""

    @property
    def quality(self) -> str:
        """Phred+33, or empty."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One mark's readings: ``strip`` where one short reading is shown large, else the drawings."""

    dna: bool
    title: str
    description: str
    kinds: tuple[str, ...]
    unsure: bool
    strip: Alignment | None
    wide: Markup
    narrow: Markup


def pictures(alignments: Sequence[Alignment], observed: Sequence[Observed], speech: Speech) -> list[Picture]:
    """The pictures of one candidate; ``observed`` is what its reading observed, for the qualities."""
    seen = [Observation(MarkKind(one.kind), one.text, one.quality) for one in observed if one.kind in {"dot", "dna"}]
    return [_picture(frame, alignments, speech) for frame in frames_of(readings_of(alignments, seen, speech))]


def _picture(frame: Frame, alignments: Sequence[Alignment], speech: Speech) -> Picture:
    cells = [cell for line in frame.lines for cell in line.cells if cell is not None]
    present = {cell.kind for cell in cells}
    strip = _strip(frame, alignments)
    return Picture(
        dna=frame.dna,
        title=titled(frame, speech),
        description=described(frame, speech),
        kinds=tuple(kind.value for kind in SIGNS if kind in present),
        unsure=strip is None and any(cell.unsure for cell in cells),
        strip=strip,
        wide=_drawn(frame, speech, "wide") if strip is None else Markup(),
        narrow=_drawn(frame, speech, "narrow") if strip is None else Markup(),
    )


def _strip(frame: Frame, alignments: Sequence[Alignment]) -> Alignment | None:
    """The alignment that the frame was made of, when it is one and short."""
    if frame.readings > 1 or len(frame.marks) > LONGEST_STRIP:
        return None
    read = [(cell.read, mark) for cell, mark in zip(frame.lines[0].cells, frame.marks, strict=True) if cell]
    return next(one for one in alignments if [(column.read, column.mark) for column in one.columns] == read)


def _drawn(frame: Frame, speech: Speech, width: str) -> Markup:
    size = WIDE if width == "wide" else NARROW
    # The drawing escapes what was read and holds nothing else that comes from outside.
    return Markup(draw(frame, speech, size, css_class=f"agreement agreement-{width}"))  # noqa: S704 - as above
