"""The tag for tools too small for a QR code: the inventory number as a Data Matrix and in figures."""

from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene
from labels.typeface import BOLD

__all__ = ["ASSET_TAG"]

SMALLEST_WITH_ARMS = 14.0
"""Millimetres of height; on a lower tag a coat of arms would be a blot of 3 mm."""


def _draw(pen: Pen, scene: Scene) -> DrawLabel:
    side = min(scene.height - 0.6, scene.width * 0.42)
    left, top = 0.6, (scene.height - side) / 2
    x = left + side + 0.5
    column = scene.width - x - 1.0
    pen.box(x, scene.height * 0.44, column, 0.2, scene.style.ink)
    arms = 0.0
    if scene.height >= SMALLEST_WITH_ARMS:
        high = scene.height * 0.29
        arms = pen.coat_of_arms(x, scene.height * 0.41 - high, high, column * 0.4, scene.style.coat_of_arms)
    indent = arms + 0.8 if arms else 0.0

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.data_matrix(left, top, side, label.number)
        owner = label.owner or scene.style.organisation
        size, room = scene.height * 0.6, column - indent
        pen.text(x + indent, scene.height * 0.37, owner, size, BOLD, scene.style.ink, width=room, smallest=4.5)
        pen.number(x, scene.height * 0.7, label.number, scene.height * 0.65, column, smallest=4.5)

    return draw


ASSET_TAG = Design(
    name="asset-tag",
    title="Asset tag",
    purpose="On tools too small for a QR code: inventory number in a Data Matrix and in figures.",
    smallest=(25, 10),
    needs=("number",),
    draw=_draw,
    stocks=("L6008", "4201"),
    example=LabelContent(number="MN-2024-00417", owner="Kvarnby kommun"),
)
