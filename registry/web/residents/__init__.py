"""Residents' pages: their things, kits, stickers, thefts and account. Phone first, Swedish first."""

from flask import Blueprint

blueprint = Blueprint("residents", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.residents import (  # noqa: E402
    account,
    blank_stickers,
    home,
    items,
    kits,
    marks,
    photos,
    stickers,
    tags,
    thefts,
    tokens,
)

__all__ = [
    "account",
    "blank_stickers",
    "blueprint",
    "home",
    "items",
    "kits",
    "marks",
    "photos",
    "stickers",
    "tags",
    "thefts",
    "tokens",
]
