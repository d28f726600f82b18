"""What the signs have in common: a dark field to the very edge, the helix, few and large words."""

from labels.designs.ornament import helix, tint
from labels.pdf import WHITE, Pen, Scene
from labels.typeface import BOLD, MILLIMETRES_PER_POINT

__all__ = ["BLEED", "dark_field", "lines_size", "stacked"]

BLEED = 3.0
"""Millimetres that a printed field goes beyond the cut, as print shops ask for."""

CAP_HEIGHT = 0.668 * MILLIMETRES_PER_POINT
"""Height of capitals in millimetres for each point of size (OS/2 table of the face)."""


def dark_field(pen: Pen, scene: Scene, *, turns: float = 3) -> float:
    """Fill the whole label and draw the helix at its left; returns where the words may begin."""
    width, height = scene.width, scene.height
    pen.box(-BLEED, -BLEED, width + 2 * BLEED, height + 2 * BLEED, scene.style.ink)
    strand = min(height * 0.22, width * 0.13)
    margin = min(width, height) * 0.09
    helix(pen, margin, -height * 0.05, strand, height * 1.1, WHITE, tint(scene.style.ink, 0.5), turns=turns)
    return margin + strand + margin


def lines_size(lines: list[str], width: float, largest: float) -> float:
    """The one size at which the widest of ``lines`` fits."""
    return min(BOLD.size_for(line, width, largest, 5) for line in lines)


def stacked(pen: Pen, x: float, y: float, lines: list[str], size: float, *, align: float = 0) -> float:
    """Large white lines from the top edge ``y`` downwards; returns the lower edge of the last one."""
    for line in lines:
        y += size * CAP_HEIGHT
        pen.text(x, y, line, size, BOLD, WHITE, align=align)
        y += size * CAP_HEIGHT * 0.62
    return y - size * CAP_HEIGHT * 0.62
