"""UV findings noted by hand on a seized item: colour, spot, photo, sample; and correcting a mistake in one."""

import uuid

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from registry import clock
from registry.access import Permission, needs
from registry.errors import NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import cases, seizures, tracer_colours, uv_notes
from registry.services.uv_notes import Finding, NoteLine, UvColour
from registry.web.police import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate


class UvNoteForm(FlaskForm):  # type: ignore[misc]
    """What was seen under the lamp, and where. The key makes a form that is sent twice one note."""

    colour = SelectField(lazy("What glows"), [InputRequired(lazy("Choose what you saw."))])
    spot = StringField(
        lazy("Where on the thing"),
        [DataRequired(lazy("Write where on the thing.")), Length(max=120)],
        description=lazy("Such as under the saddle, in a screw head, inside a cover."),
        render_kw={"list": "usual-spots", "autocomplete": "off"},
    )
    photo = FileField(
        lazy("Photo"),
        description=lazy("JPEG, PNG or WebP. It is made anew without metadata and kept sealed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    seal_number = StringField(
        lazy("Seal number of a sample"),
        [Optional(), Length(max=40)],
        description=lazy("If you took a sample at this spot. Each number is used once."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    seized_item = SelectField(lazy("Belongs to seized item"), coerce=int)
    withdrawn = BooleanField(lazy("There was no finding at all"))
    key = HiddenField(validators=[Regexp(r"[0-9a-f]{32}")])


@blueprint.get("/cases/<int:case_id>/items/<int:seized_item_id>/uv")
@needs(Permission.POLICE_WORK)
def new_uv_note(case_id: int, seized_item_id: int) -> str:
    """The form; with ``?corrects=`` filled with the note that is corrected."""
    wrong = _corrected(case_id, seized_item_id)
    known = {"colour": wrong.colour.value, "spot": wrong.spot, "seal_number": wrong.seal_number} if wrong else {}
    form = UvNoteForm(formdata=None, key=uuid.uuid4().hex, seized_item=seized_item_id, **known)
    return _page(form, case_id, seized_item_id, wrong)


@blueprint.post("/cases/<int:case_id>/items/<int:seized_item_id>/uv")
@needs(Permission.POLICE_WORK)
def note_uv(case_id: int, seized_item_id: int) -> BaseResponse:
    """Note the finding, or the correction, and go back to the case."""
    form, wrong = UvNoteForm(), _corrected(case_id, seized_item_id)
    _fill_choices(form, case_id)
    if wrong is None:
        del form.seized_item, form.withdrawn
    status = 422
    if form.validate():
        finding = Finding(
            UvColour(form.colour.data),
            form.spot.data,
            clock.now(),
            form.seal_number.data or "",
            form.photo.data.read() if form.photo.data else b"",
            withdrawn=bool(wrong and form.withdrawn.data),
        )
        item_id = form.seized_item.data if wrong else seized_item_id
        try:
            uv_notes.note(db(), actor(), case_id, item_id, form.key.data, finding, wrong.id if wrong else None)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The finding is corrected.") if wrong else translate("The finding is noted."), "success")
            return redirect(url_for("police.case", case_id=case_id, _anchor="seizures"))
    return make_response(_page(form, case_id, seized_item_id, wrong), status)


@blueprint.get("/cases/<int:case_id>/uv/<int:note_id>/photo")
@needs(Permission.POLICE_WORK, writes=True)
def uv_photo(case_id: int, note_id: int) -> Response:
    """The photo as JPEG, small with ``?size=small``; that it was shown is logged."""
    small = request.args.get("size") == "small"
    response = make_response(uv_notes.photo(db(), actor(), case_id, note_id, thumbnail=small))
    response.headers["Content-Type"] = "image/jpeg"
    return response


@blueprint.app_template_filter()
def uv_colour(colour: str) -> str:
    """What was seen under the lamp, in the reader's language."""
    return colour_names()[colour]


def colour_names() -> dict[str, str]:
    """What can be seen under the lamp, in the reader's language."""
    return {
        UvColour.NONE.value: translate("no glow"),
        UvColour.RED_PINK.value: translate("red-pink"),
        UvColour.RED.value: translate("red"),
        UvColour.ORANGE.value: translate("orange"),
        UvColour.YELLOW.value: translate("yellow"),
        UvColour.YELLOW_GREEN.value: translate("yellow-green"),
        UvColour.GREEN.value: translate("green"),
        UvColour.BLUE_GREEN.value: translate("blue-green"),
        UvColour.BLUE.value: translate("blue"),
        UvColour.VIOLET.value: translate("violet"),
    }


def usual_spots() -> list[str]:
    """Places where marks usually sit, for the form to offer."""
    return [
        translate("under the saddle"),
        translate("in a screw head"),
        translate("in a joint"),
        translate("inside a cover"),
        translate("beside the serial number"),
        translate("on the handle"),
        translate("under the battery"),
    ]


def _corrected(case_id: int, seized_item_id: int) -> NoteLine | None:
    number = request.args.get("corrects", default=0, type=int)
    if not number:
        return None
    cases.of_officer(db(), actor(), case_id, still_open=True)
    lines = uv_notes.of_case(db(), case_id).get(seized_item_id, [])
    found = next((line for line in lines if line.id == number), None)
    if found is None:
        raise NotFound(what="note", which=number)
    return found


def _fill_choices(form: UvNoteForm, case_id: int) -> None:
    makers: dict[str, list[str]] = {}
    for tracer in tracer_colours.tracers(db()):
        makers.setdefault(tracer.colour.value, []).append(tracer.supplier)
    form.colour.choices = [
        SelectChoice("", translate("Choose …")),
        *(
            SelectChoice(value, f"{name} ({', '.join(makers[value])})" if value in makers else name)
            for value, name in colour_names().items()
        ),
    ]
    held = [item for group in seizures.of_case(db(), case_id) for item in group.items if not item.handed_over]
    form.seized_item.choices = [SelectChoice(item.id, f"{item.label} {item.description[:60]}") for item in held]


def _page(form: UvNoteForm, case_id: int, seized_item_id: int, wrong: NoteLine | None) -> str:
    case = cases.of_officer(db(), actor(), case_id, still_open=True)
    item = seizures.item_of_case(db(), case_id, seized_item_id)
    if "seized_item" in form:
        _fill_choices(form, case_id)
    return render_template("police/uv_note.html", case=case, item=item, form=form, wrong=wrong, spots=usual_spots())
