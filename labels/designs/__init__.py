"""The designs by name. A new one is a file with a drawing function and a ``Design``, and a line here."""

from collections.abc import Mapping
from typing import Final

from labels.designs.asset_label import ASSET_LABEL
from labels.designs.warning_sticker import WARNING_STICKER
from labels.errors import DesignError
from labels.pdf import Design

__all__ = ["DESIGNS", "design_named"]

DESIGNS: Final[Mapping[str, Design]] = {
    design.name: design
    for design in (
        WARNING_STICKER,
        ASSET_LABEL,
    )
}
"""All designs, in the order in which they are shown."""


def design_named(name: str) -> Design:
    """The design called ``name``; raises DesignError that lists the names there are."""
    if name not in DESIGNS:
        raise DesignError(where=name, reason="it is unknown. Allowed: {names}.", names=", ".join(DESIGNS))
    return DESIGNS[name]
