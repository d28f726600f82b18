"""The card of a member of the register, the size of a bank card."""

from labels.designs.ornament import helix, tint
from labels.designs.sign_panel import BLEED
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD

__all__ = ["MEMBERSHIP_CARD"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, style = scene.width, scene.height, scene.style
    margin, band = 5.0, height * 0.34
    pen.box(-BLEED, -BLEED, width + 2 * BLEED, band + BLEED, style.ink)
    pen.box(-BLEED, band, width + 2 * BLEED, 0.8, style.signal)
    arms = pen.coat_of_arms(width - margin, 2, band - 4, 18, style.coat_of_arms, plate=0.8, align=1)
    if not arms:
        helix(pen, width - margin - 6, -2, 6, band + 1, WHITE, tint(style.ink, 0.5), turns=1)
    room = width - 3 * margin - (arms or 8)
    pen.text(margin, band * 0.44, style.organisation, 9, colour=WHITE, width=room)
    pen.text(margin, band * 0.8, scene.say("Member of the register"), 13, BOLD, WHITE, width=room)
    side = height - band - 3.5
    left = width - side - 1.5
    column = left - margin - 1

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, band + 2, side, label.url)
        pen.paragraph(margin, band + 9, label.name, 12.5, column, face=BOLD, most=2, leading=1.05)
        pen.number(margin, height - margin - 4.2, label.number, 13, column, smallest=6)
        if label.date:
            words = f"{scene.say('Valid until')} {label.date}"
            pen.text(margin, height - margin + 0.6, words, 7.5, colour=tint(style.ink, 0.85), width=column)

    return draw


MEMBERSHIP_CARD = Design(
    name="membership-card",
    title="Membership card",
    purpose="For those who have registered a kit: name, member number and the code of their own page.",
    smallest=(85, 50),
    needs=("url", "number", "name"),
    draw=_draw,
    stocks=("CARD", "L6012"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/M/204881", number="204 881", name="Åsa Öberg-Lindqvist", date="2028-12-31"
    ),
    bleed=BLEED,
)
