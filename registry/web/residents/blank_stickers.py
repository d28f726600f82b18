"""A resident's blank stickers: ordered, fetched, cancelled, and linked to a thing by scanning them."""

from flask import url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import items
from registry.web.blank_pages import BlankPages, LinkForm
from registry.web.residents import blueprint
from registry.web.residents.stickers import SHEET

_PAGES = BlankPages("residents.stickers", SHEET)


@blueprint.get("/my/stickers/blank")
@needs(Permission.OWN_THINGS)
def stickers_blank() -> str:
    """The form for an order, and the numbers that are on no thing."""
    return _PAGES.begin(actor())


@blueprint.post("/my/stickers/blank")
@needs(Permission.OWN_THINGS)
def stickers_blank_order() -> BaseResponse:
    """Order blank stickers."""
    return _PAGES.order(actor(), "residents.stickers_job")


@blueprint.post("/my/stickers/blank/cancel")
@needs(Permission.OWN_THINGS)
def stickers_blank_cancel() -> BaseResponse:
    """Cancel numbers that are on no thing."""
    return _PAGES.cancel(actor())


@blueprint.get("/my/stickers/jobs/<job_uid>")
@needs(Permission.OWN_THINGS)
def stickers_job(job_uid: str) -> str:
    """How far a job is."""
    return _PAGES.job(job_uid)


@blueprint.get("/my/stickers/jobs/<job_uid>/labels.pdf")
@needs(Permission.OWN_THINGS)
def stickers_job_pdf(job_uid: str) -> BaseResponse:
    """The PDF of a job."""
    return _PAGES.job_pdf(job_uid)


@blueprint.route("/my/stickers/blank/<number>", methods=["GET", "POST"])
@needs(Permission.OWN_THINGS)
def stickers_link(number: str) -> BaseResponse:
    """Which of the things without a sticker this one is on."""
    form = LinkForm()
    form.item_id.choices = [
        SelectChoice(item.id, item.name) for item in items.own(db(), actor()) if not item.sticker_number
    ]
    return _PAGES.link(
        actor(),
        number,
        form,
        item_url=lambda item_id: url_for("residents.item", item_id=item_id),
        new_url=url_for("residents.new_item", sticker=number),
        search=None,
    )
