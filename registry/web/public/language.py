"""Switching the language of the pages."""

from flask import abort, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.language import Language
from registry.web.addresses import own_path
from registry.web.public import blueprint
from registry.web.words import LANGUAGE_COOKIE

_YEAR_SECONDS = 31_536_000


@blueprint.get("/language/<language>")
@needs(Permission.ANYONE)
def switch_language(language: str) -> BaseResponse:
    """Remember the language in a cookie and go back to the page the switch stood on."""
    if language not in set(Language):
        abort(404)
    response = redirect(own_path(request.args.get("next", "")))
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
