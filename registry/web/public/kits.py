"""Where the code on a kit's box leads: to the page for registering it, through signing in."""

from flask import redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.web.public import blueprint


@blueprint.get("/K")
@blueprint.get("/k", endpoint="kit_box_in_small")
@needs(Permission.ANYONE)
def kit_box() -> BaseResponse:
    """From a scanned box on; all boxes have the same code, so there is nothing to look up."""
    return redirect(url_for("residents.own_kits"))
