"""The sticker on a marked thing: it warns the thief, and tells a finder or a buyer what to do."""

from collections.abc import Sequence

from labels.designs.ornament import helix, tint
from labels.markcode import grouped
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD, CODE

__all__ = ["WARNING_STICKER", "halves"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    if scene.width < 1.3 * scene.height:
        return _upright(pen, scene)
    return _wide(pen, scene) if scene.height >= 28 else _small(pen, scene)


def _wide(pen: Pen, scene: Scene) -> DrawLabel:
    """From 28 mm of height: a panel with the warning, the code beside it, the number along the foot."""
    margin, foot = 2.0, min(7.0, scene.height * 0.17)
    side = min(scene.height - foot - margin, scene.width * 0.5)
    left = scene.width - side - margin * 0.5
    column, bottom = left - margin - 0.5, scene.height - foot - margin * 0.5
    _panel(pen, scene, margin, margin, column, (bottom - margin) * 0.56)
    say = scene.say
    words = [say("Found or for sale?"), say("Scan the code.")]
    size = min(BOLD.size_for(words[0], column, 9.5, 5), scene.height * 0.2)
    y = margin + (bottom - margin) * 0.56 + size * 0.5
    y = pen.paragraph(margin, y, words[0], size, column, face=BOLD, colour=scene.style.ink, most=1)
    pen.paragraph(margin, y, words[1], size, column, colour=scene.style.ink, most=2)
    largest = foot * 2.6

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, margin * 0.5, side, label.url)
        size = CODE.size_for(label.number, scene.width - 2 * margin, largest, 5)
        pen.text(margin, scene.height - margin, label.number, size, CODE)

    return draw


def _small(pen: Pen, scene: Scene) -> DrawLabel:
    """Under 28 mm: the code at the right edge at full height, the warning and the number in two lines beside it."""
    side = min(scene.height - 0.6, scene.width * 0.545)
    left, top, margin = scene.width - side - 0.4, (scene.height - side) / 2, 1.6
    column = left - margin - 0.2
    title = scene.say("DNA-marked")
    size = BOLD.size_for(title, column - 2.2, 13, 5)
    high = scene.height * 0.25
    pen.box(margin, margin, column, high, scene.style.ink, radius=0.9)
    pen.text(margin + 1.1, margin + high / 2 + size * 0.118, title, size, BOLD, WHITE)
    help_size = BOLD.size_for(scene.say("Found? For sale?"), column, 6, 4.5)
    y = margin + high + help_size * 0.48
    y = pen.paragraph(margin, y, scene.say("Found? For sale?"), help_size, column, colour=scene.style.ink, most=1)
    y = pen.paragraph(margin, y, scene.say("Scan the code."), help_size, column, colour=scene.style.ink, most=1)
    largest = (scene.height - margin - y + help_size * 0.2) / 0.7

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(left, top, side, label.url)
        lines = halves(label.number)
        size = CODE.size_for(max(lines, key=len), column, largest, 5)
        for line, words in enumerate(reversed(lines)):
            pen.text(margin, scene.height - margin - line * size * 0.41, words, size, CODE)

    return draw


def _upright(pen: Pen, scene: Scene) -> DrawLabel:
    """As high as wide or higher: a band on top, the code below it, the number at the foot."""
    margin = 2.0
    wide = scene.width - 2 * margin
    band = min(max(6.0, scene.height * 0.165), scene.width * 0.3)
    title = scene.say("DNA-marked")
    pen.box(margin, margin, wide, band, scene.style.ink, radius=1.2)
    size = BOLD.size_for(title, wide * 0.7, band * 2.0, 6)
    pen.text(margin + band * 0.35, margin + band / 2 + size * 0.118, title, size, BOLD, WHITE)
    helix_width = band * 0.4
    helix(
        pen, margin + wide - band * 0.35 - helix_width, margin + band * 0.14, helix_width, band * 0.72,
        WHITE, tint(scene.style.ink, 0.45), turns=1,
    )  # fmt: skip
    foot = min(CODE.size_for("0000-0000-0000-000", wide, 20, 5), 20.0)
    help_size = min(BOLD.size_for(scene.say("Found or for sale? Scan the code."), wide, 9, 4.5), 9.0)
    side = min(scene.width - margin, scene.height - 1.6 * margin - band - (foot + help_size) * 0.38)
    base = margin + band + side + help_size * 0.12
    pen.text(
        scene.width / 2, base, scene.say("Found or for sale? Scan the code."), help_size,
        colour=scene.style.ink, align=0.5,
    )  # fmt: skip

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr((scene.width - side) / 2, margin + band, side, label.url)
        size = CODE.size_for(label.number, wide, foot, 5)
        pen.text(scene.width / 2, scene.height - margin, label.number, size, CODE, align=0.5)

    return draw


def _panel(pen: Pen, scene: Scene, x: float, y: float, width: float, height: float) -> None:
    """The dark panel with the two words that deter, and a warm stroke below them."""
    pen.box(x, y, width, height, scene.style.ink, radius=1.4)
    inner, band = width * 0.07, height * 0.34
    helix(
        pen, x + width - inner - band, y + height * 0.1, band, height * 0.8, WHITE, tint(scene.style.ink, 0.45),
        turns=1,
    )  # fmt: skip
    room = width - 2.6 * inner - band
    title, subtitle = scene.say("DNA-marked"), scene.say("Traceable property")
    size = BOLD.size_for(title, room, min(22, height * 1.2), 6)
    small = min(BOLD.size_for(subtitle, room, size * 0.56, 4.5), size * 0.56)
    baseline = y + height / 2 - size * 0.04
    pen.text(x + inner, baseline, title, size, BOLD, WHITE)
    pen.box(x + inner, baseline + size * 0.11, room * 0.36, size * 0.045, scene.style.signal)
    pen.text(x + inner, baseline + size * 0.22 + small * 0.25, subtitle, small, colour=WHITE)


def halves(number: str) -> Sequence[str]:
    """A grouped number as two lines."""
    groups = number.split("-")
    if len(groups) < 2:
        return [number]
    half = (len(groups) + 1) // 2
    return ["-".join(groups[:half]), "-".join(groups[half:])]


WARNING_STICKER = Design(
    name="warning-sticker",
    title="Warning sticker",
    purpose="On a marked thing: warns the thief, tells a finder or a buyer what to do.",
    smallest=(38, 20),
    needs=("url", "number"),
    draw=_draw,
    stocks=("L7160", "L6011", "L6009", "L6112", "L7651", "4773"),
    example=LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N", number=grouped("4K7Q2M9XW3PZD7N")),
)
