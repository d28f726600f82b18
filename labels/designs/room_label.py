"""The label on a room, a shelf or a storage place, read from across the room and scanned when stocktaking."""

from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD

__all__ = ["ROOM_LABEL"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    margin, style = 2.5, scene.style
    side = min(scene.height - 1.5, scene.width * 0.45)
    left = scene.width - side - 0.5
    column = left - margin - 0.5
    pen.box(margin, margin, 1.2, scene.height - 2 * margin, style.ink)
    x, column = margin + 3.2, column - 3.2
    size, small = scene.height * 0.62, max(scene.height * 0.2, 6)

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, (scene.height - side) / 2, side, label.url)
        pen.text(x, margin + small * 0.27, label.owner or style.organisation, small, colour=style.ink, width=column)
        got = BOLD.size_for(label.name, column, size, size * 0.45)
        y = margin + small * 0.3 + got * 0.26 + scene.height * 0.1
        pen.paragraph(x, y, label.name, got, column, face=BOLD, most=2, leading=1.02)
        pen.number(x, scene.height - margin, label.number, small * 1.3, column)

    return draw


ROOM_LABEL = Design(
    name="room-label",
    title="Room and storage label",
    purpose="On a room, a cupboard or a shelf: its name and the code that a stocktake scans.",
    smallest=(60, 28),
    needs=("url", "number", "name"),
    draw=_draw,
    stocks=("L7163", "L7160", "4776", "L6012"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/L/R-0214",
        number="R-0214",
        name="Verkstad, hylla C4",
        owner="Kvarnby kommun",
    ),
)
