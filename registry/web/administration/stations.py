"""Reading stations: invited here with a code that is shown once, stopped at once."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from registry.access import Permission, needs
from registry.errors import NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import staff as staff_services
from registry.services import stations as station_services
from registry.services.actor import Role
from registry.web.administration import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate


class StationForm(FlaskForm):  # type: ignore[misc]
    """Whose station it is and what it is called."""

    organisation = SelectField(
        lazy("Police authority"),
        [InputRequired(lazy("Choose the authority."))],
        coerce=int,
        invalid_choice_message=lazy("Choose one of those in the list."),
        invalid_value_message=lazy("Choose one of those in the list."),
    )
    name = StringField(
        lazy("Name of the station"),
        [DataRequired(lazy("Write a name.")), Length(max=100, message=lazy("At most 100 characters."))],
        description=lazy("Such as the room it stands in."),
        render_kw={"autocomplete": "off"},
    )


@blueprint.get("/administration/stations")
@needs(Permission.ADMINISTRATION)
def stations() -> str:
    """The stations and the form to enrol one."""
    return _page(_form(formdata=None))


@blueprint.post("/administration/stations")
@needs(Permission.ADMINISTRATION)
def station_enrol() -> tuple[str, int]:
    """Make a place for a station and show the code by which a machine takes it, this once."""
    form, status = _form(), 422
    if form.validate():
        try:
            code = station_services.invite(db(), actor(), form.organisation.data, form.name.data)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return _page(_form(formdata=None), enrolment_code=code, name=form.name.data), 201
    return _page(form), status


@blueprint.post("/administration/stations/<int:station_id>/code")
@needs(Permission.ADMINISTRATION)
def station_renew(station_id: int) -> tuple[str, int]:
    """Show a new code for a station: for another machine in its place, or to start a stopped one again."""
    code = station_services.renew(db(), actor(), station_id)
    found = next(line for line in station_services.every(db()) if line.id == station_id)
    return _page(_form(formdata=None), enrolment_code=code, name=found.name), 201


@blueprint.get("/administration/stations/<int:station_id>/revoke")
@needs(Permission.ADMINISTRATION)
def station_question(station_id: int) -> str:
    """The question before a station is stopped."""
    found = next((line for line in station_services.every(db()) if line.id == station_id), None)
    if found is None:
        raise NotFound(what="station", which=station_id)
    return render_template("administration/revoke_station.html", station=found)


@blueprint.post("/administration/stations/<int:station_id>/revoke")
@needs(Permission.ADMINISTRATION)
def station_revoke(station_id: int) -> BaseResponse:
    """Stop a station: its next request is refused."""
    station_services.revoke(db(), actor(), station_id)
    flash(translate("The station is stopped. It learns of it within a minute."), "success")
    return redirect(url_for("administration.stations"), 303)


def _page(form: StationForm, **shown: Any) -> str:
    return render_template(
        "administration/stations.html",
        form=form,
        stations=station_services.every(db()),
        hours=station_services.CODE_HOURS,
        **shown,
    )


def _form(**values: Any) -> StationForm:
    form = StationForm(**values)
    form.organisation.choices = [SelectChoice(*one) for one in staff_services.organisations(db(), Role.OFFICER)]
    return form
