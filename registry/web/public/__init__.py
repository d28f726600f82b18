"""Pages that anyone may open: the start page, signing in, what a sticker says, and whether the server is well."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.public import (  # noqa: E402
    about,
    accessibility,
    health,
    kits,
    language,
    register,
    sign_in,
    start,
    stickers,
)

__all__ = [
    "about",
    "accessibility",
    "blueprint",
    "health",
    "kits",
    "language",
    "register",
    "sign_in",
    "start",
    "stickers",
]
