"""Refusals as pages: the one place where an error of the registry gets a status and a page of its own."""

import traceback

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from registry import errors
from registry.database import is_out_of_reach
from registry.request_scope import SignInNeeded, abandon
from registry.web.words import translate

__all__ = ["install", "status_of", "trace_of"]

_RETRY_SECONDS = "5"

_STATUS: tuple[tuple[type[errors.RegistryError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Expired, 410),
    (errors.NotPermitted, 403),
    (errors.TooManyAttempts, 429),
    (errors.Conflict, 409),
    (errors.SignInRefused, 401),
    (errors.WrongPin, 422),
    (errors.InvalidInput, 422),
    (errors.Unavailable, 503),
)


def status_of(refusal: errors.RegistryError) -> int:
    """The HTTP status that tells a program the same as the words tell a person."""
    return next((status for kind, status in _STATUS if isinstance(refusal, kind)), 500)


def install(app: Flask) -> None:
    """Turn refusals and HTTP errors of ``app`` into pages."""
    app.register_error_handler(errors.RegistryError, _refused)
    app.register_error_handler(SignInNeeded, _sign_in)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crashed)


def _page(status: int, what: str, allowed: str) -> Response:
    actions = [{"label": translate("To the start page"), "url": url_for("public.start")}]
    page = render_template("shared/error.html", status=status, what=what, allowed=allowed, actions=actions)
    return make_response(page, status)


def _refused(refusal: errors.RegistryError) -> Response:
    if status_of(refusal) >= 500:
        current_app.logger.error("refused: %s", trace_of(refusal))
    response = _page(status_of(refusal), refusal.explain(translate), translate("Go back and try again."))
    if isinstance(refusal, errors.TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.values["seconds"])
    return response


def _sign_in(_needed: SignInNeeded) -> BaseResponse:
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("public.sign_in", next=target))


def _form_too_old(_refusal: CSRFError) -> Response:
    return _page(
        400,
        translate("The form is too old or was sent from another page."),
        translate("Open the page again and send the form once more."),
    )


def _http(fault: HTTPException) -> Response:
    status = fault.code or 500
    if status >= 500:
        return _broken(getattr(fault, "original_exception", None) or fault)
    headings = {
        403: translate("Your account may not open this page."),
        404: translate("There is no page at this address."),
        405: translate("This address does not take that kind of request."),
        413: translate("What was sent is too large."),
        429: translate("Too many requests."),
    }
    response = _page(
        status, headings.get(status, translate("The request could not be done.")), translate("Go to the start page.")
    )
    if isinstance(fault, MethodNotAllowed) and fault.valid_methods:
        response.headers["Allow"] = ", ".join(fault.valid_methods)
    return response


def _crashed(fault: Exception) -> Response:
    current_app.logger.error("unhandled %s at %s", trace_of(fault), request.endpoint)
    return _broken(fault)


def _broken(fault: BaseException) -> Response:
    """The page for what is not the reader's fault; it asks nothing of the database."""
    abandon()
    if not is_out_of_reach(fault) and getattr(fault, "code", 500) != 503:
        return _page(
            500,
            translate("Something went wrong on our side. Nothing was changed."),
            translate("Try again in a moment. If it happens again, tell the register and say what time it was."),
        )
    response = _page(
        503,
        translate("The register does not answer right now. Nothing was changed."),
        translate("Try again in a moment. If it happens again, tell the register and say what time it was."),
    )
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def trace_of(fault: BaseException) -> str:
    """What kind of fault and where it arose, for the log: without its message, which may quote somebody's data."""
    kinds: list[str] = []
    link: BaseException | None = fault
    while link is not None:
        kinds.append(type(link).__name__)
        link = link.__cause__ or link.__context__
    frames = traceback.extract_tb(fault.__traceback__)
    places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    return f"{' from '.join(kinds)}{places}"
