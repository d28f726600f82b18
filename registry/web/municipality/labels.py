"""Printing labels for chosen equipment, or for all of a filtered list."""

import io
import re
from typing import Any

from flask import Response, make_response, render_template, request, send_file, session
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from labels.stock import Stock
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import asset_labels, equipment
from registry.services.asset_labels import LabelWish
from registry.services.equipment import Wish
from registry.web.municipality import blueprint
from registry.web.municipality.equipment import filter_choices
from registry.web.municipality.wishes import address, parameters, wish_of
from registry.web.refusals import show_in_form
from registry.web.words import current_language, lazy, translate

# Where the last sheet can go on is kept in the browser: sheets lie where the printer stands.
_SHEET = "asset_sheet"
_PLACES = re.compile(r"\s*|\s*\d{1,3}(?:\s*[-,\s]\s*\d{1,3})*\s*")
_PLACE = lazy("Write the number of a place, 1 for a new sheet.")


class LabelSheetForm(FlaskForm):  # type: ignore[misc]
    """On which stock, from which place, and which places to leave out."""

    stock = SelectField(
        lazy("Sheet of labels"),
        [InputRequired(lazy("Choose a sheet."))],
        description=lazy("The code stands on the package of the sheets."),
        invalid_choice_message=lazy("Choose one of those in the list."),
    )
    start = IntegerField(
        lazy("First free place on the sheet"),
        [InputRequired(_PLACE), NumberRange(1, 1000, _PLACE)],
        invalid_value_message=_PLACE,
        default=1,
        description=lazy("1 for a new sheet. Places count from the top left, row by row."),
    )
    skip = StringField(
        lazy("Places to leave out"),
        [Length(max=200)],
        description=lazy("Places of the first sheet that are used or damaged, such as 4, 7-9."),
        render_kw={"autocomplete": "off"},
    )

    def validate_skip(self, field: StringField) -> None:
        """Refuse what is no list of places."""
        if not _PLACES.fullmatch(field.data or ""):
            raise ValidationError(translate("Write numbers of places, such as 4, 7-9."))


@blueprint.get("/equipment/labels")
@needs(Permission.EQUIPMENT, writes=True)
def labels() -> str:
    """The form for the equipment that the address names."""
    stock, start = _sheet_in_use()
    return _page(_form(formdata=None, stock=stock, start=start), wish_of(request.args))


@blueprint.post("/equipment/labels")
@needs(Permission.EQUIPMENT)
def print_labels() -> Response:
    """The sheets as PDF, or the form with what is wrong."""
    wish, form, status = wish_of(request.form), _form(), 422
    if form.validate():
        sheet = LabelWish(form.stock.data, form.start.data, _places(form.skip.data or ""), current_language())
        try:
            printed = asset_labels.print_labels(db(), actor(), wish, sheet)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            session[_SHEET] = [sheet.stock, printed.next_start]
            name = translate("labels") + ".pdf"
            content = io.BytesIO(printed.pdf)
            return make_response(send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name))
    return make_response(_page(form, wish), status)


def _page(form: LabelSheetForm, wish: Wish) -> str:
    found = equipment.listing(db(), actor(), wish)
    return render_template(
        "municipality/labels.html",
        form=form,
        found=found,
        wish=wish,
        kept=parameters(wish),
        told=_told(wish),
        most=asset_labels.MOST_LABELS,
        stocks=asset_labels.stocks(),
        list_url=address("municipality.equipment_list", wish, item=None),
    )


def _told(wish: Wish) -> str:
    """The filter in words."""
    choices = filter_choices()
    told = [f"“{wish.text}”"] if wish.text else []
    for name in ("department", "place", "marking", "label"):
        value = getattr(wish, name)
        if value:
            told.append(dict(choices[name]).get(str(value), ""))
    return ", ".join(word for word in told if word)


def _form(**values: Any) -> LabelSheetForm:
    form = LabelSheetForm(**values)
    form.stock.choices = [SelectChoice(stock.code, _stock_name(stock)) for stock in asset_labels.stocks()]
    return form


def _stock_name(stock: Stock) -> str:
    width, height = (f"{side:g}".replace(".", ",") for side in stock.label)
    return translate(
        "%(code)s: %(count)s labels of %(width)s by %(height)s mm",
        code=stock.code,
        count=stock.positions,
        width=width,
        height=height,
    )


def _places(text: str) -> frozenset[int]:
    """``4, 7-9`` as places."""
    places: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*-\s*(\d+))?", text):
        places.update(range(int(first), int(last or first) + 1))
    return frozenset(places)


def _sheet_in_use() -> tuple[str, int]:
    known = {stock.code: stock for stock in asset_labels.stocks()}
    match session.get(_SHEET):
        case [str(code), int(start)] if code in known and 1 <= start <= known[code].positions:
            return code, start
        case _:
            return next(iter(known)), 1
