"""The look of what is printed: coat of arms, colours and the line of contact."""

from contextlib import closing

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import ColorInput

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import house_style
from registry.services.house_style import LONGEST_CONTACT, Look
from registry.web.administration import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate


class HouseStyleForm(FlaskForm):  # type: ignore[misc]
    """What can be set."""

    coat_of_arms = FileField(
        lazy("Coat of arms"),
        description=lazy("SVG, or PNG or JPEG of at least 200 pixels; at most 2 MB."),
        render_kw={"accept": ".svg,.png,.jpg,.jpeg"},
    )
    without = BooleanField(lazy("Print without a coat of arms"))
    ink = StringField(
        lazy("Main colour"),
        [InputRequired(lazy("Choose a colour."))],
        widget=ColorInput(),
        description=lazy("Of headings and dark fields; it must be readable on white."),
    )
    signal = StringField(
        lazy("Signal colour"),
        [InputRequired(lazy("Choose a colour."))],
        widget=ColorInput(),
        description=lazy("For one stroke on the dark field, never for text or codes."),
    )
    contact = StringField(
        lazy("Who answers questions"),
        [Length(max=LONGEST_CONTACT, message=lazy("At most 200 characters."))],
        description=lazy("One line on receipts and certificates, such as a telephone number and an address."),
        render_kw={"autocomplete": "off"},
    )


@blueprint.get("/administration/house-style")
@needs(Permission.ADMINISTRATION)
def house_style_page() -> str:
    """What is set now."""
    now = house_style.look(db())
    return _page(HouseStyleForm(formdata=None, ink=now.ink, signal=now.signal, contact=now.contact))


@blueprint.post("/administration/house-style")
@needs(Permission.ADMINISTRATION)
def house_style_change() -> tuple[str, int] | BaseResponse:
    """Set it; all that is printed from now on has it."""
    form, status = HouseStyleForm(), 422
    if form.validate():
        wished = Look(form.contact.data or "", form.ink.data, form.signal.data, not form.without.data)
        try:
            house_style.change(db(), actor(), wished, b"" if form.without.data else _uploaded(form))
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The house style is saved. What is printed from now on has it."), "success")
            return redirect(url_for("administration.house_style_page"), 303)
    return _page(form), status


@blueprint.get("/administration/house-style/coat-of-arms")
@needs(Permission.ADMINISTRATION)
def house_style_arms() -> Response:
    """The file of the coat of arms, shown as a picture; nothing in it runs."""
    content = house_style.coat_of_arms(db())
    if content is None:
        abort(404)
    kinds = {b"\x89P": "image/png", b"\xff\xd8": "image/jpeg"}
    response = Response(content, mimetype=kinds.get(content[:2], "image/svg+xml"))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _uploaded(form: HouseStyleForm) -> bytes:
    file = form.coat_of_arms.data
    if not file:
        return b""
    with closing(file):
        content: bytes = file.read()
    return content


def _page(form: HouseStyleForm) -> str:
    return render_template("administration/house_style.html", form=form, look=house_style.look(db()))
