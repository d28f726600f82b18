"""The pre-numbered sticker that has no owner yet: it is linked to a thing later, by scanning it."""

from labels.designs.ornament import tint
from labels.designs.warning_sticker import halves
from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE

__all__ = ["BLANK_STICKER"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    margin = 1.8
    side = min(scene.height - 0.6, scene.width * 0.545)
    left = 0.5
    x = left + side + 0.4
    column = scene.width - x - margin
    title = scene.say("DNA-marked")
    size = BOLD.size_for(title, column, scene.height * 0.42, 5)
    base = margin + size * 0.24
    pen.text(x, base, title, size, BOLD, scene.style.ink)
    pen.box(x, base + 1.2, column * 0.4, 0.4, scene.style.ink)
    small = BOLD.size_for(scene.say("Scan to register"), column, 7.5, 4.5)
    pen.text(x, base + 1.6 + small * 0.5, scene.say("Scan to register"), small, colour=tint(scene.style.ink, 0.85))

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, (scene.height - side) / 2, side, label.url)
        lines = halves(label.number)
        largest = min(scene.height * 0.4, 16.0)
        size = min(CODE.size_for(line, column, largest, 5) for line in lines)
        for line, words in enumerate(reversed(lines)):
            pen.text(x, scene.height - margin - line * size * 0.42, words, size, CODE)

    return draw


BLANK_STICKER = Design(
    name="blank-sticker",
    title="Blank numbered sticker",
    purpose="Comes with a kit, numbered before it has an owner; the owner links it to a thing by scanning.",
    smallest=(38, 20),
    needs=("url", "number"),
    draw=_draw,
    stocks=("L7651", "L6009", "L6011", "L7160"),
    example=LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N", number="4K7Q-2M9X-W3PZ-D7N"),
)
