"""The house mark: a calm double helix, drawn as lines so that it prints in one colour."""

from math import cos, pi, sin

from labels.pdf import Pen

__all__ = ["helix", "tint"]

STEPS = 12
"""Straight pieces for each half turn; below a tenth of a millimetre on a label, so it looks round."""


def tint(colour: str, share: float) -> str:
    """``colour`` mixed with white; ``share`` 1 is the colour itself, 0 is white."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def helix(
    pen: Pen, x: float, y: float, width: float, height: float, colour: str, rungs: str, *, turns: float = 1.5
) -> None:
    """Two strands upright in the box at (``x``, ``y``), with the rungs between them in a second colour."""
    middle, swing, line = x + width / 2, width / 2, width / 14
    steps = max(int(turns * 2 * STEPS), 2)

    def at(step: float, phase: float) -> tuple[float, float]:
        return middle + swing * cos(2 * pi * turns * step / steps + phase), y + height * step / steps

    for rung in range(1, int(turns * 8)):
        step = rung * steps / (turns * 8)
        if abs(sin(2 * pi * turns * step / steps)) < abs(cos(2 * pi * turns * step / steps)) + 0.4:
            pen.stroke([at(step, 0), at(step, pi)], rungs, line=line * 0.8)
    for phase in (0, pi):
        pen.stroke([at(step, phase) for step in range(steps + 1)], colour, line=line * 1.5)
