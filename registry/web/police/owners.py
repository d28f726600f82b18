"""The second step: the owner behind a reading, after a reason that is logged."""

from flask import make_response, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import InvalidInput
from registry.request_scope import actor, db
from registry.services import case_readings, cases, reveals
from registry.web.police import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy


class RevealForm(FlaskForm):  # type: ignore[misc]
    """Why the owner must be known."""

    reason = TextAreaField(
        lazy("Why do you need to know the owner?"),
        [DataRequired(lazy("Write why you need to know the owner.")), Length(max=500)],
        description=lazy("At least 10 characters, such as: hand back the bicycle seized on Storgatan."),
        render_kw={"rows": 3},
    )


@blueprint.get("/cases/<int:case_id>/readings/<int:reading_id>/owner/<int:kit_id>")
@needs(Permission.POLICE_WORK, writes=True)
def ask_owner(case_id: int, reading_id: int, kit_id: int) -> str:
    """Ask for the reason; ``kit_id`` 0 stands for the sticker that was read."""
    return _page(RevealForm(), case_id, reading_id, kit_id or None, None)


@blueprint.post("/cases/<int:case_id>/readings/<int:reading_id>/owner/<int:kit_id>")
@needs(Permission.POLICE_WORK)
def show_owner(case_id: int, reading_id: int, kit_id: int) -> BaseResponse:
    """Log the reveal, then show the owner on this one page; a reload asks again."""
    return _reveal(case_id, reading_id, kit_id or None, None)


@blueprint.get("/cases/<int:case_id>/readings/<int:reading_id>/tags/<int:tag_mark_id>/owner")
@needs(Permission.POLICE_WORK, writes=True)
def ask_owner_of_tag(case_id: int, reading_id: int, tag_mark_id: int) -> str:
    """Ask for the reason, where the number of a tag or a vehicle led to the thing."""
    return _page(RevealForm(), case_id, reading_id, None, tag_mark_id)


@blueprint.post("/cases/<int:case_id>/readings/<int:reading_id>/tags/<int:tag_mark_id>/owner")
@needs(Permission.POLICE_WORK)
def show_owner_of_tag(case_id: int, reading_id: int, tag_mark_id: int) -> BaseResponse:
    """Log the reveal, then show the owner on this one page."""
    return _reveal(case_id, reading_id, None, tag_mark_id)


def _reveal(case_id: int, reading_id: int, kit_id: int | None, tag_mark_id: int | None) -> BaseResponse:
    form = RevealForm()
    status = 422
    if form.validate():
        try:
            revealed = reveals.reveal(db(), actor(), case_id, reading_id, kit_id, form.reason.data, tag_mark_id)
        except InvalidInput as refusal:
            status = show_in_form(form, refusal)
        else:
            case = cases.of_officer(db(), actor(), case_id)
            reading = case_readings.one_of_case(db(), case_id, reading_id)
            return make_response(
                render_template("police/owner.html", case=case, reading=reading, revealed=revealed, kit_id=kit_id)
            )
    return make_response(_page(form, case_id, reading_id, kit_id, tag_mark_id), status)


def _page(form: RevealForm, case_id: int, reading_id: int, kit_id: int | None, tag_mark_id: int | None) -> str:
    case = cases.read(db(), actor(), case_id)
    source = reveals.source_of(db(), case_id, reading_id, kit_id, tag_mark_id)
    reading = case_readings.one_of_case(db(), case_id, reading_id)
    return render_template("police/owner_ask.html", case=case, source=source, reading=reading, form=form)
