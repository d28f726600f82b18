"""An officer types what stands on a thing: a number of a tag or a vehicle, a kit code, or a sticker's number."""

import uuid

from flask import flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import cases, typed_marks
from registry.web.police import blueprint
from registry.web.police.cases import seized
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate


class TypedForm(FlaskForm):  # type: ignore[misc]
    """What stands on the thing, and which thing it is. The key makes a form that is sent twice one look-up."""

    code = StringField(
        lazy("What stands on it"),
        [DataRequired(lazy("Write what stands on the thing.")), Length(max=typed_marks.LONGEST_CODE)],
        description=lazy(
            "The number of a tag, a vehicle's VIN, a kit code or a sticker's number. Write ? for a character that "
            "cannot be read."
        ),
    )
    seized_item = SelectField(lazy("Which seized item is it?"), [Optional()])
    key = HiddenField(validators=[Regexp(r"[0-9a-f]{32}")])


@blueprint.get("/cases/<int:case_id>/type")
@needs(Permission.POLICE_WORK)
def new_typed(case_id: int) -> str:
    """The form."""
    return _page(TypedForm(formdata=None, key=uuid.uuid4().hex), case_id)


@blueprint.post("/cases/<int:case_id>/type")
@needs(Permission.POLICE_WORK)
def enter_typed(case_id: int) -> BaseResponse:
    """Look it up in this case, and show what it came to."""
    cases.of_officer(db(), actor(), case_id, still_open=True)
    form = TypedForm()
    form.seized_item.choices = _choices(case_id)
    status = 422
    if form.validate():
        chosen = int(form.seized_item.data or 0)
        try:
            reading_id, _ = typed_marks.enter(db(), actor(), case_id, form.key.data, form.code.data, chosen or None)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("It is looked up. What was found stands first among the readings."), "success")
            return redirect(url_for("police.case", case_id=case_id, _anchor=f"reading-{reading_id}"))
    return make_response(_page(form, case_id), status)


def _page(form: TypedForm, case_id: int) -> str:
    case = cases.of_officer(db(), actor(), case_id, still_open=True)
    form.seized_item.choices = _choices(case_id)
    return render_template("police/type.html", case=case, form=form)


def _choices(case_id: int) -> list[SelectChoice]:
    return [
        SelectChoice("", translate("none yet")),
        *(SelectChoice(str(item.id), f"{item.label} {item.description[:60]}") for item in seized(case_id)["held"]),
    ]
