"""Residents' pages: their things, kits, stickers, thefts and account. Phone first, Swedish first."""

from flask import Blueprint

blueprint = Blueprint("residents", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.residents import account, home, items, kits, marks, photos, stickers, tags, thefts, tokens  # noqa: E402

__all__ = ["account", "blueprint", "home", "items", "kits", "marks", "photos", "stickers", "tags", "thefts", "tokens"]
