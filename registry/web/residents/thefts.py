"""Thefts: reporting own things stolen with the police's number, and withdrawing a report."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from registry import clock
from registry.access import Permission, needs
from registry.errors import InvalidInput, NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import items, thefts
from registry.services.items import ItemLine
from registry.services.thefts import OwnTheft, Theft
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.residents.stickers import item_choice
from registry.web.words import lazy, translate


class TheftForm(FlaskForm):  # type: ignore[misc]
    """What was stolen, and what the police wrote down."""

    items = item_choice(lazy("What was stolen?"))
    police_number = StringField(
        lazy("The police's number"),
        [DataRequired(lazy("Write the number you got from the police.")), Length(max=40)],
        description=lazy("Called K-nummer, such as 5000-K123456-26. You get it when you report to the police."),
        render_kw={"autocomplete": "off"},
    )
    occurred_on = DateField(
        lazy("Day of the theft"),
        [DataRequired(lazy("Write a day as year-month-day, such as 2026-11-22."))],
        invalid_value_message=lazy("Write a day as year-month-day, such as 2026-11-22."),
        description=lazy("If you do not know, the day you noticed it."),
    )
    place = StringField(
        lazy("Place"),
        [Length(max=200, message=lazy("At most 200 characters."))],
        description=lazy("Such as the station's bicycle park, or the cellar store."),
    )
    account = TextAreaField(
        lazy("What happened"),
        [Optional(), Length(max=2000, message=lazy("At most 2000 characters."))],
        render_kw={"rows": 3},
    )

    def validate_police_number(self, field: StringField) -> None:
        """Refuse what is no number of the police."""
        try:
            field.data = thefts.police_number(field.data or "")
        except InvalidInput:
            raise ValidationError(
                translate("This is not the police's number. It looks like 5000-K123456-26.")
            ) from None

    def validate_occurred_on(self, field: DateField) -> None:
        """Refuse a day that has not come yet."""
        if field.data is not None and field.data > clock.today():
            raise ValidationError(translate("The day lies in the future. Write today or an earlier day."))


@blueprint.get("/my/thefts")
@needs(Permission.OWN_THINGS)
def own_thefts() -> str:
    """The reports."""
    return render_template("residents/thefts.html", thefts=thefts.own(db(), actor()), items=_unreported())


@blueprint.get("/my/thefts/new")
@needs(Permission.OWN_THINGS)
def new_theft() -> str:
    """The form; ``?item=7`` ticks one item."""
    form = _form(formdata=None, items=request.args.getlist("item", type=int), occurred_on=clock.today())
    return render_template("residents/theft_new.html", form=form)


@blueprint.post("/my/thefts/new")
@needs(Permission.OWN_THINGS)
def report_theft() -> tuple[str, int] | BaseResponse:
    """Note the theft of all ticked items, or of none."""
    form, status = _form(), 422
    if form.validate():
        told = Theft(form.police_number.data, form.occurred_on.data, form.place.data or "", form.account.data or "")
        try:
            thefts.report(db(), actor(), form.items.data, told)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The theft is noted. Whoever looks up the sticker now sees that it is stolen."), "success")
            return redirect(url_for("residents.own_thefts"), 303)
    return render_template("residents/theft_new.html", form=form), status


@blueprint.get("/my/thefts/<int:theft_id>/withdraw")
@needs(Permission.OWN_THINGS)
def ask_withdrawal(theft_id: int) -> str:
    """The question before a report is withdrawn."""
    return render_template("residents/theft_withdraw.html", theft=_own_theft(theft_id))


@blueprint.post("/my/thefts/<int:theft_id>/withdraw")
@needs(Permission.OWN_THINGS)
def withdraw_theft(theft_id: int) -> BaseResponse:
    """Withdraw the report."""
    thefts.withdraw(db(), actor(), theft_id)
    flash(translate("The report is withdrawn. The sticker no longer says stolen."), "success")
    return redirect(url_for("residents.own_thefts"), 303)


def _unreported() -> list[ItemLine]:
    return [item for item in items.own(db(), actor()) if not item.stolen]


def _form(**values: object) -> TheftForm:
    form = TheftForm(**values)
    form.items.choices = [SelectChoice(item.id, item.name) for item in _unreported()]
    return form


def _own_theft(theft_id: int) -> OwnTheft:
    found = next((theft for theft in thefts.own(db(), actor()) if theft.id == theft_id), None)
    if found is None:
        raise NotFound(what="theft report", which=theft_id)
    return found
