"""The administration's pages: deliveries, staff, stations and the log. Nothing of owners and their things.

Suppliers open the page of deliveries too and see their own.
"""

from flask import Blueprint

blueprint = Blueprint("administration", __name__)

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.administration import box_labels, deliveries, house_style, log, staff, start, stations  # noqa: E402

__all__ = ["blueprint", "box_labels", "deliveries", "house_style", "log", "staff", "start", "stations"]
