"""The designs by name. A new one is a file with a drawing function and a ``Design``, and a line here."""

from collections.abc import Mapping
from typing import Final

from labels.designs.area_sign import AREA_SIGN
from labels.designs.asset_label import ASSET_LABEL
from labels.designs.asset_tag import ASSET_TAG
from labels.designs.blank_sticker import BLANK_STICKER
from labels.designs.certificate import CERTIFICATE
from labels.designs.kit_box_label import KIT_BOX_LABEL
from labels.designs.letterbox_sign import LETTERBOX_SIGN
from labels.designs.membership_card import MEMBERSHIP_CARD
from labels.designs.room_label import ROOM_LABEL
from labels.designs.sample_bag_label import SAMPLE_BAG_LABEL
from labels.designs.seized_item_label import SEIZED_ITEM_LABEL
from labels.designs.warning_sticker import WARNING_STICKER
from labels.designs.window_sticker import WINDOW_STICKER
from labels.errors import DesignError
from labels.pdf import Design

__all__ = ["DESIGNS", "design_named"]

DESIGNS: Final[Mapping[str, Design]] = {
    design.name: design
    for design in (
        WARNING_STICKER,
        BLANK_STICKER,
        ASSET_LABEL,
        ASSET_TAG,
        LETTERBOX_SIGN,
        WINDOW_STICKER,
        AREA_SIGN,
        ROOM_LABEL,
        SEIZED_ITEM_LABEL,
        SAMPLE_BAG_LABEL,
        KIT_BOX_LABEL,
        MEMBERSHIP_CARD,
        CERTIFICATE,
    )
}
"""All designs, in the order in which they are shown."""


def design_named(name: str) -> Design:
    """The design called ``name``; raises DesignError that lists the names there are."""
    if name not in DESIGNS:
        raise DesignError(where=name, reason="it is unknown. Allowed: {names}.", names=", ".join(DESIGNS))
    return DESIGNS[name]
