"""Pages that anyone may open: the start page, signing in, what a sticker says, and whether the server is well."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.public import accessibility, health, language, sign_in, start  # noqa: E402

__all__ = ["accessibility", "blueprint", "health", "language", "sign_in", "start"]
