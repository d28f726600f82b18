"""Printing stickers and signs on a chosen stock, from a place of a part-used sheet on; replacing a lost sticker."""

import io
from typing import Any

from flask import Response, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from labels.pdf import Design
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import items, sheet_packages, stickers
from registry.services.items import ItemLine
from registry.services.stickers import Print
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.residents.names import UNKNOWN_CHOICE
from registry.web.sheet_forms import SheetForm, design_cards, keep_sheet, places_in, sheet_in_use, stock_choices
from registry.web.sticker_reasons import CancelForm
from registry.web.words import current_language, lazy, translate

SHEET = "sheet"
"""The sheet last used, whatever was printed on it: the next print goes on there."""


def item_choice(label: Any, *, needed: bool = True) -> UnboundField:
    """A field of items as boxes to tick; whose they are is for the service to say."""
    return SelectMultipleField(
        label,
        [InputRequired(lazy("Tick at least one thing.")) if needed else Optional()],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **UNKNOWN_CHOICE,
    )


class StickerSheetForm(SheetForm):
    """Which items, and how they are printed."""

    items = item_choice(lazy("Stickers for"))


class SignSheetForm(SheetForm):
    """A sign is for the house, not for a thing."""

    items = item_choice(lazy("Stickers for"), needed=False)


@blueprint.get("/my/stickers")
@needs(Permission.OWN_THINGS)
def stickers_page() -> str:
    """The form; ``?item=7`` ticks one item, otherwise those without a sticker; ``?design=``, ``?package=`` choose."""
    own_items, design = items.own(db(), actor()), _design(request.args.get("design", ""))
    asked = request.args.getlist("item", type=int)
    wanted = asked or [item.id for item in own_items if not item.sticker_number]
    package = sheet_packages.named(db(), _owner_id(), request.args.get("package", ""))
    begin = sheet_in_use(SHEET, stickers.stocks_for(design), package)
    return _page(_form(design, list(own_items), formdata=None, items=wanted, **begin), design)


@blueprint.post("/my/stickers")
@needs(Permission.OWN_THINGS)
def print_stickers() -> Response:
    """The sheet as PDF, or the form with what is wrong."""
    own_items, design = items.own(db(), actor()), _design(request.form.get("design", ""))
    form, status = _form(design, list(own_items)), 422
    if form.validate():
        wish = Print(
            form.stock.data, form.start.data, form.copies.data, current_language(), design.name,
            places_in(form.skip.data or ""), form.package.data or "",
        )  # fmt: skip
        chosen = form.items.data if "number" in design.needs else []
        try:
            sheet = stickers.print_sheet(db(), actor(), chosen, wish)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            keep_sheet(SHEET, wish.stock, sheet.next_start, replaced=sheet.replaced)
            return _download(sheet.pdf)
    return make_response(_page(form, design), status)


@blueprint.route("/my/items/<int:item_id>/sticker/cancel", methods=["GET", "POST"])
@needs(Permission.OWN_THINGS)
def cancel_sticker(item_id: int) -> BaseResponse:
    """Cancel the number of a sticker that is lost, damaged or misprinted; the next print gives a new one."""
    form, status = CancelForm(), 200
    item = items.one(db(), actor(), item_id)
    if form.validate_on_submit():
        try:
            stickers.cancel(db(), actor(), item_id, stickers.CancelReason(form.reason.data))
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("residents.stickers_page", item=item_id), 303)
    elif form.errors:
        status = 422
    page = render_template(
        "shared/number_cancel.html",
        form=form,
        question=translate("Replace the sticker?"),
        lead=translate(
            "The old number stops counting at once and is never used again. Then you print a sticker with a new one."
        ),
        back=(item.text.name, url_for("residents.item", item_id=item.id)),
    )
    return make_response(page, status)


def _owner_id() -> int:
    return actor().own_owner("print stickers")


def _design(name: str) -> Design:
    return next((design for design in stickers.DESIGNS if design.name == name), stickers.DESIGNS[0])


def _page(form: SheetForm, design: Design) -> str:
    stocks = stickers.stocks_for(design)
    asked = request.args.getlist("item", type=int)
    return render_template(
        "residents/stickers.html",
        form=form,
        per_thing="number" in design.needs,
        items=items.own(db(), actor()),
        stocks=stocks,
        chosen=design.name,
        designs=[
            (card, url_for("residents.stickers_page", design=card.name, item=asked))
            for card in design_cards(stickers.DESIGNS)
        ],
        packages=[
            (package, url_for("residents.stickers_page", design=design.name, package=package.name, item=asked))
            for package in sheet_packages.every(db(), _owner_id())
            if any(package.stock == stock.code for stock in stocks)
        ],
    )


def _form(design: Design, own_items: list[ItemLine], **values: Any) -> SheetForm:
    form = StickerSheetForm(**values) if "number" in design.needs else SignSheetForm(**values)
    form.items.choices = [SelectChoice(item.id, item.name) for item in own_items]
    form.stock.choices = stock_choices(stickers.stocks_for(design))
    return form


def _download(pdf: bytes) -> Response:
    name = translate("stickers") + ".pdf"
    sent = send_file(io.BytesIO(pdf), mimetype="application/pdf", as_attachment=True, download_name=name)
    return make_response(sent)
