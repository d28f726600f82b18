"""The label that seals a sample bag: seal number to read and to scan, and lines to fill in by hand."""

from labels.designs.ornament import tint
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE

__all__ = ["SAMPLE_BAG_LABEL"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, ink = scene.width, scene.height, scene.style.ink
    margin, band = 2.0, max(5.0, height * 0.15)
    # Slanted strokes along both ends show at once whether the seal has been cut through.
    pen.box(margin, margin, width - 2 * margin, band, ink)
    for place in range(9):
        x = width - margin - 16 + place * 1.8
        pen.stroke([(x, margin + band - 0.6), (x + 1.2, margin + 0.6)], scene.style.signal, line=0.7)
    size = band * 1.6
    title = scene.say("DNA sample, sealed")
    pen.text(margin + 1.6, margin + band / 2 + size * 0.118, title, size, BOLD, WHITE, width=width - 24)
    side = min(height - band - margin - 1.2, width * 0.405)
    left, top = width - side - 0.6, margin + band + (height - margin - band - side) / 2
    column = left - margin - 0.5
    rows = [scene.say("Taken by"), scene.say("Date, time"), scene.say("Mark point")]
    first = margin + band + height * 0.33
    step = (height - margin - first) / (len(rows) - 0.4)
    for place, caption in enumerate(rows):
        y = first + (place + 0.55) * step
        pen.text(margin, y, caption, 6.5, colour=tint(ink, 0.85))
        pen.box(margin + 14, y + 0.6, column - 14, 0.15, ink)

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, top, side, label.url)
        pen.number(margin, margin + band + height * 0.16, label.number, height * 0.42, column, smallest=7)
        y = margin + band + height * 0.16 + height * 0.13
        pen.text(margin, y, f"{scene.say('Case')} {label.case_number}", 7.5, CODE, ink, width=column)

    return draw


SAMPLE_BAG_LABEL = Design(
    name="sample-bag-label",
    title="Sample-bag label",
    purpose="Seals a sample bag: seal number, case, and lines for who took it, when and where.",
    smallest=(62, 36),
    needs=("url", "number", "case_number"),
    draw=_draw,
    stocks=("L7163", "L7160", "L6012", "ROLL-100X50"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/P/FS-204881", number="FS-204881", case_number="5000-K123456-26"
    ),
)
