"""Labels for buildings, rooms and stores: chosen, ordered as a job; and where their codes lead."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import room_labels, stickers
from registry.services.room_labels import RoomWish
from registry.web.municipality import blueprint
from registry.web.municipality.labels import SHEET
from registry.web.refusals import show_in_form
from registry.web.sheet_forms import SheetForm, places_in, sheet_in_use, stock_choices
from registry.web.words import current_language, lazy


class RoomSheetForm(SheetForm):
    """Which places, and how their labels are printed."""

    package = None  # Packages belong to owners of things.
    # Whether they are the municipality's is for the service to say.
    places = SelectMultipleField(
        lazy("Labels for"),
        [InputRequired(lazy("Tick at least one place."))],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        invalid_value_message=lazy("Choose one of those in the list."),
    )


@blueprint.get("/equipment/places/labels")
@needs(Permission.EQUIPMENT)
def room_labels_page() -> str:
    """The form with all places ticked; ``?place=`` ticks fewer."""
    form = _form(formdata=None, **sheet_in_use(SHEET, stickers.stocks_for(room_labels.DESIGN), None))
    asked = set(request.args.getlist("place", type=int))
    form.places.data = [choice.value for choice in form.places.choices if not asked or choice.value in asked]
    return _page(form)


@blueprint.post("/equipment/places/labels")
@needs(Permission.EQUIPMENT)
def print_room_labels() -> BaseResponse:
    """Order the labels and go to the job's page, or the form with what is wrong."""
    form, status = _form(), 422
    if form.validate():
        wish = RoomWish(
            form.places.data, form.stock.data, form.start.data, places_in(form.skip.data or ""), form.copies.data,
            current_language(),
        )  # fmt: skip
        try:
            job = room_labels.order_labels(db(), actor(), wish)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("municipality.label_job", job_uid=job.uid), 303)
    return make_response(_page(form), status)


@blueprint.get("/L/<int:place_id>")
@blueprint.get("/l/<int:place_id>", endpoint="place_in_small")
@needs(Permission.EQUIPMENT)
def place(place_id: int) -> BaseResponse:
    """From a scanned label to what stands in its place."""
    room_labels.confirm(db(), actor(), place_id)
    return redirect(url_for("municipality.equipment_list", place=place_id))


def _form(**values: Any) -> RoomSheetForm:
    form = RoomSheetForm(**values)
    form.stock.choices = stock_choices(stickers.stocks_for(room_labels.DESIGN))
    form.places.choices = [SelectChoice(number, name) for number, name in room_labels.own(db(), actor()).items()]
    return form


def _page(form: RoomSheetForm) -> str:
    return render_template("municipality/room_labels.html", form=form, stocks=stickers.stocks_for(room_labels.DESIGN))
