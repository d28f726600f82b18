"""Addresses under /api where nothing is, and requests of a kind that an address does not take."""

import re
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
        if rule.endpoint != request.endpoint and _is_at(rule.rule, request.path)
        for method in rule.methods or ()
        if rest
    }
    if taken:
        raise MethodNotAllowed(valid_methods=sorted(taken))
    raise NotFound


def _is_at(rule: str, path: str) -> bool:
    """Whether an address is one of a rule such as ``/api/v1/labels/<job_uid>``."""
    return re.fullmatch(re.sub(r"<\w+>", "[^/]+", rule), path) is not None
