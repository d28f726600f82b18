"""The blueprint that every resource of the API attaches its endpoints to."""

from flask import Blueprint

__all__ = ["VERSION", "blueprint"]

VERSION = "v1"
blueprint = Blueprint("api", __name__, url_prefix="/api")
