"""The municipality's pages: its own equipment, labels for it, and taking its inventory in."""

from flask import Blueprint

blueprint = Blueprint("municipality", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.municipality import blank_stickers, equipment, inventory, labels, room_labels, start, tags  # noqa: E402

__all__ = ["blank_stickers", "blueprint", "equipment", "inventory", "labels", "room_labels", "start", "tags"]
