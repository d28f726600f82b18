"""What the marking is, how the register works, and questions people ask."""

from flask import render_template

from registry.access import Permission, needs
from registry.web.public import blueprint


@blueprint.get("/help")
@needs(Permission.ANYONE)
def about() -> str:
    """The help page."""
    return render_template("public/help.html")
