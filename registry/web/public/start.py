"""The first page: each signed-in user's own start, or what the register is for."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.request_scope import actor
from registry.web.navigation import start_of
from registry.web.public import blueprint


@blueprint.get("/")
@needs(Permission.ANYONE)
def start() -> str | BaseResponse:
    """Lead a signed-in user to their own starting page; tell others what the register does."""
    endpoint = start_of(actor())
    if endpoint is not None:
        return redirect(url_for(endpoint))
    return render_template("public/start.html")
