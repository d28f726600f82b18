"""The label on a kit's box: the three steps to registration, which is the link that breaks most often."""

from labels.designs.ornament import helix, tint
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE

__all__ = ["KIT_BOX_LABEL"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, ink = scene.width, scene.height, scene.style.ink
    margin = 2.0
    side = min(height - margin - 2.5, width * 0.42)
    left = width - side - 0.6
    column = left - margin - 0.5
    band = height * 0.24
    pen.box(margin, margin, column, band, ink, radius=1)
    helix(pen, margin + 1.4, margin + band * 0.14, band * 0.34, band * 0.72, WHITE, tint(ink, 0.5), turns=1)
    title = scene.say("Register your kit")
    x = margin + 2.6 + band * 0.34
    size = BOLD.size_for(title, column - (x - margin) - 1, band * 1.3, 6)
    pen.text(x, margin + band / 2 + size * 0.118, title, size, BOLD, WHITE)
    steps = (scene.say("Scan the code."), scene.say("Enter the kit code and PIN from the box."),
             scene.say("Mark your things and list them."))  # fmt: skip
    text = min(height * 0.2, 9)
    y = margin + band + text * 0.62
    for place, words in enumerate(steps, start=1):
        pen.text(margin, y, str(place), text, CODE, scene.style.ink)
        y = pen.paragraph(margin + 3.4, y, words, text, column - 3.4, most=2, leading=1.15) + text * 0.08

    def draw(pen: Pen, label: LabelContent) -> None:
        # The box's own number, or the delivery it came with, by which recalled ones are found on a shelf.
        below = label.number or label.note
        pen.qr(left, (height - side) / 2 - (1 if below else 0), side, label.url)
        if below:
            pen.text(left + side / 2, height - margin + 0.4, below, 7.5, CODE, width=side, align=0.5)
        if label.date:
            words = f"{scene.say('Use before')} {label.date}"
            pen.text(margin, height - margin + 0.4, words, 6.5, colour=tint(ink, 0.85), width=column)

    return draw


KIT_BOX_LABEL = Design(
    name="kit-box-label",
    title="Kit box label",
    purpose="On the box of a kit: how to register it in three steps, with the code that opens the page.",
    smallest=(60, 36),
    needs=("url",),
    draw=_draw,
    stocks=("L7160", "L7163", "L6012"),
    example=LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/K", number="BOX-00812", date="2027-10"),
)
