"""Access tokens of the own account: what programs sign in to the API with. Made here, shown once, revoked at once."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from registry.access import Permission, needs
from registry.errors import NotFound, PasswordRefused, RegistryError
from registry.request_scope import actor, db
from registry.services import access_tokens
from registry.services.access_tokens import LONGEST_NAME
from registry.web.refusals import explained, show_in_form
from registry.web.residents import blueprint
from registry.web.words import lazy, translate


class TokenForm(FlaskForm):  # type: ignore[misc]
    """Which program, for how long, and the password once more."""

    name = StringField(
        lazy("Name of the program"),
        [DataRequired(lazy("Write a name.")), Length(max=LONGEST_NAME, message=lazy("At most 80 characters."))],
        description=lazy("So that you know later which one to revoke."),
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(
        lazy("Works for"),
        [InputRequired(lazy("Choose one of those in the list."))],
        coerce=int,
        choices=[
            SelectChoice(7, lazy("a week")),
            SelectChoice(90, lazy("90 days")),
            SelectChoice(366, lazy("a year")),
        ],
        default=90,
        invalid_choice_message=lazy("Choose one of those in the list."),
        invalid_value_message=lazy("Choose one of those in the list."),
    )
    current = PasswordField(
        lazy("Your password"),
        [DataRequired(lazy("Write the password you have now.")), Length(max=128)],
        description=lazy("Asked for again, because a token works without it."),
        render_kw={"autocomplete": "current-password"},
    )


@blueprint.get("/account/tokens")
@needs(Permission.ACCESS_TOKENS)
def tokens() -> str:
    """The account's tokens and the form to make one."""
    return _page(TokenForm(formdata=None))


@blueprint.post("/account/tokens")
@needs(Permission.ACCESS_TOKENS)
def make_token() -> tuple[str, int]:
    """Make a token and show it, this once."""
    form, status = TokenForm(), 422
    if form.validate():
        try:
            made = access_tokens.give_own(db(), actor(), form.name.data, form.days.data, form.current.data)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
            if isinstance(refusal, PasswordRefused):
                form.form_errors.clear()
                form.current.errors = [explained(refusal)]
        else:
            return _page(TokenForm(formdata=None), made=made, name=" ".join(form.name.data.split())), 201
    return _page(form), status


@blueprint.get("/account/tokens/<int:token_id>/revoke")
@needs(Permission.ACCESS_TOKENS)
def token_question(token_id: int) -> str:
    """The question before a token is revoked."""
    found = next((one for one in access_tokens.own(db(), actor()) if one.id == token_id and one.counts), None)
    if found is None:
        raise NotFound(what="access token", which=token_id)
    return render_template("residents/token_revoke.html", token=found)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@needs(Permission.ACCESS_TOKENS)
def revoke_token(token_id: int) -> BaseResponse:
    """Stop a token: the program's next request is refused."""
    access_tokens.revoke_own(db(), actor(), token_id)
    flash(translate("The token is revoked. The program's next request is refused."), "success")
    return redirect(url_for("residents.tokens"), 303)


def _page(form: TokenForm, **shown: Any) -> str:
    return render_template("residents/tokens.html", form=form, tokens=access_tokens.own(db(), actor()), **shown)
