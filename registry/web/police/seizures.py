"""Seizures, seized items and samples."""

from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from registry import clock
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import cases, samples, seizures
from registry.web.police import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate


class SeizureForm(FlaskForm):  # type: ignore[misc]
    """Where and when things were taken."""

    place = StringField(
        lazy("Where it was seized"),
        [DataRequired(lazy("Write where the things were seized.")), Length(max=200)],
        description=lazy("Such as an address, a vehicle or a place outdoors."),
    )
    seized_at = DateTimeLocalField(
        lazy("When"), [DataRequired(lazy("Write day and time."))], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    )


class SeizedItemForm(FlaskForm):  # type: ignore[misc]
    """One thing of a seizure."""

    description = TextAreaField(
        lazy("Description"),
        [DataRequired(lazy("Describe the thing.")), Length(max=500)],
        description=lazy("Kind, colour, maker and serial number as you see them on the thing."),
        render_kw={"rows": 2},
    )
    storage_place = StringField(
        lazy("Storage place"),
        [Optional(), Length(max=120)],
        description=lazy("Room and shelf, such as Beslagsrummet, hylla 4."),
        render_kw={"list": "storage-places", "autocomplete": "off"},
    )


class SampleForm(FlaskForm):  # type: ignore[misc]
    """The seal of a sample."""

    seal_number = StringField(
        lazy("Seal number"),
        [DataRequired(lazy("Write the number on the seal.")), Length(max=40)],
        description=lazy("Stands on the sealed bag. Each number is used once."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


@blueprint.get("/cases/<int:case_id>/seizures/new")
@needs(Permission.POLICE_WORK)
def new_seizure(case_id: int) -> str:
    """The form, with the present time filled in."""
    case = cases.of_officer(db(), actor(), case_id, still_open=True)
    form = SeizureForm(formdata=None, seized_at=clock.now().astimezone(clock.LOCAL_TIME))
    return render_template("police/seizure_new.html", case=case, form=form)


@blueprint.post("/cases/<int:case_id>/seizures/new")
@needs(Permission.POLICE_WORK)
def add_seizure(case_id: int) -> BaseResponse:
    """Add the seizure and go on to its first item."""
    form = SeizureForm()
    status = 422
    if form.validate():
        try:
            seizure_id = seizures.add(db(), actor(), case_id, form.place.data, _in_utc(form.seized_at.data))
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The seizure is noted. Now describe the first thing in it."), "success")
            return redirect(url_for("police.new_seized_item", case_id=case_id, seizure_id=seizure_id))
    case = cases.of_officer(db(), actor(), case_id)
    return make_response(render_template("police/seizure_new.html", case=case, form=form), status)


@blueprint.get("/cases/<int:case_id>/seizures/<int:seizure_id>/items/new")
@needs(Permission.POLICE_WORK)
def new_seized_item(case_id: int, seizure_id: int) -> str:
    """The form."""
    return _item_page(SeizedItemForm(), case_id, seizure_id)


@blueprint.post("/cases/<int:case_id>/seizures/<int:seizure_id>/items/new")
@needs(Permission.POLICE_WORK)
def add_seized_item(case_id: int, seizure_id: int) -> BaseResponse:
    """Add the item and go back to the case."""
    form = SeizedItemForm()
    status = 422
    if form.validate():
        try:
            seizures.add_item(db(), actor(), case_id, seizure_id, form.description.data, form.storage_place.data or "")
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The seized item is noted."), "success")
            return redirect(url_for("police.case", case_id=case_id, _anchor="seizures"))
    return make_response(_item_page(form, case_id, seizure_id), status)


@blueprint.get("/cases/<int:case_id>/items/<int:seized_item_id>/sample")
@needs(Permission.POLICE_WORK)
def new_sample(case_id: int, seized_item_id: int) -> str:
    """The form."""
    return _sample_page(SampleForm(), case_id, seized_item_id)


@blueprint.post("/cases/<int:case_id>/items/<int:seized_item_id>/sample")
@needs(Permission.POLICE_WORK)
def take_sample(case_id: int, seized_item_id: int) -> BaseResponse:
    """Note the sample and go back to the case."""
    form = SampleForm()
    status = 422
    if form.validate():
        try:
            samples.take(db(), actor(), case_id, seized_item_id, form.seal_number.data)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The sample is noted. Send it to the laboratory under seal."), "success")
            return redirect(url_for("police.case", case_id=case_id, _anchor="seizures"))
    return make_response(_sample_page(form, case_id, seized_item_id), status)


@blueprint.post("/cases/<int:case_id>/samples/<int:sample_id>/answered")
@needs(Permission.POLICE_WORK)
def sample_answered(case_id: int, sample_id: int) -> BaseResponse:
    """Note that the laboratory has answered."""
    samples.answered(db(), actor(), case_id, sample_id)
    flash(translate("The laboratory's answer is noted."), "success")
    return redirect(url_for("police.case", case_id=case_id, _anchor="seizures"))


def _item_page(form: SeizedItemForm, case_id: int, seizure_id: int) -> str:
    case = cases.of_officer(db(), actor(), case_id, still_open=True)
    return render_template(
        "police/seized_item_new.html",
        case=case,
        seizure_id=seizure_id,
        form=form,
        storage_places=seizures.storage_places(db(), case.organisation_id),
    )


def _sample_page(form: SampleForm, case_id: int, seized_item_id: int) -> str:
    case = cases.of_officer(db(), actor(), case_id, still_open=True)
    item = seizures.item_of_case(db(), case_id, seized_item_id)
    return render_template("police/sample_new.html", case=case, item=item, form=form)


def _in_utc(local: datetime) -> datetime:
    return local.replace(tzinfo=clock.LOCAL_TIME).astimezone(UTC)
