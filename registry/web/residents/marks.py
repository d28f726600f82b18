"""Where an item is marked: rows of places, as many as wanted, with and without script."""

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateField, FieldList, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from registry import clock
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import items, kits, markings
from registry.services.kits import OwnKit
from registry.services.markings import ADVISED_POINTS, MOST_POINTS
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.residents.names import UNKNOWN_CHOICE
from registry.web.words import lazy, translate

_ROWS = ADVISED_POINTS[0]


class MarkFields(FlaskForm):  # type: ignore[misc]
    """Which kit, when, and the places; part of the form for a new item and a form of its own."""

    kit_id = SelectField(
        lazy("Marked with the kit"), [InputRequired(lazy("Choose a kit."))], coerce=int, **UNKNOWN_CHOICE
    )
    marked_on = DateField(
        lazy("Day of marking"),
        [DataRequired(lazy("Write a day as year-month-day, such as 2026-11-22."))],
        invalid_value_message=lazy("Write a day as year-month-day, such as 2026-11-22."),
        render_kw={"autocomplete": "off"},
    )
    places = FieldList(
        StringField(validators=[Length(max=120, message=lazy("At most 120 characters."))]),
        label=lazy("Places"),
        max_entries=MOST_POINTS,
    )

    def offer(self, own_kits: Sequence[OwnKit]) -> None:
        """Let the owner choose among their kits."""
        self.kit_id.choices = [SelectChoice(kit.id, f"{kit.code} ({kit.supplier})") for kit in own_kits]

    def fill_rows(self, least: int = _ROWS) -> None:
        """Have at least ``least`` rows to write in."""
        while len(self.places) < min(least, MOST_POINTS):
            self.places.append_entry()

    def more_asked(self) -> bool:
        """Whether the button for another row was pressed (without script); adds it if so."""
        if "more" not in request.form:
            return False
        self.fill_rows(len(self.places) + 1)
        return True

    def written_places(self) -> list[str]:
        """What was written in the rows."""
        return [place or "" for place in self.places.data]


@blueprint.get("/my/items/<int:item_id>/marks")
@needs(Permission.OWN_THINGS)
def marks(item_id: int) -> str:
    """The form, filled with what is known."""
    item, own_kits = items.one(db(), actor(), item_id), kits.own(db(), actor())
    held = markings.of_item(db(), actor(), item_id)
    # Each kit's marking is a form of its own; the query chooses, else the newest marking, else the newest kit.
    wanted = request.args.get("kit", type=int) or (held[-1].kit_id if held else None)
    known = next((marking for marking in held if marking.kit_id == wanted), None)
    form = MarkFields(
        formdata=None,
        kit_id=wanted or (own_kits[0].id if own_kits else None),
        marked_on=known.marked_on if known else clock.today(),
        places=list(known.places) if known else [],
    )
    form.offer(own_kits)
    form.fill_rows(max(_ROWS, len(form.places) + 1 if known else _ROWS))
    return render_template("residents/marks.html", form=form, item=item, kits=own_kits)


@blueprint.post("/my/items/<int:item_id>/marks")
@needs(Permission.OWN_THINGS)
def save_marks(item_id: int) -> tuple[str, int] | BaseResponse:
    """Keep the places, or give another row."""
    item, own_kits = items.one(db(), actor(), item_id), kits.own(db(), actor())
    form, status = MarkFields(), 422
    form.offer(own_kits)
    if form.more_asked():
        status = 200
    elif form.validate():
        marked_on: date = form.marked_on.data
        try:
            markings.mark(db(), actor(), item_id, form.kit_id.data, form.written_places(), marked_on)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The mark points of %(name)s are saved.", name=item.text.name), "success")
            return redirect(url_for("residents.item", item_id=item_id), 303)
    form.fill_rows()
    return render_template("residents/marks.html", form=form, item=item, kits=own_kits), status
