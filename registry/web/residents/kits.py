"""A resident's kits: registering one with the code and the PIN on the card, and the list."""

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db, remote_address
from registry.services import items, kits
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.words import lazy, translate


class KitForm(FlaskForm):  # type: ignore[misc]
    """Kit code and PIN."""

    code = StringField(
        lazy("Kit code"),
        [DataRequired(lazy("Write the kit's code.")), Length(max=40, message=lazy("At most 40 characters."))],
        description=lazy("It stands on the card in the box. Capitals, spaces and hyphens do not matter."),
        render_kw={"autocomplete": "off"},
    )
    pin = StringField(
        lazy("PIN"),
        [DataRequired(lazy("Write the kit's PIN.")), Length(max=40, message=lazy("At most 40 characters."))],
        description=lazy("The number under the code on the card."),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )


@blueprint.get("/my/kits")
@needs(Permission.OWN_THINGS)
def own_kits() -> str:
    """The kits and the form for another."""
    return render_template("residents/kits.html", form=KitForm(), kits=kits.own(db(), actor()))


@blueprint.post("/my/kits")
@needs(Permission.OWN_THINGS)
def activate_kit() -> tuple[str, int] | BaseResponse:
    """Register the kit, or say what is wrong."""
    form, status = KitForm(), 422
    if form.validate():
        try:
            done = kits.activate(db(), actor(), form.code.data, form.pin.data, remote_address())
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            _say_done(done)
            first = not items.own(db(), actor())
            return redirect(url_for("residents.new_item" if first else "residents.home"), 303)
    return render_template("residents/kits.html", form=form, kits=kits.own(db(), actor())), status


def _say_done(done: kits.Activation) -> None:
    if done.already:
        flash(translate("Kit %(code)s is already registered to you.", code=done.code), "success")
    else:
        flash(
            translate("Kit %(code)s is now registered to you. A receipt is on its way by e-mail.", code=done.code),
            "success",
        )
    if done.past_best_before:
        flash(
            translate("The fluid is past its date. Marks made in time still count; use a new kit for new marks."),
            "warning",
        )
