"""The small sign on a letterbox or beside a door: things here are marked."""

from labels.designs.sign_panel import CAP_HEIGHT, dark_field, lines_size, stacked
from labels.pdf import WHITE, Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import REGULAR

__all__ = ["LETTERBOX_SIGN"]


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    left = dark_field(pen, scene, turns=2)
    width, height = scene.width - left - scene.height * 0.1, scene.height
    arms = pen.coat_of_arms(
        scene.width - height * 0.1, height * 0.1, height * 0.4, height * 0.4, scene.style.coat_of_arms,
        plate=height * 0.03, align=1,
    )  # fmt: skip
    width -= arms + height * 0.06 if arms else 0
    lines = [scene.say("DNA-marked"), scene.say("property")]
    size = lines_size(lines, width, height * 0.75)
    small = REGULAR.size_for(scene.say("Registered and traceable"), width, size * 0.5, 5)
    block = size * CAP_HEIGHT * 2.62 + height * 0.165 + small * CAP_HEIGHT
    foot = stacked(pen, left, (height - block) / 2, lines, size)
    pen.box(left, foot + height * 0.085, width * 0.3, height * 0.018, scene.style.signal)
    base = foot + height * 0.165 + small * CAP_HEIGHT
    pen.text(left, base, scene.say("Registered and traceable"), small, colour=WHITE)

    def draw(pen: Pen, label: LabelContent) -> None:
        if label.owner:
            pen.text(
                scene.width - height * 0.1,
                height * 0.93,
                label.owner,
                small * 0.8,
                REGULAR,
                WHITE,
                width=scene.width * 0.4,
                align=1,
            )

    return draw


LETTERBOX_SIGN = Design(
    name="letterbox-sign",
    title="Letterbox and door sign",
    purpose="At the entrance: tells that things here are marked and registered.",
    smallest=(60, 28),
    needs=(),
    draw=_draw,
    stocks=("L7163", "L6012", "4776", "L7160"),
    example=LabelContent(),
)
