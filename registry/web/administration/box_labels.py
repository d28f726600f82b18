"""Labels for the boxes of a delivery: ordered as a job, fetched by a link that ends."""

from typing import Any

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import kit_box_labels, label_jobs, stickers
from registry.services.kit_box_labels import BoxWish
from registry.services.suppliers import BatchLine
from registry.web.administration import blueprint
from registry.web.administration.deliveries import batch_or_404
from registry.web.label_pages import job_page, job_pdf
from registry.web.refusals import show_in_form
from registry.web.sheet_forms import SheetForm, places_in, sheet_in_use, stock_choices
from registry.web.words import current_language, lazy, translate

_SHEET = "box_sheet"
_COUNT = lazy("Write a number from 1 to 20000.")


class BoxSheetForm(SheetForm):
    """How many boxes get a label, and how they are printed."""

    copies = None  # One for each box.
    package = None  # Packages belong to owners of things.
    count = IntegerField(
        lazy("How many"),
        [InputRequired(lazy("Write how many.")), NumberRange(1, kit_box_labels.MOST, _COUNT)],
        invalid_value_message=_COUNT,
        description=lazy("One for each kit of the delivery, those that are good the shortest first."),
    )


@blueprint.get("/deliveries/<int:batch_id>/labels")
@needs(Permission.ADMINISTRATION)
def box_labels(batch_id: int) -> str:
    """The form, for as many labels as the delivery has kits."""
    batch = batch_or_404(batch_id)
    count = min(batch.delivered - batch.revoked, kit_box_labels.MOST)
    return _page(_form(formdata=None, count=count, **sheet_in_use(_SHEET, _stocks(), None)), batch)


@blueprint.post("/deliveries/<int:batch_id>/labels")
@needs(Permission.ADMINISTRATION)
def print_box_labels(batch_id: int) -> BaseResponse:
    """Order the labels and go to the job's page, or the form with what is wrong."""
    batch = batch_or_404(batch_id)
    form, status = _form(), 422
    if form.validate():
        wish = BoxWish(
            batch_id, form.count.data, form.stock.data, form.start.data, places_in(form.skip.data or ""),
            current_language(),
        )  # fmt: skip
        try:
            job = kit_box_labels.order_labels(db(), actor(), wish)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("administration.box_label_job", job_uid=job.uid), 303)
    return make_response(_page(form, batch), status)


@blueprint.get("/deliveries/labels/jobs/<job_uid>")
@needs(Permission.ADMINISTRATION)
def box_label_job(job_uid: str) -> str:
    """How far an own job is, and the link to its PDF when it is made."""
    job = label_jobs.of(db(), actor(), job_uid)
    back = (translate("Deliveries"), url_for("administration.deliveries"))
    return job_page(job, url_for("administration.box_label_job_pdf", job_uid=job_uid), back)


@blueprint.get("/deliveries/labels/jobs/<job_uid>/labels.pdf")
@needs(Permission.ADMINISTRATION)
def box_label_job_pdf(job_uid: str) -> BaseResponse:
    """The PDF of an own job."""
    return job_pdf(job_uid, _SHEET, url_for("administration.box_label_job", job_uid=job_uid))


def _stocks() -> Any:
    return stickers.stocks_for(kit_box_labels.DESIGN)


def _form(**values: Any) -> BoxSheetForm:
    form = BoxSheetForm(**values)
    form.stock.choices = stock_choices(_stocks())
    return form


def _page(form: BoxSheetForm, batch: BatchLine) -> str:
    return render_template("administration/box_labels.html", form=form, batch=batch, stocks=_stocks())
