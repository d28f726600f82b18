"""The label on the organisation's own equipment: whose it is, its inventory number, and codes for stocktaking."""

from labels.designs.ornament import tint
from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD

__all__ = ["ASSET_LABEL"]

FIRM_SIDE = 20.6
"""Millimetres that a code of version 4 with its quiet zone needs at 0.5 mm a module, and a little more."""


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    roomy = scene.height >= 28
    margin = 2.0 if roomy else 1.5
    # The bars give way, down to a fifth of the label, so that the code may have the size that bears dirt.
    strip = min(scene.height * 0.27, max(scene.height - 1.5 - FIRM_SIDE, scene.height * 0.2)) if roomy else 0.0
    side = min(scene.height - strip - (1.5 if roomy else 0.6), scene.width * (0.52 if roomy else 0.545))
    left, top = scene.width - side - 0.6, 0.6 if roomy else (scene.height - side) / 2
    column = left - margin - 0.4
    ink = scene.style.ink
    owner_size = 9.0 if roomy else 7.0
    rule = margin + owner_size * 0.36 + 1.2
    pen.box(margin, rule, column, 0.35, ink)
    arms = pen.coat_of_arms(margin, 1.5, rule - 2.0, 7, scene.style.coat_of_arms) if roomy else 0.0
    indent = arms + 1.0 if arms else 0.0
    caption_size = 6.0
    if roomy:
        pen.text(margin, rule + caption_size * 0.5, scene.say("Inventory number"), caption_size, colour=tint(ink, 0.8))
    number_base = rule + (caption_size * 0.5 + 5.6 if roomy else 3.9)
    name_size = 8.0 if roomy else 6.5
    largest = min(17, scene.height * 0.45) if roomy else 11.0

    def draw(pen: Pen, label: LabelContent) -> None:
        owner = label.owner or scene.style.organisation
        base, room = margin + owner_size * 0.28, column - indent
        pen.text(margin + indent, base, owner, owner_size, BOLD, ink, width=room, smallest=5)
        below = pen.number(margin, number_base, label.number, largest, column, smallest=7)
        lines = int((scene.height - strip - below) / (name_size * 0.44))
        pen.paragraph(margin, below, label.name, name_size, column, most=max(lines, 1))
        pen.qr(left, top, side, label.url)
        if strip:
            pen.bars_if_possible(0, scene.height - strip - 0.2, scene.width, strip - margin * 0.8, label.number)

    return draw


ASSET_LABEL = Design(
    name="asset-label",
    title="Asset label",
    purpose="On equipment: owner, inventory number and name, a QR code and bars for stocktaking.",
    smallest=(38, 20),
    needs=("url", "number"),
    draw=_draw,
    stocks=("L7160", "L6011", "L6009", "4773", "L7651"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/E/MN-2024-00417",
        number="MN-2024-00417",
        name="Motorsåg Husqvarna 550 XP",
        owner="Kvarnby kommun",
    ),
)
