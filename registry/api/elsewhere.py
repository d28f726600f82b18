"""Addresses under /api where nothing is, and requests of a kind that an address does not take."""

from typing import NoReturn

from flask import current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from registry.access import Permission, needs
from registry.api.blueprint import blueprint


@blueprint.route("/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@needs(Permission.ANYONE)
def elsewhere(rest: str) -> NoReturn:
    """Answer as a program expects, not with a page for people."""
    taken = {
        method
        for rule in current_app.url_map.iter_rules()
        if rule.rule == request.path
        for method in rule.methods or ()
        if rest
    }
    if taken:
        raise MethodNotAllowed(valid_methods=sorted(taken))
    raise NotFound
