"""The label tied or stuck to a seized thing: case, item, storage place, and the code that finds it again."""

from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE, REGULAR

__all__ = ["SEIZED_ITEM_LABEL"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, ink = scene.width, scene.height, scene.style.ink
    margin, band = 2.0, max(5.0, height * 0.16)
    pen.box(margin, margin, width - 2 * margin, band, ink, radius=0.8)
    size = band * 1.75
    pen.text(margin + 1.6, margin + band / 2 + size * 0.118, scene.say("Seized item"), size, BOLD, WHITE)
    side = min(height - band - margin - 1.2, width * 0.42)
    left, top = width - side - 0.6, margin + band + (height - margin - band - side) / 2
    column = left - margin - 0.5
    text = max(min(height * 0.19, 8.5), 6)
    step = text * 0.46
    captions = (scene.say("Case"), scene.say("Place"), scene.say("Date"))
    indent = max(REGULAR.width(caption, text) for caption in captions) + 1.4

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.text(
            width - margin - 1.6, margin + band / 2 + size * 0.118, label.owner or scene.style.organisation,
            size * 0.7, REGULAR, WHITE, width=width * 0.45, align=1,
        )  # fmt: skip
        pen.qr(left, top, side, label.url)
        y = pen.number(margin, margin + band + height * 0.15, label.number, height * 0.42, column, smallest=7)
        y += (text - height * 0.42) * 0.08
        for caption, value in zip(captions, (label.case_number, label.place, label.date), strict=True):
            if value and y < height - 1.2:
                pen.text(margin, y, caption, text, colour=ink)
                pen.text(margin + indent, y, value, text, CODE if value is label.case_number else REGULAR,
                         width=column - indent)  # fmt: skip
                y += step
        if label.name and y < height - 1.2:
            pen.paragraph(margin, y, label.name, text, column, most=max(1, int((height - 1 - y) / step) + 1))

    return draw


SEIZED_ITEM_LABEL = Design(
    name="seized-item-label",
    title="Seized-item label",
    purpose="On a seized thing: its number, case and storage place, and a code for the custody chain.",
    smallest=(60, 29),
    needs=("url", "number", "case_number"),
    draw=_draw,
    stocks=("L7163", "L7160", "ROLL-62X29", "ROLL-100X50"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/B/2026BG1234-3",
        number="BG1234-3",
        case_number="5000-K123456-26",
        place="Beslagsrum 2, hylla C4",
        date="2026-11-22",
        name="Cykel, Crescent, röd",
        owner="Polisen",
    ),
)
