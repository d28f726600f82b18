"""Signing in and out."""

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import SignInRefused, TooManyAttempts
from registry.request_scope import actor, cookie_name, db, remote_address, scope
from registry.services import sessions
from registry.web.addresses import own_path
from registry.web.public import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy


class SignInForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField(
        lazy("E-mail address"),
        [DataRequired(lazy("Write your e-mail address.")), Length(max=200, message=lazy("At most 200 characters."))],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        lazy("Password"),
        [DataRequired(lazy("Write your password.")), Length(max=128, message=lazy("At most 128 characters."))],
        render_kw={"autocomplete": "current-password"},
    )


@blueprint.get("/sign-in")
@needs(Permission.ANYONE)
def sign_in() -> str:
    """The form."""
    return render_template("public/sign_in.html", form=SignInForm(), next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@needs(Permission.ANYONE)
def start_session() -> BaseResponse | Response:
    """Start a session, or show the form again saying why not; a wrong try is counted and logged all the same."""
    form, status = SignInForm(), 422
    wish = request.form.get("next", "")
    if form.validate():
        try:
            token = sessions.sign_in(db(), form.email.data, form.password.data, remote_address())
        except (SignInRefused, TooManyAttempts) as refusal:
            status = show_in_form(form, refusal)
        else:
            _end_earlier_session()
            return signed_in(token, own_path(wish))
    return make_response(render_template("public/sign_in.html", form=form, next=wish), status)


def _end_earlier_session() -> None:
    """Whoever signs in anew leaves no older session of this browser behind."""
    earlier = scope().sign_in_session_id
    if earlier is not None:
        sessions.end(db(), actor(), earlier)


@blueprint.post("/sign-out")
@needs(Permission.SIGNED_IN)
def sign_out() -> BaseResponse:
    """End the session on the server and take its cookie away."""
    current = scope()
    if current.sign_in_session_id is not None:
        sessions.end(db(), actor(), current.sign_in_session_id)
    response = redirect(url_for("public.start"))
    # A browser takes a __Host- cookie away only if told so with the marks it was set with.
    response.delete_cookie(
        cookie_name(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def signed_in(token: str, target: str) -> BaseResponse:
    """Send the reader on with the session's cookie."""
    response = redirect(target)
    response.set_cookie(
        cookie_name(),
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response
