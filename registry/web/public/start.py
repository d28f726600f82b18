"""The first page: each signed-in user's own start, or what the register is for; and looking up a sticker's number."""

from flask import current_app, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from labels import markcode
from labels.errors import MarkCodeError
from registry.access import Permission, needs
from registry.request_scope import actor
from registry.settings import RegistrySettings
from registry.web.navigation import start_of
from registry.web.public import blueprint
from registry.web.public.marks import told_of_marks
from registry.web.words import lazy, translate


class StickerForm(FlaskForm):  # type: ignore[misc]
    """The number on a sticker, or the address its code holds."""

    number = StringField(
        lazy("Number on the sticker"),
        [DataRequired(lazy("Write the number that stands on the sticker.")), Length(max=120)],
        description=lazy("15 letters and digits, such as 4K7Q-2M9X-W3PZ-D0V."),
    )


@blueprint.get("/")
@needs(Permission.ANYONE)
def start() -> str | BaseResponse:
    """Lead a signed-in user to their own starting page; tell others what the register does."""
    endpoint = start_of(actor())
    if endpoint is not None:
        return redirect(url_for(endpoint))
    return render_template("public/start.html", form=StickerForm())


@blueprint.post("/check")
@needs(Permission.ANYONE)
def check_number() -> tuple[str, int] | BaseResponse:
    """Lead to the page of the sticker whose number was typed, or say at the field what is wrong with it."""
    form = StickerForm()
    if form.validate():
        settings: RegistrySettings = current_app.config["REGISTRY"]
        try:
            number = markcode.number_in(form.number.data, settings.public_url.split("://")[1])
        except MarkCodeError as refusal:
            form.number.errors = [" ".join((refusal.explain(translate), *told_of_marks(form.number.data, refusal)))]
        else:
            return redirect(url_for("public.sticker", number=number), 303)
    return render_template("public/check.html", form=form), 422
