"""The accessibility statement that the law on accessible digital services asks for."""

from flask import render_template

from registry.access import Permission, needs
from registry.web.public import blueprint


@blueprint.get("/accessibility")
@needs(Permission.ANYONE)
def accessibility() -> str:
    """How accessible the pages are, what is not, and whom to tell."""
    return render_template("public/accessibility.html")
