"""Refusals of the API as problem+json (RFC 9457), in the language that the caller accepts."""

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from registry import errors
from registry.api.blueprint import blueprint
from registry.database import is_out_of_reach
from registry.request_scope import SignInNeeded
from registry.web.errors import status_of
from registry.web.words import current_language, translate

__all__ = ["InvalidBody"]

_RETRY_SECONDS = 5


class InvalidBody(errors.InvalidInput):
    """A request whose body, or a header of it, is not what the document at /api/openapi.json says.

    ``field`` is the JSON path, such as ``observations.2.text``; ``value`` what came, ``allowed`` what may.
    """


def _problem(status: int, detail: str, *, field: str = "", allowed: str = "") -> Response:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "field": field or None,
        "allowed": allowed or None,
    }
    response = jsonify(content)
    response.status_code = status
    response.content_type = "application/problem+json"
    response.headers["Content-Language"] = current_language().value
    response.vary.add("Accept-Language")
    return response


@blueprint.errorhandler(errors.RegistryError)
def _refused(refusal: errors.RegistryError) -> Response:
    g.refusal = refusal
    status = status_of(refusal)
    response = _problem(
        status,
        refusal.explain(translate),
        field=str(refusal.values.get("field", "")),
        allowed=str(refusal.said("allowed", translate)),
    )
    if isinstance(refusal, errors.TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.values["seconds"])
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


@blueprint.errorhandler(SignInNeeded)
def _unknown_station(_needed: SignInNeeded) -> Response:
    response = _problem(
        HTTPStatus.UNAUTHORIZED,
        translate("The token is unknown or was revoked."),
        field="Authorization",
        allowed=translate("Bearer and the token of an enrolled station"),
    )
    response.headers["WWW-Authenticate"] = 'Bearer realm="markdna"'
    return response


@blueprint.errorhandler(HTTPException)
def _http(fault: HTTPException) -> Response:
    status = fault.code or HTTPStatus.INTERNAL_SERVER_ERROR
    methods = ", ".join(sorted(fault.valid_methods or ())) if isinstance(fault, MethodNotAllowed) else ""
    said = {
        404: (translate("There is nothing at this address."), "/api/openapi.json"),
        405: (translate("This address does not take that kind of request."), methods),
        413: (
            translate("What was sent is too large."),
            translate("%(bytes)s bytes at most", bytes=request.max_content_length),
        ),
        415: (translate("The content is not JSON."), "Content-Type: application/json"),
    }
    detail, allowed = said.get(status, (translate("The request could not be done."), ""))
    response = _problem(status, detail, allowed=allowed)
    if methods:
        response.headers["Allow"] = methods
    return response


@blueprint.errorhandler(Exception)
def _crashed(fault: Exception) -> Response:
    current_app.logger.error("unhandled %s at %s", type(fault).__name__, request.endpoint, exc_info=fault)
    if is_out_of_reach(fault):
        response = _problem(
            HTTPStatus.SERVICE_UNAVAILABLE, translate("The register does not answer right now. Nothing was changed.")
        )
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
        return response
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, translate("Something went wrong on our side. Nothing was changed.")
    )
