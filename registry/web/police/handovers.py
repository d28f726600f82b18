"""Handing a seized item back, and the receipt."""

from flask import Response, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from registry.access import Permission, needs
from registry.errors import InvalidInput
from registry.request_scope import actor, db
from registry.services import cases, handovers, seizures
from registry.services.handovers import Ground
from registry.web.police import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import current_language, lazy, translate


class HandoverForm(FlaskForm):  # type: ignore[misc]
    """On what ground, and how the receiver proved who they are."""

    ground = RadioField(lazy("Handed over on the ground of"), [InputRequired(lazy("Choose a reading."))])
    identity_checked = StringField(
        lazy("How identity was checked"),
        [DataRequired(lazy("Write how the receiver proved who they are.")), Length(max=200)],
        description=lazy("Such as driving licence or passport; never a number."),
    )
    reason = TextAreaField(
        lazy("Reason"),
        [Optional(), Length(max=500)],
        description=lazy("Needed below grade +2, and when only a sticker was read: what else shows whose it is?"),
        render_kw={"rows": 2},
    )


@blueprint.get("/cases/<int:case_id>/items/<int:seized_item_id>/handover")
@needs(Permission.POLICE_WORK, writes=True)
def ask_handover(case_id: int, seized_item_id: int) -> str:
    """The form, or what is still missing, or that it is done."""
    return _page(HandoverForm(), case_id, seized_item_id)


@blueprint.post("/cases/<int:case_id>/items/<int:seized_item_id>/handover")
@needs(Permission.POLICE_WORK)
def hand_over(case_id: int, seized_item_id: int) -> BaseResponse:
    """Hand the item over and offer the receipt."""
    form = HandoverForm()
    form.ground.choices = _choices(handovers.grounds(db(), case_id, seized_item_id))
    status = 422
    if form.validate():
        try:
            handovers.hand_over(
                db(),
                actor(),
                case_id,
                seized_item_id,
                ground_key=form.ground.data,
                identity_checked=form.identity_checked.data,
                reason=form.reason.data or "",
            )
        except InvalidInput as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("police.ask_handover", case_id=case_id, seized_item_id=seized_item_id))
    return make_response(_page(form, case_id, seized_item_id), status)


@blueprint.get("/cases/<int:case_id>/items/<int:seized_item_id>/receipt.pdf")
@needs(Permission.POLICE_WORK, writes=True)
def receipt(case_id: int, seized_item_id: int) -> Response:
    """The receipt as PDF, in the reader's language."""
    name, content = handovers.receipt(db(), actor(), case_id, seized_item_id, current_language())
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(form: HandoverForm, case_id: int, seized_item_id: int) -> str:
    case = cases.read(db(), actor(), case_id)
    item = seizures.item_of_case(db(), case_id, seized_item_id)
    grounds = handovers.grounds(db(), case_id, seized_item_id)
    form.ground.choices = _choices(grounds)
    if len(grounds) == 1 and form.ground.data is None:
        form.ground.data = grounds[0].key
    return render_template(
        "police/handover.html",
        case=case,
        item=item,
        grounds=grounds,
        form=form,
        done=handovers.of_seized_item(db(), seized_item_id),
    )


def _choices(grounds: list[Ground]) -> list[tuple[str, str]]:
    return [(ground.key, _words(ground)) for ground in grounds]


def _words(ground: Ground) -> str:
    what = ground.item_name or translate("a thing that is not in the owner's list")
    if ground.grade is None:
        return translate(
            "%(item)s – sticker %(code)s, reading %(reading)s",
            item=what,
            code=ground.code,
            reading=ground.reading_number,
        )
    if ground.tag_mark_id is not None:
        return translate(
            "%(item)s – number %(code)s, grade %(grade)s, reading %(reading)s",
            item=what,
            code=ground.code,
            grade=f"{ground.grade:+d}",
            reading=ground.reading_number,
        )
    return translate(
        "%(item)s – kit %(code)s, grade %(grade)s, reading %(reading)s",
        item=what,
        code=ground.code,
        grade=f"{ground.grade:+d}",
        reading=ground.reading_number,
    )
