"""A drawing of reportlab.graphics in a document of ours: no font is named that the file would not embed."""

from collections.abc import Mapping
from typing import Any

from reportlab.graphics.renderPDF import _PDFRenderer
from reportlab.pdfgen.canvas import Canvas

__all__ = ["draw_vectors"]


class _Renderer(_PDFRenderer):
    """Draws shapes alone."""

    def applyStateChanges(self, delta: Mapping[str, Any], newState: Any) -> None:  # noqa: N802, N803 - reportlab's name
        """Pass on all but the typeface, which every drawing names (Times) although nothing is written in it."""
        super().applyStateChanges({key: delta[key] for key in delta if not key.startswith("font")}, newState)


def draw_vectors(canvas: Canvas, drawing: Any, x: float, y: float, width: float, height: float) -> None:
    """Draw ``drawing`` as large as fits into the box (lower left corner ``x``, ``y``), in the middle of it."""
    factor = min(width / drawing.width, height / drawing.height)
    canvas.saveState()
    canvas.translate(x + (width - drawing.width * factor) / 2, y + (height - drawing.height * factor) / 2)
    canvas.scale(factor, factor)
    _Renderer().draw(drawing, canvas)
    canvas.restoreState()
