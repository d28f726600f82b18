"""The certificate of registration: one page that an owner can show an insurer or a buyer."""

from labels.designs.ornament import helix, tint
from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE

__all__ = ["CERTIFICATE"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    width, height, style, say = scene.width, scene.height, scene.style, scene.say
    unit = width / 210
    margin = 24 * unit
    soft = tint(style.ink, 0.18)
    for place in range(9):
        helix(pen, 9.5 * unit, (9 + place * 31) * unit, 5 * unit, 31 * unit, tint(style.ink, 0.5), soft, turns=1.5)
    pen.box(margin, 26 * unit, width - 2 * margin, 0.6 * unit, style.ink)
    pen.coat_of_arms(width - margin, 32 * unit, 24 * unit, 22 * unit, style.coat_of_arms, align=1)
    pen.text(margin, 22 * unit, style.organisation, 12 * unit, BOLD, style.ink, width=width - 2 * margin)
    pen.text(margin, 50 * unit, say("Certificate of registration"), 30 * unit, BOLD, style.ink, width=140 * unit)
    lead = say("This is to certify that the following is entered in the register of DNA-marked property.")
    pen.paragraph(margin, 66 * unit, lead, 12 * unit, 150 * unit, most=3)
    rows = (say("Owner"), say("Registered"), say("Register number"), say("Date"))
    first, step = 96 * unit, 21 * unit
    for place, caption in enumerate(rows):
        y = first + place * step
        pen.text(margin, y, caption, 9.5 * unit, colour=tint(style.ink, 0.85))
        pen.box(margin, y + 10.5 * unit, width - 2 * margin, 0.15 * unit, tint(style.ink, 0.5))
    side = 46 * unit
    base = height - 62 * unit
    honest = say(
        "The certificate shows what the owner has entered and when. It does not prove ownership, and it holds only as "
        "long as the register says the same: scan the code to see."
    )
    pen.paragraph(margin, base, honest, 9.5 * unit, 100 * unit, colour=tint(style.ink, 0.95), most=6)
    pen.box(margin, height - 25 * unit, 80 * unit, 0.25 * unit, "#000000")
    pen.text(margin, height - 20.5 * unit, say("Signature"), 8.5 * unit, colour=tint(style.ink, 0.85))
    pen.text(margin, height - 10 * unit, style.contact, 8.5 * unit, colour=tint(style.ink, 0.85), width=150 * unit)

    def draw(pen: Pen, label: LabelContent) -> None:
        column = width - 2 * margin
        for place, value in enumerate((label.owner, label.name, label.number, label.date)):
            face = CODE if value is label.number else BOLD
            pen.text(margin, first + place * step + 7.5 * unit, value, 15 * unit, face, width=column, smallest=8)
        if label.note:
            pen.paragraph(margin, first + len(rows) * step + 2 * unit, label.note, 11 * unit, column, most=4)
        pen.qr(width - margin - side + 4 * unit, base - 8 * unit, side, label.url)

    return draw


CERTIFICATE = Design(
    name="certificate",
    title="Certificate of registration",
    purpose="One page for an owner: what is registered, since when, and how anybody can check it.",
    smallest=(148, 200),
    needs=("url", "number", "owner"),
    draw=_draw,
    stocks=("A4", "A5"),
    example=LabelContent(
        url="HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N",
        number="4K7Q-2M9X-W3PZ-D7N",
        owner="Åsa Öberg-Lindqvist",
        name="Cykel, Crescent Femto 8, ramnummer WCR 70411",
        date="22 november 2026",
    ),
)
