"""A municipality's blank stickers: ordered, cancelled, and linked to equipment by scanning them."""

from dataclasses import replace

from flask import request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import asset_labels, equipment
from registry.services.equipment import Label
from registry.web.blank_pages import BlankPages, LinkForm
from registry.web.municipality import blueprint
from registry.web.municipality.labels import SHEET
from registry.web.municipality.wishes import wish_of

_PAGES = BlankPages("municipality.labels", SHEET)


@blueprint.get("/equipment/stickers/blank")
@needs(Permission.EQUIPMENT)
def labels_blank() -> str:
    """The form for an order, and the numbers that are on no thing."""
    return _PAGES.begin(asset_labels.acting(db(), actor()))


@blueprint.post("/equipment/stickers/blank")
@needs(Permission.EQUIPMENT)
def labels_blank_order() -> BaseResponse:
    """Order blank stickers."""
    return _PAGES.order(asset_labels.as_owner(db(), actor()), "municipality.labels_job")


@blueprint.post("/equipment/stickers/blank/cancel")
@needs(Permission.EQUIPMENT)
def labels_blank_cancel() -> BaseResponse:
    """Cancel numbers that are on no thing."""
    return _PAGES.cancel(asset_labels.as_owner(db(), actor()))


@blueprint.get("/equipment/stickers/jobs/<job_uid>")
@needs(Permission.EQUIPMENT)
def labels_job(job_uid: str) -> str:
    """How far a job is."""
    return _PAGES.job(job_uid)


@blueprint.get("/equipment/stickers/jobs/<job_uid>/labels.pdf")
@needs(Permission.EQUIPMENT)
def labels_job_pdf(job_uid: str) -> BaseResponse:
    """The PDF of a job."""
    return _PAGES.job_pdf(job_uid)


@blueprint.route("/equipment/stickers/blank/<number>", methods=["GET", "POST"])
@needs(Permission.EQUIPMENT, writes=True)
def labels_link(number: str) -> BaseResponse:
    """Which thing without a label this one is on: the first of the list, or those that ``?q=`` finds."""
    wish = replace(wish_of(request.args), label=Label.WITHOUT)
    form, found = LinkForm(), equipment.listing(db(), actor(), wish)
    form.item_id.choices = [
        SelectChoice(line.item_id, ", ".join(part for part in (line.inventory_number, line.name, line.room) if part))
        for line in found.lines
    ]
    return _PAGES.link(
        asset_labels.acting(db(), actor()),
        number,
        form,
        item_url=lambda item_id: url_for("municipality.equipment_card", item_id=item_id),
        new_url=None,
        search=wish.text,
        more=found.total - len(found.lines),
    )
