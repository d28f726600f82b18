"""The sticker inside a window or on a car: seen from outside at arm's length."""

from labels.designs.ornament import helix, tint
from labels.designs.sign_panel import BLEED, CAP_HEIGHT, lines_size
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, REGULAR

__all__ = ["WINDOW_STICKER"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, ink = scene.width, scene.height, scene.style.ink
    pen.box(-BLEED, -BLEED, width + 2 * BLEED, height + 2 * BLEED, ink)
    inset = min(width, height) * 0.05
    pen.frame(inset, inset, width - 2 * inset, height - 2 * inset, WHITE, line=inset * 0.18, radius=inset)
    room = width - inset * 5
    title, below = scene.say("DNA-marked"), scene.say("What is stolen here can be traced")
    size = lines_size([title], room, height * 0.55)
    strand = height * 0.11
    top = inset * 2.4
    # A helix lying down would be another drawing; three standing side by side make a calm band.
    gap = (room - 3 * strand) / 4
    arms = pen.coat_of_arms(
        width / 2, top, height * 0.34, room / 3, scene.style.coat_of_arms, plate=height * 0.02, align=0.5
    )
    for place in (0, 2) if arms else range(3):
        x = inset * 2.5 + gap + place * (strand + gap)
        helix(pen, x, top, strand, height * 0.34, WHITE if place == 1 else tint(ink, 0.55), tint(ink, 0.6), turns=1)
    base = top + height * 0.34 + height * 0.09 + size * CAP_HEIGHT
    pen.text(width / 2, base, title, size, BOLD, WHITE, align=0.5)
    pen.box(width / 2 - room * 0.13, base + height * 0.045, room * 0.26, height * 0.016, scene.style.signal)
    small = min(size * 0.55, max(REGULAR.size_for(below, room * 1.7, size * 0.55, 5), 5))
    pen.paragraph(
        width / 2, base + height * 0.1 + small * CAP_HEIGHT, below, small, room, colour=WHITE, most=2, align=0.5
    )

    def draw(pen: Pen, label: LabelContent) -> None:
        if label.owner:
            pen.text(width / 2, height - inset * 1.8, label.owner, small * 0.8, colour=WHITE, width=room, align=0.5)

    return draw


WINDOW_STICKER = Design(
    name="window-sticker",
    title="Window sticker",
    purpose="In a window or on a vehicle: warns before anything is touched.",
    smallest=(38, 36),
    needs=(),
    draw=_draw,
    stocks=("L6112", "L7160", "L6012", "A5"),
    example=LabelContent(),
)
