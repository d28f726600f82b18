"""Cases: opening, finding, reading and closing them."""

from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import InvalidInput, NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import case_readings, cases, item_weighings, samples, seizures, uv_notes
from registry.web.police import blueprint
from registry.web.refusals import explained, show_in_form
from registry.web.words import lazy, translate


class CaseForm(FlaskForm):  # type: ignore[misc]
    """A case's number and why it is worked on."""

    case_number = StringField(
        lazy("Case number"),
        [DataRequired(lazy("Write the case number.")), Length(max=40)],
        description=lazy("A K number such as 5000-K123456-26, or a diary number such as A123.456/2026."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    purpose = TextAreaField(
        lazy("Purpose of the look-ups"),
        [DataRequired(lazy("Write why you make look-ups in this case.")), Length(max=500)],
        description=lazy("What is investigated. It is kept in the log with every look-up, without names."),
        render_kw={"rows": 3},
    )

    def validate_case_number(self, field: StringField) -> None:
        """Refuse what is no case number."""
        try:
            field.data = cases.number_from(field.data or "")
        except InvalidInput as refusal:
            raise ValidationError(explained(refusal)) from None


class SearchForm(FlaskForm):  # type: ignore[misc]
    """A case number to go to."""

    case_number = StringField(
        lazy("Case number"),
        [DataRequired(lazy("Write the case number.")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


@blueprint.get("/cases")
@needs(Permission.POLICE_WORK)
def every_case() -> str:
    """The authority's open cases and those closed last."""
    return render_template(
        "police/cases.html",
        open_cases=cases.open_cases(db(), actor()),
        closed_cases=cases.closed_cases(db(), actor()),
        search=SearchForm(),
    )


@blueprint.post("/cases/find")
@needs(Permission.POLICE_WORK)
def find_case() -> BaseResponse:
    """Go to the authority's case with exactly this number."""
    form = SearchForm()
    status = 422
    if form.validate():
        try:
            return redirect(url_for("police.case", case_id=cases.find(db(), actor(), form.case_number.data)))
        except NotFound as refusal:
            status = show_in_form(form, refusal)
            form.form_errors.clear()
            form.case_number.errors = [translate("Your authority has no case with this number.")]
        except InvalidInput as refusal:
            status = show_in_form(form, refusal)
    page = render_template(
        "police/cases.html",
        open_cases=cases.open_cases(db(), actor()),
        closed_cases=cases.closed_cases(db(), actor()),
        search=form,
    )
    return make_response(page, status)


@blueprint.get("/cases/new")
@needs(Permission.POLICE_WORK)
def new_case() -> str:
    """The form."""
    return render_template("police/case_new.html", form=CaseForm())


@blueprint.post("/cases/new")
@needs(Permission.POLICE_WORK)
def open_case() -> BaseResponse:
    """Open the case and go to it."""
    form = CaseForm()
    status = 422
    if form.validate():
        try:
            case_id = cases.open_case(db(), actor(), form.case_number.data, form.purpose.data)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The case is open. Readings of your stations can come in."), "success")
            return redirect(url_for("police.case", case_id=case_id))
    return make_response(render_template("police/case_new.html", form=form), status)


@blueprint.get("/cases/<int:case_id>")
@needs(Permission.POLICE_WORK, writes=True)
def case(case_id: int) -> str:
    """The case with its readings, which come in by themselves, and its seizures."""
    head = cases.read(db(), actor(), case_id)
    before = request.args.get("before", type=int)
    lines = case_readings.of_case(db(), case_id, before=before)
    return render_template(
        "police/case.html",
        case=head,
        readings=lines,
        newest=lines[0].id if lines and before is None else 0,
        older=lines[-1].id if len(lines) == case_readings.SHOWN else None,
        before=before,
        samples=samples.of_case(db(), case_id),
        uv_notes=uv_notes.of_case(db(), case_id),
        weighings=item_weighings.of_case(db(), case_id),
        register_url=current_app.config["REGISTRY"].public_url,
        **seized(case_id),
    )


@blueprint.get("/cases/<int:case_id>/close")
@needs(Permission.POLICE_WORK)
def ask_close(case_id: int) -> str:
    """Ask once more."""
    return render_template("police/case_close.html", case=cases.of_officer(db(), actor(), case_id, still_open=True))


@blueprint.post("/cases/<int:case_id>/close")
@needs(Permission.POLICE_WORK)
def close_case(case_id: int) -> BaseResponse:
    """Close the case."""
    cases.close(db(), actor(), case_id)
    flash(translate("The case is closed. It takes no more readings."), "success")
    return redirect(url_for("police.case", case_id=case_id))


def seized(case_id: int) -> dict[str, Any]:
    """The seizures of a case, and the items a reading can be put with."""
    groups = seizures.of_case(db(), case_id)
    return {"seizures": groups, "held": [item for group in groups for item in group.items if not item.handed_over]}
