"""Printing labels for chosen equipment, or for all of a filtered list: at once, or as a job when there are many."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from labels.pdf import Design
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import asset_labels, equipment, label_jobs, stickers
from registry.services.asset_labels import LabelWish
from registry.services.equipment import Wish
from registry.web.label_pages import job_page, job_pdf, labels_sent
from registry.web.municipality import blueprint
from registry.web.municipality.equipment import filter_choices
from registry.web.municipality.wishes import address, parameters, wish_of
from registry.web.refusals import show_in_form
from registry.web.sheet_forms import SheetForm, design_cards, keep_sheet, places_in, sheet_in_use, stock_choices
from registry.web.sticker_reasons import CancelForm
from registry.web.words import current_language, translate

SHEET = "asset_sheet"
"""The sheet last used, whatever was printed on it: the next print goes on there."""


@blueprint.get("/equipment/labels")
@needs(Permission.EQUIPMENT, writes=True)
def labels() -> str:
    """The form for the equipment that the address names; ``?design=`` and ``?package=`` choose."""
    design, packages = _design(request.args.get("design", "")), asset_labels.packages(db(), actor())
    package = next((one for one in packages if one.name == request.args.get("package")), None)
    form = _form(design, formdata=None, **sheet_in_use(SHEET, stickers.stocks_for(design), package))
    return _page(form, design, wish_of(request.args))


@blueprint.post("/equipment/labels")
@needs(Permission.EQUIPMENT)
def print_labels() -> BaseResponse:
    """The sheets as PDF, the page of a job when there are many, or the form with what is wrong."""
    wish, design = wish_of(request.form), _design(request.form.get("design", ""))
    form, status = _form(design), 422
    if form.validate():
        sheet = LabelWish(
            form.stock.data, form.start.data, places_in(form.skip.data or ""), current_language(), design.name,
            form.copies.data, form.package.data or "",
        )  # fmt: skip
        try:
            if len(equipment.item_ids(db(), actor(), wish, asset_labels.AT_ONCE)) > asset_labels.AT_ONCE:
                job = asset_labels.order_labels(db(), actor(), wish, sheet)
                return redirect(url_for("municipality.label_job", job_uid=job.uid), 303)
            printed = asset_labels.print_labels(db(), actor(), wish, sheet)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            keep_sheet(SHEET, sheet.stock, printed.next_start, replaced=printed.replaced)
            return labels_sent(printed.pdf)
    return make_response(_page(form, design, wish), status)


@blueprint.get("/equipment/labels/jobs/<job_uid>")
@needs(Permission.EQUIPMENT)
def label_job(job_uid: str) -> str:
    """How far a job is, and the link to its PDF when it is made; the page asks again by itself while it is not."""
    job = label_jobs.of(db(), actor(), job_uid)
    pdf_url = url_for("municipality.label_job_pdf", job_uid=job_uid)
    return job_page(job, pdf_url, (translate("Equipment"), url_for("municipality.equipment_list")))


@blueprint.get("/equipment/labels/jobs/<job_uid>/labels.pdf")
@needs(Permission.EQUIPMENT)
def label_job_pdf(job_uid: str) -> BaseResponse:
    """The PDF of a job, as long as its link lives; back to its page while it is being made."""
    return job_pdf(job_uid, SHEET, url_for("municipality.label_job", job_uid=job_uid))


@blueprint.route("/equipment/<int:item_id>/label/cancel", methods=["GET", "POST"])
@needs(Permission.EQUIPMENT, writes=True)
def cancel_label(item_id: int) -> BaseResponse | str:
    """Cancel the number of a label that is lost, damaged or misprinted; the next print gives a new one."""
    form = CancelForm()
    if form.validate_on_submit():
        try:
            asset_labels.cancel(db(), actor(), item_id, stickers.CancelReason(form.reason.data))
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
            return make_response(_cancel_page(form, item_id), status)
        return redirect(url_for("municipality.labels", item=item_id), 303)
    return make_response(_cancel_page(form, item_id), 422 if form.errors else 200)


def _cancel_page(form: CancelForm, item_id: int) -> str:
    card = equipment.one(db(), actor(), item_id)
    return render_template(
        "shared/number_cancel.html",
        form=form,
        question=translate("Replace the label?"),
        lead=translate(
            "The old number stops counting at once and is never used again. Then you print a label with a new one."
        ),
        back=(card.line.name, url_for("municipality.equipment_card", item_id=item_id)),
    )


def _page(form: SheetForm, design: Design, wish: Wish) -> str:
    found = equipment.listing(db(), actor(), wish)
    return render_template(
        "municipality/labels.html",
        form=form,
        found=found,
        kept={**parameters(wish), "design": design.name},
        told=_told(wish),
        most=asset_labels.MOST_LABELS,
        at_once=asset_labels.AT_ONCE,
        chosen=design.name,
        designs=[
            (card, address("municipality.labels", wish, design=card.name))
            for card in design_cards(asset_labels.designs())
        ],
        packages=[
            (package, address("municipality.labels", wish, design=design.name, package=package.name))
            for package in asset_labels.packages(db(), actor())
            if any(package.stock == stock.code for stock in stickers.stocks_for(design))
        ],
        stocks=stickers.stocks_for(design),
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


def _design(name: str) -> Design:
    known = asset_labels.designs()
    return next((design for design in known if design.name == name), known[0])


def _form(design: Design, **values: Any) -> SheetForm:
    form = SheetForm(**values)
    form.stock.choices = stock_choices(stickers.stocks_for(design))
    return form
