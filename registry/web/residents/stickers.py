"""Printing stickers for chosen items on a chosen stock, from a place of a part-used sheet on."""

import io
from typing import Any

from flask import Response, make_response, render_template, request, send_file, session
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from labels.stock import Stock
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import items, stickers
from registry.services.items import ItemLine
from registry.services.stickers import MOST_COPIES, Print
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.residents.names import UNKNOWN_CHOICE
from registry.web.words import current_language, lazy, translate

# Where the last sheet can go on is kept in the browser: sheets lie where the printer stands.
_SHEET = "sheet"
_A_PLACE = lazy("Write the number of a place, 1 for a new sheet.")


def item_choice(label: Any) -> UnboundField:
    """A field of items as boxes to tick; whose they are is for the service to say."""
    return SelectMultipleField(
        label,
        [InputRequired(lazy("Tick at least one thing."))],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **UNKNOWN_CHOICE,
    )


class StickerSheetForm(FlaskForm):  # type: ignore[misc]
    """Which items, on which stock, from which place, how many of each."""

    items = item_choice(lazy("Stickers for"))
    stock = SelectField(lazy("Sheet of labels"), [InputRequired(lazy("Choose a sheet."))], **UNKNOWN_CHOICE)
    start = IntegerField(
        lazy("First free place on the sheet"),
        [InputRequired(_A_PLACE), NumberRange(1, 1000, _A_PLACE)],
        invalid_value_message=_A_PLACE,
        default=1,
        description=lazy("1 for a new sheet. Places count from the top left, row by row."),
    )
    copies = IntegerField(
        lazy("Stickers of each thing"),
        [InputRequired(lazy("Write how many.")), NumberRange(1, MOST_COPIES, lazy("Write a number from 1 to 20."))],
        invalid_value_message=lazy("Write a number from 1 to 20."),
        default=1,
    )


@blueprint.get("/my/stickers")
@needs(Permission.OWN_THINGS)
def stickers_page() -> str:
    """The form; ``?item=7`` ticks one item, otherwise those without a sticker are ticked."""
    own_items = items.own(db(), actor())
    asked = request.args.getlist("item", type=int)
    wanted = asked or [item.id for item in own_items if not item.sticker_number]
    stock, start = _sheet_in_use()
    form = _form(list(own_items), formdata=None, items=wanted, stock=stock, start=start)
    return render_template("residents/stickers.html", form=form, items=own_items, stocks=stickers.stocks())


@blueprint.post("/my/stickers")
@needs(Permission.OWN_THINGS)
def print_stickers() -> Response:
    """The sheet as PDF, or the form with what is wrong."""
    own_items = items.own(db(), actor())
    form, status = _form(list(own_items)), 422
    if form.validate():
        wish = Print(form.stock.data, form.start.data, form.copies.data, current_language())
        try:
            sheet = stickers.print_sheet(db(), actor(), form.items.data, wish)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            session[_SHEET] = [wish.stock, sheet.next_start]
            return _download(sheet.pdf)
    page = render_template("residents/stickers.html", form=form, items=own_items, stocks=stickers.stocks())
    return make_response(page, status)


def _form(own_items: list[ItemLine], **values: Any) -> StickerSheetForm:
    form = StickerSheetForm(**values)
    form.items.choices = [SelectChoice(item.id, item.name) for item in own_items]
    form.stock.choices = [SelectChoice(stock.code, _stock_name(stock)) for stock in stickers.stocks()]
    return form


def _stock_name(stock: Stock) -> str:
    width, height = (f"{side:g}" for side in stock.label)
    return translate(
        "%(code)s: %(count)s stickers of %(width)s by %(height)s mm",
        code=stock.code,
        count=stock.positions,
        width=width.replace(".", ","),
        height=height.replace(".", ","),
    )


def _sheet_in_use() -> tuple[str, int]:
    kept = session.get(_SHEET)
    known = {stock.code: stock for stock in stickers.stocks()}
    match kept:
        case [str(code), int(start)] if code in known and 1 <= start <= known[code].positions:
            return code, start
        case _:
            return next(iter(known)), 1


def _download(pdf: bytes) -> Response:
    name = translate("stickers") + ".pdf"
    sent = send_file(io.BytesIO(pdf), mimetype="application/pdf", as_attachment=True, download_name=name)
    return make_response(sent)
