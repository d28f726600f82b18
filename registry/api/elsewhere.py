"""Addresses under /api where nothing is, and requests of a kind that an address does not take."""

from typing import NoReturn

from flask import current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from registry.access import Permission, needs
from registry.api.blueprint import blueprint

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


@blueprint.route("/", defaults={"rest": ""}, methods=_METHODS)
@blueprint.route("/<path:rest>", methods=_METHODS)
@needs(Permission.ANYONE)
def elsewhere(rest: str) -> NoReturn:
    """Answer as a program expects, not with a page for people."""
    taken = [method for method in _METHODS if rest and _is_taken(method)]
    if taken:
        raise MethodNotAllowed(valid_methods=taken)
    raise NotFound


def _is_taken(method: str) -> bool:
    """Whether another view answers this method at the requested address."""
    adapter = current_app.url_map.bind_to_environ(request.environ)
    try:
        endpoint, _ = adapter.match(method=method)
    except HTTPException:
        return False
    return bool(endpoint != request.endpoint)
