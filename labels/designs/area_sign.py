"""The sign at the entrance of a neighbourhood, from A5 to A3, ready for a print shop with bleed and crop marks."""

from labels.designs.ornament import helix, tint
from labels.designs.sign_panel import BLEED, CAP_HEIGHT, lines_size, stacked
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, MILLIMETRES_PER_POINT

__all__ = ["AREA_SIGN"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, style, say = scene.width, scene.height, scene.style, scene.say
    margin, field = width * 0.08, height * 0.7
    pen.box(-BLEED, -BLEED, width + 2 * BLEED, field + BLEED, style.ink)
    strand = width * 0.22
    lines = [say("DNA-marked"), say("neighbourhood")]
    size = lines_size(lines, width - 2 * margin, height)
    block = size * CAP_HEIGHT * 2.62
    top = field - margin * 1.1 - block - height * 0.075
    helix(pen, width - margin - strand, -height * 0.05, strand, top, WHITE, tint(style.ink, 0.5), turns=1.5)
    foot = stacked(pen, margin, top, lines, size)
    pen.box(margin, foot + height * 0.035, width * 0.22, height * 0.008, style.signal)
    words = say("Residents here mark their property with DNA. What is marked is registered and can be traced.")
    text = height * 0.07
    base = field + height * 0.035 + text * CAP_HEIGHT
    room = width - 2 * margin - height * 0.2
    pen.paragraph(margin, base, words, text, room, colour=style.ink, most=4)
    arms = pen.coat_of_arms(
        margin, height - margin - height * 0.058, height * 0.075, height * 0.075, style.coat_of_arms
    )
    indent = arms + height * 0.015 if arms else 0
    pen.text(margin + indent, height - margin, style.organisation, text * 0.85, BOLD, style.ink, width=room - indent)

    def draw(pen: Pen, label: LabelContent) -> None:
        side = height * 0.2
        if label.url:
            pen.qr(width - margin - side * 0.9, field + (height - field - side) / 2, side, label.url)
        if label.name:
            y = top - text * 1.3 * MILLIMETRES_PER_POINT
            pen.text(margin, y, label.name, text * 1.3, BOLD, tint(style.ink, 0.25), width=width * 0.55)

    return draw


AREA_SIGN = Design(
    name="area-sign",
    title="Area sign",
    purpose="At the entrance of a neighbourhood, A5 to A3, for a print shop or an office printer.",
    smallest=(148, 200),
    needs=(),
    draw=_draw,
    stocks=("A5", "A4", "A3"),
    example=LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE", name="Kvarnby norra"),
    bleed=BLEED,
)
