"""Labels for the seized things and samples of a case: chosen, ordered as a job, fetched by a link that ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from labels.pdf import Design
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import cases, evidence_labels, label_jobs, samples, seizures, stickers
from registry.services.cases import CaseHead
from registry.services.evidence_labels import EvidenceWish
from registry.services.samples import SampleLine
from registry.services.seizures import SeizureLine
from registry.web.label_pages import job_page, job_pdf
from registry.web.police import blueprint
from registry.web.refusals import show_in_form
from registry.web.sheet_forms import SheetForm, design_cards, places_in, sheet_in_use, stock_choices
from registry.web.words import current_language, lazy, translate

codes = Blueprint("codes", __name__)
"""The short addresses that codes on labels hold; capital letters, because those make a smaller code."""

_SHEET = "evidence_sheet"


class EvidenceSheetForm(SheetForm):
    """Which seized things, and how their labels are printed."""

    package = None  # Sheets are remembered for owners; an authority's lie in its own store.
    # Whether they are of this case is for the service to say.
    items = SelectMultipleField(
        lazy("Labels for"),
        [InputRequired(lazy("Tick at least one thing."))],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        invalid_value_message=lazy("Choose one of those in the list."),
    )


@blueprint.get("/cases/<int:case_id>/labels")
@needs(Permission.POLICE_WORK, writes=True)
def labels(case_id: int) -> str:
    """The form with all things ticked; ``?seizure=`` or ``?item=`` ticks fewer, ``?design=`` chooses."""
    held = _Held.of(cases.read(db(), actor(), case_id))
    design = _design(request.args.get("design", ""))
    form = _form(design, held, formdata=None, **sheet_in_use(_SHEET, stickers.stocks_for(design), None))
    form.items.data = held.chosen(
        design, request.args.get("seizure", type=int), set(request.args.getlist("item", type=int))
    )
    return _page(form, design, held)


@blueprint.post("/cases/<int:case_id>/labels")
@needs(Permission.POLICE_WORK)
def print_labels(case_id: int) -> BaseResponse:
    """Order the labels and go to the job's page, or the form with what is wrong."""
    held = _Held.of(cases.of_officer(db(), actor(), case_id))
    design = _design(request.form.get("design", ""))
    form, status = _form(design, held), 422
    if form.validate():
        wish = EvidenceWish(
            form.items.data, design.name, form.stock.data, form.start.data, places_in(form.skip.data or ""),
            form.copies.data, current_language(),
        )  # fmt: skip
        try:
            job = evidence_labels.order_labels(db(), actor(), case_id, wish)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("police.label_job", case_id=case_id, job_uid=job.uid), 303)
    return make_response(_page(form, design, held), status)


@blueprint.get("/cases/<int:case_id>/labels/jobs/<job_uid>")
@needs(Permission.POLICE_WORK)
def label_job(case_id: int, job_uid: str) -> str:
    """How far an own job is, and the link to its PDF when it is made."""
    case = cases.of_officer(db(), actor(), case_id)
    job = label_jobs.of(db(), actor(), job_uid)
    back = (translate("Case %(number)s", number=case.number), url_for("police.case", case_id=case_id))
    return job_page(job, url_for("police.label_job_pdf", case_id=case_id, job_uid=job_uid), back)


@blueprint.get("/cases/<int:case_id>/labels/jobs/<job_uid>/labels.pdf")
@needs(Permission.POLICE_WORK)
def label_job_pdf(case_id: int, job_uid: str) -> BaseResponse:
    """The PDF of an own job, as long as its link lives; back to its page while it is being made."""
    cases.of_officer(db(), actor(), case_id)
    return job_pdf(job_uid, _SHEET, url_for("police.label_job", case_id=case_id, job_uid=job_uid))


@codes.get("/B/<int:seized_item_id>")
@codes.get("/b/<int:seized_item_id>", endpoint="seized_item_in_small")
@needs(Permission.POLICE_WORK)
def seized_item(seized_item_id: int) -> BaseResponse:
    """From a scanned label to the thing on its case's page."""
    case_id = evidence_labels.case_of_item(db(), actor(), seized_item_id)
    return redirect(url_for("police.case", case_id=case_id, _anchor=f"item-{seized_item_id}"))


def _design(name: str) -> Design:
    return next((design for design in evidence_labels.DESIGNS if design.name == name), evidence_labels.DESIGNS[0])


@dataclass(frozen=True, slots=True)
class _Held:
    """What the police hold in a case, read once for its form."""

    case: CaseHead
    groups: Sequence[SeizureLine]
    taken: Mapping[int, Sequence[SampleLine]]

    @classmethod
    def of(cls, case: CaseHead) -> "_Held":
        return cls(case, seizures.of_case(db(), case.id), samples.bags_of_case(db(), case.id))

    def chosen(self, design: Design, seizure: int | None, items: Collection[int]) -> list[int]:
        """The things ticked at first: those named, or all; only those with a sample where samples get labels."""
        return [
            item.id
            for group in self.groups
            for item in group.items
            if (not items or item.id in items)
            and (seizure is None or group.id == seizure)
            and (design.name == "seized-item-label" or item.id in self.taken)
        ]

    def choices(self) -> list[SelectChoice]:
        """All things in words, with the seal numbers of their samples."""
        return [
            SelectChoice(item.id, " ".join((item.label, item.description, *_seals(self.taken.get(item.id, ())))))
            for group in self.groups
            for item in group.items
        ]


def _form(design: Design, held: _Held, **values: Any) -> EvidenceSheetForm:
    form = EvidenceSheetForm(**values)
    form.stock.choices = stock_choices(stickers.stocks_for(design))
    form.items.choices = held.choices()
    return form


def _seals(taken: Sequence[SampleLine]) -> list[str]:
    return [f"({', '.join(sample.seal_number for sample in taken)})"] if taken else []


def _page(form: EvidenceSheetForm, design: Design, held: _Held) -> str:
    # The form is sent to the address with its filter, so that choosing another design after a refusal keeps it.
    wished: dict[str, Any] = {
        "case_id": held.case.id,
        "seizure": request.args.get("seizure"),
        "item": request.args.getlist("item"),
    }
    return render_template(
        "police/labels.html",
        case=held.case,
        form=form,
        chosen=design.name,
        stocks=stickers.stocks_for(design),
        action=url_for("police.print_labels", **wished),
        designs=[
            (card, url_for("police.labels", design=card.name, **wished))
            for card in design_cards(evidence_labels.DESIGNS)
        ],
    )
